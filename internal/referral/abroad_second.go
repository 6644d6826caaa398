package referral

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

// Second is what a second person says of something that is to be sent abroad, or was.
type Second struct {
	Agrees  bool
	Comment sealed.Text // needed where they do not agree
}

// SecondLook lets a second person agree with what waits to be sent, which sends it, or with what
// one officer sent at once. The floor refuses whoever asked. Where they do not agree with
// what waits, it does not leave; what left already is to be called back.
func (r *Room) SecondLook(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id ThreadID, s Second) error {
	var chk fault.Check
	chk.Require(s.Agrees || !s.Comment.IsZero(), "comment", "required")
	text(&chk, "comment", s.Comment, mostSaid)
	if err := chk.Err(); err != nil {
		return err
	}
	v, err := r.Thread(ctx, c, of, id) // what is approved is what was read
	if err != nil {
		return err
	}
	if v.Abroad == nil || v.Received() || len(v.Steps) == 0 {
		return errNotTheirs()
	}
	act := access.Act{Action: "referral.approve", Purpose: casework.PurposeSupervision, Case: of, Staff: v.Abroad.Asker, Command: cmd}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
			t, a, err := r.ours(ctx, p, id)
			switch {
			case err != nil:
				return nil, err
			case a.Asker != v.Abroad.Asker || a.Version != v.Abroad.Version:
				return nil, fault.New(fault.Conflict, "changed-meanwhile")
			}
			return r.second(ctx, p, row, t, a, &v.Steps[0].Said, &s)
		})
	})
	if err == nil && !s.Agrees && v.Abroad.SentAt.IsZero() {
		r.drop(v.Steps[0].Files)
	}
	return err
}

func (r *Room) second(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, a *Abroad, said *Said, s *Second) (*casework.Event, error) {
	waits := a.SentAt.IsZero() && t.State == handover.None
	confirms := !a.SentAt.IsZero() && !a.ConfirmBy.IsZero() && a.Approved.IsZero()
	if !waits && !confirms {
		return nil, fault.New(fault.Conflict, "approval-over")
	}
	a.Approver, a.Approved = p.Caller().Staff(), p.Now()
	if err := r.cases.AwaitSecond(ctx, p, row, [16]byte(a.ID), time.Time{}); err != nil {
		return nil, err
	}
	step := Step{Event: Confirmed, Said: Said{Text: s.Comment}}
	e := t.event(Confirmed, s.Comment)
	switch {
	case !s.Agrees && waits:
		step.Event = Returned
		t.State, t.Due = handover.Withdrawn, time.Time{} // it never left
	case !s.Agrees:
		step.Event = Returned
	case waits:
		var err error
		if e, err = r.offerAbroad(ctx, p, row, t, a, said); err != nil {
			return nil, err
		}
		step.Event = handover.Offer
	}
	if step.Event == Returned {
		e = t.event(Returned, s.Comment)
	}
	return e, r.store(ctx, p, row, t, a, &step)
}
