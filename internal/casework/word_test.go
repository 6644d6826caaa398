package casework_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// words keeps whom the clock had told.
type words struct{ told []ident.Staff }

func (w *words) TellByMail(_ context.Context, _ *store.Tx, _ bool, people ...ident.Staff) error {
	w.told = append(w.told, people...)
	return nil
}

// TestWordOfWhatIsLate: whoever let a deadline pass is told, then whoever supervises; a
// reminder stays on the page.
func TestWordOfWhatIsLate(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, north, _ := o.staffed()
		worker := o.Person(access.RoleCaseWorker, o.North)
		var w words
		o.room.Words(&w)
		register(t, o, worker)
		o.tick(t, 12*time.Hour)
		if len(w.told) != 0 {
			t.Errorf("told before anything is late: %d", len(w.told))
		}
		o.tick(t, 24*time.Hour)
		if !slices.Contains(w.told, worker.Staff()) {
			t.Error("whose deadline it is was not told")
		}
		o.tick(t, 24*time.Hour)
		if !slices.Contains(w.told, north.Staff()) {
			t.Error("the supervisor was not told")
		}
	})
}
