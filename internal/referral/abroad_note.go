package referral

import (
	"context"
	"errors"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/payload"
)

// What became of something that was recalled (code list abroad_recalled).
const outcomeErased = "erased"

// scopeThread: a recall is always of all that a thread carried.
const scopeThread = "thread"

// Told is something about the child's way that one side tells the other: a step of the
// journey, or how the child is months after it.
type Told struct {
	Step     string    // payload.Travelling, Meeting or Arrived; "" of a report
	At       time.Time // of the step
	Month    int       // of a report: how many months after
	Code     string    // code list abroad_wellbeing, of a report
	Text     sealed.Text
	Language string // in which Text is written
}

func (n *Told) check(r *Room) error {
	var c fault.Check
	report := n.Step == ""
	c.Require(report || slices.Contains([]string{payload.Travelling, payload.Meeting, payload.Arrived}, n.Step), "journey_step", "required")
	c.Require(!report || n.Month >= 1 && n.Month <= 60, "report_month", "required")
	c.Require(!report || r.codes.Valid(pack.AbroadWellbeing, n.Code), "abroad_wellbeing", "required")
	c.Require(n.Text.IsZero() || r.codes.Valid(pack.Languages, n.Language), "written_language", "required")
	text(&c, "referral_text", n.Text, mostSaid)
	return c.Err()
}

// event is what the thread says of it.
func (n *Told) event() handover.Event {
	switch n.Step {
	case "":
		return Reported
	case payload.Arrived:
		return CameSafely
	}
	return Journey
}

func (n *Told) wire() ([]byte, error) {
	p := payload.New()
	if n.Step == "" {
		p.Report = &payload.Report{Month: n.Month, Code: n.Code, Text: wireText(n.Text, n.Language)}
	} else {
		p.Journey = &payload.Journey{Step: n.Step, Text: wireText(n.Text, n.Language)}
		if !n.At.IsZero() {
			p.Journey.At = n.At.UnixMicro()
		}
	}
	return payload.Encode(payload.SchemaNote, p)
}

// Note tells the other node of a thread how the child's way goes. It changes no state.
func (r *Room) Note(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ThreadID, n Told) error {
	if err := n.check(r); err != nil {
		return err
	}
	return r.onAbroad(ctx, c, cmd, of, id, "referral.note", func(p *access.Pass, row *casework.Case, t *Thread, a *Abroad) (*casework.Event, error) {
		if !t.Accepted || a.SentAt.IsZero() {
			return nil, fault.New(fault.Conflict, "referral-moved")
		}
		wire, err := n.wire()
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "abroad-too-large", err)
		}
		stream := cx.Cmd
		if t.Received() {
			stream = cx.Status
		}
		d := r.draft(p, t, a, stream, cx.Note, payload.SchemaNote, wire)
		if _, err := r.dispatch(ctx, p, row, leaving{a, t, n.event(), true}, d); err != nil {
			return nil, err
		}
		if t.Received() && n.Step == "" {
			if err := r.cases.Report(ctx, p, casework.DueReportOwed, [16]byte(id), n.Month); err != nil {
				return nil, err
			}
		}
		return r.writeNote(ctx, p, t, a, &n, wire)
	})
}

// writeNote writes a note of either side into the thread.
func (r *Room) writeNote(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, n *Told, wire []byte) (*casework.Event, error) {
	if n.Step == payload.Arrived && a.Arrived.IsZero() {
		a.Arrived = p.Now()
	}
	s := Step{Event: n.event(), Code: orCode(n.Step, n.Code), Said: Said{Text: n.Text, Language: n.Language, Wire: wire, When: micros(n.At)}}
	e := t.event(n.event(), n.Text)
	e.Language, e.Due, e.Reasons = n.Language, micros(n.At), []string{s.Code}
	return e, errors.Join(a.write(ctx, p), s.write(ctx, p, t))
}

func micros(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}

