package casework

import (
	"context"
	"errors"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// The events of acts. The sealed part of each names the act (About) and its kind
// (To).
const (
	KindActAsked    = "act-asked" // planned, and waits for a second person
	KindActPlanned  = "act-planned"
	KindActDropped  = "act-dropped"
	KindActDone     = "act-done"
	KindActBreach   = "act-breach" // done without a basis or an authorisation
	KindActReviewed = "act-reviewed"
)

// PlanAct authorises an act: only with the basis that the pack names, and not while
// something keeps its gate shut.
func (r *Room) PlanAct(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, kind string, why sealed.Text, seen int64) error {
	var chk fault.Check
	chk.Require(r.codes.Valid(pack.ActKinds, kind), "act_kind", "required")
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onAct(ctx, c, cmd, id, access.Act{Action: "case.authorise", Purpose: PurposeCare}, seen, func(p *access.Pass, s *keys.Sealer, row *Case) (*Event, error) {
		if row.Closed() {
			return nil, errClosed()
		}
		a := &Act{ID: ident.New[ActID](), Kind: kind, Asked: p.Now(), Planner: c.Staff()}
		waits, err := r.askApproval(ctx, p, row, pack.ApproveAct, kind, [16]byte(a.ID))
		if err != nil {
			return nil, err
		}
		e := a.event(KindActPlanned, why)
		if !waits {
			return e, r.authorise(ctx, p, s, row, a)
		}
		e.Kind = KindActAsked
		w, err := r.wayToAct(ctx, p, row, kind, p.Now())
		if err != nil {
			return nil, err
		}
		return e, errors.Join(w.passes(), a.write(ctx, p, s))
	})
}

// authorise lets an act pass its gate, or refuses it.
func (r *Room) authorise(ctx context.Context, p *access.Pass, s *keys.Sealer, row *Case, a *Act) error {
	w, err := r.wayToAct(ctx, p, row, a.Kind, p.Now())
	if err != nil {
		return err
	}
	if err := w.passes(); err != nil {
		return err
	}
	if a.Planned = p.Now(); w.Basis != nil {
		a.Basis = w.Basis.ID
	}
	return a.write(ctx, p, s)
}

// DropAct takes an authorisation back that was not used.
func (r *Room) DropAct(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, act ActID, why sealed.Text) error {
	if err := needReason(why); err != nil {
		return err
	}
	return r.onAct(ctx, c, cmd, id, access.Act{Action: "case.authorise", Purpose: PurposeCare}, 0, func(p *access.Pass, s *keys.Sealer, _ *Case) (*Event, error) {
		a, err := oneAct(ctx, p, s, act)
		if err != nil {
			return nil, err
		}
		if !a.Open() {
			return nil, fault.New(fault.Invalid, "act-not-waiting")
		}
		a.Ended = p.Now()
		return a.event(KindActDropped, why), errors.Join(a.write(ctx, p, s), r.dropApproval(ctx, p, a.ID))
	})
}

// dropApproval ends an approval that still waits for somebody: there is nothing to
// approve any more.
func (r *Room) dropApproval(ctx context.Context, p *access.Pass, act ActID) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	found, err := approvalsOf(ctx, p, s, sqlApprovalsOf, p.Case(), act[:])
	if err != nil {
		return err
	}
	for _, a := range found {
		if !a.Waits() {
			continue
		}
		a.State = ApprovalReplaced
		if err := a.write(ctx, p, s); err != nil {
			return err
		}
	}
	return r.cancelDueOf(ctx, p, dueApproval, [16]byte(act))
}

// Done is an act that happened.
type Done struct {
	Kind      string    // code list act_kind
	Planned   ActID     // the authorisation it was done under; none: there was none
	Happened  time.Time // when
	Place     sealed.Text
	Text      sealed.Text // what was done, by whom, and why
	Words     sealed.Text // what the child said
	Emergency bool        // to keep a child safe at once
	Why, Told sealed.Text // of an emergency: why it could not wait, and who was told
}

