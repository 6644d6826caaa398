package staff_test

import (
	"strings"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
)

func TestPasswordRules(t *testing.T) {
	w := one(t)
	w.worker("amal.haddad", ident.Staff{})
	in := w.signIn("amal.haddad")
	tests := []struct {
		name     string
		password staff.Secret
		code     string // "" is accepted
	}{
		{"long enough", "heron lamp eighteen", ""},
		{"no digits or signs needed", "heronlampkite", ""},
		{"another script", "قارب من ورق يوم الاثنين", ""},
		{"counted in characters", "ééééaaaaoooo", ""},
		{"empty", "", "password-short"},
		{"eleven characters", "heron lamp1", "password-short"},
		{"eleven characters of two bytes", "éàèùâêîôûëï", "password-short"},
		{"endless", staff.Secret(strings.Repeat("heron lamp ", 30)), "too-long"},
		{"the sign-in name", "Amal.Haddad", "password-short"},
		{"the sign-in name and a year", "amal.haddad2031", "password-name"},
		{"the sign-in name twice", "AMAL.HADDADamal.haddad", "password-name"},
		{"everybody's", "Password1234", "password-common"},
		{"a keyboard row", "qwertyuiop123", "password-common"},
		{"one letter", "zzzzzzzzzzzzzz", "password-common"},
		{"one piece", "lamplamplamplamp", "password-common"},
		{"not text", "heron lamp \xff\xfe eighteen", "text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := w.office.SetPassword(w.ctx, in.Session, w.home, test.password)
			if test.code == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			wantField(t, err, "new_password", test.code)
			if test.password != "" && strings.Contains(err.Error(), string(test.password)) {
				t.Error("the error shows the password")
			}
		})
	}
}

func TestSetPassword(t *testing.T) {
	each(t, func(w *world) {
		id := w.worker("amal", ident.Staff{})
		here, there := w.signIn("amal"), w.signIn("amal")
		if err := w.office.SetPassword(w.ctx, here.Session, w.home, otherPassword); err != nil {
			w.t.Fatal(err)
		}
		_, err := w.office.Session(w.ctx, there.Token)
		want(w.t, err, fault.Expired, "session-ended")
		if _, err := w.office.Session(w.ctx, here.Token); err != nil {
			w.t.Errorf("the session that changed the password: %v", err)
		}
		_, err = w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.home})
		want(w.t, err, fault.Denied, "sign-in-refused")
		in, err := w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: otherPassword, Source: w.home})
		if err != nil {
			w.t.Fatal(err)
		}
		if len(in.Notices) != 1 || in.Notices[0].Kind != staff.NoticePassword || in.Notices[0].Actor != id {
			w.t.Errorf("notices = %+v", in.Notices)
		}
		if err := w.office.Dismiss(w.ctx, in.Session, in.Notices[0].Entry); err != nil {
			w.t.Fatal(err)
		}
		if left, err := w.office.Notices(w.ctx, in.Session); err != nil || len(left) != 0 {
			w.t.Errorf("left = %+v, %v", left, err)
		}
		if got := w.log.find("GRANT", "staff.password", "ok"); len(got) != 1 || got[0].Actor != id || len(got[0].Rows) != 1 {
			w.t.Errorf("entries = %+v", got)
		}
		if got := w.log.find("LOGOUT", "staff.end-session", "ok"); len(got) != 1 || got[0].Count != 1 {
			w.t.Errorf("entries of ended sessions = %+v", got)
		}
	})
}

func TestCredentialsNeedAFreshSession(t *testing.T) {
	w := one(t)
	w.worker("amal", ident.Staff{})
	in := w.signIn("amal")
	all, err := w.office.Credentials(w.ctx, in.Session)
	if err != nil {
		t.Fatal(err)
	}
	w.clk.Advance(w.office.FreshFor() + time.Second)
	if w.office.Fresh(in.Session, w.office.FreshFor()) {
		t.Error("Fresh after the time")
	}
	forged := in.Session
	forged.Fresh = w.clk.Now() // what the caller holds is not believed
	for name, try := range map[string]func(s staff.Session) error{
		"password": func(s staff.Session) error { return w.office.SetPassword(w.ctx, s, w.home, otherPassword) },
		"passkey":  func(s staff.Session) error { _, err := w.office.BeginPasskey(w.ctx, s, w.home); return err },
		"app":      func(s staff.Session) error { _, err := w.office.BeginTOTP(w.ctx, s, w.home); return err },
		"code":     func(s staff.Session) error { return w.office.SetTOTP(w.ctx, s, "", "") },
		"key":      func(s staff.Session) error { return w.office.AddPasskey(w.ctx, s, staff.NewPasskey{}) },
		"remove":   func(s staff.Session) error { return w.office.Remove(w.ctx, s, all[0].ID) },
	} {
		t.Run(name, func(t *testing.T) {
			want(t, try(in.Session), fault.Expired, "fresh-check")
			want(t, try(forged), fault.Expired, "fresh-check")
			want(t, try(staff.Session{}), fault.Expired, "session-ended")
		})
	}
}

func TestHashIsMadeAnewWhenTheCostChanges(t *testing.T) {
	each(t, func(w *world) {
		w.worker("amal", ident.Staff{})
		cfg := config()
		cfg.Cost.Passes++
		o := w.newOffice(cfg)
		for _, hashes := range []uint64{2, 1} { // the old and the new, then the new alone
			before := o.Hashes()
			if _, err := o.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.home}); err != nil {
				w.t.Fatal(err)
			}
			if got := o.Hashes() - before; got != hashes {
				w.t.Errorf("%d hashes, want %d", got, hashes)
			}
		}
	})
}

func TestOverlongPasswordsAreWrongNotSlow(t *testing.T) {
	w := one(t)
	w.worker("amal", ident.Staff{})
	before := w.office.Hashes()
	_, err := w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: staff.Secret(strings.Repeat("x", 1<<20)), Source: w.home})
	want(t, err, fault.Denied, "sign-in-refused")
	_, err = w.office.SignIn(w.ctx, staff.Attempt{Name: staff.Secret(strings.Repeat("x", 1<<20)), Password: "x", Source: w.home})
	want(t, err, fault.Denied, "sign-in-refused")
	_, err = w.office.SignIn(w.ctx, staff.Attempt{Source: w.home})
	want(t, err, fault.Denied, "sign-in-refused")
	if got := w.office.Hashes() - before; got != 3 {
		t.Errorf("%d hashes, want 3", got)
	}
}