func orCode(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// noteCame writes what the other node told.
func (r *Room) noteCame(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, m *cx.Message, said *payload.Payload) (*casework.Event, error) {
	var n Told
	var words *payload.Text
	switch {
	case said.Journey != nil:
		n.Step, words = said.Journey.Step, said.Journey.Text
		if said.Journey.At != 0 {
			n.At = clock.FromMicros(said.Journey.At)
		}
	case said.Report != nil:
		n.Month, n.Code, words = said.Report.Month, said.Report.Code, said.Report.Text
	default:
		return nil, errUnfit
	}
	if n.Text = fromText(words); words != nil {
		n.Language = words.Language
	}
	e, err := r.writeNote(ctx, p, t, a, &n, m.Payload)
	if err != nil {
		return nil, err
	}
	by := handover.Receiver
	if t.Received() {
		by = handover.Sender
	} else if n.Step == "" {
		if err := r.cases.Report(ctx, p, casework.DueReportAwaited, [16]byte(t.ID), n.Month); err != nil {
			return nil, err
		}
	}
	return e, r.tell(ctx, p, t, by)
}

// onAbroad is the frame of the commands on a thread between two nodes that are no steps of
// it.
func (r *Room) onAbroad(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ThreadID, action string,
	do func(*access.Pass, *casework.Case, *Thread, *Abroad) (*casework.Event, error),
) error {
	act := access.Act{Action: action, Purpose: purposeCare, Case: of, Command: cmd}
	_, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
			t, a, err := r.ours(ctx, p, id)
			if err != nil {
				return nil, err
			}
			return do(p, row, t, a)
		})
	})
	return err
}

// ours reads and checks a thread between two nodes, for whoever speaks for this one.
func (r *Room) ours(ctx context.Context, p *access.Pass, id ThreadID) (*Thread, *Abroad, error) {
	t, err := r.theirs(ctx, p, id, handover.Sender)
	if fault.Is(err, fault.NotFound) {
		t, err = r.theirs(ctx, p, id, handover.Receiver)
	}
	if err != nil {
		return nil, nil, err
	}
	a, err := checkedAbroad(ctx, p, t)
	if err == nil && a == nil {
		err = errNotTheirs()
	}
	return t, a, err
}

// CallBack recalls all that a thread carried. Before anybody there accepted it, the other
// node erases it by itself; afterwards an officer there says what becomes of it.
func (r *Room) CallBack(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ThreadID, reason string) error {
	if !r.codes.Valid(pack.AbroadRecalls, reason) {
		return fault.InvalidField(pack.AbroadRecalls, "required")
	}
	return r.onAbroad(ctx, c, cmd, of, id, "referral.recall", func(p *access.Pass, row *casework.Case, t *Thread, a *Abroad) (*casework.Event, error) {
		if !t.Sent() || a.SentAt.IsZero() || !a.Recalled.IsZero() {
			return nil, fault.New(fault.Conflict, "referral-moved")
		}
		said := payload.New()
		said.Recall = &payload.Recall{Reason: reason, Scope: scopeThread}
		wire, err := payload.Encode(payload.SchemaRecall, said)
		if err != nil {
			return nil, err
		}
		d := r.draft(p, t, a, cx.Cmd, cx.Recall, payload.SchemaRecall, wire)
		if _, err := r.dispatch(ctx, p, row, leaving{a, t, Recall, false}, d); err != nil {
			return nil, err
		}
		a.Recalled, a.Recall = p.Now(), reason
		s := Step{Event: Recall, Code: reason, Said: Said{Wire: wire}}
		e := t.event(Recall, sealed.Text{})
		e.Reasons = []string{reason}
		return e, errors.Join(a.write(ctx, p), s.write(ctx, p, t))
	})
}

// recallCame takes a recall: by machine where nobody here has accepted, or assumed, what
// was sent, else as a task of the unit.
func (r *Room) recallCame(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, m *cx.Message, rec *payload.Recall) (*casework.Event, error) {
	if !t.Received() || rec == nil {
		return nil, errUnfit
	}
	a.Recalled, a.Recall, a.AskedID = p.Now(), rec.Reason, m.ID // what the outcome answers
	s := Step{Event: Recall, Code: rec.Reason, Said: Said{Wire: m.Payload}}
	e := t.event(Recall, sealed.Text{})
	e.Reasons = []string{rec.Reason}
	if !t.RecallLocks() {
		t.Due = p.Now().Add(recallWithin)
		err := errors.Join(a.write(ctx, p), s.write(ctx, p, t), r.tell(ctx, p, t, handover.Sender),
			r.cases.Await(ctx, p, row, casework.DueReferralTurn, recallDue(t.ID), t.Due))
		return e, err
	}
	next, err := t.Step(handover.Retract, handover.Sender)
	if err != nil {
		next, err = t.Step(handover.Withdraw, handover.Sender) // accepted, and not assumed
	}
	if err != nil { // it is over: only its traces are left
		return nil, errUnfit
	}
	t.Thread, a.Outcome = next, outcomeErased
	if err := r.tellOutcome(ctx, p, row, t, a, sealed.Text{}, ""); err != nil {
		return nil, err
	}
	if err := r.settle(ctx, p, row, t); err != nil {
		return nil, err
	}
	return e, errors.Join(a.write(ctx, p), s.write(ctx, p, t))
}

