package casework_test

import (
	"slices"
	"testing"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// TestListsOfManyCases asks, in an office of more cases than a list begins with
// when its reader has few, for each combination of up to three filters: the
// list holds exactly the cases that have them and that its reader reaches.
func TestListsOfManyCases(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		const cases = 3300
		workers := []ident.Staff{ident.New[ident.Staff](), ident.New[ident.Staff](), ident.New[ident.Staff]()}
		units := []ident.Unit{o.North, o.South}
		risks, sexes := []string{"high", "medium", "low"}, []string{"female", "male", "other"}
		stages, regions := []string{"registered", "assessed", "closed"}, o.Pack.Codes("region")[:3]
		boss, south := o.Person(access.RoleSupervisor, o.Head), o.Person(access.RoleSupervisor, units[1])
		var all []casework.Registration
		for i := range cases {
			g := girl()
			g.Person.Identifiers = nil
			g.Person.SexRecorded, g.Risk = sexes[i*i%7%3], risks[i*i%11%3]
			g.Stage, g.Region = stages[i%13%3], regions[i%17%3]
			g.Worker, g.Unit = workers[i%19%3], units[min(i%23, 1)^1] // most in the second
			if i%97 == 90 {                                           // the supervisor of the second leads some of the first
				g.Worker, g.Unit = south.Staff(), units[0]
			}
			all = append(all, g)
		}
		var ids []ident.Case
		by := o.Gate.Job("bench")
		for rest := all; len(rest) > 0; rest = rest[min(access.GroupMost, len(rest)):] {
			err := o.Gate.Group(ctx, func(g *access.Gate) error {
				for _, reg := range rest[:min(access.GroupMost, len(rest))] {
					id, err := o.room.In(g).Register(ctx, by, ident.Command{}, reg)
					if err != nil {
						return err
					}
					ids = append(ids, id)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := o.room.CountFilters(ctx, o.DB); err != nil {
			t.Fatal(err)
		}
		// The head of all, from whom some are withheld, and a supervisor of one unit.
		const withheld = 5
		for _, id := range ids[:withheld] {
			err := o.room.Withhold(ctx, o.Person(access.RoleSupervisor, o.Head), ident.New[ident.Command](), id, boss.Staff(), sealed.NewText("a relative"))
			if err != nil {
				t.Fatal(err)
			}
		}
		filters := []func(*casework.Query){
			func(q *casework.Query) { q.Stage = stages[1] }, func(q *casework.Query) { q.Risk = risks[0] },
			func(q *casework.Query) { q.Sex = sexes[2] }, func(q *casework.Query) { q.AgeBand = "12-14" },
			func(q *casework.Query) { q.Region = regions[2] }, func(q *casework.Query) { q.Unit = units[1] },
			func(q *casework.Query) { q.Worker = workers[1] }, func(q *casework.Query) { q.OpenOnly = true },
		}
		reached := slices.DeleteFunc(slices.Clone(all), func(g casework.Registration) bool { return g.Unit != units[1] && g.Worker != south.Staff() })
		for set := range 1 << len(filters) {
			var q casework.Query
			n := 0
			for f, put := range filters {
				if set>>f&1 == 1 {
					put(&q)
					n++
				}
			}
			if n > 3 {
				continue
			}
			o.lists(t, boss, q, all[withheld:])
			o.lists(t, south, q, reached)
			if n == 3 {
				continue
			}
			o.staffed() // whoever looks after few units walks theirs
			o.lists(t, south, q, reached)
			o.room.Staffed(nil)
		}
		o.staffed()
		away := withheld + slices.IndexFunc(all[withheld:], func(g casework.Registration) bool { return g.Unit == units[1] })
		if err := o.room.Withhold(ctx, boss, ident.New[ident.Command](), ids[away], south.Staff(), sealed.NewText("a relative")); err != nil {
			t.Fatal(err)
		}
		o.walks(t, south, len(reached)-1)
	})
}

// walks pages through a reader's whole list, there and back.
func (o *office) walks(t *testing.T, by *access.Caller, want int) {
	t.Helper()
	seen := map[ident.Case]bool{}
	var order []ident.Case
	q := casework.Query{}
	for {
		page, err := o.room.List(ctx, by, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			if seen[r.Case.ID] {
				t.Fatal("a case comes twice")
			}
			seen[r.Case.ID] = true
			order = append(order, r.Case.ID)
		}
		if page.Next == "" {
			q.Cursor = page.Prev
			break
		}
		q.Cursor = page.Next
	}
	if len(seen) != want {
		t.Errorf("the whole list holds %d, want %d", len(seen), want)
	}
	page, err := o.room.List(ctx, by, q)
	if err != nil {
		t.Fatal(err)
	}
	last := len(order) - len(order)%casework.PageRows
	for i, r := range page.Rows {
		if r.Case.ID != order[last-casework.PageRows+i] {
			t.Fatal("the way back leads to other cases")
		}
	}
}

// lists checks a reader's list against the registrations within their reach.
func (o *office) lists(t *testing.T, by *access.Caller, q casework.Query, reached []casework.Registration) {
	t.Helper()
	page, err := o.room.List(ctx, by, q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	want := 0
	for i := range reached {
		if has(&reached[i], q) {
			want++
		}
	}
	if want = min(want, casework.CountMost+1); page.Total != want || len(page.Rows) != min(want, casework.PageRows) {
		t.Errorf("%+v: %d cases, %d shown, want %d", q, page.Total, len(page.Rows), want)
	}
	for _, r := range page.Rows {
		if !is(&r.Case, q) {
			t.Errorf("%+v: the list holds a case without them", q)
		}
	}
}

// has reports whether a registered case belongs into a list.
func has(g *casework.Registration, q casework.Query) bool {
	return (q.Stage == "" || g.Stage == q.Stage) && (q.Risk == "" || g.Risk == q.Risk) &&
		(q.Sex == "" || g.Person.SexRecorded == q.Sex) && (q.Region == "" || g.Region == q.Region) &&
		(q.Unit.IsZero() || g.Unit == q.Unit) && (q.Worker.IsZero() || g.Worker == q.Worker) &&
		(!q.OpenOnly || g.Stage != casework.StageClosed)
}

// is reports whether a listed case belongs into the list.
func is(c *casework.Case, q casework.Query) bool {
	return (q.Stage == "" || c.Stage == q.Stage) && (q.Risk == "" || c.Risk == q.Risk) &&
		(q.Sex == "" || c.Sex == q.Sex) && (q.Region == "" || c.Region == q.Region) &&
		(q.AgeBand == "" || c.AgeBand == q.AgeBand) && (q.Unit.IsZero() || c.Unit == q.Unit) &&
		(q.Worker.IsZero() || c.Worker == q.Worker) && (!q.OpenOnly || c.Stage != casework.StageClosed)
}
