package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/deadline"
	"causeway/internal/ident"
)

// Today is what a person has to do, and what they wait for.
type Today struct {
	// Mine is what the caller has to do, by child, the child with the most urgent
	// first: what is late, due today and due in the coming days.
	Mine []DueChild
	More int // what of it is late or due and does not stand in Mine
	// Escalated is what others have left too long, by child.
	Escalated     []DueChild
	MoreEscalated bool
	// Waiting is what others have to do in the caller's cases, by child.
	Waiting []DueChild
	Total   int // open cases led by the caller, CountMost+1 for more
	// Emergencies are the reopenings that wait for a supervisor's confirmation,
	// of all the caller reaches, oldest first.
	Emergencies []Emergency
	// Deeds are what was done in an emergency and waits to be looked at, oldest first.
	Deeds []Deed
	// Unsafe are the caller's children who live where a child is not safe.
	Unsafe []Unsafe
	// Checks wait on the caller's duty list; UrgentChecks of them cannot wait.
	Checks, UrgentChecks int
	// Approvals wait for the caller; Asked, which the caller asked for, wait for
	// others or were returned with a comment.
	Approvals, Asked []Awaited
	Entry            ident.Entry
}

// DueChild is what is to be done for one child.
type DueChild struct {
	Row
	Dues []deadline.Deadline // earliest first
}

// How much the page shows.
const (
	todayRows     = PageRows // children of the caller
	todayDues     = 2 * todayRows
	todayOthers   = 20 // deadlines of others
	todayWaitMost = 64 // open cases looked through for what others have to do
)

// picked is what a day will show, before its entry is committed.
type picked struct {
	mine, escalated, waiting []deadline.Deadline
	rows                     map[ident.Case]*Case
	urgent                   emergencies
	deeds                    deeds
}

// Today returns what is due before a time for the caller and for the people they
// stand in for, what came up to them, what they wait for, and the emergencies that
// wait to be confirmed.
func (r *Room) Today(ctx context.Context, c *access.Caller, before time.Time) (*Today, error) {
	var t Today
	var found picked
	var wait waits
	var unsafe unsafePlaces
	people, err := r.roster(ctx)
	if err != nil {
		return nil, err
	}
	err = r.gate.List(ctx, c, access.Act{Action: "case.list", Purpose: PurposeCare},
		func(p *access.Pass) (ids []ident.Case, err error) {
			if found, ids, err = r.pickToday(ctx, p, people, before, &t); err != nil {
				return nil, err
			}
			if t.Checks, t.UrgentChecks, err = r.dutyWaits(ctx, p); err != nil {
				return nil, err
			}
			if unsafe, err = pickUnsafe(ctx, p, c.Leads()); err != nil {
				return nil, err
			}
			if wait, err = pickWaits(ctx, p); err != nil {
				return nil, err
			}
			for _, c := range slices.Concat(unsafe.rows, wait.rows) {
				if !slices.Contains(ids, c.ID) {
					ids = append(ids, c.ID)
				}
			}
			return ids, nil
		},
		func(p *access.Pass) (err error) {
			t.Entry = p.Entry()
			if err := r.showToday(ctx, p, &found, &t); err != nil {
				return err
			}
			if t.Unsafe, err = r.showUnsafe(ctx, p, unsafe); err != nil {
				return err
			}
			t.Asked, t.Approvals, err = r.showWaits(ctx, p, wait)
			return err
		})
	if err != nil {
		return nil, err
	}
	return &t, nil
}

