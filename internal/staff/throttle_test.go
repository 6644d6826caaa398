package staff_test

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
)

// exhaust uses up the wrong guesses that cost nothing.
func (w *world) exhaust(name staff.Secret, src staff.Source) {
	w.t.Helper()
	for i := range 6 {
		if err := w.wrong(name, src); !fault.Is(err, fault.Denied) {
			w.t.Fatalf("guess %d: got %v, want denied", i+1, err)
		}
	}
}

func TestGuessingSlowsOneNameFromOneSource(t *testing.T) {
	each(t, func(w *world) {
		w.worker("amal", ident.Staff{})
		w.worker("bilal", ident.Staff{})
		w.exhaust("amal", w.away)

		// The right password from the guesser's source must wait too, unhashed.
		before := w.office.Hashes()
		_, err := w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.away})
		want(w.t, err, fault.Unavailable, "slow-down")
		if wait, _ := staff.WaitOf(err); wait != 5*time.Second {
			w.t.Errorf("wait = %v, want 5s", wait)
		}
		if w.office.Hashes() != before {
			w.t.Error("a slowed attempt was hashed")
		}

		// Nobody else is shut out: amal elsewhere, bilal at the same place, amal by another instance.
		w.signIn("amal")
		if _, err := w.office.SignIn(w.ctx, staff.Attempt{Name: "bilal", Password: goodPassword, Source: w.away}); err != nil {
			w.t.Errorf("another name at the guesser's source: %v", err)
		}
		second := w.newOffice(config())
		_, err = second.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.away})
		want(w.t, err, fault.Unavailable, "slow-down")

		// A success elsewhere does not help the guesser, nor does it open the door early.
		_, err = w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.away})
		want(w.t, err, fault.Unavailable, "slow-down")
		w.clk.Advance(5 * time.Second)
		if _, err := w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.away}); err != nil {
			w.t.Errorf("after the wait: %v", err)
		}
		w.exhaust("amal", w.away) // success forgot the failures
	})
}

func TestDelayGrowsAndHasAnEnd(t *testing.T) {
	w := one(t)
	w.exhaust("nobody", w.away)
	var got []time.Duration
	for range 10 {
		err := w.wrong("nobody", w.away)
		wait, slow := staff.WaitOf(err)
		if !slow {
			t.Fatalf("got %v, want a wait", err)
		}
		got = append(got, wait)
		w.clk.Advance(wait)
		if err := w.wrong("nobody", w.away); !fault.Is(err, fault.Denied) {
			t.Fatalf("after the wait: %v", err)
		}
	}
	for i := 1; i < len(got); i++ {
		if got[i] < got[i-1] {
			t.Errorf("waits do not grow: %v", got)
		}
	}
	if got[0] != 5*time.Second || got[1] != 10*time.Second || got[9] != 15*time.Minute {
		t.Errorf("waits = %v", got)
	}
	w.clk.Advance(12 * time.Hour)
	if err := w.office.Tend(w.ctx); err != nil {
		t.Fatal(err)
	}
	w.exhaust("nobody", w.away) // forgotten overnight
}

func TestManyGuessesAtOnceCountEach(t *testing.T) {
	each(t, func(w *world) {
		cfg := config()
		cfg.Waiting = 100
		o := w.newOffice(cfg)
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				_, err := o.SignIn(w.ctx, staff.Attempt{Name: "nobody", Password: "not this one either", Source: w.away})
				if err == nil {
					w.t.Error("signed in")
				}
			})
		}
		wg.Wait()
		if n := o.Hashes(); n > 6 {
			w.t.Errorf("%d guesses were hashed before the first was answered, want at most 6", n)
		}
	})
}

