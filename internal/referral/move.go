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
)

// Answer is what somebody does with a thread: what happens, and what they say.
type Answer struct {
	Event      handover.Event
	Text       sealed.Text
	Reason     string      // of a decline, a failure or a handing back
	Suggested  ident.Unit  // of a decline: who may help instead
	Outcome    string      // of a completion: code list need_outcome
	At         time.Time   // of a question about a booking: another time
	Agrees     bool        // of an answer about a booking: that time is right
	Undertaken bool        // of the acceptance of a booking: the interpreter signed
	Agency     sealed.Text // of the acceptance of a booking: of the interpreter
	Follow     bool        // of a confirmation: the need that was referred ended so too

	// Between two nodes.
	Language string // code list language: in which Text is written
	Reply    string // of a completion: the code that was asked for

	answers cx.ID             // the message that this answers; none: nobody asked
	brought *casework.Brought // of a child who is taken on here: what was sent
	wire    []byte            // what came with it
	action  string            // another than that of the event
}

// turn says of an event whose it is, under which action, and what must be said.
type turn struct {
	by     handover.Party
	action string
	words  bool   // something must be written
	list   string // of the reason that must be named
}

// turns are the events that people bring about. Offering is [Room.Offer].
var turns = map[handover.Event]turn{
	handover.Accept:   {handover.Receiver, "referral.accept", false, ""},
	handover.Decline:  {handover.Receiver, "referral.accept", false, pack.ReferralDeclines},
	handover.AskInfo:  {handover.Receiver, "referral.accept", true, ""},
	handover.Start:    {handover.Receiver, "referral.work", false, ""},
	handover.Hold:     {handover.Receiver, "referral.work", true, ""},
	handover.Resume:   {handover.Receiver, "referral.work", false, ""},
	handover.Complete: {handover.Receiver, "referral.work", true, ""},
	handover.Fail:     {handover.Receiver, "referral.work", true, pack.ReferralEnds},
	handover.HandBack: {handover.Receiver, "referral.work", true, pack.ReferralEnds},
	handover.Assume:   {handover.Receiver, "referral.assume", false, ""},
	handover.Info:     {handover.Sender, "referral.answer", true, ""},
	handover.Confirm:  {handover.Sender, "referral.answer", false, ""},
	handover.Dispute:  {handover.Sender, "referral.answer", true, ""},
	Noted:             {handover.Sender, "referral.answer", false, ""},
	handover.Release:  {handover.Sender, "referral.release", false, ""},
	handover.Withdraw: {handover.Sender, "referral.withdraw", true, ""},
	handover.Retract:  {handover.Sender, "referral.withdraw", true, ""},
}

func (a *Answer) check(r *Room, w turn) error {
	var c fault.Check
	c.Require(!w.words || !a.Text.IsZero() || a.Reason == reasonNotThere || !a.At.IsZero() || a.Agrees, "referral_text", "required")
	text(&c, "referral_text", a.Text, mostSaid)
	if w.list != "" {
		c.Require(r.codes.Valid(w.list, a.Reason), w.list, "required")
	}
	if a.Event == handover.Complete {
		c.Require(r.codes.Valid(pack.NeedOutcomes, a.Outcome), "need_outcome", "required")
	}
	return c.Err()
}

// Move lets a party of a thread take a step. A step that is not the party's to take
// now is refused as referral-moved, because somebody was quicker or the page was old.
func (r *Room) Move(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ThreadID, a Answer) error {
	w, ok := turns[a.Event]
	if !ok {
		return fault.New(fault.Invalid, "referral-moved")
	}
	if err := a.check(r, w); err != nil {
		return err
	}
	purpose := purposeCare
	if w.by == handover.Receiver {
		purpose = purposeHelp
	}
	act := access.Act{Action: orCode(a.action, w.action), Purpose: purpose, Case: of, Command: cmd}
	_, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
			t, err := r.theirs(ctx, p, id, w.by)
			if err != nil {
				return nil, err
			}
			return r.step(ctx, p, row, t, a, w.by)
		})
	})
	return err
}

