package referral

import (
	"context"
	"errors"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
	"causeway/protocol/payload"
)

// Settle marks a message as acted upon, in the transaction in which it was: whoever calls
// [Room.Handle] gives it. It is called exactly once in each transaction that commits.
type Settle = func(ctx context.Context, tx *store.Tx, o cx.Opened) error

// offers are the types of messages that begin a thread.
var offers = map[cx.Type]bool{cx.ReferralOffer: true, cx.TransferOffer: true, cx.Request: true, cx.Notice: true}

// events are the steps of the sender, by the type of their message.
var events = map[cx.Type]handover.Event{
	cx.Info: handover.Info, cx.Withdraw: handover.Withdraw, cx.Retract: handover.Retract, cx.Release: handover.Release,
	cx.Confirm: handover.Confirm, cx.Dispute: handover.Dispute,
}

// Handle acts on a message that arrived and was checked from the first byte to the last.
// What cannot be read or does not fit is settled as refused; an error means that it was
// not acted upon, and is to be given again.
func (r *Room) Handle(ctx context.Context, m *cx.Message, settle Settle) error {
	if !r.Joined() {
		return fault.New(fault.Unavailable, "abroad-not-joined")
	}
	said, err := read(m)
	switch {
	case errors.Is(err, payload.ErrUnsupported):
		return r.refuse(ctx, m, settle, cx.Unsupported)
	case errors.Is(err, payload.ErrTooLarge):
		return r.refuse(ctx, m, settle, cx.TooLarge)
	case err != nil:
		return r.refuse(ctx, m, settle, cx.BadFormat)
	}
	if offers[m.Type] {
		return r.receive(ctx, m, said, settle)
	}
	side := sideReceived // a command comes to the clerk
	if sentFrom(m) {
		side = sideSent
	}
	of, id, err := r.byWire(ctx, m.From, m.Thread, side)
	switch {
	case fault.Is(err, fault.NotFound) && m.Answered: // where it stands is known ([Room.missing])
		return r.bare(ctx, func(p *access.Pass) error { return settle(ctx, p.Tx(), cx.Opened{}) })
	case fault.Is(err, fault.NotFound):
		return r.tooLate(ctx, m, settle)
	case err != nil:
		return err
	}
	return r.take(ctx, m, said, of, id, settle)
}

// take acts on a message of a known thread.
func (r *Room) take(ctx context.Context, m *cx.Message, said *payload.Payload, of ident.Case, id ThreadID, settle Settle) error {
	var over bool
	act := access.Act{Action: "referral.mirror", Purpose: "maintenance", Case: of}
	_, err := r.gate.Do(ctx, r.gate.Job("post"), act, func(p *access.Pass) (string, error) {
		over = false
		code := cx.Code("")
		err := r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
			t, a, err := checkedBoth(ctx, p, id)
			if err != nil {
				return nil, err
			}
			if m.Answered {
				return r.answeredAgain(ctx, p, t, a, m, said)
			}
			kept, err := checkedTerm(ctx, p, t)
			if err != nil {
				return nil, err
			}
			if err := kept.join(ctx, p, t, &m.Labels); err != nil {
				code = cx.LabelRefused
				return r.unfit(ctx, p, row, t, a, m)
			}
			e, err := r.takeMessage(ctx, p, row, t, a, m, said)
			if t.Received() {
				kept.quiet(e)
			}
			if errors.Is(err, errUnfit) || errors.Is(err, errLooser) {
				if code = cx.Unsupported; errors.Is(err, errLooser) {
					code = cx.LabelRefused
				}
				return r.unfit(ctx, p, row, t, a, m)
			}
			over = a.over(t)
			return e, err
		})
		if err != nil {
			return "", err
		}
		return "", settle(ctx, p.Tx(), cx.Opened{Refused: code})
	})
	if err != nil || !over {
		return err
	}
	return r.forget(ctx, r.gate.Job("post"), of, id)
}

// errUnfit is a message that says what does not fit its thread.
var errUnfit = errors.New("does not fit the thread")

// unfit notes in the thread that something came that does not fit: it is never dropped
// without a word.
func (r *Room) unfit(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, m *cx.Message) (*casework.Event, error) {
	if m.Type.Asks() {
		if err := r.tellStatus(ctx, p, row, t, a, &Answer{Event: Refused, answers: m.ID}, true); err != nil {
			return nil, err
		}
	}
	s := Step{Event: Refused}
	return t.event(Refused, sealed.Text{}), s.write(ctx, p, t)
}

