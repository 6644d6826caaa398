package casework

import (
	"context"
	"errors"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/deadline"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// The kinds of deadlines that follow from what happens in a case (code list
// deadline_kind). Other features set further ones with setDue.
const (
	DueFirstContact        = "first_contact"
	DueNextContact         = "next_contact"
	DueAssessment          = "assessment"
	DuePlan                = "plan"
	DueReview              = "review"
	DueEmergencyConfirm    = "emergency_confirm"
	DueEmergencyAssessment = "emergency_assessment"
	dueBreachReview        = "breach_review"
	dueApproval            = "approval"
)

// dueSteps are the deadlines from stage to stage, in their order; each has a clock
// for each risk.
var dueSteps = []string{DueAssessment, DuePlan, DueReview}

// dueSupervisor are the kinds that whoever supervises the case's unit answers for.
var dueSupervisor = []string{DueEmergencyConfirm, dueBreachReview, dueApproval, dueErasure, dueRequest, DueGlassReview}

// dueAnyway are the kinds that closing a case does not settle: somebody looks at
// what was done all the same.
var dueAnyway = []string{
	DueTellChild, DueEmergencyConfirm, dueBreachReview, dueErasure, dueRequest, DueGlassReview, DueReportOwed, DueReportAwaited,
}

// dueRules reads from the pack when a deadline takes its steps.
func dueRules(codes Codes) deadline.Rules {
	return deadline.Rules{
		Remind:   codes.Clock(pack.DeadlineRemind).Duration(),
		Escalate: codes.Clock(pack.DeadlineEscalate).Duration(),
	}
}

// dueOwner returns who answers for a deadline of a kind: the lead worker, or
// nobody by name where it is the supervisor's.
func dueOwner(row *Case, kind string) ident.Staff {
	if slices.Contains(dueSupervisor, kind) {
		return ident.Staff{}
	}
	return row.Worker
}

// setDue starts a clock in the pass's case: something of a kind, about a record of
// the case or (zero) the case itself, is due. Setting it again moves it.
func (r *Room) setDue(ctx context.Context, p *access.Pass, row *Case, kind string, about [16]byte, due time.Time) error {
	_, err := r.dues.Set(ctx, p, deadline.What{Kind: kind, About: about, Owner: dueOwner(row, kind), Unit: row.Unit, Due: due})
	return err
}

// meetDue ends the open deadlines of some kinds, because what was to be done was
// done; it is no fault if there is none.
func (r *Room) meetDue(ctx context.Context, p *access.Pass, kinds ...string) error {
	_, err := r.dues.Meet(ctx, p, kinds...)
	return err
}

// cancelDue ends the open deadlines of some kinds, because they need not be met.
func (r *Room) cancelDue(ctx context.Context, p *access.Pass, kinds ...string) error {
	_, err := r.dues.Cancel(ctx, p, kinds...)
	return err
}

// meetDueOf and cancelDueOf are meetDue and cancelDue for what is about one record.
func (r *Room) meetDueOf(ctx context.Context, p *access.Pass, kind string, about [16]byte) error {
	_, err := r.dues.MeetOne(ctx, p, kind, about)
	return err
}

func (r *Room) cancelDueOf(ctx context.Context, p *access.Pass, kind string, about [16]byte) error {
	_, err := r.dues.CancelOne(ctx, p, kind, about)
	return err
}

// stageDue names the step that a case at a stage waits for, "" for none.
func stageDue(stage string) string {
	switch stage {
	case "identified", StageRegistered:
		return DueAssessment
	case "assessed", "best_interests":
		return DuePlan
	case "planned", "in_services", "solution", "followup":
		return DueReview
	}
	return ""
}

// stepClock is the pack's clock of a step for a risk.
func (r *Room) stepClock(step, risk string) pack.Clock {
	return r.codes.Clock(pack.ClockName(step + "_" + risk))
}

// firstDue sets the deadlines of a case that this command makes: nothing is open
// in it, and nothing is looked for.
func (r *Room) firstDue(ctx context.Context, p *access.Pass, row *Case) error {
	set := func(kind string, due time.Time) error {
		_, err := r.dues.Set(ctx, p, deadline.What{Kind: kind, Owner: row.Worker, Unit: row.Unit, Due: due, First: true})
		return err
	}
	if row.Closed() {
		return nil
	}
	if !row.NextContact.IsZero() {
		if err := set(DueFirstContact, row.NextContact); err != nil {
			return err
		}
	}
	if step := stageDue(row.Stage); step != "" {
		return set(step, r.stepClock(step, row.Risk).After(p.Now()))
	}
	return nil
}

// follow keeps the deadlines of a case as its change asks: whatever command has
// changed it, the clocks that follow are started, moved or stopped here.
func (r *Room) follow(ctx context.Context, p *access.Pass, before, row *Case, e *Event) error {
	if before.Worker != row.Worker || before.Unit != row.Unit {
		if err := r.giveDue(ctx, p, before, row); err != nil {
			return err
		}
	}
	if row.Closed() {
		if before.Closed() {
			return r.confirmDue(ctx, p, e)
		}
		_, err := r.dues.CancelBut(ctx, p, dueAnyway...)
		return errors.Join(err, r.confirmDue(ctx, p, e))
	}
	return errors.Join(
		r.contactDue(ctx, p, before, row, e),
		r.stageChanged(ctx, p, before, row),
		r.riskChanged(ctx, p, before, row),
		r.emergencyDue(ctx, p, row, e),
		r.confirmDue(ctx, p, e),
	)
}

// giveDue gives the deadlines of the case to the new lead worker: those of the one
// before, and those that somebody has looked after since. What another person
// answers for, such as a helper's task, stays with them.
func (r *Room) giveDue(ctx context.Context, p *access.Pass, before, row *Case) error {
	return r.dues.Give(ctx, p, row.Unit, func(d *deadline.Deadline) ident.Staff {
		if d.Owner == before.Worker || d.About == [16]byte{} || d.Owner.IsZero() {
			return dueOwner(row, d.Kind)
		}
		return d.Owner
	})
}

// contactDue keeps the deadline of the next contact at the day the case row names.
func (r *Room) contactDue(ctx context.Context, p *access.Pass, before, row *Case, e *Event) error {
	if before.NextContact.Equal(row.NextContact) {
		return nil
	}
	open, err := r.dues.Opened(ctx, p, DueFirstContact, DueNextContact)
	if err != nil {
		return err
	}
	kind := DueNextContact
	switch {
	case row.NextContact.IsZero():
		return r.cancelDue(ctx, p, DueFirstContact, DueNextContact)
	case contactKinds[e.NoteKind]: // there was one
		if err := r.meetDue(ctx, p, DueFirstContact, DueNextContact); err != nil {
			return err
		}
	case len(open) > 0:
		kind = open[0].Kind
	case e.Kind == KindReopened || before.NextContact.IsZero():
		kind = DueFirstContact
	}
	return r.setDue(ctx, p, row, kind, [16]byte{}, row.NextContact)
}

// stageChanged ends the steps that the new stage has behind it and starts the one
// it waits for. A stage to which the case goes back takes the later ones back.
func (r *Room) stageChanged(ctx context.Context, p *access.Pass, before, row *Case) error {
	at := slices.Index(dueSteps, stageDue(row.Stage))
	if before.Stage == row.Stage || at < 0 {
		return nil
	}
	if slices.Index(dueSteps, stageDue(before.Stage)) > at {
		if err := r.cancelDue(ctx, p, dueSteps[at+1:]...); err != nil {
			return err
		}
	} else if at > 0 {
		if err := r.meetDue(ctx, p, dueSteps[:at]...); err != nil {
			return err
		}
	}
	open, err := r.dues.Opened(ctx, p, dueSteps[at:]...)
	if err != nil || len(open) > 0 {
		return err // done before the stage was written down: the next step is due already
	}
	return r.setDue(ctx, p, row, dueSteps[at], [16]byte{}, r.stepClock(dueSteps[at], row.Risk).After(p.Now()))
}

// stepDone says that a step from stage to stage was done, such as an assessment
// that was finished: its deadline is met, and the next step is due by the risk's
// clock, after a review the next review.
func (r *Room) stepDone(ctx context.Context, p *access.Pass, row *Case, step string) error {
	at := slices.Index(dueSteps, step)
	if at < 0 || row.Closed() {
		return nil
	}
	met := []string{step}
	if step == DueAssessment {
		met = append(met, DueEmergencyAssessment)
	}
	if err := r.meetDue(ctx, p, met...); err != nil {
		return err
	}
	next := dueSteps[min(at+1, len(dueSteps)-1)]
	open, err := r.dues.Opened(ctx, p, dueSteps[at:]...)
	if err != nil || len(open) > 0 {
		return err
	}
	return r.setDue(ctx, p, row, next, [16]byte{}, r.stepClock(next, row.Risk).After(p.Now()))
}

// formSteps are the forms of the pack by which a step from stage to stage is done.
var formSteps = map[string]string{"full_assessment": DueAssessment, "plan": DuePlan, "bid_review": DueReview}

// formDone keeps the deadlines after a form was finished for the first time: the
// step it is, the assessment after an emergency, or a contact with the child.
func (r *Room) formDone(ctx context.Context, p *access.Pass, row *Case, e *Event) error {
	switch e.Form {
	case "rapid_assessment":
		return r.meetDue(ctx, p, DueEmergencyAssessment)
	case "visit":
		if !row.Closed() {
			row.NextContact = r.codes.Clock(nextContact(row.Risk)).After(p.Now())
			e.NoteKind, e.Due = "home_visit", row.NextContact.UnixMicro()
		}
		return nil
	}
	step := formSteps[e.Form]
	if step == DuePlan { // a plan made anew is a review of the one before
		open, err := r.dues.Opened(ctx, p, DuePlan, DueReview)
		if err != nil {
			return err
		}
		if len(open) == 1 && open[0].Kind == DueReview {
			step = DueReview
		}
	}
	return r.stepDone(ctx, p, row, step)
}

// riskChanged moves the open steps nearer where the new risk asks for it, never
// farther.
func (r *Room) riskChanged(ctx context.Context, p *access.Pass, before, row *Case) error {
	if before.Risk == row.Risk {
		return nil
	}
	open, err := r.dues.Opened(ctx, p, dueSteps...)
	if err != nil {
		return err
	}
	for _, d := range open {
		if due := r.stepClock(d.Kind, row.Risk).After(p.Now()); due.Before(d.Due) {
			if err := r.setDue(ctx, p, row, d.Kind, d.About, due); err != nil {
				return err
			}
		}
	}
	return nil
}

// emergencyDue starts the clocks of an act that was done in an emergency. Those
// that run already keep their time: a second emergency makes nothing later.
func (r *Room) emergencyDue(ctx context.Context, p *access.Pass, row *Case, e *Event) error {
	if !e.Emergency {
		return nil
	}
	for _, clock := range []pack.ClockName{pack.EmergencyConfirm, pack.EmergencyAssessment} {
		kind := string(clock)
		open, err := r.dues.Opened(ctx, p, kind)
		if err != nil {
			return err
		}
		if len(open) > 0 {
			continue
		}
		if err := r.setDue(ctx, p, row, kind, [16]byte{}, r.codes.Clock(clock).After(p.Now())); err != nil {
			return err
		}
	}
	return nil
}

// confirmDue meets the supervisor's deadline when an emergency was confirmed.
func (r *Room) confirmDue(ctx context.Context, p *access.Pass, e *Event) error {
	if e.Kind != KindConfirmed {
		return nil
	}
	return r.meetDue(ctx, p, DueEmergencyConfirm)
}
