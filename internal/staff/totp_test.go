package staff_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"

	"github.com/pquerna/otp/totp"
)

// code is what an authenticator app shows now.
func (w *world) code(secret staff.Secret) staff.Secret {
	w.t.Helper()
	c, err := totp.GenerateCode(strings.ReplaceAll(string(secret), " ", ""), w.clk.Now())
	if err != nil {
		w.t.Fatalf("generate code: %v", err)
	}
	return staff.Secret(c)
}

func TestCodeIsAskedForAndServesOnce(t *testing.T) {
	each(t, func(w *world) {
		id, secret := w.supervisor("samira")
		in := w.signIn("samira") // password alone
		if in.Token != "" || in.Second == "" {
			w.t.Fatalf("after the password: %+v", in)
		}
		code := w.code(secret)
		done, err := w.office.SecondStep(w.ctx, in.Second, code, "Firefox on Linux", w.home)
		if err != nil || done.Session.Staff != id || done.Session.Strength != staff.ByTOTP {
			w.t.Fatalf("second step = %+v, %v", done.Session, err)
		}
		_, err = w.office.SecondStep(w.ctx, in.Second, code, "", w.home)
		want(w.t, err, fault.Expired, "ceremony-ended")

		again := w.signIn("samira")
		_, err = w.office.SecondStep(w.ctx, again.Second, code, "", w.home)
		want(w.t, err, fault.Denied, "code-refused") // seen over her shoulder
		_, err = w.office.SignIn(w.ctx, staff.Attempt{Name: "samira", Password: goodPassword, Code: code, Source: w.home})
		want(w.t, err, fault.Denied, "code-refused")
		w.clk.Advance(30 * time.Second)
		if _, err := w.office.SecondStep(w.ctx, again.Second, w.code(secret), "", w.home); err != nil {
			w.t.Errorf("the next code: %v", err)
		}
	})
}

func TestCodeOfANeighbouringStep(t *testing.T) {
	tests := []struct {
		name string
		ago  time.Duration
		ok   bool
	}{
		{"now", 0, true},
		{"clock slow", 30 * time.Second, true},
		{"clock fast", -30 * time.Second, true},
		{"too old", 60 * time.Second, false},
		{"too early", -60 * time.Second, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := one(t)
			_, secret := w.supervisor("samira")
			w.clk.Advance(10 * time.Minute)
			w.clk.Advance(-test.ago)
			code := w.code(secret)
			w.clk.Advance(test.ago)
			_, err := w.office.SignIn(w.ctx, staff.Attempt{Name: "samira", Password: goodPassword, Code: code, Source: w.home})
			if ok := err == nil; ok != test.ok {
				t.Errorf("got %v, want accepted %v", err, test.ok)
			}
		})
	}
}

func TestFiveWrongCodesEndTheStepAndAreTold(t *testing.T) {
	each(t, func(w *world) {
		id, secret := w.supervisor("samira")
		in, err := w.office.SignIn(w.ctx, staff.Attempt{Name: "samira", Password: goodPassword, Source: w.away})
		if err != nil {
			w.t.Fatal(err)
		}
		for range 5 {
			_, err := w.office.SecondStep(w.ctx, in.Second, "000000", "", w.away)
			want(w.t, err, fault.Denied, "code-refused")
		}
		_, err = w.office.SecondStep(w.ctx, in.Second, w.code(secret), "", w.away)
		want(w.t, err, fault.Expired, "ceremony-ended")
		// Going on with new steps is slowed like guessing a password.
		_, err = w.office.SignIn(w.ctx, staff.Attempt{Name: "samira", Password: goodPassword, Source: w.away})
		want(w.t, err, fault.Unavailable, "slow-down")

		if got := w.log.find("LOGIN", "staff.second-step", "denied"); len(got) != 1 || got[0].Actor != id || got[0].Count != 5 {
			w.t.Errorf("entries = %+v", got)
		}
		ok := w.signInWith("samira", secret)
		if len(ok.Notices) != 1 || ok.Notices[0].Kind != staff.NoticeWrongCodes {
			w.t.Errorf("notices = %+v", ok.Notices)
		}
	})
}

func TestSecondStepDoesNotWait(t *testing.T) {
	w := one(t)
	_, secret := w.supervisor("samira")
	in := w.signIn("samira")
	w.clk.Advance(5 * time.Minute)
	_, err := w.office.SecondStep(w.ctx, in.Second, w.code(secret), "", w.home)
	want(t, err, fault.Expired, "ceremony-ended")
}

func TestSetTOTPForOneself(t *testing.T) {
	each(t, func(w *world) {
		w.worker("amal", ident.Staff{})
		in := w.signIn("amal")
		e, err := w.office.BeginTOTP(w.ctx, in.Session, w.home)
		if err != nil {
			w.t.Fatal(err)
		}
		u, err := url.Parse(string(e.URL))
		if err != nil || u.Scheme != "otpauth" || u.Query().Get("secret") != strings.ReplaceAll(string(e.Secret), " ", "") ||
			u.Query().Get("issuer") != "Causeway test" || u.Path != "/Causeway test:amal" {
			w.t.Errorf("URL = %q, %v", string(e.URL), err)
		}
		wantField(w.t, w.office.SetTOTP(w.ctx, in.Session, e.Token, "000000"), "code", "code-wrong")
		w.signIn("amal") // nothing is asked for yet
		if err := w.office.SetTOTP(w.ctx, in.Session, e.Token, w.code(e.Secret)); err != nil {
			w.t.Fatal(err)
		}
		if in := w.signIn("amal"); in.Token != "" || in.Second == "" {
			w.t.Error("an authenticator app that was set up is not asked for")
		}
		w.bilalCannotUse(e)
	})
}

// bilalCannotUse tries somebody else's enrolment.
func (w *world) bilalCannotUse(e staff.Enrolment) {
	w.t.Helper()
	w.worker("bilal", ident.Staff{})
	in := w.signIn("bilal")
	want(w.t, w.office.SetTOTP(w.ctx, in.Session, e.Token, w.code(e.Secret)), fault.Expired, "ceremony-ended")
}

func TestRoleThatNeedsASecondFactor(t *testing.T) {
	w := one(t)
	// The rule became stricter after a case worker had made only a password.
	id := w.worker("amal", ident.Staff{})
	cfg := config()
	cfg.Rules[staff.CaseWorker] = staff.SecondFactor
	strict := w.newOffice(cfg)
	_, err := strict.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.home})
	want(t, err, fault.Denied, "second-factor-missing")

	// With a passkey, the passkey is asked for.
	in := w.signIn("amal")
	c, err := w.office.BeginPasskey(w.ctx, in.Session, w.home)
	if err != nil {
		t.Fatal(err)
	}
	key := newAuthenticator(t)
	if err := w.office.AddPasskey(w.ctx, in.Session, staff.NewPasskey{Token: c.Token, Response: key.create(c)}); err != nil {
		t.Fatal(err)
	}
	got, err := strict.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.home})
	if err != nil || got.Token != "" || !got.Passkey {
		t.Errorf("with a passkey: %+v, %v", got, err)
	}
	if w.get(id).State != staff.Active {
		t.Error("not active")
	}
}