// ActOther is what somebody did in an emergency that is none of the acts which need
// a basis, such as bringing a child to a hospital.
const ActOther = "other"

func (d *Done) check(c *fault.Check, codes Codes, now time.Time) {
	c.Require(codes.Valid(pack.ActKinds, d.Kind) || d.Emergency && d.Kind == ActOther, "act_kind", "required")
	c.Require(!d.Happened.IsZero(), "happened", "required")
	c.Require(!d.Happened.After(now), "happened", "in-the-future")
	c.Require(d.Happened.IsZero() || d.Happened.Year() >= firstYear, "happened", "out-of-range")
	c.Require(!d.Text.IsZero(), "what_happened", "required")
	text(c, "what_happened", d.Text, mostText)
	text(c, "place", d.Place, mostReason)
	text(c, "words", d.Words, mostText)
	text(c, "why_at_once", d.Why, mostReason)
	text(c, "told", d.Told, mostReason)
}

// RecordAct writes down that an act happened. It is never refused for want of a
// basis: what happened to a child is on record. An act that was not authorised, or
// whose basis no longer held, opens an urgent review by a supervisor who did not
// write it down. In an emergency any worker on duty may act and record it, for any
// child.
func (r *Room) RecordAct(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, d Done) error {
	var chk fault.Check
	d.check(&chk, r.codes, r.clk.Now())
	if err := chk.Err(); err != nil {
		return err
	}
	asked := access.Act{Action: "case.happened", Purpose: PurposeCare}
	if d.Emergency {
		asked.Purpose = access.PurposeEmergency
	}
	return r.onAct(ctx, c, cmd, id, asked, 0, func(p *access.Pass, s *keys.Sealer, row *Case) (*Event, error) {
		a, held, err := r.authorised(ctx, p, s, row, &d)
		if err != nil {
			return nil, err
		}
		a.Happened, a.Recorded, a.Recorder = d.Happened, p.Now(), c.Staff()
		a.Breach = !held || p.Emergency() // who was let in by the emergency alone is looked at too
		a.Emergency = d.Emergency && a.Breach
		kind := KindActDone
		if a.Breach {
			kind = KindActBreach
			if err := r.reviewDue(ctx, p, row, a); err != nil {
				return nil, err
			}
		}
		e := a.event(kind, d.Text)
		e.Place, e.Words, e.Since, e.Emergency = d.Place, d.Words, d.Happened.UnixMicro(), a.Emergency
		e.Why, e.Told = d.Why, d.Told
		return e, a.write(ctx, p, s)
	})
}

// authorised returns the act that was done, and whether it was authorised and its
// basis held when it happened.
func (r *Room) authorised(ctx context.Context, p *access.Pass, s *keys.Sealer, row *Case, d *Done) (*Act, bool, error) {
	if d.Planned.IsZero() {
		return &Act{ID: ident.New[ActID](), Kind: d.Kind}, false, nil
	}
	a, err := oneAct(ctx, p, s, d.Planned)
	switch {
	case err != nil:
		return nil, false, err
	case !a.Happened.IsZero() || a.Kind != d.Kind:
		return nil, false, fault.New(fault.Conflict, "changed-meanwhile")
	case !a.Waits():
		return a, false, r.dropApproval(ctx, p, a.ID) // nobody has approved it, or it was given up
	case d.Happened.Before(a.Planned.Truncate(time.Minute)): // a form knows minutes
		return a, false, nil // it was done first and authorised afterwards
	}
	w, err := r.wayToAct(ctx, p, row, d.Kind, later(d.Happened, a.Planned))
	if err != nil {
		return nil, false, err
	}
	return a, w.Open(), nil
}

