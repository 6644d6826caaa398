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
