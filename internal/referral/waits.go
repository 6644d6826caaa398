package referral

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/protocol/handover"
)

// Wait is how much waits for one person, or for nobody by name in one unit.
type Wait struct {
	Unit    ident.Unit
	Staff   ident.Staff // none: nobody took it in hand yet
	Waiting int
	Late    int
	Oldest  time.Time // when the one that is late longest was due; zero: none is late
	Missed  int       // offers that ended lately because nobody answered
}

// Waits is what waits in referrals for the people of the units that somebody supervises,
// and for those whom these people asked: counts and codes. A case is named only to
// whoever reaches it.
type Waits struct {
	Own   []Wait // for people of these units, who are late longest first
	Asked []Wait // for the units that were asked, without a person
	Lines []Line // what is late and was sent out of these units
	More  bool
	Entry ident.Entry
}

// missedDays is for how long an offer that nobody answered is counted.
const missedDays = 90

// Waits returns what waits among the caller's units and those below them.
func (r *Room) Waits(ctx context.Context, c *access.Caller) (*Waits, error) {
	units, err := r.cases.TeamUnits(ctx, c)
	if err != nil {
		return nil, err
	}
	var out Waits
	var list Lines
	err = r.gate.List(ctx, c, access.Act{Action: "team.view", Purpose: casework.PurposeSupervision},
		func(p *access.Pass) (ids []ident.Case, err error) {
			out, list = Waits{}, Lines{}
			t := tally{own: map[waitKey]*Wait{}, asked: map[waitKey]*Wait{}}
			var late []*Thread
			for _, unit := range units {
				if err := t.count(ctx, p, unit, units); err != nil {
					return nil, err
				}
				some, err := readThreads(ctx, p, sqlLateOut, unit, p.Now().UnixMicro(), fetchMost)
				if err != nil {
					return nil, err
				}
				late = append(late, some...)
			}
			out.Own, out.Asked = sorted(t.own), sorted(t.asked)
			slices.SortStableFunc(late, func(a, b *Thread) int { return a.Due.Compare(b.Due) })
			list, ids, err = visible(ctx, p, late[:min(len(late), fetchMost)])
			return ids, err
		}, func(p *access.Pass) error {
			out.Entry = p.Entry()
			return r.open(ctx, p, &list, true)
		})
	out.Lines, out.More = list.Lines, list.More
	return &out, err
}

type waitKey struct {
	unit  ident.Unit
	staff ident.Staff
}

// tally adds up what waits.
type tally struct{ own, asked map[waitKey]*Wait }

// at returns the line of a key, which it begins where there is none.
func at(m map[waitKey]*Wait, unit ident.Unit, who ident.Staff) *Wait {
	k := waitKey{unit, who}
	if m[k] == nil {
		m[k] = &Wait{Unit: unit, Staff: who}
	}
	return m[k]
}

// count adds what waits on either side of one unit. What went from one of the units to
// another waits for its own people.
func (t *tally) count(ctx context.Context, p *access.Pass, unit ident.Unit, units []ident.Unit) error {
	for _, query := range []string{sqlWaitsOut, sqlWaitsIn} {
		err := eachWait(ctx, p, query, unit, func(w *waiting) {
			turn := w.thread.WaitsFor()
			switch {
			case query == sqlWaitsOut && turn == handover.Sender:
				at(t.own, unit, w.thread.FromStaff).add(w)
			case query == sqlWaitsIn && turn == handover.Receiver:
				at(t.own, unit, w.thread.ToStaff).add(w)
			case query == sqlWaitsOut && turn == handover.Receiver && !slices.Contains(units, w.thread.To):
				at(t.asked, w.thread.To, ident.Staff{}).add(w)
			}
			switch {
			case w.missed == 0:
			case query == sqlWaitsIn:
				at(t.own, unit, ident.Staff{}).Missed += w.missed
			case !slices.Contains(units, w.thread.To):
				at(t.asked, w.thread.To, ident.Staff{}).Missed += w.missed
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// waiting is a number of threads that stand alike.
type waiting struct {
	thread             Thread
	open, late, missed int
	oldest             time.Time
}

func (w *Wait) add(more *waiting) {
	w.Waiting, w.Late = w.Waiting+more.open, w.Late+more.late
	if more.late > 0 && (w.Oldest.IsZero() || more.oldest.Before(w.Oldest)) {
		w.Oldest = more.oldest
	}
}

func eachWait(ctx context.Context, p *access.Pass, query string, unit ident.Unit, fn func(*waiting)) error {
	args := append(p.Caller().People(), p.Now().UnixMicro(), unit, p.Now().AddDate(0, 0, -missedDays).UnixMicro())
	rows, err := p.Tx().Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("count what waits: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var w waiting
		var kind, state string
		var due *int64
		err := rows.Scan(&w.thread.FromStaff, &w.thread.To, &w.thread.ToStaff, &kind, &state, &w.open, &w.late, &w.missed, &due)
		if err != nil {
			return fmt.Errorf("count what waits: %w", err)
		}
		w.thread.Kind, w.thread.State = handover.Kind(kind), handover.State(state)
		if due != nil {
			w.oldest, w.thread.Due = clock.FromMicros(*due), clock.FromMicros(*due)
		}
		fn(&w)
	}
	return rows.Err()
}

// sorted puts first who is late longest, then for whom most waits.
func sorted(m map[waitKey]*Wait) []Wait {
	out := make([]Wait, 0, len(m))
	for _, w := range m {
		out = append(out, *w)
	}
	slices.SortFunc(out, func(a, b Wait) int {
		if a.Oldest.IsZero() != b.Oldest.IsZero() {
			return b.Oldest.Compare(a.Oldest) // nothing is late there
		}
		return cmp.Or(a.Oldest.Compare(b.Oldest), cmp.Compare(b.Waiting, a.Waiting), cmp.Compare(b.Missed, a.Missed),
			slices.Compare(a.Unit[:], b.Unit[:]), slices.Compare(a.Staff[:], b.Staff[:]))
	})
	return out
}
