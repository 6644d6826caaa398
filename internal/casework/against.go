package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/forms"
	"causeway/internal/ident"
)

// Against is one thing that cannot wait and stands against closing a case: an
// action that is open, a flag that is up, or what a finished form says. What a form
// says stands until the same question is answered otherwise in a form that is
// finished later, or until somebody says what was done about it.
type Against struct {
	Code   string          // what cannot wait, such as "danger"
	Due    time.Time       // of an action that is open
	Late   bool            // the action
	Flag   *Item           // nil: it is no flag
	Answer *forms.Pressing // nil: it is no answer
	// Acting: the action that the answer asked for is open. Who ends it need not
	// answer anew.
	Acting bool
}

// ClosePage is a case with what stands against closing it.
type ClosePage struct {
	Child
	Against []Against // what cannot wait; open actions first
}

// ToClose opens a case to close it.
func (r *Room) ToClose(ctx context.Context, c *access.Caller, id ident.Case) (*ClosePage, error) {
	var page ClosePage
	var f fetched
	var had *forms.Fetched
	err := r.gate.Open(ctx, c, access.Act{Action: "case.open", Purpose: PurposeCare, Case: id}, func(p *access.Pass) (err error) {
		if f, err = r.fetch(ctx, p, id); err != nil || r.forms == nil {
			return err
		}
		had, err = r.forms.FetchAll(ctx, p)
		return err
	}, func(p *access.Pass) error {
		child, err := f.open(ctx, p)
		if err != nil {
			return err
		}
		var said []forms.Pressing
		if had != nil {
			if err := checkRecords(child.Events, had.Last(), func(*Event) bool { return true }); err != nil {
				return err
			}
			if said, err = had.Pressing(p); err != nil {
				return err
			}
		}
		page = ClosePage{*child, against(child, said)}
		return nil
	})
	return &page, err
}

// against puts together what stands against closing a case.
func against(child *Child, said []forms.Pressing) []Against {
	var out []Against
	open := map[string]bool{}
	for _, u := range child.Urgent {
		if u.Open {
			open[u.Code] = true
			out = append(out, Against{Code: u.Code, Due: u.Due, Late: u.Late})
		}
	}
	for i := range child.Flags {
		if f := &child.Flags[i]; pressingFlag(*f) {
			out = append(out, Against{Code: f.Kind, Flag: f})
		}
	}
	seen := seenTo(child.Events)
	for _, q := range newestSaid(child.Events, said) {
		for _, code := range q.Actions {
			if seen[code] < q.said {
				out = append(out, Against{Code: code, Answer: &q.Pressing, Acting: open[code]})
				break
			}
		}
	}
	return out
}

// pressingFlag reports whether a flag is up for a reason that is also the code of
// something that cannot wait.
func pressingFlag(f Item) bool { return f.Open() && slices.Contains(forms.UrgentActions(), f.Kind) }

// seenTo returns of each thing that could not wait the number of the event in which
// somebody last said what was done about it.
func seenTo(events []Event) map[string]int64 {
	out := map[string]int64{}
	for i := range events {
		if e := &events[i]; e.Kind == KindSeenTo {
			for _, code := range e.Reasons {
				out[code] = max(out[code], e.Seq)
			}
		}
	}
	return out
}

// saidAt is what a record says, with the numbers of the events in which it began to
// say so and in which that began to count.
type saidAt struct {
	forms.Pressing
	said, counts int64
}

// newestSaid leaves of each question what counts: what was finished last. Events
// have an order of their own, whatever the clock showed.
func newestSaid(events []Event, said []forms.Pressing) []saidAt {
	type revision struct {
		record ident.Record
		number int64
	}
	seq := map[revision]int64{}
	for i := range events {
		if e := &events[i]; len(e.Record) > 0 {
			seq[revision{ident.Record(e.Record), e.Revision}] = e.Seq
		}
	}
	var out []saidAt
	for _, q := range said {
		now := saidAt{q, seq[revision{q.Record, q.Said}], seq[revision{q.Record, q.Counts}]}
		i := slices.IndexFunc(out, func(o saidAt) bool { return o.Question == q.Question })
		switch {
		case i < 0:
			out = append(out, now)
		case out[i].counts < now.counts:
			out[i] = now
		}
	}
	slices.SortStableFunc(out, func(a, b saidAt) int { return int(b.counts - a.counts) })
	return out
}
