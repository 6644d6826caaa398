package referral

import (
	"context"
	"errors"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// What happens to a thread between two nodes, beside the steps of a handover.
const (
	Proposed   handover.Event = "proposed"  // it waits for a second person before it leaves
	Returned   handover.Event = "returned"  // that person does not agree: it does not leave
	Confirmed  handover.Event = "confirmed" // that person agrees with what left at once
	Stored     handover.Event = "received"  // the other node has it
	Refused    handover.Event = "refused"   // the other node did not take a command: the state is as it was
	TakeNote   handover.Event = "take_note" // of a notice: read, and nothing else is to be done
	Journey    handover.Event = "journey"   // where the child is between two offices
	CameSafely handover.Event = "arrived"   // the child arrived safely
	Reported   handover.Event = "reported"  // months after a return
	Recall     handover.Event = "recall"    // what was sent is called back
	Recalled   handover.Event = "recalled"  // what became of that
	Late       handover.Event = "late"      // nothing came a day after the last moment for it
)

// tellSecond is the notice that something waits for a second person.
const tellSecond = "abroad-second"

// commands are the messages of the sender's steps.
var commands = map[handover.Event]cx.Type{
	handover.Info: cx.Info, handover.Withdraw: cx.Withdraw, handover.Retract: cx.Retract, handover.Release: cx.Release,
	handover.Confirm: cx.Confirm, handover.Dispute: cx.Dispute,
}

// answerBy returns until when a receiver answers.
func (r *Room) answerBy(p *access.Pass, t *Thread, a *Abroad) time.Time {
	if a != nil && r.abroad != nil {
		if about, ok := r.abroad.Abroad(a.Purpose); ok && about.Within > 0 {
			return p.Now().Add(about.Within)
		}
	}
	return r.codes.Clock(answerClock(t.Urgency)).After(p.Now())
}

// partiesAbroad returns whom the caller speaks for in a thread between two nodes: always
// for this one.
func partiesAbroad(ctx context.Context, p *access.Pass, t *Thread, oursToAnswer, oursToSend bool) ([]handover.Party, error) {
	answers, err := answersFor(ctx, p)
	switch {
	case err != nil:
		return nil, err
	case t.Sent() && (answers || t.FromStaff.IsZero() && oursToSend): // nobody leads a case that was made of what came back
		return []handover.Party{handover.Sender}, nil
	case t.Received() && (oursToAnswer || answers):
		return []handover.Party{handover.Receiver}, nil
	}
	return nil, nil
}

// ask sends a step of this side to the other node, which answers with a status. Until then
// the state is what it was.
func (r *Room) ask(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, ans *Answer) (*casework.Event, error) {
	typ, ok := commands[ans.Event]
	if _, err := t.Step(ans.Event, handover.Sender); !ok || err != nil {
		return nil, fault.New(fault.Conflict, "referral-moved")
	}
	if a.Asked != "" && a.Asked != string(handover.Offer) { // one command waits at a time; an offer is known to have arrived later
		return nil, fault.New(fault.Conflict, "abroad-asked-already")
	}
	said := payload.New()
	said.Words = &payload.Words{Text: wireText(ans.Text, ans.Language), Code: ans.Reason}
	wire, err := payload.Encode(payload.SchemaWords, said)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "abroad-too-large", err)
	}
	d := r.draft(p, t, a, cx.Cmd, typ, payload.SchemaWords, wire)
	id, err := r.dispatch(ctx, p, row, leaving{a, t, ans.Event, !ans.Text.IsZero()}, d)
	if err != nil {
		return nil, err
	}
	a.Asked, a.AskedID = string(ans.Event), id
	s := Step{Event: ans.Event, Said: Said{Text: ans.Text, Language: ans.Language, Wire: wire}}
	if err := errors.Join(a.write(ctx, p), s.write(ctx, p, t)); err != nil {
		return nil, err
	}
	e := t.event(ans.Event, ans.Text)
	e.Language = ans.Language
	return e, nil
}

// draft is a message of a thread, but for what it answers.
func (r *Room) draft(p *access.Pass, t *Thread, a *Abroad, stream cx.Stream, typ cx.Type, schema string, wire []byte) *cx.Draft {
	l := labels(a, t.Basis, "", r.jurisdiction(), "", nil, p.Now())
	return &cx.Draft{
		To: a.Peer, Thread: a.Wire, Stream: stream, Type: typ, Schema: schema, Payload: wire, Labels: l, Officer: officer(p.Caller().Staff()),
	}
}

// tellStatus tells the other node where a thread stands here, after an event or, with
// refused, that a command was none to take now. Only the receiver of an offer does.
func (r *Room) tellStatus(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, ans *Answer, refused bool) error {
	a.Revision++
	code := ans.Reason
	if ans.Outcome != "" {
		code = ans.Outcome
	}
	st := &payload.Status{
		Revision: a.Revision, State: string(t.State), Accepted: t.Accepted, Assumed: t.Assumed, Cause: string(ans.Event), Refused: refused,
		Code: code, Text: wireText(ans.Text, ans.Language), Contact: "focal-point",
	}
	switch { // whose words came are not sent back
	case !ans.answers.IsZero():
		st.Text = nil
	case ans.Reason == pack.DeclineEndanger:
		st.Text = nil // no reason is given
	}
	if due := t.Due; t.State == handover.Offered || t.State == handover.NeedsInfo {
		st.Due = t.RespondBy.UnixMicro()
	} else if !due.IsZero() {
		st.Due = due.UnixMicro()
	}
	if about, ok := r.abroad.Abroad(a.Purpose); ok && ans.Event == handover.Complete {
		st.Answer = &payload.Answer{Kind: about.Answer, Code: ans.Reply, Text: st.Text}
		a.Reply, st.Text = ans.Reply, nil
	}
	said := payload.New()
	said.Status = st
	wire, err := payload.Encode(payload.SchemaStatus, said)
	if err != nil {
		return fault.Wrap(fault.Invalid, "abroad-too-large", err)
	}
	d := r.draft(p, t, a, cx.Status, cx.StatusReport, payload.SchemaStatus, wire)
	d.Answers = ans.answers
	words := st.Text != nil || st.Answer != nil && (st.Answer.Text != nil || st.Answer.Code != "")
	if _, err := r.dispatch(ctx, p, row, leaving{a, t, ans.Event, words}, d); err != nil {
		return err
	}
	return a.write(ctx, p)
}

