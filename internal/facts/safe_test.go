package facts_test

import (
	"testing"

	"causeway/internal/facts"
)

func TestSafe(t *testing.T) {
	few := facts.Cell{Few: true}
	for n, want := range map[int]facts.Cell{0: {}, 1: few, 4: few, 5: {N: 5}, 7: {N: 5}, 8: {N: 10}, 12: {N: 10}, 13: {N: 15}, -1: {}} {
		if got := facts.Safe(n, 5); got != want {
			t.Errorf("%d is shown as %v, want %v", n, got, want)
		}
	}
	if got := facts.Safe(3, 1); got != (facts.Cell{N: 3}) {
		t.Errorf("without a small-cell number: %v", got)
	}
}

// TestSafeOf: many records of few children are few.
func TestSafeOf(t *testing.T) {
	for _, tt := range []struct {
		n, children int
		want        facts.Cell
	}{{12, 4, facts.Cell{Few: true}}, {12, 5, facts.Cell{N: 10}}, {0, 0, facts.Cell{}}, {5, 5, facts.Cell{N: 5}}} {
		if got := facts.SafeOf(tt.n, tt.children, 5); got != tt.want {
			t.Errorf("%d of %d children: got %+v, want %+v", tt.n, tt.children, got, tt.want)
		}
	}
}
