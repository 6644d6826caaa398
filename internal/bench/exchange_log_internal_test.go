package bench

import (
	"testing"

	"causeway/internal/keys"
	"causeway/internal/node"
	"causeway/internal/web"
	"causeway/protocol/identity"
)

// TestTheScheduleNamesTheJournal: after the journal's key was rotated people are told that
// partners do not know it, until the next sitting.
func TestTheScheduleNamesTheJournal(t *testing.T) {
	e, err := newNodeEnd(t.Context(), &Options{Short: true, Dir: t.TempDir()}, "xa.dcs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.end(); err != nil {
			t.Error(err)
		}
	})
	recovery, _ := keys.NewRecovery()
	sits := func() {
		t.Helper()
		err := e.Sit(t.Context(), recovery, node.Sitting{
			Names: []identity.Name{{Language: "en", Text: "Bench"}}, Authority: "Bench", Contact: "+999 55 0101",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	says := func(when string, log bool, advice string) {
		t.Helper()
		h := e.Health(t.Context())
		if len(h.Exchange) == 0 || h.Exchange[0].Log != log || len(h.Errors) != 0 {
			t.Errorf("%s: %+v, %v", when, h.Exchange, h.Errors)
		}
		d, err := e.Door()
		if err != nil {
			t.Fatal(err)
		}
		if got := adviceOn(d.Health.Checks(t.Context()), "exchange-keys"); got != advice {
			t.Errorf("%s: the health page advises %q, want %q", when, got, advice)
		}
	}
	says("before the first sitting", false, "exchange-none")
	sits()
	says("after it", true, "")
	if _, _, err := e.Ring.RotateSigner(e.Journal.Origin(), e.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	says("after a rotation", false, "exchange-log")
	sits()
	says("after the next sitting", true, "")
}

// adviceOn is what a report advises about one thing.
func adviceOn(r web.HealthReport, key string) string {
	for _, c := range r.Checks {
		if c.Key == key {
			return c.Advice
		}
	}
	return "nothing of it"
}
