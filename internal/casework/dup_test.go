package casework_test

import (
	"context"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/linkage"
	"causeway/internal/sealed"
)

func (o *office) pairs(t testing.TB, c *access.Caller) []casework.Pair {
	t.Helper()
	out, more, err := o.room.Pairs(ctx, c, false)
	if err != nil || more {
		t.Fatalf("pairs: more %t, %v", more, err)
	}
	return out
}

func (o *office) findsPairs(t testing.TB) {
	t.Helper()
	o.Clock.Advance(2 * time.Minute) // what changed is settled
	if _, err := o.room.FindPairs(ctx, nil); err != nil {
		t.Fatalf("find pairs: %v", err)
	}
}

func TestChildRegisteredTwiceIsAPairUntilSomebodyDecides(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		a := o.registers(t, worker, called("Mariam Haddad", "2011-03-04"))
		o.registers(t, worker, called("Olena Koval", "2009-08-21"))
		o.findsPairs(t) // the whole node
		if n := len(o.pairs(t, worker)); n != 0 {
			t.Fatalf("%d pairs of two children, want none", n)
		}
		b := o.registers(t, worker, called("مريم حداد", "2011-03-04"))
		o.findsPairs(t) // what changed
		got := o.pairs(t, worker)
		if len(got) != 1 || got[0].Class < linkage.PossiblySame {
			t.Fatalf("pairs = %+v, want the child registered twice", got)
		}
		page, err := o.room.Pair(ctx, worker, a, b)
		if err != nil || page.Class < linkage.PossiblySame || len(page.Evidence) == 0 || page.Said != nil {
			t.Fatalf("side by side: %+v, %v", page, err)
		}
		cmd := command()
		for range 2 { // the form sent twice is one decision
			if err := o.room.SayApart(ctx, worker, cmd, a, b, casework.ApartOther, sealed.NewText("Two girls of one name; we met both.")); err != nil {
				t.Fatal(err)
			}
		}
		err = o.room.SayApart(ctx, worker, command(), b, a, casework.ApartFamily, sealed.NewText("Again."))
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("a second decision: %v, want a conflict", err)
		}
		if _, err := o.room.PairAll(ctx, nil); err != nil {
			t.Fatal(err)
		}
		if n := len(o.pairs(t, worker)); n != 0 {
			t.Errorf("%d pairs are asked about again", n)
		}
		if page, err = o.room.Pair(ctx, worker, b, a); err != nil || page.Said == nil || page.Said.Code != casework.ApartOther || page.Asked == nil {
			t.Errorf("what was said is not shown: %+v, %v", page, err)
		}
	})
}

// Of a pair of which somebody may see one child only, nothing tells that there is another:
// no list, no page, no warning, no line in the case.
func TestPairWithAHiddenChildIsNotShown(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, stranger := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.South)
		g := called("Mariam Haddad", "2011-03-04")
		a := o.registers(t, worker, g)
		b := o.registers(t, worker, g)
		boss := o.Person(access.RoleSupervisor, o.North)
		if warned, err := o.room.Alike(ctx, stranger, command(), &g.Person); err != nil || len(warned) != 0 {
			t.Errorf("a stranger is warned of %d, %v", len(warned), err)
		}
		if told, err := o.room.TellLooks(ctx); err != nil || told != 2 {
			t.Errorf("told of %d, %v; want whoever answers for both", told, err)
		}
		if warned, err := o.room.Alike(ctx, worker, command(), &g.Person); err != nil || len(warned) != 2 || len(warned[0].Evidence) == 0 {
			t.Errorf("warned of %d, %v; want both, with why", len(warned), err)
		}
		o.findsPairs(t)
		if n := len(o.pairs(t, stranger)); n != 0 {
			t.Errorf("a stranger sees %d pairs", n)
		}
		if err := o.room.SayApart(ctx, worker, command(), a, b, casework.ApartOther, sealed.NewText("Two girls.")); err != nil {
			t.Fatal(err)
		}
		other := o.Person(access.RoleCaseWorker, o.North)
		if err := o.room.Assign(ctx, boss, command(), b, other.Staff(), o.North, sealed.NewText("Load."), 0); err != nil {
			t.Fatal(err)
		}
		o.findsPairs(t)
		if n := len(o.pairs(t, worker)); n != 0 {
			t.Errorf("%d pairs with a child that moved away", n)
		}
		for _, e := range o.open(t, worker, a).Events {
			if e.Kind == casework.KindApart {
				t.Error("a line tells of a case that the reader may not see")
			}
		}
		for _, pair := range [][2]ident.Case{{a, b}, {b, a}} {
			_, err := o.room.Pair(ctx, worker, pair[0], pair[1])
			_, unknown := o.room.Pair(ctx, worker, pair[0], ident.New[ident.Case]())
			if err == nil || fault.CodeOf(err) != fault.CodeOf(unknown) {
				t.Errorf("half a pair: %v, an unknown case: %v", err, unknown)
			}
			err = o.room.SayApart(ctx, worker, command(), pair[0], pair[1], casework.ApartOther, sealed.NewText("No."))
			if !fault.Is(err, fault.Denied) && !fault.Is(err, fault.NotFound) {
				t.Errorf("said of half a pair: %v", err)
			}
		}
	})
}

// A pass that is cut off leaves no mark: the next one does it all.
func TestPassOverTheNodeThatIsCutOffIsMadeUpFor(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		g := called("Mariam Haddad", "2011-03-04")
		o.registers(t, worker, g)
		o.registers(t, worker, g)
		cut, stop := context.WithCancel(ctx)
		if _, err := o.room.FindPairs(cut, func(float64) { stop() }); err == nil {
			t.Fatal("a pass that was cut off says that it is done")
		}
		stop()
		last := 0.0
		if _, err := o.room.FindPairs(ctx, func(done float64) { last = done }); err != nil || last != 1 {
			t.Errorf("the next pass came to %v, %v", last, err)
		}
		if n := len(o.pairs(t, worker)); n != 1 {
			t.Errorf("%d pairs, want 1", n)
		}
	})
}
