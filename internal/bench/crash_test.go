package bench_test

import (
	"os"
	"testing"

	"causeway/internal/bench"
	"causeway/internal/store"
)

// TestCrashes kills a node while it answers commands: nothing that was answered
// is lost or done twice, and the journal verifies.
func TestCrashes(t *testing.T) {
	loops := 25
	if testing.Short() {
		loops = 5
	}
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			err := bench.CrashLoops(t.Context(), t.TempDir(), engine, loops)
			if bench.NoServer(err) && os.Getenv("CI") != "true" {
				t.Skip(err)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}