// theirs reads and checks a thread of the pass's case for a command of one of its
// parties. To everybody else it does not exist.
func (r *Room) theirs(ctx context.Context, p *access.Pass, id ThreadID, by handover.Party) (*Thread, error) {
	t, err := readThread(ctx, p, id)
	if err != nil {
		return nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.checkRow(s); err != nil {
		return nil, err
	}
	are, err := parties(ctx, p, t)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(are, by) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return t, nil
}

// parties returns which parties of a thread the caller speaks for: the receiver, by
// their unit; the sender, when they answer for the case, or gave it away.
func parties(ctx context.Context, p *access.Pass, t *Thread) ([]handover.Party, error) {
	c := p.Caller()
	ours := func(u ident.Unit) bool { return c.Unit() == u || slices.Contains(c.Supervises(), u) }
	var out []handover.Party
	if t.Received() || t.Sent() {
		return partiesAbroad(ctx, p, t, ours(t.To), ours(t.From))
	}
	if ours(t.To) {
		out = append(out, handover.Receiver)
	}
	if t.Assumed {
		if ours(t.From) {
			out = append(out, handover.Sender)
		}
		return out, nil
	}
	answers, err := answersFor(ctx, p)
	if err == nil && answers {
		out = append(out, handover.Sender)
	}
	return out, err
}

// answersFor reports whether the caller answers for the pass's case, helps with it or
// supervises its unit.
func answersFor(ctx context.Context, p *access.Pass) (bool, error) {
	c := p.Caller()
	reached, err := p.Reached(ctx)
	if err != nil {
		return false, err
	}
	for _, h := range reached {
		lead := h.Relation == access.RelationLead && slices.Contains(c.Leads(), ident.Staff(h.Holder))
		helper := h.Relation == access.RelationHelper && c.Staff() == ident.Staff(h.Holder)
		unit := h.Relation == access.RelationUnit && slices.Contains(c.Supervises(), ident.Unit(h.Holder))
		if lead || helper || unit {
			return true, nil
		}
	}
	return false, nil
}

// step moves a thread and writes what follows.
func (r *Room) step(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a Answer, by handover.Party) (*casework.Event, error) {
	if a.Event == Noted {
		if !t.State.Final() || t.Due.IsZero() {
			return nil, fault.New(fault.Conflict, "referral-moved")
		}
		return r.noted(ctx, p, row, t)
	}
	ab, err := checkedAbroad(ctx, p, t)
	if err != nil {
		return nil, err
	}
	if t.Sent() && by == handover.Sender {
		return r.ask(ctx, p, row, t, ab, &a)
	}
	b, err := checkedBooking(ctx, p, t)
	if err != nil {
		return nil, err
	}
	at := t.Thread
	if b != nil && a.Event == handover.Complete && at.State == handover.Accepted {
		at, _ = at.Step(handover.Start, by) // of a booking both are one; what is illegal is refused below
	}
	next, err := at.Step(a.Event, by)
	if errors.Is(err, handover.ErrIllegal) {
		return nil, fault.New(fault.Conflict, "referral-moved")
	}
	if err != nil {
		return nil, err
	}
	if a.Event == handover.Accept {
		holds, err := t.consented(ctx, p)
		if err != nil {
			return nil, err
		}
		if !holds {
			return nil, fault.New(fault.Invalid, "consent-withdrawn")
		}
	}
	if by == handover.Receiver && t.Answered.IsZero() {
		t.Answered = p.Now()
	}
	t.Thread = next
	t.say(p, &a)
	if err := r.follows(ctx, p, row, t, ab, &a); err != nil {
		return nil, err
	}
	if err := errors.Join(b.rebook(ctx, p, t, &a), r.follow(ctx, p, row, t, a.Follow)); err != nil {
		return nil, err
	}
	if err := r.settle(ctx, p, row, t); err != nil {
		return nil, err
	}
	return r.stepped(ctx, p, row, t, ab, &a, by)
}

// follows does what a step means beside the state.
func (r *Room) follows(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, ab *Abroad, a *Answer) error {
	switch {
	case a.Event == handover.Info: // the receiver's clock begins anew
		t.RespondBy = r.answerBy(p, t, ab)
	case t.Received() && (a.Event == handover.Assume || a.Event == handover.Start):
		return r.takeOn(ctx, p, row, t, ab, a)
	case a.Event == handover.Assume:
		return r.takeOver(ctx, p, row, t)
	}
	return nil
}

// stepped writes a step that was taken, tells the other node and whoever waits for it, and
// returns what the timeline says.
func (r *Room) stepped(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, ab *Abroad, a *Answer, by handover.Party) (*casework.Event, error) {
	s := Step{Event: a.Event, Code: a.Reason, Said: Said{Text: a.Text, Agency: a.Agency, Language: a.Language, Reply: a.Reply, Wire: a.wire}}
	if a.Outcome != "" {
		s.Code = a.Outcome
	}
	if err := s.write(ctx, p, t); err != nil {
		return nil, err
	}
	if t.Received() {
		if err := r.tellStatus(ctx, p, row, t, ab, a, false); err != nil {
			return nil, err
		}
	}
	if err := r.tell(ctx, p, t, by); err != nil {
		return nil, err
	}
	e := t.event(a.Event, a.Text)
	e.Language = a.Language
	if s.Code != "" {
		e.Reasons = []string{s.Code}
	}
	return e, nil
}

// say keeps in the thread what an answer says in codes.
func (t *Thread) say(p *access.Pass, a *Answer) {
	switch a.Event {
	case handover.Accept, handover.Assume:
		t.ToStaff = p.Caller().Staff()
	case handover.Decline:
		t.Reason, t.Suggested = a.Reason, a.Suggested
	case handover.Fail, handover.HandBack:
		t.Reason = a.Reason
	case handover.Complete:
		t.Outcome, t.Reason = a.Outcome, ""
	case handover.Dispute:
		t.Outcome, t.Reason = "", ""
	}
}

// takeOver moves the responsibility for the case, in this one transaction: before it
// the sender answers for the child, after it whoever assumes.
func (r *Room) takeOver(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread) error {
	who := p.Caller().Staff()
	if away, err := p.IsWithheld(ctx, [16]byte(who)); err != nil || away {
		return errors.Join(err, fault.New(fault.NotFound, "no-such-page"))
	}
	if err := r.cases.TakeOver(ctx, p, row, who, t.To); err != nil {
		return err
	}
	return p.Reach(ctx, access.RelationReceiver, [16]byte(t.From)) // to learn what becomes of it
}

// noted takes a thread that ended badly off the sender's list.
func (r *Room) noted(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread) (*casework.Event, error) {
	t.Due = time.Time{}
	if err := r.cases.Await(ctx, p, row, casework.DueReferralTurn, [16]byte(t.ID), time.Time{}); err != nil {
		return nil, err
	}
	if err := t.write(ctx, p); err != nil {
		return nil, err
	}
	s := Step{Event: Noted}
	return t.event(Noted, sealed.Text{}), s.write(ctx, p, t)
}
