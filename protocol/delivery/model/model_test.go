package model_test

import (
	"strings"
	"testing"

	"causeway/protocol/delivery/model"
)

// steps is how many steps the table of handover has: an offer, and the 38 after it.
const steps = 1 + 38

// TestModel shakes the design as it is.
func TestModel(t *testing.T) {
	runs := 200_000
	if testing.Short() {
		runs = 10_000
	}
	rep := model.Seeds(4, runs)
	t.Log(rep.String())
	if rep.Faults() != 0 {
		t.Errorf("%s", rep.String())
	}
	if rep.Moves != steps || rep.Crashes == 0 || rep.Undeclared == 0 || rep.Returned == 0 || rep.Voids == 0 ||
		rep.Overtaken == 0 || rep.Expired == 0 || rep.Forks == 0 || rep.Watched == 0 || rep.Witness == 0 {
		t.Errorf("something never happened: %s", rep.String())
	}
}

// TestModelSpoiled: what its receiver cannot read is passed over, the number of what it never
// takes is filled, and nothing else is different.
func TestModelSpoiled(t *testing.T) {
	runs := 20_000
	if testing.Short() {
		runs = 5_000
	}
	for seed := range uint64(4) {
		rep := model.CheckSpoiled(1+seed, runs/4)
		t.Log(rep.String())
		if rep.Faults() != 0 || rep.Skipped == 0 || rep.Replaced == 0 {
			t.Errorf("seed %d: %s", 1+seed, rep.String())
		}
	}
}

// TestSameSeed: a fault that was found can be looked at again.
func TestSameSeed(t *testing.T) {
	a, b := model.Check(7, 500), model.Check(7, 500)
	if a.String() != b.String() {
		t.Errorf("the same walk again:\n%s, want\n%s", b.String(), a.String())
	}
}

// rare are mistakes that few runs find: the run of a seed that does. Whoever changes what the runs
// draw finds others with [model.FlawedFrom].
var rare = []struct {
	mistake string
	seed    uint64
	run     int
	found   func(r *model.Report) int
}{
	{"leaves a command unanswered", 3, 6_868, func(r *model.Report) int { return r.Lost }},
	{"words overtake", 3, 121_954, func(r *model.Report) int { return r.Illegal }},
	{"keeps what is lost", 5, 32_043, func(r *model.Report) int { return r.Needless }},
}

// TestRunAgain: a run that had a fault can be looked at step by step.
func TestRunAgain(t *testing.T) {
	bad := model.Flawed(1, 1_000, "receipt releases").Bad
	if len(bad) == 0 {
		t.Fatal("no run is named")
	}
	var out strings.Builder
	rep := model.Trace(1, bad[0], false, &out)
	if rep.Runs != 1 || rep.Faults() != 0 || !strings.Contains(out.String(), " places cmd #1 ") || !strings.Contains(out.String(), " has ours ") {
		t.Errorf("%s\n%s", rep.String(), out.String())
	}
}

// TestMistakes: each mistake of a design is found, and as what it is.
func TestMistakes(t *testing.T) {
	for _, tt := range []struct {
		mistake string
		runs    int
		found   func(r *model.Report) int
	}{
		{"no resync", 2_000, func(r *model.Report) int { return min(r.Lost, r.Diverged, r.Needless) }},
		{"no epoch", 6_000, func(r *model.Report) int { return r.Needless }},
		{"lets go at accept", 1_000, func(r *model.Report) int { return r.Nobody }},
		{"carries out twice", 2_000, func(r *model.Report) int { return r.Doubled }},
		{"cursor releases", 1_000, func(r *model.Report) int { return r.Left }},
		{"receipt releases", 1_000, func(r *model.Report) int { return r.Left }},
		{"ledger forgets", 1_000, func(r *model.Report) int { return r.Needless }},
		{"throws forks away", 20_000, func(r *model.Report) int { return r.Unnoticed }},
		{"clerk forgets its statuses", 2_000, func(r *model.Report) int { return r.Illegal }},
		{"sends what was overtaken", 6_000, func(r *model.Report) int { return r.Illegal }},
		{"takes before it compared", 2_000, func(r *model.Report) int { return r.Needless }},
		{"uses a number again", 6_000, func(r *model.Report) int { return r.Lost }},
		{"stops at what it cannot read", 2_000, func(r *model.Report) int { return r.Stuck }},
		{"leaves a number empty", 2_000, func(r *model.Report) int { return r.Stuck }},
		{"fills it with nothing", 2_000, func(r *model.Report) int { return r.Needless }},
	} {
		t.Run(tt.mistake, func(t *testing.T) {
			rep := model.Flawed(1, tt.runs, tt.mistake)
			if tt.found(&rep) == 0 {
				t.Errorf("not found: %s", rep.String())
			}
		})
	}
	for _, tt := range rare {
		t.Run(tt.mistake, func(t *testing.T) {
			rep := model.FlawedFrom(tt.seed, tt.run, 1, tt.mistake)
			if tt.found(&rep) == 0 {
				t.Errorf("not found: %s", rep.String())
			}
		})
	}
	if len(model.Mistakes) != 15+3 {
		t.Errorf("%d mistakes, want a line here for each", len(model.Mistakes))
	}
}