// recallWithin is until when a recall is acted on (CX/1, 5.9).
const recallWithin = 72 * time.Hour

// recallDue names the deadline of a recall, beside that of its thread.
func recallDue(id ThreadID) [16]byte {
	out := [16]byte(id)
	out[15] ^= 1
	return out
}

// tellOutcome tells the other node what became of what it recalled.
func (r *Room) tellOutcome(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, why sealed.Text, language string) error {
	said := payload.New()
	said.Outcome = &payload.Outcome{Code: a.Outcome, Text: wireText(why, language)}
	wire, err := payload.Encode(payload.SchemaOutcome, said)
	if err != nil {
		return fault.Wrap(fault.Invalid, "abroad-too-large", err)
	}
	d := r.draft(p, t, a, cx.Status, cx.RecallOutcome, payload.SchemaOutcome, wire)
	d.Answers = a.AskedID
	_, err = r.dispatch(ctx, p, row, leaving{a, t, Recalled, !why.IsZero()}, d)
	return err
}

// AnswerRecall says what became of what the other node recalled. What a decision about the
// child rests on, and warnings, stay: the answer says so.
func (r *Room) AnswerRecall(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ThreadID, outcome string, why sealed.Text, language string) error {
	var chk fault.Check
	chk.Require(r.codes.Valid(pack.AbroadRecalled, outcome), pack.AbroadRecalled, "required")
	chk.Require(outcome == outcomeErased || !why.IsZero(), "referral_text", "required")
	chk.Require(why.IsZero() || r.codes.Valid(pack.Languages, language), "written_language", "required")
	text(&chk, "referral_text", why, mostSaid)
	if err := chk.Err(); err != nil {
		return err
	}
	err := r.onAbroad(ctx, c, cmd, of, id, "referral.recalled", func(p *access.Pass, row *casework.Case, t *Thread, a *Abroad) (*casework.Event, error) {
		if outcome == outcomeErased && !a.Taken.IsZero() { // it is a case here by now: that is erased as every case is
			return nil, fault.InvalidField(pack.AbroadRecalled, "erase-the-case")
		}
		if !t.Received() || a.Recalled.IsZero() || a.Outcome != "" {
			return nil, fault.New(fault.Conflict, "referral-moved")
		}
		a.Outcome = outcome
		if err := r.tellOutcome(ctx, p, row, t, a, why, language); err != nil {
			return nil, err
		}
		s := Step{Event: Recalled, Code: outcome, Said: Said{Text: why, Language: language}}
		e := t.event(Recalled, why)
		e.Language, e.Reasons = language, []string{outcome}
		if outcome == outcomeErased {
			if err := r.letGo(ctx, p, row, t, a); err != nil {
				return nil, err
			}
		}
		return e, errors.Join(a.write(ctx, p), s.write(ctx, p, t),
			r.cases.Await(ctx, p, row, casework.DueReferralTurn, recallDue(id), time.Time{}))
	})
	if err != nil || outcome != outcomeErased {
		return err
	}
	return r.forget(ctx, r.gate.Job("post"), of, id)
}

// letGo ends a thread that came, was accepted and is erased before anybody took the child on.
func (r *Room) letGo(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad) error {
	next, err := t.Step(handover.Withdraw, handover.Sender)
	if err != nil {
		return fault.New(fault.Conflict, "referral-moved")
	}
	t.Thread = next
	if err := r.settle(ctx, p, row, t); err != nil {
		return err
	}
	return r.tellStatus(ctx, p, row, t, a, &Answer{Event: handover.Withdraw}, false)
}

// outcomeCame writes what became of what this side recalled.
func (r *Room) outcomeCame(ctx context.Context, p *access.Pass, t *Thread, a *Abroad, out *payload.Outcome) (*casework.Event, error) {
	if !t.Sent() || out == nil || a.Recalled.IsZero() {
		return nil, errUnfit
	}
	a.Outcome = out.Code
	s := Step{Event: Recalled, Code: out.Code, Said: Said{Text: fromText(out.Text)}}
	if out.Text != nil {
		s.Language = out.Text.Language
	}
	e := t.event(Recalled, s.Text)
	e.Language, e.Reasons = s.Language, []string{out.Code}
	return e, errors.Join(a.write(ctx, p), s.write(ctx, p, t), r.tell(ctx, p, t, handover.Receiver))
}
