package casework_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/facts"
	"causeway/internal/fault"
)

// TestFlowsShowNoChild counts the whole: small numbers are hidden, and the figures are
// for whoever coordinates, oversees or answers for a unit.
func TestFlowsShowNoChild(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.staffed()
		worker := o.Person(access.RoleCaseWorker, o.North)
		for range 6 {
			register(t, o, worker)
		}
		register(t, o, worker, func(g *casework.Registration) { g.Risk = "low" })
		o.tick(t, 36*time.Hour) // the first contact with those at high risk is late
		coordinator := o.Person(access.RoleCoordinator, o.Head)
		f, err := o.room.Flows(ctx, coordinator)
		ok(t, err)
		few := facts.Cell{Few: true}
		got := map[string]facts.Cell{}
		for _, c := range f.Risks {
			got[c.Code] = c.N
		}
		if got["low"] != few || got["high"] != (facts.Cell{N: 5}) {
			t.Errorf("by risk: %v, want about 5 at high risk and few at low", got)
		}
		if n := f.Months[len(f.Months)-1].N; n.N+f.Months[len(f.Months)-2].N.N != 5 || len(f.Months) != 12 {
			t.Errorf("by month: %v", f.Months)
		}
		if len(f.Units) != 1 || f.Units[0].Unit != o.North || f.Units[0].Late.N != 5 || f.Units[0].Oldest.IsZero() {
			t.Errorf("late by unit: %+v", f.Units)
		}
		if len(f.Kinds) == 0 || f.Kinds[0].Kind != "first_contact" {
			t.Errorf("late by kind: %+v", f.Kinds)
		}
		for range 3 { // shown again within some minutes they are the same figures
			register(t, o, worker)
		}
		again, err := o.room.Flows(ctx, coordinator)
		ok(t, err)
		if !again.AsOf.Equal(f.AsOf) {
			t.Error("the figures were counted anew at once")
		}
		o.Clock.Advance(11 * time.Minute)
		if again, err = o.room.Flows(ctx, coordinator); err != nil || again.AsOf.Equal(f.AsOf) {
			t.Errorf("the figures were not counted anew, %v", err)
		}
		for _, role := range []string{access.RoleCaseWorker, access.RoleFirstResponder, access.RoleNodeOperator, access.RoleProvider} {
			if _, err := o.room.Flows(ctx, o.Person(role, o.North)); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v, want it refused", role, err)
			}
		}
	})
}
