package casework_test

import (
	"fmt"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/sealed"
)

// BenchmarkGate asks a gate that stays shut: it reads and checks the whole timeline
// of a case, so its cost grows with that.
func BenchmarkGate(b *testing.B) {
	for _, events := range []int{20, 500} {
		b.Run(fmt.Sprintf("events-%d", events), func(b *testing.B) {
			o := open(b, accesstest.New(b))
			worker := o.Person(access.RoleCaseWorker, o.North)
			id := o.register(b, worker)
			for range events {
				if err := o.room.AddNote(ctx, worker, command(), id, casework.Note{Kind: "other", Seen: sealed.NewText("Calm.")}); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if err := o.room.ChangeStage(ctx, worker, command(), id, casework.Decision{To: "assessed"}); err == nil {
					b.Fatal("the gate is open")
				}
			}
		})
	}
}
