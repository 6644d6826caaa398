package staff_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

func TestSessionLimits(t *testing.T) {
	each(t, func(w *world) {
		w.worker("amal", ident.Staff{})
		in := w.signIn("amal")
		idle, absolute := w.office.Limits(in.Session)
		if idle.Sub(w.clk.Now()) != 30*time.Minute || absolute.Sub(w.clk.Now()) != 12*time.Hour {
			w.t.Errorf("limits = %v, %v", idle, absolute)
		}
		for range 30 { // used every 24 minutes, it lives until the absolute limit
			w.clk.Advance(24 * time.Minute)
			_, err := w.office.Session(w.ctx, in.Token)
			if over := w.clk.Now().Sub(in.Session.Since) >= 12*time.Hour; over != (err != nil) {
				w.t.Fatalf("after %v: %v", w.clk.Now().Sub(in.Session.Since), err)
			}
			if err != nil {
				break
			}
		}
		_, err := w.office.Session(w.ctx, in.Token)
		want(w.t, err, fault.Expired, "session-ended")

		in = w.signIn("amal")
		w.clk.Advance(30 * time.Minute)
		_, err = w.office.Session(w.ctx, in.Token)
		want(w.t, err, fault.Expired, "session-ended")
		if err := w.office.Tend(w.ctx); err != nil {
			w.t.Fatal(err)
		}
		if n := w.count("SELECT COUNT(*) FROM staff_session"); n != 0 {
			w.t.Errorf("%d ended sessions are kept", n)
		}
	})
}

func TestClockJumpingBackEndsNothing(t *testing.T) {
	w := one(t)
	w.worker("amal", ident.Staff{})
	in := w.signIn("amal")
	w.clk.Advance(-48 * time.Hour)
	if _, err := w.office.Session(w.ctx, in.Token); err != nil {
		t.Error(err)
	}
}

