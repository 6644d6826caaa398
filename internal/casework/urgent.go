package casework

import (
	"context"
	"slices"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// An answer of a check that cannot wait opens an action at once: a deadline of
// whoever is responsible, which goes with the case when somebody takes over. It
// ends when somebody says what was done, not when the check does.

// KindSeenTo says what was done about something that could not wait.
const KindSeenTo = "seen-to"

// DueHandover is the deadline by which somebody takes a check over. Nobody owns it
// by name: whoever supervises the unit answers for it, and then the units above.
const DueHandover = "handover"

// urgentPrefix stands before the code of an urgent answer in the kind of its
// deadline and in the name of its clock.
const urgentPrefix = "urgent_"

// UrgentOf returns what a kind of deadline is about, if it is something that could
// not wait.
func UrgentOf(kind string) (code string, ok bool) { return strings.CutPrefix(kind, urgentPrefix) }

// SeenToDone is the outcome of an urgent action that was carried out (code list
// urgent_outcome); with any other the deadline is cancelled, not met.
const SeenToDone = "done"

// Urgent is something that could not wait, and whether it still does.
type Urgent struct {
	Code  string // what an answer opens, such as "pep72"
	Due   time.Time
	Open  bool
	Late  bool
	Ended time.Time // zero: open
}

// urgentDue opens an action for each urgent answer; first states that this command
// opens the case, so that none can be open.
func (r *Room) urgentDue(ctx context.Context, p *access.Pass, row *Case, urgent []string, first bool) error {
	for _, code := range urgent {
		kind := urgentPrefix + code
		if !first { // what is open already does not get more time
			open, err := r.dues.Opened(ctx, p, kind)
			if err != nil {
				return err
			}
			if len(open) > 0 {
				continue
			}
		}
		due := r.codes.Clock(pack.ClockName(kind)).After(p.Now())
		w := deadline.What{Kind: kind, Owner: row.Worker, Unit: row.Unit, Due: due, First: first}
		if _, err := r.dues.Set(ctx, p, w); err != nil {
			return err
		}
	}
	return nil
}

// urgentAgain opens anew, as a closed case is opened again, the actions that its
// closing cut off, unless somebody has said since what was done.
func (r *Room) urgentAgain(ctx context.Context, p *access.Pass, row *Case) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	all, err := deadline.Of(ctx, p)
	if err != nil {
		return err
	}
	since := func(kind string) bool {
		return slices.ContainsFunc(all, func(d deadline.Deadline) bool { return d.Kind == kind && d.Ended.After(row.ClosedAt) })
	}
	var cut []string
	for i := range all {
		d := &all[i]
		code, ok := UrgentOf(d.Kind)
		if !ok || d.State != deadline.Cancelled || !d.Ended.Equal(row.ClosedAt) || since(d.Kind) {
			continue
		}
		if err := d.Check(s); err != nil {
			return err
		}
		cut = append(cut, code)
	}
	return r.urgentDue(ctx, p, row, cut, false)
}

// handoverDue starts the clock of a hand-over.
func (r *Room) handoverDue(ctx context.Context, p *access.Pass, k *Check) error {
	_, err := r.dues.Set(ctx, p, deadline.What{Kind: DueHandover, Unit: k.Unit, Due: k.DueAt})
	return err
}

// urgent returns what cannot wait in a case, from its deadlines as they were read.
func (f *fetched) urgent(o *keys.Opener) ([]Urgent, error) {
	var out []Urgent
	for i := range f.dues {
		d := &f.dues[i]
		code, ok := UrgentOf(d.Kind)
		if !ok {
			continue
		}
		if err := d.Check(o); err != nil {
			return nil, err
		}
		out = append(out, Urgent{code, d.Due, d.State == deadline.Open, d.Late(f.at), d.Ended})
	}
	return out, nil
}

// SeeToUrgent says what was done about something that could not wait: an outcome
// of the pack's list, and words where there are any. It can be said once.
func (r *Room) SeeToUrgent(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, code, outcome string, words sealed.Text) error {
	var chk fault.Check
	chk.Require(r.codes.Valid(pack.UrgentOutcomes, outcome), "urgent_outcome", "required")
	chk.Require(outcome == SeenToDone || !words.IsZero(), "reason", "required")
	text(&chk, "reason", words, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "check.seeto", PurposeCare, 0, func(p *access.Pass, _ *Case) (*Event, error) {
		open, err := r.dues.Opened(ctx, p, urgentPrefix+code)
		if err != nil {
			return nil, err
		}
		if len(open) == 0 {
			return nil, fault.New(fault.Conflict, "seen-to-already")
		}
		end := r.meetDue
		if outcome != SeenToDone {
			end = r.cancelDue
		}
		e := &Event{Kind: KindSeenTo, Content: Content{To: outcome, Reasons: []string{code}, Text: words}}
		return e, end(ctx, p, open[0].Kind)
	})
}
