package deadline

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
)

// The names of steps. An escalation has its number behind it, a handing over the
// identifier of who stands in.
const (
	StepRemind   = "remind"
	StepAlert    = "alert"
	StepEscalate = "escalate"
	StepHand     = "hand"
)

// Step is one step that a deadline took.
type Step struct {
	ID       StepID
	Case     ident.Case
	Deadline ID
	Step     string // "remind", "alert", "escalate.1", "hand.<who>"
	Planned  time.Time
	At       time.Time
	Staff    ident.Staff // who was told; none: whoever supervises Unit
	Unit     ident.Unit

	mac []byte
}

func (s *Step) columns() []any {
	return []any{
		s.Planned.UnixMicro(), s.At.UnixMicro(), s.Case[:], s.Deadline[:], s.Step,
		optID(s.Staff[:], s.Staff.IsZero()), optID(s.Unit[:], s.Unit.IsZero()),
	}
}

// Name returns what kind of step it is, without its number.
func (s *Step) Name() string {
	name, _, _ := strings.Cut(s.Step, ".")
	return name
}

// Check compares the row with its digest, as [Deadline.Check] does.
func (s *Step) Check(o *keys.Opener) error {
	return o.CheckMAC(s.mac, stepTable, s.ID[:], 1, s.columns()...)
}

func (s *Step) write(ctx context.Context, p *access.Pass, sealer *keys.Sealer) error {
	s.ID, s.At = ident.New[StepID](), p.Now()
	s.mac = sealer.MAC(stepTable, s.ID[:], 1, s.columns()...)
	if err := p.Tx().Put(ctx, sqlInsertStep, s.Planned.UnixMicro(), s.At.UnixMicro(), s.Case, s.Deadline, s.Step, s.ID,
		s.Staff, s.Unit, s.mac); err != nil {
		return fmt.Errorf("write step: %w", err)
	}
	p.Wrote(stepTable, s.ID[:], 1, s.mac)
	return nil
}

// next returns when d takes its next step by the rules: halfway or Remind before
// it is due, whichever is later; when it is due; then again and again after
// Escalate or half its time, whichever is shorter.
func (r Rules) next(d *Deadline) time.Time {
	half := max(d.Due.Sub(d.SetAt), 0) / 2
	switch d.Level {
	case Quiet:
		return d.Due.Add(-min(r.Remind, half))
	case Reminded:
		return d.Due
	}
	return d.Due.Add(time.Duration(d.Level-Alerted+1) * max(min(r.Escalate, half), leastEscalation))
}

// leastEscalation keeps a deadline that was late when it was set from running up
// through all units at once.
const leastEscalation = 15 * time.Minute

// Advance lets the deadline take its next step, if it is open and the step's time
// has come; otherwise it returns nil and changes nothing, so that a step asked
// for twice is taken once. chain are the units from the deadline's own to the
// top: the owner is reminded and alerted, the first escalation goes to the
// supervisor of the first, and so on; after the last there is none.
func (r *Room) Advance(ctx context.Context, p *access.Pass, id ID, chain []ident.Unit) (*Step, *Deadline, error) {
	d, err := r.one(ctx, p, id)
	if err != nil || d == nil || d.next.IsZero() || d.next.After(p.Now()) {
		return nil, nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, nil, err
	}
	step := &Step{Case: d.Case, Deadline: d.ID, Planned: d.next, Staff: d.Owner, Unit: d.Unit}
	d.Level++
	switch d.Level {
	case Reminded:
		step.Step = StepRemind
	case Alerted:
		step.Step = StepAlert
	default:
		n := int(d.Level - Alerted)
		step.Step, step.Staff = StepEscalate+"."+strconv.Itoa(n), ident.Staff{}
		if n <= len(chain) {
			step.Unit = chain[n-1]
		}
	}
	d.next = r.rules.next(d)
	if d.Level-Alerted >= int64(max(len(chain), 1)) {
		d.next = time.Time{} // everybody above knows
	}
	if err := d.write(ctx, p, s); err != nil {
		return nil, nil, err
	}
	return step, d, step.write(ctx, p, s)
}

// Hand records that an open deadline went to somebody else because its owner is
// away, once for each who stands in: a second time it returns nil. With keep the
// owner stays the owner, as with a deputy, who sees what the owner sees; without,
// to is the owner from now on.
func (r *Room) Hand(ctx context.Context, p *access.Pass, id ID, to ident.Staff, keep bool) (*Step, *Deadline, error) {
	d, err := r.one(ctx, p, id)
	if err != nil || d == nil || d.Owner == to {
		return nil, nil, err
	}
	name := HandedTo(to)
	if there, err := r.taken(ctx, p, d, name); err != nil || there && keep {
		return nil, nil, err
	} else if there { // it came back to them: the owner changes, the step stands already
		name += "." + strconv.FormatInt(d.version, 10)
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !keep {
		d.Owner = to
		if err := d.write(ctx, p, s); err != nil {
			return nil, nil, err
		}
	}
	step := &Step{Case: d.Case, Deadline: d.ID, Step: name, Planned: p.Now(), Staff: to, Unit: d.Unit}
	return step, d, step.write(ctx, p, s)
}

// HandedTo returns the name of the step of a handing over to somebody.
func HandedTo(to ident.Staff) string { return StepHand + "." + to.String() }

func (r *Room) taken(ctx context.Context, p *access.Pass, d *Deadline, step string) (bool, error) {
	var at int64
	err := p.Tx().QueryRow(ctx, sqlStepAt, d.Case, d.ID, step).Scan(&at)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// one returns an open deadline of the pass's case, nil when there is none.
func (r *Room) one(ctx context.Context, p *access.Pass, id ID) (*Deadline, error) {
	open, err := r.open(ctx, p)
	if err != nil {
		return nil, err
	}
	for i := range open {
		if open[i].ID == id {
			return &open[i], nil
		}
	}
	return nil, nil
}

// Steps returns the steps that the deadlines of the pass's case have taken, in
// the order they were planned. Whoever shows them calls [Step.Check] on each.
func Steps(ctx context.Context, p *access.Pass) ([]Step, error) {
	rows, err := p.Tx().Query(ctx, sqlStepsOfCase, p.Case())
	if err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	defer rows.Close()
	var out []Step
	for rows.Next() {
		var s Step
		var planned, at int64
		if err := rows.Scan(&planned, &at, &s.Case, &s.Deadline, &s.Step, &s.ID, &s.Staff, &s.Unit, &s.mac); err != nil {
			return nil, err
		}
		s.Planned, s.At = clock.FromMicros(planned), clock.FromMicros(at)
		out = append(out, s)
	}
	return out, rows.Err()
}
