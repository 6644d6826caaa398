package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
)

// KindStatus is the event of every status: the sealed part names its kind (From)
// and its state (To).
const KindStatus = "status"

// KindStatusEnded is the event of a status that ended because what it rests on was
// changed.
const KindStatusEnded = "status-ended"

// The deadlines that follow from statuses (code list deadline_kind).
const (
	dueGuardian   = "guardian"
	dueReflection = "reflection"
)

// Doubts are the answers to whether doubt about an age remains.
func Doubts() []string { return []string{"yes", "no", "unknown"} }

// decidedStates are what only a body can say, so that it is named.
var decidedStates = []string{
	"age_child", statusAgeDoubt, statusAgeAdult, "guardian_named", "guardian_cover", "reflection_granted", "reflection_extended",
	"residence_granted", "residence_refused", "identification_recognised", "identification_refused", statusAdult,
}

// reasonedStates are what nobody may say of a child without grounds.
var reasonedStates = []string{
	"age_child", statusAgeDoubt, statusAgeAdult, statusAdult, statusPresumed, "residence_refused",
	"identification_recognised", "identification_refused",
}

// ageResults are the outcomes of an age assessment.
var ageResults = []string{"age_child", statusAgeDoubt, statusAgeAdult}

// check validates a status at the door.
func (t *Status) check(codes Codes, now time.Time) error {
	var c fault.Check
	c.Require(t.State != "" && codes.Valid(pack.StatusStates, t.State), "status_state", "required")
	t.Kind = codes.Parent(pack.StatusStates, t.State)
	c.Require(!t.From.IsZero(), "status_from", "required")
	c.Require(!t.From.After(now), "status_from", "in-the-future")
	c.Require(t.From.IsZero() || t.From.Year() >= firstYear, "status_from", "out-of-range")
	c.Require(t.Until.IsZero() || !t.Until.Before(t.From), "status_until", "date-order")
	c.Require(t.Appeal.IsZero() || !t.Appeal.Before(t.From), "appeal_until", "date-order")
	decision := t.Kind == StatusDecision
	c.Require(!t.Body.IsZero() || !decision && !slices.Contains(decidedStates, t.State), "body", "required")
	c.Require(!t.Grounds.IsZero() || !decision && !slices.Contains(reasonedStates, t.State), "grounds", "required")
	c.Require(!t.Reference.IsZero() || t.Kind != StatusFiled, "paper", "required")
	if slices.Contains(ageResults, t.State) {
		c.Require(codes.Valid(pack.AgeMethods, t.Method), "age_method", "required")
		c.Require(slices.Contains(Doubts(), t.Doubt), "age_doubt", "required")
		// Council of Europe Convention against Trafficking, article 10(3): in doubt
		// the person is presumed to be a child.
		c.Require(t.State != statusAgeAdult || t.Doubt == "no", "age_doubt", "doubt-means-child")
	} else {
		t.Method, t.Doubt = "", ""
	}
	text(&c, "body", t.Body, mostName)
	text(&c, "grounds", t.Grounds, mostText)
	text(&c, "paper", t.Reference, mostReason)
	return c.Err()
}

// RecordStatus writes down where the child stands: a fact, with who decided it, on
// what grounds and from when. The program draws no conclusion of its own from it
// but those that keep the child safe, and never says of anybody that they were not
// trafficked: it tells which body decided what, and whether that can be appealed.
func (r *Room) RecordStatus(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, t Status) error {
	if err := t.check(r.codes, r.clk.Now()); err != nil {
		return err
	}
	if t.Kind == "reflection" && t.State != "reflection_ended" {
		least := r.codes.Clock(pack.ReflectionPeriod).After(t.From)
		if t.Until.IsZero() {
			t.Until = least
		}
		if t.State == "reflection_granted" && t.Until.Before(least) {
			return fault.InvalidField("status_until", "too-short-by-law")
		}
	}
	seen := int64(0)
	if t.State == statusConsentPassed {
		child, err := r.Open(ctx, c, id)
		if err != nil {
			return err
		}
		if r.persons.AgeBand(child.Person.Details.Birth, r.clk.Now()) != adults {
			return fault.New(fault.Invalid, "not-of-age")
		}
		seen = child.Case.Version
	}
	return r.act(ctx, c, cmd, id, "case.status", PurposeCare, seen, func(p *access.Pass, row *Case) (*Event, error) {
		s, err := p.Sealer(ctx)
		if err != nil {
			return nil, err
		}
		if err := r.allows(ctx, p, row, &t); err != nil {
			return nil, err
		}
		e, err := t.note(ctx, p, s, row)
		if err != nil {
			return nil, err
		}
		if row.Closed() { // courts go on deciding; nobody waits for anything here
			return e, nil
		}
		return e, r.statusDue(ctx, p, row, &t)
	})
}

