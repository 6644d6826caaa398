package bench

import (
	"strings"
	"testing"
)

// The floors of the private match, in a smaller world than the bench's: what is found and
// what is found wrongly, and no time.
func TestPrivateMatchHoldsItsBars(t *testing.T) {
	measured := 0
	m := &matchBench{ctx: t.Context(), o: &Options{Short: true}, emit: func(x Measure) {
		if x.Bar != "" {
			measured++
		}
		if !x.Holds && !strings.Contains(x.Name, "false candidates") { // known not to hold: the bench says so
			t.Errorf("%s: %v, not %s", x.Name, x.Value, x.Bar)
		}
	}}
	if err := m.private(5_000, 2_000, 1); err != nil {
		t.Fatal(err)
	}
	if measured != 9 {
		t.Errorf("%d figures have a bar", measured)
	}
}

// One question in a hundred is true: what is found is mostly chance unless chance is rare.
func TestPredictiveValue(t *testing.T) {
	f := found{about: 100, strangers: 100, right: 80, wrong: 2}
	if f.recall() != .8 || f.each() != .01 || f.falsely(20_000) != .05 {
		t.Errorf("got recall %v, %v each, %v of 100,000", f.recall(), f.each(), f.falsely(20_000))
	}
	if got := f.predictive(); got < .444 || got > .445 {
		t.Errorf("got a predictive value of %v", got)
	}
}
