package casework_test

import (
	"testing"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

var whyLift = sealed.NewText("He moved away, and she asked for it.")

// liftable returns the first thing that is withheld of a case.
func (o *office) liftable(t *testing.T, c *access.Caller, id ident.Case) casework.Withheld {
	t.Helper()
	page, err := o.room.Withheld(ctx, c, id)
	ok(t, err)
	if len(page.Whole) > 0 {
		return page.Whole[0]
	}
	if len(page.Parts) == 0 {
		t.Fatal("nothing is withheld")
	}
	return page.Parts[0]
}

func TestAWithholdingIsLiftedByWhoeverSetItOrASupervisor(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss, other := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleSupervisor, o.Head)
		id := o.register(t, worker)
		ok(t, o.room.WithholdFrom(ctx, worker, command(), id, because(other.Staff(), ""), nil))
		w := o.liftable(t, worker, id)
		if err := o.room.Lift(ctx, worker, command(), id, w.ID, sealed.Text{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("lifted without a reason: %v", err)
		}
		if err := o.room.Lift(ctx, other, command(), id, w.ID, whyLift); fault.KindOf(err) != fault.NotFound {
			t.Errorf("lifted by whom it is withheld from: %v", err)
		}
		cmd := command()
		for range 2 { // the same form twice lifts once
			ok(t, o.room.Lift(ctx, worker, cmd, id, w.ID, whyLift))
		}
		if _, err := o.room.Open(ctx, other, id); err != nil {
			t.Errorf("whoever it was withheld from: %v", err)
		}
		if err := o.room.Lift(ctx, worker, command(), id, w.ID, whyLift); fault.KindOf(err) != fault.Conflict {
			t.Errorf("lifted twice: %v, want a conflict", err)
		}
		// What a supervisor withheld is not the worker's to lift.
		ok(t, o.room.WithholdPart(ctx, boss, command(), id, access.RecordPart(casework.PartFamily), because(ident.Staff{}, access.RoleGuardian)))
		w = o.liftable(t, worker, id)
		if err := o.room.Lift(ctx, worker, command(), id, w.ID, whyLift); w.Lift != "" || fault.KindOf(err) != fault.NotFound {
			t.Errorf("the worker may %q, and lifts it: %v", w.Lift, err)
		}
		ok(t, o.room.Lift(ctx, boss, command(), id, w.ID, whyLift))
		page, err := o.room.Withheld(ctx, worker, id)
		if err != nil || len(page.Whole)+len(page.Parts) != 0 || len(page.Events) != 4 || page.Events[0].Text.Reveal() != whyLift.Reveal() {
			t.Errorf("after: %d and %d withheld, %d decisions, %v", len(page.Whole), len(page.Parts), len(page.Events), err)
		}
		// Withheld again, it is a new decision.
		ok(t, o.room.WithholdPart(ctx, worker, command(), id, access.RecordPart(casework.PartFamily), because(ident.Staff{}, access.RoleGuardian)))
		if w = o.liftable(t, worker, id); len(w.Decisions) != 1 || w.Lift != casework.LiftNow {
			t.Errorf("withheld again: %d decisions, may %q", len(w.Decisions), w.Lift)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
	})
}

func TestWhatKeepsAChildSafeIsLiftedByTwo(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss, second := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleSupervisor, o.North)
		from := o.Person(access.RoleSupervisor, o.Head)
		id := o.register(t, worker)
		w := because(from.Staff(), "")
		w.Safety = true
		ok(t, o.room.WithholdFrom(ctx, worker, command(), id, w, nil))
		held := o.liftable(t, boss, id)
		if held.Lift != casework.LiftAsk {
			t.Fatalf("the supervisor may %q, want ask", held.Lift)
		}
		ok(t, o.room.Lift(ctx, boss, command(), id, held.ID, whyLift))
		if _, err := o.room.Open(ctx, from, id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("one person lifted it: %v", err)
		}
		for name, c := range map[string]*access.Caller{"whoever asked": boss, "the worker": worker} {
			if may := o.liftable(t, c, id).Lift; may != "" {
				t.Errorf("%s may %q", name, may)
			}
			if err := o.room.Lift(ctx, c, command(), id, held.ID, whyLift); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s lifts it: %v, want not found", name, err)
			}
		}
		if o.liftable(t, second, id).Lift != casework.LiftAgree {
			t.Error("a second supervisor may not agree")
		}
		ok(t, o.room.Lift(ctx, second, command(), id, held.ID, whyLift))
		if _, err := o.room.Open(ctx, from, id); err != nil {
			t.Errorf("two people lifted it: %v", err)
		}
	})
}

func TestAUnitIsLetInAgainWithItsPeople(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.Head)
		id := o.register(t, worker)
		w := because(ident.Staff{}, "")
		w.Unit = o.Head
		ok(t, o.room.WithholdFrom(ctx, worker, command(), id, w, []ident.Staff{boss.Staff()}))
		page, err := o.room.Withheld(ctx, worker, id)
		ok(t, err)
		for _, one := range page.Whole {
			if one.From == [16]byte(o.Head) {
				ok(t, o.room.Lift(ctx, worker, command(), id, one.ID, whyLift))
			}
		}
		for _, who := range []*access.Caller{boss, o.Person(access.RoleSupervisor, o.Head)} {
			if _, err := o.room.Open(ctx, who, id); err != nil {
				t.Errorf("somebody of the unit: %v", err)
			}
		}
		rows, _, err := o.room.Search(ctx, boss, o.number(t, worker, id))
		if err != nil || len(rows) != 1 {
			t.Errorf("a list shows %d, %v, want 1", len(rows), err)
		}
	})
}
