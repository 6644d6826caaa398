package casework_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// kinds returns the kinds of the deadlines in a list.
func kinds(list []casework.DueChild) (out []string) {
	for _, c := range list {
		for _, d := range c.Dues {
			out = append(out, d.Kind)
		}
	}
	return out
}

func (o *office) day(t *testing.T, c *access.Caller) *casework.Today {
	t.Helper()
	d, err := o.room.Today(ctx, c, o.Clock.Now().AddDate(0, 0, 7).Add(time.Minute))
	ok(t, err)
	return d
}

func TestTodayIsGroupedByChild(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, north, head := o.staffed()
		c := o.Person(access.RoleCaseWorker, o.North)
		first := register(t, o, c)
		o.Clock.Advance(time.Hour)
		second := register(t, o, c, func(g *casework.Registration) { g.Risk = "low" })
		d := o.day(t, c)
		if len(d.Mine) != 2 || d.Mine[0].Case.ID != first || d.Mine[1].Case.ID != second || d.Total != 2 {
			t.Fatalf("today shows %d children of %d", len(d.Mine), d.Total)
		}
		want(t, kinds(d.Mine[:1]), "first_contact", "assessment")
		want(t, kinds(d.Mine[1:]), "first_contact")
		// Nothing came up yet; then the supervisor of the unit sees it, then the one above.
		o.tick(t, 24*time.Hour)
		if d := o.day(t, north); len(d.Escalated) != 0 {
			t.Error("something came up before its time")
		}
		o.tick(t, 12*time.Hour)
		want(t, kinds(o.day(t, north).Escalated), "first_contact")
		want(t, kinds(o.day(t, head).Escalated))
		o.tick(t, 12*time.Hour)
		want(t, kinds(o.day(t, head).Escalated), "first_contact")
		if n, err := o.room.Messages(ctx, north); err != nil || n != 1 {
			t.Errorf("the supervisor has %d messages, %v, want 1", n, err)
		}
		if n, err := o.room.Messages(ctx, c); err != nil || n != 1 {
			t.Errorf("the worker has %d messages, %v, want 1", n, err)
		}
	})
}

func TestTodayShowsWhatOthersHaveToDo(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, north, _ := o.staffed()
		c := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, c, func(g *casework.Registration) { g.Stage = casework.StageClosed })
		o.reopenInEmergency(t, c, id)
		want(t, kinds(o.day(t, c).Waiting), "emergency_confirm")
		want(t, kinds(o.day(t, north).Mine), "emergency_confirm")
		want(t, kinds(o.day(t, north).Waiting))
	})
}

func TestTodayHidesWhatIsWithheld(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, north, head := o.staffed()
		c := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, c)
		ok(t, o.room.Withhold(ctx, c, command(), id, north.Staff(), sealed.NewText("a relative of the child")))
		o.tick(t, 48*time.Hour)
		want(t, kinds(o.day(t, north).Escalated))
		want(t, kinds(o.day(t, head).Escalated), "first_contact")
	})
}

func TestTeamShowsLoadAndWhatIsLate(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		p, north, _ := o.staffed()
		busy, idle, gone := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.North), ident.New[ident.Staff]()
		p.team = map[ident.Unit][]ident.Staff{o.North: {busy.Staff(), idle.Staff(), gone}}
		p.gone = []ident.Staff{gone}
		register(t, o, busy)
		register(t, o, busy, func(g *casework.Registration) { g.Risk = "low" })
		register(t, o, busy, func(g *casework.Registration) { g.Stage = casework.StageClosed })
		urgent := register(t, o, idle, func(g *casework.Registration) { g.Stage = casework.StageClosed })
		o.reopenInEmergency(t, idle, urgent)
		o.tick(t, 36*time.Hour)
		team, err := o.room.Team(ctx, north, ident.Unit{})
		ok(t, err)
		if len(team.Workers) != 2 || team.Most != 50 {
			t.Fatalf("the team is %+v", team.Workers)
		}
		w := team.Workers[0]
		if w.Staff != busy.Staff() || w.Open != 2 || w.Points != 4 || w.Late != 1 || w.Escalated != 1 {
			t.Errorf("load = %+v, want two open cases of 3 and 1 points, one deadline late and gone up", w)
		}
		want(t, kinds(team.Nobody), "emergency_confirm")
	})
}

