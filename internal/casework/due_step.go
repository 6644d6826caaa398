package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// KindDue is the event of a deadline that acted: it reminded, alerted, escalated, or
// changed hands because its owner is away.
const KindDue = "deadline"

// StepTaken is one step that a deadline took.
type StepTaken struct {
	Kind    string `cbor:"1,keyasint"` // code list deadline_kind
	Step    string `cbor:"2,keyasint"` // "remind", "alert", "escalate" or "hand"
	Due     int64  `cbor:"3,keyasint"` // when it is or was due, in microseconds
	Planned int64  `cbor:"4,keyasint"` // when the step was to be taken
	Staff   []byte `cbor:"5,keyasint,omitempty"`
	Unit    []byte `cbor:"6,keyasint,omitempty"` // whose supervisor was told, where no person is named
}

// DueAt returns when the deadline is or was due.
func (s StepTaken) DueAt() time.Time { return clock.FromMicros(s.Due) }

// How much one run of the clock takes on: a node that stood still for a month takes
// its steps in several runs, and serves people between them.
const (
	stepBatch = 200 // cases in one commit
	stepRuns  = 50
)

// errNothingDue leaves a command on a case whose deadlines took no step.
var errNothingDue = errors.New("nothing due")

// StepDeadlines lets the deadlines whose time has come remind, alert and escalate,
// gives what somebody left behind to who takes over from them, and returns in how many cases
// it did something. It is the work of the named job "deadlines". Each step is taken
// once, in one transaction with its event and its entry, however often and wherever
// this runs; a case that cannot be stepped does not hold up the others.
func (r *Room) StepDeadlines(ctx context.Context) (int, error) {
	people, err := r.roster(ctx)
	if err != nil {
		return 0, fmt.Errorf("who works here: %w", err)
	}
	s := &stepper{r: r, job: r.gate.Job("deadlines"), people: people}
	s.handLeft(ctx)
	var after deadline.Ref
	for range stepRuns {
		due, err := s.due(ctx, after)
		if err != nil {
			return s.done, errors.Join(fmt.Errorf("find due steps: %w", err), s.failed)
		}
		var cases []ident.Case
		for _, d := range due {
			if !slices.Contains(cases, d.Case) {
				cases = append(cases, d.Case)
			}
		}
		s.step(ctx, cases)
		if len(due) < stepBatch || ctx.Err() != nil {
			break
		}
		after = due[len(due)-1]
	}
	return s.done, s.failed
}

// stepper is one run of the clock.
type stepper struct {
	r      *Room
	job    *access.Caller
	people Roster
	done   int
	failed error // of cases that could not be stepped
}

func (s *stepper) find(ctx context.Context, fn func(*access.Pass) error) error {
	return s.r.gate.Work(ctx, s.job, access.Act{Action: "deadline.due", Purpose: "maintenance"}, fn)
}

func (s *stepper) due(ctx context.Context, after deadline.Ref) (due []deadline.Ref, err error) {
	err = s.find(ctx, func(p *access.Pass) (err error) {
		due, err = deadline.Due(ctx, p, after, stepBatch)
		return err
	})
	return due, err
}

// handLeft finds what those left behind whose accounts have ended.
func (s *stepper) handLeft(ctx context.Context) {
	for _, who := range s.people.Gone() {
		var cases []ident.Case
		err := s.find(ctx, func(p *access.Pass) error {
			led, err := openCasesOf(ctx, p.Tx(), who, stepBatch)
			if err != nil {
				return err
			}
			owned, err := deadline.CasesOf(ctx, p, who, stepBatch)
			cases = append(led, owned...)
			return err
		})
		if err != nil {
			s.failed = errors.Join(s.failed, fmt.Errorf("find what was left behind: %w", err))
			return
		}
		slices.SortFunc(cases, func(a, b ident.Case) int { return slices.Compare(a[:], b[:]) })
		s.step(ctx, slices.Compact(cases))
	}
}

func openCasesOf(ctx context.Context, tx *store.Tx, who ident.Staff, most int) ([]ident.Case, error) {
	return readCaseIDs(ctx, tx, sqlOpenCasesOf, who, most)
}

// step steps some cases in as few commits as it can: all in one, or where one of
// them cannot be stepped, each in its own.
func (s *stepper) step(ctx context.Context, cases []ident.Case) {
	for len(cases) > 0 && ctx.Err() == nil {
		some := cases[:min(stepBatch, len(cases))]
		cases = cases[len(some):]
		n := 0
		err := s.r.gate.Group(ctx, func(g *access.Gate) error {
			n = 0
			for _, id := range some {
				did, err := s.one(ctx, s.r.In(g), id)
				if err != nil {
					return err
				}
				if did {
					n++
				}
			}
			return nil
		})
		if err == nil {
			s.done += n
			continue
		}
		for _, id := range some {
			did, err := s.one(ctx, s.r, id)
			if err != nil {
				s.failed = errors.Join(s.failed, fmt.Errorf("step the deadlines of a case: %w", err))
			} else if did {
				s.done++
			}
		}
	}
}