func (r *Room) takeMessage(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, m *cx.Message, said *payload.Payload) (*casework.Event, error) {
	switch m.Type {
	case cx.StatusReport:
		return r.mirror(ctx, p, row, t, a, m, said.Status)
	case cx.Note:
		return r.noteCame(ctx, p, t, a, m, said)
	case cx.Recall:
		return r.recallCame(ctx, p, row, t, a, m, said.Recall)
	case cx.RecallOutcome:
		return r.outcomeCame(ctx, p, t, a, said.Outcome)
	}
	if said == nil {
		return r.officeCame(ctx, p, t, a, m)
	}
	event, ok := events[m.Type]
	if !ok || said.Words == nil {
		return nil, errUnfit
	}
	ans := Answer{Event: event, Text: fromText(said.Words.Text), Reason: said.Words.Code, answers: m.ID, wire: m.Payload}
	if said.Words.Text != nil {
		ans.Language = said.Words.Text.Language
	}
	e, err := r.step(ctx, p, row, t, ans, handover.Sender)
	if fault.CodeOf(err) != "referral-moved" {
		return e, err
	}
	// Each command has exactly one status: this one says that the state is as it was.
	if err := r.tellStatus(ctx, p, row, t, a, &ans, true); err != nil {
		return nil, err
	}
	s := Step{Event: Refused, Code: string(event)}
	return t.event(Refused, sealed.Text{}), s.write(ctx, p, t)
}

// receive makes a case without a name of an offer, on the list of the unit that the pair
// names.
func (r *Room) receive(ctx context.Context, m *cx.Message, said *payload.Payload, settle Settle) error {
	n, err := r.partner(ctx, m.From)
	if err != nil {
		return r.refuse(ctx, m, settle, cx.NotPaired)
	}
	about, ok := r.abroad.Abroad(said.Card.Purpose)
	sends := ok && (about.Kind == pack.AbroadReferral || about.Kind == pack.AbroadTransfer)
	if !sends || offerType(&about) != m.Type {
		return r.refuse(ctx, m, settle, cx.Unsupported)
	}
	if m.Answered {
		return r.receiveAgain(ctx, n, &about, m, said, settle)
	}
	if _, _, err := r.byWire(ctx, m.From, m.Thread, sideReceived); err == nil {
		return r.refuse(ctx, m, settle, cx.Conflict)
	}
	if n.Unit.IsZero() {
		return fault.New(fault.Unavailable, "abroad-no-focal-point") // kept until somebody names one
	}
	act := access.Act{Action: "referral.receive", Purpose: "maintenance", Case: ident.Beside[ident.Case](), NewCase: true}
	_, err = r.gate.Do(ctx, r.gate.Job("post"), act, func(p *access.Pass) (string, error) {
		if err := r.arrive(ctx, p, n, &about, m, said, nil); err != nil {
			return "", err
		}
		return "", settle(ctx, p.Tx(), cx.Opened{})
	})
	return err
}

// arrive writes the case, the thread and its first step, and tells the sender until when
// it is answered. Of an offer that was answered before a restore, back is where it stands;
// the sender knows that.
func (r *Room) arrive(ctx context.Context, p *access.Pass, n *Partner, about *pack.Abroad, m *cx.Message, said *payload.Payload, back *Back) error {
	card := said.Card
	kind := handover.Referral
	if about.Kind == pack.AbroadTransfer {
		kind = handover.Transfer
	}
	start, err := handover.Thread{Kind: kind}.Step(handover.Offer, handover.Sender)
	if err != nil {
		return err
	}
	t := &Thread{
		ID: ident.New[ThreadID](), Case: p.Case(), Thread: start, From: Office(m.From), To: n.Unit, Purpose: abroadPurpose, Basis: card.Basis,
		Service: card.Service, Urgency: card.Urgency, Language: card.Language, Sex: card.Sex, AgeBand: card.AgeBand,
		OfferedAt: p.Now(), RespondBy: p.Now().Add(about.Within),
	}
	a := &Abroad{
		ID: t.ID, Wire: m.Thread, Peer: m.From, Country: n.Country, Side: sideReceived, Purpose: card.Purpose, Care: card.Care,
		Origin: true, SentAt: p.Now(),
	}
	first := t.event(handover.Offer, sealed.Text{})
	first.Reasons = []string{a.Purpose}
	row, err := r.cases.Announce(ctx, p, casework.Announced{AgeBand: card.AgeBand, Sex: card.Sex, Language: card.Language, Risk: risk(card), Unit: n.Unit}, first)
	if err != nil {
		return err
	}
	if err := termFrom(&m.Labels, t.ID).begin(ctx, p, true); err != nil {
		return err
	}
	s := Step{Event: handover.Offer, Said: Said{Wire: m.Payload, Norm: sealed.NewText(card.Norm), Flags: flags(&m.Labels), Files: filesOf(m, said)}}
	if back != nil {
		return r.arriveAgain(ctx, p, row, t, a, &s, back)
	}
	if err := r.settle(ctx, p, row, t); err != nil {
		return err
	}
	if err := s.write(ctx, p, t); err != nil {
		return err
	}
	if err := r.tellStatus(ctx, p, row, t, a, &Answer{Event: handover.Offer, answers: m.ID}, false); err != nil {
		return err
	}
	if err := r.tellUnit(ctx, p, n.Unit, ident.Staff{}, card.Urgency == urgent || about.Second == pack.SecondAfter); err != nil {
		return err
	}
	return p.Reach(ctx, access.RelationReceiver, [16]byte(n.Unit))
}