// takeOn registers the child of a thread that came: whoever takes the step leads the case.
func (r *Room) takeOn(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, ans *Answer) error {
	if ans.brought == nil {
		return fault.New(fault.Conflict, "referral-moved")
	}
	a.Origin = comesFrom(a.Country, ans.brought.Nationalities)
	who := p.Caller().Staff()
	if away, err := p.IsWithheld(ctx, [16]byte(who)); err != nil || away {
		return errors.Join(err, errNotTheirs())
	}
	t.ToStaff, a.Taken = who, p.Now()
	if err := r.cases.TakeOn(ctx, p, row, ans.brought, who, t.To); err != nil || t.Kind != handover.Transfer {
		return err
	}
	return r.cases.Reports(ctx, p, row, casework.DueReportOwed, [16]byte(t.ID), p.Now())
}

// replies says of a kind of answer from which list its code is.
func replies(kind string) string {
	switch kind {
	case pack.AnswerConsent, pack.AnswerHomeStudy:
		return pack.AbroadAgreed
	case pack.AnswerReturnRisk:
		return pack.AbroadRisks
	}
	return ""
}

// Replies returns of which code list the answer to a purpose is; "" for words or nothing.
func (r *Room) Replies(purpose string) string {
	if r.abroad == nil {
		return ""
	}
	about, _ := r.abroad.Abroad(purpose)
	return replies(about.Answer)
}

// MoveAbroad lets this side take a step of a thread between two nodes: what [Room.Move] is
// for one between two units. Taking a child on reads what was sent, in a look that is
// entered before.
func (r *Room) MoveAbroad(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ThreadID, a Answer) error {
	files := false
	if a.Event == handover.Start || a.Event == handover.Assume || a.Event == handover.Complete {
		v, err := r.Thread(ctx, c, of, id)
		if err != nil {
			return err
		}
		files = v.Received() && len(v.Files) > 0 && a.Event != handover.Complete && !v.Term.Apart()
		if v.Received() && (v.Payload != nil || v.Term != nil) {
			a.brought = v.brings()
			a.action = v.action(a.Event)
		}
		if list := r.Replies(v.Abroad.purpose()); a.Event == handover.Complete && list != "" && !r.codes.Valid(list, a.Reply) {
			return fault.InvalidField(list, "required")
		}
	}
	if !a.Text.IsZero() && !r.codes.Valid(pack.Languages, a.Language) {
		return fault.InvalidField("written_language", "required")
	}
	switch a.Event {
	case TakeNote:
		return r.takeNote(ctx, c, cmd, of, id)
	case TakeUp:
		return r.TakeUpAgain(ctx, c, cmd, of, id)
	}
	if a.Event == FileAway {
		return r.File(ctx, c, of, id)
	}
	err := r.Move(ctx, c, cmd, of, id, a)
	if err == nil && files { // what fails is offered again on the page of the thread
		_ = r.File(ctx, c, of, id)
	}
	if err == nil && a.Event == handover.Decline && r.Joined() {
		return r.forget(ctx, r.gate.Job("post"), of, id)
	}
	return err
}

func (a *Abroad) purpose() string {
	if a == nil {
		return ""
	}
	return a.Purpose
}

// takeNote accepts a notice and reports it done, in one step: what it asks for is to be
// read. The child is not taken on.
func (r *Room) takeNote(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ThreadID) error {
	act := access.Act{Action: "referral.accept", Purpose: purposeHelp, Case: of, Command: cmd}
	_, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
			t, err := r.theirs(ctx, p, id, handover.Receiver)
			if err != nil {
				return nil, err
			}
			a, err := checkedAbroad(ctx, p, t)
			if err != nil {
				return nil, err
			}
			if about, ok := r.abroad.Abroad(a.purpose()); !ok || about.Answer != pack.AnswerReceipt || !t.Received() {
				return nil, fault.New(fault.Conflict, "referral-moved")
			}
			for _, e := range []handover.Event{handover.Accept, handover.Start, handover.Complete} {
				next, err := t.Step(e, handover.Receiver)
				if err != nil {
					return nil, fault.New(fault.Conflict, "referral-moved")
				}
				t.Thread = next
			}
			t.Answered, t.ToStaff, t.Outcome = p.Now(), c.Staff(), outcomeMet
			if err := r.settle(ctx, p, row, t); err != nil {
				return nil, err
			}
			s := Step{Event: TakeNote}
			if err := s.write(ctx, p, t); err != nil {
				return nil, err
			}
			return t.event(TakeNote, sealed.Text{}), r.tellStatus(ctx, p, row, t, a, &Answer{Event: handover.Complete, Outcome: outcomeMet}, false)
		})
	})
	return err
}

// knownStates are what a status may say.
func knownState(s string) bool {
	return s != "" && slices.Contains(handover.States(), handover.State(s))
}
