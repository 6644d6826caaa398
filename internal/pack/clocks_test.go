package pack_test

import (
	"slices"
	"testing"
	"time"

	"causeway/internal/pack"
)

func TestClocks(t *testing.T) {
	p := demo(t)
	tests := []struct {
		name pack.ClockName
		want time.Duration
	}{
		{pack.NextContactHigh, 7 * 24 * time.Hour},
		{pack.EmergencyConfirm, 24 * time.Hour},
		{pack.EmergencyAssessment, 72 * time.Hour},
		{pack.FreshCheck, 5 * time.Minute},
		{pack.OpenerLife, 10 * time.Minute},
		{pack.BackupMaxAge, 35 * 24 * time.Hour},
		{pack.EpochUse, 30 * 24 * time.Hour},
		{pack.SignInTries, 0},      // a count has no length
		{pack.UnreachableClose, 0}, // neither has a month
		{"no_such_clock", 0},
	}
	for _, tt := range tests {
		if got := p.Clock(tt.name).Duration(); got != tt.want {
			t.Errorf("%s = %v, want %v", tt.name, got, tt.want)
		}
	}
	if got := p.Clock(pack.SignInTries).Value; got != 5 {
		t.Errorf("sign_in_tries = %d, want 5", got)
	}
}

func TestEveryClockSaysWhatItRestsOn(t *testing.T) {
	p := demo(t)
	clocks := p.Clocks()
	if !slices.IsSortedFunc(clocks, func(a, b pack.Clock) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	}) {
		t.Error("clocks are not ordered by name")
	}
	for _, c := range clocks {
		if c.Source == "" || c.Confidence == "" || c.Label("en") == "" || c.Label("ar") == "" || c.Label("xx") != c.Label("en") {
			t.Errorf("clock %s does not say enough", c.Name)
		}
		if c.Confidence != pack.HouseChoice && c.Source == "ours" {
			t.Errorf("clock %s claims %s without a source", c.Name, c.Confidence)
		}
	}
}

func TestMonthsGoByTheCalendar(t *testing.T) {
	p := demo(t)
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	tests := []struct {
		clock      pack.ClockName
		from, want string
	}{
		{pack.UnreachableClose, "2026-01-15", "2026-04-15"},
		{pack.UnreachableClose, "2025-11-30", "2026-02-28"},
		{pack.UnreachableClose, "2023-11-30", "2024-02-29"},
		{pack.ChildAge, "2008-02-29", "2026-02-28"},
		{pack.ChildAge, "2010-07-03", "2028-07-03"},
		{pack.NextContactLow, "2026-01-15", "2026-02-14"},
	}
	for _, tt := range tests {
		if got := p.Clock(tt.clock).After(day(tt.from)); !got.Equal(day(tt.want)) {
			t.Errorf("%s after %s = %s, want %s", tt.clock, tt.from, got.Format(time.DateOnly), tt.want)
		}
	}
}

// Case work puts the names of these clocks together from a risk.
func TestEveryRiskHasItsClocks(t *testing.T) {
	p := demo(t)
	for _, risk := range p.Codes(pack.Risks) {
		for _, clock := range []string{"first_contact_", "next_contact_"} {
			if p.Clock(pack.ClockName(clock+risk)).Duration() <= 0 {
				t.Errorf("%s%s has no length", clock, risk)
			}
		}
	}
}