// allows refuses a status that what is known already forbids.
func (r *Room) allows(ctx context.Context, p *access.Pass, row *Case, t *Status) error {
	if t.State != statusAdult && t.State != statusTransitioned {
		return nil
	}
	stands, err := r.standing(ctx, p, row, p.Now())
	switch {
	case err != nil:
		return err
	case t.State == statusAdult && stands.pending(p.Now()):
		return fault.New(fault.Invalid, "appeal-open")
	case t.State == statusTransitioned && stands.Has(statusTransition, statusConsentPassed) == nil:
		return fault.New(fault.Invalid, "transition-plan-first")
	}
	return nil
}

// statusDue starts and stops the clocks that follow from a status.
func (r *Room) statusDue(ctx context.Context, p *access.Pass, row *Case, t *Status) error {
	switch {
	case t.State == "guardian_asked":
		return r.setDue(ctx, p, row, dueGuardian, [16]byte{}, r.codes.Clock(pack.GuardianNamed).After(t.From))
	case t.State == "guardian_ended":
		return r.setDue(ctx, p, row, dueGuardian, [16]byte{}, r.codes.Clock(pack.GuardianNamed).After(p.Now()))
	case t.Kind == StatusFiled:
		return r.stepDone(ctx, p, row, r.stepOf(t.State))
	case t.State == "guardian_named":
		return r.meetDue(ctx, p, dueGuardian)
	case t.Kind == "reflection" && !t.Until.IsZero() && t.Until.After(p.Now()):
		return r.setDue(ctx, p, row, dueReflection, [16]byte{}, t.Until)
	case t.State == "reflection_ended":
		return r.meetDue(ctx, p, dueReflection)
	}
	return nil
}

// unfiled ends the status of a finished record that was changed and waits to be
// approved: what was approved before is not what is there now.
func (r *Room) unfiled(ctx context.Context, p *access.Pass, s *keys.Sealer, row *Case, form string) error {
	if r.codes.Parent(pack.StatusStates, form) != StatusFiled {
		return nil
	}
	stands, err := r.standing(ctx, p, row, p.Now())
	if err != nil || stands.Has(form) == nil {
		return err
	}
	t := &Status{Kind: StatusFiled, State: form, From: p.Now(), Until: p.Now()}
	e, err := t.note(ctx, p, s, row)
	if err != nil {
		return err
	}
	e.Kind = KindStatusEnded
	return e.write(ctx, p, s, row)
}

// approved carries out what follows from an approval: the record is finished for
// the gates, or the act is authorised, if its gate is still open.
func (r *Room) approved(ctx context.Context, p *access.Pass, s *keys.Sealer, row *Case, a *Approval) error {
	if a.What == pack.ApproveRecord {
		return r.filed(ctx, p, s, row, a.Code)
	}
	act, err := oneAct(ctx, p, s, ActID(a.About))
	switch {
	case err != nil:
		return err
	case !act.Ended.IsZero() || !act.Happened.IsZero():
		return fault.New(fault.Conflict, "changed-meanwhile")
	}
	return r.authorise(ctx, p, s, row, act)
}

// filed writes down that a record was finished, where the pack has a status for its
// form: a gate may ask for it. A correction of a finished record changes nothing.
func (r *Room) filed(ctx context.Context, p *access.Pass, s *keys.Sealer, row *Case, form string) error {
	if r.codes.Parent(pack.StatusStates, form) != StatusFiled {
		return nil
	}
	stands, err := r.standing(ctx, p, row, p.Now())
	if err != nil || stands.Has(form) != nil {
		return err
	}
	return r.add(ctx, p, s, row, &Status{Kind: StatusFiled, State: form, From: p.Now()})
}

// stepOf names the step from stage to stage that a finished record completes, ""
// for none: the pack's gates say which record that is.
func (r *Room) stepOf(form string) string {
	for _, s := range []struct{ from, to, step string }{{StageRegistered, "assessed", DueAssessment}, {"assessed", "planned", DuePlan}} {
		if g, ok := r.codes.Follows(s.from, s.to); ok && slices.Contains(g.Needs, form) {
			return s.step
		}
	}
	return ""
}

// presume writes down that the child is presumed to have been trafficked, unless
// something is known of it already. No body has decided anything by that.
func (r *Room) presume(ctx context.Context, p *access.Pass, s *keys.Sealer, row *Case) error {
	return r.add(ctx, p, s, row, &Status{Kind: StatusIdentification, State: statusPresumed, From: p.Now()})
}

// add writes a status with its event.
func (r *Room) add(ctx context.Context, p *access.Pass, s *keys.Sealer, row *Case, t *Status) error {
	e, err := t.note(ctx, p, s, row)
	if err != nil {
		return err
	}
	return e.write(ctx, p, s, row)
}

// trafficked reports whether anybody presumed or found that the child was
// trafficked, whatever was decided since: such a child is searched for.
func trafficked(s Standing, row *Case) bool {
	return row.Stage == "identified" || s.Of(StatusIdentification) != nil
}