// risk is how urgent a card is, as the risk of a case that nobody assessed.
func risk(c *payload.Card) string {
	switch c.Urgency {
	case "soon":
		return "medium"
	case "planned":
		return "low"
	}
	return "high"
}

func flags(l *cx.Labels) (out []string) {
	for _, f := range l.Flags {
		out = append(out, string(f))
	}
	return out
}

// byWire finds the thread of the exchange's thread with a node.
func (r *Room) byWire(ctx context.Context, from identity.NodeID, wire cx.Thread, side string) (of ident.Case, id ThreadID, err error) {
	err = r.gate.Work(ctx, r.gate.Job("referrals"), access.Act{Action: "referral.due", Purpose: "maintenance"}, func(p *access.Pass) error {
		return p.Tx().QueryRow(ctx, sqlByWire, wire[:], string(from), side).Scan(&of, &id)
	})
	return of, id, err
}

// refuse settles a message that this node does not act upon. What waits for an answer gets
// one: an offer is declined without a word, a command has left the state as it is.
func (r *Room) refuse(ctx context.Context, m *cx.Message, settle Settle, code cx.Code) error {
	return r.bare(ctx, func(p *access.Pass) error {
		if m.Type.Asks() {
			st := &payload.Status{Revision: 1, State: string(handover.Declined), Cause: string(handover.Decline), Code: declineOther, Contact: "focal-point"}
			if !offers[m.Type] || code == cx.Conflict { // of a thread that there is already: this one was no message of it
				st.Cause, st.Refused, st.Code = string(Refused), true, string(code)
			}
			if err := r.bareStatus(ctx, p, m, st); err != nil {
				return err
			}
		}
		return settle(ctx, p.Tx(), cx.Opened{Refused: code})
	})
}

// declineOther is why something is declined that could not be read (code list
// referral_decline).
const declineOther = "other"

// bareStatus sends a status about a thread of which this node keeps no case.
func (r *Room) bareStatus(ctx context.Context, p *access.Pass, m *cx.Message, st *payload.Status) error {
	said := payload.New()
	said.Status = st
	return r.bareSend(ctx, p, m, cx.StatusReport, payload.SchemaStatus, said)
}

// bareSend sends what is about no case here: there is nothing that could leave with it.
func (r *Room) bareSend(ctx context.Context, p *access.Pass, m *cx.Message, typ cx.Type, schema string, said *payload.Payload) error {
	wire, err := payload.Encode(schema, said)
	if err != nil {
		return err
	}
	d := r.draft(p, &Thread{}, &Abroad{Wire: m.Thread, Peer: m.From}, cx.Status, typ, schema, wire)
	d.Answers = m.ID
	_, err = r.post.Send(ctx, p.Tx(), d)
	return err
}

// bare runs what is about no case here.
func (r *Room) bare(ctx context.Context, fn func(*access.Pass) error) error {
	act := access.Act{Action: "referral.receive", Purpose: "maintenance"}
	_, err := r.gate.Do(ctx, r.gate.Job("post"), act, func(p *access.Pass) (string, error) { return "", fn(p) })
	return err
}
