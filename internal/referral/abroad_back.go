package referral

import (
	"context"
	"errors"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// After this node was put back from a backup, its partners give back what it signed and
// lost, and the record has to say it again:
//
//   - Where this node is the receiver, what comes back are its own statuses: the thread
//     stands where they say. A child who was taken on by one of them has no record any
//     more; what the sender sent is here, or comes again, and somebody takes the child up
//     from it ([Room.TakeUp]).
//   - Where it is the sender, what comes back are its commands; the receiver's statuses
//     arrive after them as they always do. A thread of which the backup knew nothing finds
//     its case by its own name ([Room.thread]), or becomes a case without a name.
//   - A thread of which nothing is here but where it stands is told to the unit that
//     answers other countries, until somebody says it was dealt with ([Room.Missing]).

// BackTold ends the telling of what came back, in the transaction in which the record says it.
type BackTold = func(ctx context.Context, tx *store.Tx) error

// What came back after this node was put back from a backup, and that somebody took up
// the child of whom it told.
const (
	CameBack handover.Event = "came_back"
	TakeUp   handover.Event = "take_up"
)

// Regained takes note of a message of this node that a restore took and a partner gave
// back. Where nobody holds what it said it has no type. Overtaken says that what people did
// meanwhile, not knowing of it, is not sent because of it. Left are commands that it acted on
// meanwhile and whose answers are not sent either: each is answered as refused, with where the
// thread stands now, so that whoever asked sees it and may ask again.
func (r *Room) Regained(ctx context.Context, m *cx.Message, overtaken bool, left []cx.ID, told BackTold) error {
	if !r.Joined() {
		return fault.New(fault.Unavailable, "abroad-not-joined")
	}
	var said *payload.Payload
	if m.Type != "" {
		said, _ = payload.Decode(m.Schema, m.Payload) // by a later version of this program: as what nobody can read
	}
	side := sideSent
	if m.Stream == cx.Status {
		side = sideReceived
	}
	of, id, err := r.byWire(ctx, m.To, m.Thread, side)
	switch {
	case err == nil:
		return r.regain(ctx, m, said, of, id, meanwhile{overtaken, left}, told)
	case !fault.Is(err, fault.NotFound):
		return err
	case side == sideSent && offers[m.Type] && said != nil && said.Card != nil:
		return r.remake(ctx, m, said, told)
	}
	return r.bare(ctx, func(p *access.Pass) error {
		if err := r.missing(ctx, p, m, said, side, left); err != nil {
			return err
		}
		return told(ctx, p.Tx())
	})
}

// missing notes where a thread stands of which no case here knows.
func (r *Room) missing(ctx context.Context, p *access.Pass, m *cx.Message, said *payload.Payload, side string, left []cx.ID) error {
	var revision int64
	var state string
	err := p.Tx().QueryRow(ctx, sqlSelectOver, string(m.To), m.Thread[:]).Scan(&revision, &state)
	if err == nil { // it was over, and is known to be
		for i, id := range left {
			asked := &cx.Message{From: m.To, Thread: m.Thread, ID: id}
			if err := r.overAgain(ctx, p, asked, revision+1+int64(i), state); err != nil {
				return err
			}
		}
		return nil
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	b, err := readBack(ctx, p.Tx(), m.To, m.Thread)
	if err != nil {
		return err
	}
	first := b == nil
	if first {
		b = &Back{Peer: m.To, Wire: m.Thread, Side: side}
	}
	b.At = p.Now()
	if said != nil && said.Status != nil {
		b.hear(said.Status)
	}
	if err := r.answerMissing(ctx, p, m, b, left); err != nil {
		return err
	}
	if err := b.write(ctx, p.Tx()); err != nil || !first {
		return err
	}
	n, err := r.partner(ctx, m.To)
	if err != nil || n.Unit.IsZero() {
		return nil //nolint:nilerr // the list shows it to whoever answers that country later
	}
	return r.tellUnit(ctx, p, n.Unit, ident.Staff{}, true)
}

// answerMissing answers anew what was asked about a thread of which no case here knows.
func (r *Room) answerMissing(ctx context.Context, p *access.Pass, m *cx.Message, b *Back, left []cx.ID) error {
	for _, id := range left {
		b.Revision++
		err := r.bareStatus(ctx, p, &cx.Message{From: m.To, Thread: m.Thread, ID: id}, &payload.Status{
			Revision: b.Revision, State: string(b.State), Accepted: b.Accepted, Assumed: b.Assumed, Cause: string(Refused), Refused: true,
			Contact: "focal-point",
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// meanwhile is what a message that came back does to what was done before it did.
type meanwhile struct {
	overtaken bool    // something that people did is not sent
	left      []cx.ID // commands that are to be answered anew
}

// regain lets the record of a thread say what came back.
func (r *Room) regain(ctx context.Context, m *cx.Message, said *payload.Payload, of ident.Case, id ThreadID, w meanwhile, told BackTold) error {
	act := access.Act{Action: "referral.mirror", Purpose: "maintenance", Case: of}
	_, err := r.gate.Do(ctx, r.gate.Job("post"), act, func(p *access.Pass) (string, error) {
		err := r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
			t, a, err := checkedBoth(ctx, p, id)
			if err != nil {
				return nil, err
			}
			return r.regained(ctx, p, row, t, a, m, said, w)
		})
		if err != nil {
			return "", err
		}
		return "", told(ctx, p.Tx())
	})
	if err != nil {
		return err
	}
	return r.forget(ctx, r.gate.Job("post"), of, id) // what was declined, or never taken on, is over here too
}

// checkedBoth reads a thread of the pass's case and what of it is between two nodes.
func checkedBoth(ctx context.Context, p *access.Pass, id ThreadID) (*Thread, *Abroad, error) {
	t, err := readThread(ctx, p, id)
	if err != nil {
		return nil, nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := t.checkRow(s); err != nil {
		return nil, nil, err
	}
	a, err := checkedAbroad(ctx, p, t)
	if err == nil && a == nil {
		err = errNotTheirs()
	}
	return t, a, err
}

// regained writes one message that came back into its thread. People deal with one that
// nobody can read, with one that overtook what they did, and with a child whose record is
// lost.
func (r *Room) regained(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, m *cx.Message, said *payload.Payload,
	w meanwhile,
) (*casework.Event, error) {
	s := Step{Event: CameBack, Said: Said{Wire: m.Payload}}
	taken, deal := false, w.overtaken
	switch {
	case said == nil:
		deal = true
	case said.Status != nil && t.Received():
		taken = r.ownStatus(t, a, m, said.Status, &s)
	case said.Outcome != nil && t.Received():
		a.Outcome, s.Code = said.Outcome.Code, string(Recalled)
	case said.Journey != nil || said.Report != nil:
		ownNote(a, m, said, &s)
	case said.Card != nil && t.Sent():
		if err := r.ownOffer(ctx, p, t, a, m, &s); err != nil {
			return nil, err
		}
		if err := r.cases.AwaitSecond(ctx, p, row, [16]byte(a.ID), time.Time{}); err != nil {
			return nil, err
		}
	case said.Recall != nil && t.Sent():
		a.Recalled, a.Recall, s.Code = m.Created, said.Recall.Reason, string(Recall)
	case said.Words != nil && t.Sent():
		a.Asked, a.AskedID = string(events[m.Type]), m.ID
		s.Code, s.Text = a.Asked, fromText(said.Words.Text)
	default:
		deal = true
	}
	if err := r.store(ctx, p, row, t, a, &s); err != nil {
		return nil, err
	}
	for _, id := range w.left {
		if err := r.tellStatus(ctx, p, row, t, a, &Answer{Event: Refused, answers: id}, true); err != nil {
			return nil, err
		}
	}
	before, err := backOf(ctx, p, a)
	if err != nil {
		return nil, err
	}
	if taken || deal || before != nil {
		b := &Back{
			Peer: a.Peer, Wire: a.Wire, Side: a.Side, At: p.Now(), Revision: a.Revision, State: t.State, Accepted: t.Accepted, Assumed: t.Assumed,
			Taken: taken || before != nil && before.Taken, Case: p.Case(), ID: t.ID,
		}
		if err := r.deal(ctx, p, row, t, b); err != nil {
			return nil, err
		}
	}
	return backEvent(t, &s), r.tell(ctx, p, t, handover.Clock)
}

// deal has people deal with a thread of a case, today: whoever answers for the case or,
// where the child has no record, the unit that answers the other country.
func (r *Room) deal(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, b *Back) error {
	err := errors.Join(b.write(ctx, p.Tx()), r.cases.Await(ctx, p, row, casework.DueReferralTurn, backDue(t.ID), p.Now()))
	if err != nil || !b.Taken {
		return err
	}
	unit := t.From
	if t.Received() {
		unit = t.To
	}
	return p.Reach(ctx, access.RelationReceiver, [16]byte(unit)) // also where the thread is over
}

// backEvent is what the timeline says of something that came back.
func backEvent(t *Thread, s *Step) *casework.Event {
	e := t.event(CameBack, s.Text)
	e.Language = s.Language
	if s.Code != "" {
		e.Reasons = []string{s.Code}
	}
	return e
}

// ownStatus lets a thread stand where a status of this node says that it does. It reports
// whether a child was taken on by it of whom there is no record.
func (r *Room) ownStatus(t *Thread, a *Abroad, m *cx.Message, st *payload.Status, s *Step) (lost bool) {
	// A refusal says where the thread stood, too; only that of a message that was none of this thread,
	// revision 1, does not.
	if knownState(st.State) && (!st.Refused || st.Revision > 1) {
		t.Thread = handover.Thread{Kind: t.Kind, State: handover.State(st.State), Accepted: st.Accepted, Assumed: st.Assumed}
	}
	a.Revision = st.Revision
	r.says(t, a, st, m.Created)
	s.Code, s.Text = st.Cause, fromText(st.Text)
	if st.Text != nil {
		s.Language = st.Text.Language
	}
	return takes(st) && a.Taken.IsZero()
}

// ownOffer lets a thread be offered that the backup only knew as proposed.
func (r *Room) ownOffer(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, m *cx.Message, s *Step) error {
	if next, err := (handover.Thread{Kind: t.Kind}).Step(handover.Offer, handover.Sender); err == nil {
		t.Thread = next
	}
	t.OfferedAt, a.SentAt, a.Approved = m.Created, m.Created, m.Created
	if about, ok := r.abroad.Abroad(a.Purpose); ok {
		t.RespondBy = m.Created.Add(about.Within)
	}
	a.Asked, a.AskedID, s.Code = string(handover.Offer), m.ID, string(handover.Offer)
	term, err := checkedTerm(ctx, p, t)
	if err != nil || term != nil {
		return err
	}
	return termFrom(&m.Labels, t.ID).begin(ctx, p, false)
}

// ownNote is a note of this side about the child's way.
func ownNote(a *Abroad, m *cx.Message, said *payload.Payload, s *Step) {
	words := (*payload.Text)(nil)
	if j := said.Journey; j != nil {
		s.Code, words = j.Step, j.Text
		if j.At != 0 {
			s.When = micros(clock.FromMicros(j.At))
		}
		if j.Step == payload.Arrived && a.Arrived.IsZero() {
			a.Arrived = m.Created
		}
	} else {
		s.Code, words = string(Reported), said.Report.Text
	}
	if s.Text = fromText(words); words != nil {
		s.Language = words.Language
	}
}

// answeredAgain takes note of a command whose answer, of this node, came back after a
// restore: what it said stands in the thread, and nothing is answered.
func (r *Room) answeredAgain(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, m *cx.Message, said *payload.Payload) (*casework.Event, error) {
	s := Step{Event: CameBack, Said: Said{Wire: m.Payload}}
	switch {
	case said.Recall != nil:
		if a.Recalled.IsZero() {
			a.Recalled = p.Now()
		}
		a.Recall, s.Code = said.Recall.Reason, string(Recall)
	case said.Words != nil:
		s.Code, s.Text = string(events[m.Type]), fromText(said.Words.Text)
		if said.Words.Text != nil {
			s.Language = said.Words.Text.Language
		}
	}
	return backEvent(t, &s), errors.Join(a.write(ctx, p), s.write(ctx, p, t))
}
