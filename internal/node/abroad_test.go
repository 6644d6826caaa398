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
		"as usual":         {cx.Labels{Handling: cx.H2, Onward: cx.OnwardNone, Court: cx.CourtAsk, RetainRule: "case_closed"}, nil},
		"special terms":    {cx.Labels{Handling: cx.H3, RetainRule: "ledger"}, nil},
		"for some roles":   {cx.Labels{Handling: cx.H2, RetainUntil: day, Roles: []string{"focal_point"}}, nil},
		"for nobody here":  {cx.Labels{Handling: cx.H2, RetainUntil: day, Roles: []string{"x"}}, []string{"roles"}},
		"erased on a day":  {cx.Labels{Handling: cx.H2, RetainUntil: day, OnExpiry: cx.Erase}, nil},
		"looked at on one": {cx.Labels{Handling: cx.H2, RetainUntil: day, OnExpiry: cx.Review}, []string{"on_expiry"}},
		"a rule of theirs": {cx.Labels{RetainRule: "case-closed-5y"}, []string{"retain_rule"}},
	} {
		if got := node.Unkept(&tt.labels, func(roles []string) bool { return roles[0] != "x" }); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
