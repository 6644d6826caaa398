package staff_test

import (
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
)

func TestSignInAndOut(t *testing.T) {
	each(t, func(w *world) {
		id := w.worker("amal", ident.Staff{})
		in := w.signIn(" AMAL ")
		if in.Session.Staff != id || in.Session.Role != staff.CaseWorker || in.Session.Strength != staff.ByPassword || in.Session.Zone != "outside" {
			w.t.Errorf("session = %+v", in.Session)
		}
		s, err := w.office.Session(w.ctx, in.Token)
		if err != nil || s.ID != in.Session.ID {
			w.t.Fatalf("Session = %v, %v", s.ID, err)
		}
		if err := w.office.SignOut(w.ctx, in.Token); err != nil {
			w.t.Fatal(err)
		}
		_, err = w.office.Session(w.ctx, in.Token)
		want(w.t, err, fault.Expired, "session-ended")
		for what, action := range map[string]string{"staff.sign-in": "LOGIN", "staff.sign-out": "LOGOUT"} {
			got := w.log.find(action, what, "ok")
			if len(got) != 1 || got[0].Actor != id || got[0].Session != in.Session.ID || got[0].Strength != "password" {
				w.t.Errorf("%s entries = %+v", what, got)
			}
		}
	})
}

func TestUnknownNameAndWrongPasswordAreTheSame(t *testing.T) {
	w := one(t)
	w.worker("amal", ident.Staff{})
	type seen struct {
		err    string
		hashes uint64
		waits  []time.Duration
	}
	look := func(name staff.Secret) (s seen) {
		for range 9 {
			before := w.office.Hashes()
			err := w.wrong(name, w.away)
			if wait, slow := staff.WaitOf(err); slow {
				s.waits = append(s.waits, wait)
				w.clk.Advance(wait)
				continue
			}
			s.err += err.Error() + "\n"
			s.hashes += w.office.Hashes() - before
		}
		return s
	}
	known, unknown := look("amal"), look("nobody")
	if known.err != unknown.err || known.hashes != unknown.hashes || len(known.waits) != len(unknown.waits) {
		t.Errorf("known name: %+v\nunknown name: %+v", known, unknown)
	}
	if known.hashes == 0 {
		t.Error("no hash was computed")
	}
}