func TestSessionLookupIsCheap(t *testing.T) {
	var mu sync.Mutex
	begun := map[string]int{}
	hook := func(op string) error {
		mu.Lock()
		defer mu.Unlock()
		begun[op]++
		return nil
	}
	clk := clock.NewFake(time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC))
	w := newWorld(t, storetest.New(t, storetest.WithClock(clk), storetest.WithFault(hook)), clk)
	w.worker("amal", ident.Staff{})
	in := w.signIn("amal")
	look := func(n int) (queries, commits int) {
		mu.Lock()
		clear(begun)
		mu.Unlock()
		for range n {
			if _, err := w.office.Session(w.ctx, in.Token); err != nil {
				t.Fatal(err)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		return begun["query"], begun["committed"]
	}
	if queries, commits := look(50); queries > 1 || commits != 0 {
		t.Errorf("50 requests at once: %d queries, %d commits; want 1, 0", queries, commits)
	}
	total := 0
	for range 60 { // a request every second for a minute
		w.clk.Advance(time.Second)
		_, commits := look(1)
		total += commits
	}
	if total != 1 {
		t.Errorf("a minute of requests wrote %d times, want once", total)
	}
	s, err := w.office.Session(w.ctx, in.Token)
	if err != nil || !s.Seen.Equal(w.clk.Now()) {
		t.Errorf("Seen = %v, %v; want %v", s.Seen, err, w.clk.Now())
	}
}

func TestTokensThatAreNone(t *testing.T) {
	w := one(t)
	w.worker("amal", ident.Staff{})
	in := w.signIn("amal")
	for _, token := range []staff.Secret{"", "x", in.Token + "A", in.Token[:42], in.Token[:42] + "=", "________________________________________AAA"} {
		_, err := w.office.Session(w.ctx, token)
		want(t, err, fault.Expired, "session-ended")
		if err := w.office.SignOut(w.ctx, token); err != nil {
			t.Errorf("sign-out of no session: %v", err)
		}
		want(t, w.office.Lock(w.ctx, token), fault.Expired, "session-ended")
	}
	if _, err := w.office.Session(w.ctx, in.Token); err != nil {
		t.Error(err)
	}
}

func TestMySessions(t *testing.T) {
	each(t, func(w *world) {
		w.worker("amal", ident.Staff{})
		w.worker("bilal", ident.Staff{})
		var ended []ident.Session
		w.office.OnEnd(func(id ident.Session) { ended = append(ended, id) })
		a := w.signIn("amal")
		w.clk.Advance(time.Minute)
		b, c, other := w.signIn("amal"), w.signIn("amal"), w.signIn("bilal")

		all, err := w.office.Sessions(w.ctx, b.Session)
		if err != nil || len(all) != 3 || all[2].ID != a.Session.ID || all[0].Device != "Firefox on Linux" {
			w.t.Fatalf("sessions = %+v, %v", all, err)
		}
		want(w.t, w.office.End(w.ctx, b.Session, other.Session.ID), fault.NotFound, "no-such-page")
		if err := w.office.End(w.ctx, b.Session, a.Session.ID); err != nil {
			w.t.Fatal(err)
		}
		_, err = w.office.Session(w.ctx, a.Token)
		want(w.t, err, fault.Expired, "session-ended")
		if n, err := w.office.EndOthers(w.ctx, b.Session); err != nil || n != 1 {
			w.t.Errorf("EndOthers = %d, %v", n, err)
		}
		if !slices.Equal(ended, []ident.Session{a.Session.ID, c.Session.ID}) {
			w.t.Errorf("told of %v", ended)
		}
		if _, err := w.office.Session(w.ctx, other.Token); err != nil {
			w.t.Errorf("bilal's session: %v", err)
		}
		_, err = w.office.Sessions(w.ctx, a.Session)
		want(w.t, err, fault.Expired, "session-ended")
		if n := len(w.log.find("LOGOUT", "staff.end-session", "ok")); n != 2 {
			w.t.Errorf("%d entries, want 2", n)
		}
	})
}

func TestEndingIsSeenAtOnceHereAndSoonElsewhere(t *testing.T) {
	w := one(t)
	w.worker("amal", ident.Staff{})
	in := w.signIn("amal")
	second := w.newOffice(config())
	for _, o := range []*staff.Office{w.office, second} {
		if _, err := o.Session(w.ctx, in.Token); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.office.SignOut(w.ctx, in.Token); err != nil {
		t.Fatal(err)
	}
	_, err := w.office.Session(w.ctx, in.Token)
	want(t, err, fault.Expired, "session-ended")
	w.clk.Advance(3 * time.Second)
	_, err = second.Session(w.ctx, in.Token)
	want(t, err, fault.Expired, "session-ended")
}

func TestLockAndConfirm(t *testing.T) {
	each(t, func(w *world) {
		w.worker("amal", ident.Staff{})
		in := w.signIn("amal")
		if err := w.office.Lock(w.ctx, in.Token); err != nil {
			w.t.Fatal(err)
		}
		s, err := w.office.Session(w.ctx, in.Token)
		want(w.t, err, fault.Expired, "session-locked")
		if s.Staff != in.Session.Staff || w.office.Fresh(s, time.Hour) {
			w.t.Errorf("locked session = %+v", s)
		}
		for name, err := range map[string]error{
			"password":    w.office.SetPassword(w.ctx, in.Session, w.home, otherPassword),
			"end others":  func() error { _, err := w.office.EndOthers(w.ctx, in.Session); return err }(),
			"credentials": func() error { _, err := w.office.Credentials(w.ctx, in.Session); return err }(),
			"unit": w.try(func(tx *store.Tx) error {
				_, err := w.office.CreateUnit(w.ctx, tx, in.Session.By(), w.unit, "South")
				return err
			}),
		} {
			if fault.CodeOf(err) != "session-locked" {
				w.t.Errorf("%s with a locked session: %v", name, err)
			}
		}
		_, err = w.office.Confirm(w.ctx, in.Token, staff.Proof{Password: otherPassword, Source: w.home})
		want(w.t, err, fault.Denied, "sign-in-refused")
		if _, err := w.office.Confirm(w.ctx, in.Token, staff.Proof{Password: goodPassword, Source: w.home}); err != nil {
			w.t.Fatal(err)
		}
		if s, err := w.office.Session(w.ctx, in.Token); err != nil || s.Locked {
			w.t.Errorf("after confirming: %v, %v", s.Locked, err)
		}
		if got := w.log.find("LOGIN", "staff.confirm", "ok"); len(got) != 1 || got[0].Session != in.Session.ID {
			w.t.Errorf("entries = %+v", got)
		}
	})
}

func TestConfirmMakesFresh(t *testing.T) {
	each(t, func(w *world) {
		_, secret := w.supervisor("samira")
		in := w.signInWith("samira", secret)
		w.clk.Advance(10 * time.Minute)
		if w.office.Fresh(in.Session, w.office.FreshFor()) {
			w.t.Error("fresh after ten minutes")
		}
		_, err := w.office.Confirm(w.ctx, in.Token, staff.Proof{Password: goodPassword, Source: w.home})
		want(w.t, err, fault.Denied, "code-refused") // as much as a sign-in asks for
		s, err := w.office.Confirm(w.ctx, in.Token, staff.Proof{Password: goodPassword, Code: w.code(secret), Source: w.home})
		if err != nil || !w.office.Fresh(s, w.office.FreshFor()) || !s.Fresh.Equal(w.clk.Now()) {
			w.t.Errorf("Confirm = %+v, %v", s, err)
		}
		if s, err := w.office.Session(w.ctx, in.Token); err != nil || !w.office.Fresh(s, w.office.FreshFor()) {
			w.t.Errorf("looked up again: %+v, %v", s, err)
		}
		_, err = w.office.Confirm(w.ctx, "", staff.Proof{Password: goodPassword, Source: w.home})
		want(w.t, err, fault.Expired, "session-ended")
	})
}

func TestGuessingAtALockedScreenIsSlowed(t *testing.T) {
	w := one(t)
	w.worker("amal", ident.Staff{})
	in := w.signIn("amal")
	for range 6 {
		_, err := w.office.Confirm(w.ctx, in.Token, staff.Proof{Password: otherPassword, Source: w.home})
		want(t, err, fault.Denied, "sign-in-refused")
	}
	_, err := w.office.Confirm(w.ctx, in.Token, staff.Proof{Password: goodPassword, Source: w.home})
	want(t, err, fault.Unavailable, "slow-down")
}

func TestSessionsOfOnePersonAreBounded(t *testing.T) {
	w := one(t)
	w.worker("amal", ident.Staff{})
	first := w.signIn("amal")
	for range 20 {
		w.clk.Advance(time.Second)
		w.signIn("amal")
	}
	_, err := w.office.Session(w.ctx, first.Token)
	want(t, err, fault.Expired, "session-ended")
	if n := w.count("SELECT COUNT(*) FROM staff_session"); n != 20 {
		t.Errorf("%d sessions, want 20", n)
	}
}

func TestDeviceNamesAreCleaned(t *testing.T) {
	w := one(t)
	w.worker("amal", ident.Staff{})
	in, err := w.office.SignIn(w.ctx, staff.Attempt{
		Name: "amal", Password: goodPassword, Source: w.home,
		Device: "Fire\x00fox\u202e\xff on " + string(make([]rune, 200)) + "Linux",
	})
	if err != nil {
		t.Fatal(err)
	}
	if in.Session.Device != "Firefox on Linux" {
		t.Errorf("device = %q", in.Session.Device)
	}
}