// one takes the steps of one case that are due, those of its responsible people
// first.
func (s *stepper) one(ctx context.Context, r *Room, id ident.Case) (did bool, err error) {
	act := access.Act{Action: "deadline.step", Purpose: PurposeSupervision, Case: id}
	_, err = r.gate.Do(ctx, s.job, act, func(p *access.Pass) (string, error) {
		return r.change(ctx, p, 0, func(row *Case) (*Event, error) { return s.take(ctx, r, p, row) })
	})
	switch {
	case errors.Is(err, errNothingDue), fault.Is(err, fault.NotFound): // somebody was quicker, or it was erased
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

// take takes all steps of a case that are due, in their order, and returns the
// event that says so.
func (s *stepper) take(ctx context.Context, r *Room, p *access.Pass, row *Case) (*Event, error) {
	e := &Event{Kind: KindDue}
	if err := s.relieve(ctx, p, row, e); err != nil {
		return nil, err
	}
	open, err := r.dues.Opened(ctx, p)
	if err != nil {
		return nil, err
	}
	units := chain(s.people, row.Unit)
	for i := range open {
		d := &open[i]
		if err := s.hand(ctx, r, p, row, d, e); err != nil {
			return nil, err
		}
		for {
			step, after, err := r.dues.Advance(ctx, p, d.ID, units)
			if err != nil {
				return nil, err
			}
			if step == nil {
				break
			}
			e.took(after, step)
			if err := s.tell(ctx, r, p, step); err != nil {
				return nil, err
			}
			if d.Kind == DueGlassReview && step.Name() != deadline.StepRemind {
				p.Tell(tellGlassLate, nil, access.RoleAuditor, access.RoleOmbudsperson)
			}
			if err := s.deputise(ctx, r, p, after, e); err != nil {
				return nil, err
			}
		}
	}
	if len(e.Taken) == 0 {
		return nil, errNothingDue
	}
	return e, nil
}

// took adds a step to the event.
func (e *Event) took(d *deadline.Deadline, step *deadline.Step) {
	t := StepTaken{Kind: d.Kind, Step: step.Name(), Due: d.Due.UnixMicro(), Planned: step.Planned.UnixMicro()}
	if !step.Staff.IsZero() {
		t.Staff = slices.Clone(step.Staff[:])
	} else {
		t.Unit = slices.Clone(step.Unit[:])
	}
	e.Taken = append(e.Taken, t)
}

// relieve makes who was named for it, or the supervisor, the lead worker of an open case whose lead worker has
// gone: somebody is responsible for every child.
func (s *stepper) relieve(ctx context.Context, p *access.Pass, row *Case, e *Event) error {
	if row.Closed() || s.people.Works(row.Worker) {
		return nil
	}
	for _, boss := range bosses(s.people, row.Worker, row.Unit) {
		withheld, err := p.IsWithheld(ctx, [16]byte(boss))
		if err != nil {
			return err
		}
		if withheld {
			continue
		}
		e.Taken = append(e.Taken, StepTaken{
			Kind: DueLead, Step: deadline.StepHand, Due: p.Now().UnixMicro(),
			Planned: p.Now().UnixMicro(), Staff: slices.Clone(boss[:]),
		})
		return lead(ctx, p, row, boss, row.Unit)
	}
	return nil // nobody is there: what is due escalates all the same, and the page of the team says so
}

// DueLead is the kind of a step by which a case itself changed hands.
const DueLead = "lead"

// hand gives a deadline whose owner has gone to their supervisor. Those of the lead
// worker follow the case.
func (s *stepper) hand(ctx context.Context, r *Room, p *access.Pass, row *Case, d *deadline.Deadline, e *Event) error {
	if d.Owner.IsZero() || s.people.Works(d.Owner) {
		return nil
	}
	to := row.Worker
	if !s.people.Works(to) {
		return nil
	}
	step, after, err := r.dues.Hand(ctx, p, d.ID, to, false)
	if err == nil && step != nil {
		e.took(after, step)
	}
	return err
}

// deputise notes that a step reached somebody who stands in: they see it, the owner
// stays.
func (s *stepper) deputise(ctx context.Context, r *Room, p *access.Pass, d *deadline.Deadline, e *Event) error {
	deputy, away := s.people.Deputy(d.Owner)
	if d.Owner.IsZero() || !away {
		return nil
	}
	step, after, err := r.dues.Hand(ctx, p, d.ID, deputy, true)
	if err == nil && step != nil {
		e.took(after, step)
	}
	return err
}
