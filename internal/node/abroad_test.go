package node_test

import (
	"slices"
	"testing"
	"time"

	"causeway/internal/node"
	"causeway/protocol/cx"
)

// TestLabelsThatAreNotKept: a node says which terms of a sender it has no rule for, instead
// of opening what they stand on.
func TestLabelsThatAreNotKept(t *testing.T) {
	day := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		labels cx.Labels
		want   []string
	}{
		"as usual":        {cx.Labels{Handling: cx.H2, Onward: cx.OnwardNone, Court: cx.CourtAsk, RetainRule: "case"}, nil},
		"special terms":   {cx.Labels{Handling: cx.H3}, []string{"handling"}},
		"for some roles":  {cx.Labels{Handling: cx.H2, Roles: []string{"focal_point"}}, []string{"roles"}},
		"erased on a day": {cx.Labels{Handling: cx.H2, RetainUntil: day}, []string{"retain_until"}},
		"all of them":     {cx.Labels{Handling: cx.H3, Roles: []string{"x"}, RetainUntil: day}, []string{"handling", "retain_until", "roles"}},
	} {
		if got := node.Unkept(&tt.labels); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
