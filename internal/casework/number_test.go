package casework_test

import (
	"testing"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// TestNumbersAreDrawnAgain has the same number come up for a second case: it is
// drawn again, and a source that never brings another one is given up.
func TestNumbersAreDrawnAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		first, second := ident.NewCaseNumber(), ident.NewCaseNumber()
		draws := []ident.CaseNumber{first, first, first, second}
		o.room.Numbers(func() ident.CaseNumber {
			n := draws[0]
			if len(draws) > 1 {
				draws = draws[1:]
			}
			return n
		})
		worker := o.Person(access.RoleCaseWorker, o.North)
		for _, want := range []ident.CaseNumber{first, second} {
			id, err := o.room.Register(ctx, worker, ident.New[ident.Command](), girl())
			if err != nil {
				t.Fatal(err)
			}
			child, err := o.room.Open(ctx, worker, id)
			if err != nil || child.Case.Number != want {
				t.Errorf("got %q, %v, want %q", child.Case.Number, err, want)
			}
		}
		if _, err := o.room.Register(ctx, worker, ident.New[ident.Command](), girl()); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a source that brings one number: got %v", err)
		}
	})
}
