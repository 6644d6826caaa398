package bench_test

import (
	"os"
	"testing"

	"causeway/internal/bench"
)

func TestMain(m *testing.M) {
	bench.Child() // tests measure with processes of this program too
	os.Exit(m.Run())
}