// wayToAct returns the gate of an act as it stood at a time.
func (r *Room) wayToAct(ctx context.Context, p *access.Pass, row *Case, kind string, at time.Time) (*Way, error) {
	g, ok := r.codes.ActGate(kind)
	if !ok {
		return nil, fault.New(fault.Invalid, "gate-needs")
	}
	stands, err := r.standing(ctx, p, row, at)
	if err != nil {
		return nil, err
	}
	w := gateOf(stands, kind, kind, g)
	return &w, nil
}

// reviewDue starts the clock of a supervisor's review. In an emergency that is the
// clock of the confirmation.
func (r *Room) reviewDue(ctx context.Context, p *access.Pass, row *Case, a *Act) error {
	clock := pack.BreachReview
	if a.Emergency {
		clock = pack.EmergencyConfirm
	}
	return r.setDue(ctx, p, row, dueBreachReview, [16]byte(a.ID), r.codes.Clock(clock).After(p.Now()))
}

// Outcomes are the answers of a review of an act without a basis.
func Outcomes() []string { return []string{"stands", "mended", "reversed", "reported"} }

// ReviewBreach says that a supervisor has looked at an act that was done without a
// basis, and what follows from it. The floor refuses whoever wrote the act down;
// whoever authorised it is refused here.
func (r *Room) ReviewBreach(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, act ActID, outcome string, why sealed.Text) error {
	var chk fault.Check
	chk.Require(slices.Contains(Outcomes(), outcome), "review_outcome", "required")
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	child, err := r.Open(ctx, c, id)
	if err != nil {
		return err
	}
	// The floor decides against who wrote it down; the transaction checks that it
	// is still so.
	var recorder ident.Staff
	for i := range child.Acts {
		if child.Acts[i].ID == act {
			recorder = child.Acts[i].Recorder
		}
	}
	asked := access.Act{Action: "case.review", Purpose: PurposeSupervision, Staff: recorder}
	return r.onAct(ctx, c, cmd, id, asked, 0, func(p *access.Pass, s *keys.Sealer, _ *Case) (*Event, error) {
		a, err := oneAct(ctx, p, s, act)
		switch {
		case err != nil:
			return nil, err
		case !a.Unreviewed() || a.Recorder != recorder:
			return nil, fault.New(fault.Conflict, "changed-meanwhile")
		case a.Planner == c.Staff():
			return nil, fault.New(fault.Invalid, "own-act")
		}
		a.Reviewed, a.Reviewer = p.Now(), c.Staff()
		e := a.event(KindActReviewed, why)
		e.Reasons = []string{outcome}
		return e, errors.Join(a.write(ctx, p, s), r.reviewed(ctx, p, a))
	})
}

// reviewed ends the clocks that a review has met: of an emergency also that of its
// confirmation, unless a reopening waits for it as well.
func (r *Room) reviewed(ctx context.Context, p *access.Pass, a *Act) error {
	if err := r.meetDueOf(ctx, p, dueBreachReview, [16]byte(a.ID)); err != nil || !a.Emergency {
		return err
	}
	waits, err := p.Permitted(ctx, access.PurposeEmergency)
	if err != nil || waits {
		return err
	}
	all, err := fetchActs(ctx, p.Tx(), p.Case())
	if err != nil || slices.ContainsFunc(all, func(o Act) bool { return o.ID != a.ID && o.Emergency && o.Unreviewed() }) {
		return err
	}
	return r.meetDue(ctx, p, DueEmergencyConfirm)
}

// event is the event of something that was done about an act.
func (a *Act) event(kind string, why sealed.Text) *Event {
	return &Event{Kind: kind, Content: Content{About: a.ID[:], To: a.Kind, Text: why}}
}

// onAct is the frame of the commands on acts.
func (r *Room) onAct(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, a access.Act, seen int64,
	apply func(*access.Pass, *keys.Sealer, *Case) (*Event, error),
) error {
	a.Case, a.Command = id, cmd
	_, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return r.change(ctx, p, seen, func(row *Case) (*Event, error) {
			s, err := p.Sealer(ctx)
			if err != nil {
				return nil, err
			}
			return apply(p, s, row)
		})
	})
	return err
}