func TestWhoMaySeeATeam(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		p, north, _ := o.staffed()
		c := o.Person(access.RoleCaseWorker, o.North)
		p.team = map[ident.Unit][]ident.Staff{o.North: {c.Staff()}}
		id := register(t, o, c)
		for _, who := range []*access.Caller{c, o.Person(access.RoleFirstResponder, o.North), o.Person(access.RoleNodeOperator, o.North), o.Person(access.RoleAuditor, o.North)} {
			if _, err := o.room.Team(ctx, who, ident.Unit{}); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s saw the team: %v", who.Role(), err)
			}
			if _, err := o.room.Carries(ctx, who, c.Staff()); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s saw a colleague's cases: %v", who.Role(), err)
			}
		}
		south := o.Person(access.RoleSupervisor, o.South)
		if list, err := o.room.Carries(ctx, south, c.Staff()); err != nil || len(list.Rows) != 0 {
			t.Errorf("a supervisor of another unit saw %d cases, %v", len(list.Rows), err)
		}
		if list, err := o.room.Moved(ctx, south, []ident.Case{id}); err != nil || len(list.Rows) != 0 {
			t.Errorf("a supervisor of another unit saw %d cases, %v", len(list.Rows), err)
		}
		if _, err := o.room.Team(ctx, north, o.South); !fault.Is(err, fault.NotFound) {
			t.Errorf("a unit of somebody else was shown: %v", err)
		}
	})
}

func TestGiveManyCases(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, north, _ := o.staffed()
		c, to := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.North)
		one, kept, foreign := register(t, o, c), register(t, o, c), register(t, o, o.Person(access.RoleCaseWorker, o.South))
		ok(t, o.room.Withhold(ctx, c, command(), kept, to.Staff(), sealed.NewText("a relative of the child")))
		ids, why, form := []ident.Case{one, kept, foreign}, sealed.NewText("holidays"), command()
		for range 2 { // the same form twice
			got, err := o.room.AssignMany(ctx, north, form, ids, to.Staff(), o.North, why)
			ok(t, err)
			if len(got) != 3 || got[0].Err != nil || !fault.Is(got[1].Err, fault.Invalid) || !fault.Is(got[2].Err, fault.NotFound) {
				t.Errorf("results = %+v, want the first one done, the withheld and the foreign one refused", got)
			}
		}
		child, err := o.room.Open(ctx, to, one)
		ok(t, err)
		if child.Case.Worker != to.Staff() || child.Case.Events != 2 {
			t.Errorf("the case was given %d times", child.Case.Events-1)
		}
		for _, bad := range []struct {
			ids  []ident.Case
			to   ident.Staff
			why  sealed.Text
			want string
		}{
			{nil, to.Staff(), why, "case"}, {ids, ident.Staff{}, why, "worker"}, {ids, to.Staff(), sealed.Text{}, "reason"},
		} {
			_, err := o.room.AssignMany(ctx, north, command(), bad.ids, bad.to, o.North, bad.why)
			if fields := fault.FieldsOf(err); len(fields) != 1 || fields[0].Name != bad.want {
				t.Errorf("got %v, want a fault about %s", err, bad.want)
			}
		}
		if got, err := o.room.AssignMany(ctx, c, command(), []ident.Case{kept}, to.Staff(), o.North, why); err != nil || !fault.Is(got[0].Err, fault.NotFound) {
			t.Errorf("a case worker gave a case away: %v %v", got, err)
		}
	})
}