// pickToday chooses what a day shows.
func (r *Room) pickToday(ctx context.Context, p *access.Pass, people Roster, before time.Time, t *Today) (f picked, ids []ident.Case, err error) {
	c := p.Caller()
	var deeds []deadline.Deadline // however much else is due
	for i, worker := range c.Leads() {
		urgent, err := deadline.OwnedOf(ctx, p, worker, dueDeeds, todayRows)
		if err != nil {
			return f, nil, err
		}
		deeds = append(deeds, urgent...)
		owned, err := deadline.Owned(ctx, p, worker, before, todayDues)
		if err != nil {
			return f, nil, err
		}
		f.mine = append(f.mine, owned...)
		if i > 0 {
			continue
		}
		if err := p.Tx().QueryRow(ctx, sqlCountOpen, worker).Scan(&t.Total); err != nil {
			return f, nil, err
		}
		if t.More, err = deadline.CountOwned(ctx, p, worker, p.Now(), CountMost+1); err != nil {
			return f, nil, err
		}
	}
	units := c.Supervises()
	for _, u := range units {
		nobodys, err := deadline.Nobodys(ctx, p, u, before, todayDues)
		if err != nil {
			return f, nil, err
		}
		f.mine = append(f.mine, nobodys...)
	}
	if f.escalated, err = escalatedTo(ctx, p, people, units); err != nil {
		return f, nil, err
	}
	if f.waiting, err = r.waitsFor(ctx, p, c.Staff()); err != nil {
		return f, nil, err
	}
	// Approvals have lists of their own; a supervisor waits for nobody else.
	approval := func(d deadline.Deadline) bool { return d.Kind == dueApproval }
	f.mine = slices.DeleteFunc(f.mine, approval)
	f.waiting = slices.DeleteFunc(f.waiting, func(d deadline.Deadline) bool {
		return approval(d) || slices.ContainsFunc(f.mine, func(m deadline.Deadline) bool { return m.ID == d.ID })
	})
	slices.SortStableFunc(f.mine, byDue)
	if f.deeds, err = pickDeeds(ctx, p, deeds, f.mine, f.waiting); err != nil {
		return f, nil, err
	}
	if ids, err = f.narrow(ctx, p, t); err != nil {
		return f, nil, err
	}
	if f.urgent, err = pickEmergencies(ctx, p); err != nil {
		return f, nil, err
	}
	for _, row := range slices.Concat(f.urgent.rows, f.deeds.rows) {
		if !slices.Contains(ids, row.ID) {
			ids = append(ids, row.ID)
		}
	}
	return f, ids, nil
}