func TestSources(t *testing.T) {
	w := one(t)
	source := func(a string) staff.Source { return w.office.Source(netip.MustParseAddr(a)) }
	tests := []struct {
		name string
		a, b string
		same bool
	}{
		{"one address", "203.0.113.7", "203.0.113.7", true},
		{"two addresses", "203.0.113.7", "203.0.113.8", false},
		{"mapped address", "203.0.113.7", "::ffff:203.0.113.7", true},
		{"one household", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"two households", "2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"zones are of no account", "fe80::1%eth0", "fe80::1%eth1", true},
	}
	for _, test := range tests {
		if got := source(test.a) == source(test.b); got != test.same {
			t.Errorf("%s: same = %v, want %v", test.name, got, test.same)
		}
	}
}

func TestFullQueueSaysBusy(t *testing.T) {
	w := one(t)
	cfg := config()
	cfg.Waiting = 2 // four inside at most, two of one source
	o := w.newOffice(cfg)
	var mu sync.Mutex
	var busy, denied int
	var wg sync.WaitGroup
	for i := range 40 {
		name := staff.Secret("nobody" + string(rune('a'+i)))
		wg.Go(func() {
			_, err := o.SignIn(w.ctx, staff.Attempt{Name: name, Password: "not this one either", Source: w.away})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case fault.CodeOf(err) == "busy" && fault.Is(err, fault.Unavailable):
				busy++
			case fault.Is(err, fault.Denied):
				denied++
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	if busy == 0 || denied == 0 {
		t.Errorf("busy %d, answered %d; want some of each", busy, denied)
	}
	if n := o.Hashes(); int(n) != denied {
		t.Errorf("%d hashes for %d answers", n, denied)
	}
	// The queue is empty again, and a busy answer was not counted as a guess.
	if err := w.wrong("nobodya", w.away); !fault.Is(err, fault.Denied) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestFailuresAreSummedInTheJournal(t *testing.T) {
	each(t, func(w *world) {
		id := w.worker("amal", ident.Staff{})
		for range 3 {
			_ = w.wrong("amal", w.away)
			_ = w.wrong("nobody", w.away)
			_ = w.wrong("no-one", w.away)
		}
		_ = w.wrong("amal", w.home)
		if got := w.log.find("LOGIN", "staff.sign-in", "denied"); len(got) != 0 {
			w.t.Errorf("entries before the window is over: %d", len(got))
		}
		w.clk.Advance(10 * time.Minute)
		if err := w.office.Tend(w.ctx); err != nil {
			w.t.Fatal(err)
		}
		counts := map[ident.Staff][]int64{}
		for _, e := range w.log.find("LOGIN", "staff.sign-in", "denied") {
			counts[e.Actor] = append(counts[e.Actor], e.Count)
			if e.Reason != "credentials" || e.Zone != "outside" {
				w.t.Errorf("entry = %+v", e)
			}
		}
		if got := counts[id]; len(got) != 2 || got[0]+got[1] != 4 {
			w.t.Errorf("counts of amal = %v, want 3 and 1", got)
		}
		if got := counts[ident.Staff{}]; len(got) != 1 || got[0] != 6 {
			w.t.Errorf("counts of unknown names = %v, want 6", got)
		}
		if n := w.count("SELECT COUNT(*) FROM staff_failure"); n != 0 {
			w.t.Errorf("%d sums are left", n)
		}
	})
}

func TestFailuresFromManySourcesAreOneEntry(t *testing.T) {
	w := one(t)
	for i := range 30 {
		_ = w.wrong("nobody", w.office.Source(netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})))
	}
	w.clk.Advance(10 * time.Minute)
	_ = w.wrong("nobody", w.home) // guessing itself writes the entries of past windows
	if err := w.office.Tend(w.ctx); err != nil {
		t.Fatal(err)
	}
	var total int64
	got := w.log.find("LOGIN", "staff.sign-in", "denied")
	for _, e := range got {
		total += e.Count
	}
	if len(got) != 21 || total != 30 {
		t.Errorf("%d entries for %d failures, want 21 for 30", len(got), total)
	}
}

// TestNumbersOfThePack: how long an invitation lasts, how many mistakes are free
// and how long the longest wait is are given from outside.
func TestNumbersOfThePack(t *testing.T) {
	w := one(t)
	cfg := config()
	cfg.Tries, cfg.LongWait, cfg.Invited = 2, 7*time.Second, time.Hour
	w.office = w.newOffice(cfg)
	team := newTeam(w)
	for range 3 {
		want(t, w.wrong("amal", w.away), fault.Denied, "sign-in-refused")
	}
	want(t, w.wrong("amal", w.away), fault.Unavailable, "slow-down")
	w.clk.Advance(5 * time.Second)
	want(t, w.wrong("amal", w.away), fault.Denied, "sign-in-refused")
	wait, _ := staff.WaitOf(w.wrong("amal", w.away))
	if wait != 7*time.Second {
		t.Errorf("wait = %v, want the longest, 7s", wait)
	}
	invitation, err := team.again(team.by)
	if err != nil {
		t.Fatal(err)
	}
	if left := invitation.Until.Sub(w.clk.Now()); left != time.Hour {
		t.Errorf("the invitation lasts %v, want 1h", left)
	}
}