// narrow leaves the deadlines of the children that may be shown and that there is
// room for, and reads their rows.
func (f *picked) narrow(ctx context.Context, p *access.Pass, t *Today) ([]ident.Case, error) {
	var ids []ident.Case
	add := func(dues []deadline.Deadline, most int) []deadline.Deadline {
		n := 0
		return slices.DeleteFunc(dues, func(d deadline.Deadline) bool {
			if slices.Contains(ids, d.Case) {
				return false
			}
			if n++; n > most {
				return true
			}
			ids = append(ids, d.Case)
			return false
		})
	}
	came := len(f.escalated)
	f.mine, f.escalated, f.waiting = add(f.mine, todayRows), add(f.escalated, todayOthers), add(f.waiting, todayOthers)
	t.MoreEscalated = len(f.escalated) < came
	seen, err := visible(ctx, p, ids, len(ids))
	if err != nil {
		return nil, err
	}
	f.rows = make(map[ident.Case]*Case, len(seen))
	for start := 0; start < len(seen); start += pageMost {
		rows, err := readRows(ctx, p.Tx(), seen[start:min(start+pageMost, len(seen))])
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			f.rows[row.ID] = row
		}
	}
	hidden := func(d deadline.Deadline) bool { return f.rows[d.Case] == nil }
	f.mine, f.escalated = slices.DeleteFunc(f.mine, hidden), slices.DeleteFunc(f.escalated, hidden)
	f.waiting = slices.DeleteFunc(f.waiting, hidden)
	for _, d := range f.mine {
		if d.Owner == p.Caller().Staff() && d.Due.Before(p.Now()) {
			t.More--
		}
	}
	t.More = max(t.More, 0)
	ids = ids[:0]
	for _, id := range seen {
		if f.rows[id] != nil {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// showToday opens what was picked.
func (r *Room) showToday(ctx context.Context, p *access.Pass, f *picked, t *Today) (err error) {
	rows := make([]*Case, 0, len(f.rows))
	for _, row := range f.rows {
		rows = append(rows, row)
	}
	shown, err := r.show(ctx, p, rows)
	if err != nil {
		return err
	}
	at := make(map[ident.Case]Row, len(shown))
	for _, row := range shown {
		at[row.Case.ID] = row
	}
	for _, part := range []struct {
		from []deadline.Deadline
		to   *[]DueChild
	}{{f.mine, &t.Mine}, {f.escalated, &t.Escalated}, {f.waiting, &t.Waiting}} {
		if *part.to, err = byChild(p, part.from, at); err != nil {
			return err
		}
	}
	if t.Deeds, err = r.showDeeds(ctx, p, f.deeds); err != nil {
		return err
	}
	t.Emergencies, err = r.showEmergencies(ctx, p, f.urgent)
	return err
}

// byChild groups deadlines by child, in the order of each child's first, and checks
// that nobody altered them.
func byChild(p *access.Pass, dues []deadline.Deadline, at map[ident.Case]Row) ([]DueChild, error) {
	var out []DueChild
	index := map[ident.Case]int{}
	for i := range dues {
		d := &dues[i]
		o, err := p.Opener(d.Case)
		if err != nil {
			return nil, err
		}
		if err := d.Check(o); err != nil {
			return nil, err
		}
		j, there := index[d.Case]
		if !there {
			j = len(out)
			index[d.Case] = j
			out = append(out, DueChild{Row: at[d.Case]})
		}
		out[j].Dues = append(out[j].Dues, *d)
	}
	return out, nil
}

func byDue(a, b deadline.Deadline) int {
	if d := a.Due.Compare(b.Due); d != 0 {
		return d
	}
	return slices.Compare(a.ID[:], b.ID[:])
}

// escalatedTo returns the deadlines that went up to the supervisors of some units:
// late ones of the units themselves, and of the units below those that have gone so
// far up.
func escalatedTo(ctx context.Context, p *access.Pass, people Roster, units []ident.Unit) ([]deadline.Deadline, error) {
	if len(units) == 0 {
		return nil, nil
	}
	var out []deadline.Deadline
	for _, post := range people.Team(units...) {
		step := int64(-1)
		for i, u := range chain(people, post.Unit) {
			if slices.Contains(units, u) {
				step = int64(i)
				break
			}
		}
		if step < 0 {
			continue
		}
		late, err := deadline.LateAbove(ctx, p, post.Unit, deadline.Escalated+step, todayOthers+1)
		if err != nil {
			return nil, err
		}
		out = append(out, late...)
	}
	slices.SortStableFunc(out, byDue)
	return out, nil
}

// waitsFor returns what others have to do in the open cases that somebody leads.
func (r *Room) waitsFor(ctx context.Context, p *access.Pass, who ident.Staff) ([]deadline.Deadline, error) {
	led, err := openCasesOf(ctx, p.Tx(), who, todayWaitMost)
	if err != nil {
		return nil, err
	}
	open, err := deadline.InCases(ctx, p, led)
	return slices.DeleteFunc(open, func(d deadline.Deadline) bool { return d.Owner == who }), err
}

// messagesMost is where the count of messages stops.
const messagesMost = 99

// Messages counts the deadlines that have spoken to the caller and are still open:
// their own that reminded or alerted, and those that came up to their units. It is
// the caller's own number, about no child, and makes no entry.
func (r *Room) Messages(ctx context.Context, c *access.Caller) (n int, err error) {
	err = r.gate.Own(ctx, c, func(p *access.Pass) error {
		if n, err = deadline.CountSpoken(ctx, p, c.Staff(), messagesMost); err != nil {
			return err
		}
		for _, u := range c.Supervises() {
			up, err := deadline.CountAbove(ctx, p, u, messagesMost)
			if err != nil {
				return err
			}
			n = min(n+up, messagesMost)
		}
		return nil
	})
	return n, err
}
