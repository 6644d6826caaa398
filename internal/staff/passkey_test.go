package staff_test

import (
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
)

// passkeyOwner makes an auditor who has nothing but a passkey.
func (w *world) passkeyOwner(signIn staff.Secret) (ident.Staff, *authenticator) {
	w.t.Helper()
	id := w.account(signIn, staff.Auditor, ident.Staff{})
	admission := w.admit(w.invite(staff.Shell(), id))
	c, err := w.office.BeginInvitedPasskey(w.ctx, admission, w.home)
	if err != nil {
		w.t.Fatalf("begin passkey: %v", err)
	}
	key := newAuthenticator(w.t)
	if err := w.office.Accept(w.ctx, staff.Acceptance{
		Admission: admission, Source: w.home,
		Passkey: &staff.NewPasskey{Token: c.Token, Response: key.create(c), Label: "blue key"},
	}); err != nil {
		w.t.Fatalf("accept: %v", err)
	}
	return id, key
}

func (w *world) beginPasskey() staff.Ceremony {
	w.t.Helper()
	c, err := w.office.BeginPasskeySignIn(w.ctx, w.home)
	if err != nil {
		w.t.Fatalf("begin passkey: %v", err)
	}
	return c
}

// passkeySignIn signs in with a passkey and returns what came of it.
func (w *world) passkeySignIn(key *authenticator) (staff.SignedIn, error) {
	w.t.Helper()
	c := w.beginPasskey()
	return w.office.PasskeySignIn(w.ctx, c.Token, key.get(c), "Firefox on Linux", w.home)
}

func TestPasskeyAloneSignsIn(t *testing.T) {
	each(t, func(w *world) {
		id, key := w.passkeyOwner("omar")
		for range 2 {
			in, err := w.passkeySignIn(key)
			if err != nil {
				w.t.Fatal(err)
			}
			if in.Session.Staff != id || in.Session.Strength != staff.ByPasskey {
				w.t.Errorf("session = %+v", in.Session)
			}
			if _, err := w.office.Session(w.ctx, in.Token); err != nil {
				w.t.Error(err)
			}
		}
	})
}

func TestPasskeyOptions(t *testing.T) {
	w := one(t)
	id := w.account("omar", staff.Auditor, ident.Staff{})
	admission := w.admit(w.invite(staff.Shell(), id))
	c, err := w.office.BeginInvitedPasskey(w.ctx, admission, w.home)
	if err != nil {
		t.Fatal(err)
	}
	key := newAuthenticator(t)
	o := key.read(c).PublicKey
	if o.RP.ID != "node.example" || o.AuthenticatorSelection.ResidentKey != "required" || o.AuthenticatorSelection.UserVerification != "required" {
		t.Errorf("registration options = %+v", o)
	}
	if o.User.Name != "omar" || o.User.DisplayName != "omar" {
		t.Errorf("the authenticator would show %q, %q; want the sign-in name only", o.User.Name, o.User.DisplayName)
	}
	o = key.read(w.beginPasskey()).PublicKey
	if o.RPID != "node.example" || o.UserVerification != "required" || len(o.AllowCredentials) != 0 {
		t.Errorf("sign-in options = %+v", o)
	}
}

func TestPasskeySignInIsRefused(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(w *world, id ident.Staff, key *authenticator)
	}{
		{"without user verification", func(_ *world, _ ident.Staff, key *authenticator) { key.flags = 0 }},
		{"from another site", func(_ *world, _ ident.Staff, key *authenticator) { key.origin = "https://node.example.evil" }},
		{"for another relying party", func(_ *world, _ ident.Staff, key *authenticator) { key.rpID = "evil.example" }},
		{"with another key", func(_ *world, _ ident.Staff, key *authenticator) { key.key = newAuthenticator(key.t).key }},
		{"with a key nobody knows", func(_ *world, _ ident.Staff, key *authenticator) { key.id = newAuthenticator(key.t).id }},
		{"in another person's name", func(w *world, _ ident.Staff, key *authenticator) {
			other, _ := w.passkeyOwner("zoya")
			key.user = other[:]
		}},
		{"in nobody's name", func(_ *world, _ ident.Staff, key *authenticator) { key.user = make([]byte, 16) }},
		{"with a handle that is none", func(_ *world, _ ident.Staff, key *authenticator) { key.user = []byte("short") }},
		{"from a copied key", func(_ *world, _ ident.Staff, key *authenticator) { key.count = 0 }},
		{"for a disabled account", func(w *world, id ident.Staff, _ *authenticator) { w.disable(id) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := one(t)
			id, key := w.passkeyOwner("omar")
			if _, err := w.passkeySignIn(key); err != nil {
				t.Fatal(err)
			}
			test.spoil(w, id, key)
			in, err := w.passkeySignIn(key)
			want(t, err, fault.Denied, "sign-in-refused")
			if in.Token != "" {
				t.Error("a refused sign-in has a token")
			}
		})
	}
}

func TestPasskeyChallengeServesOnceAndNotForLong(t *testing.T) {
	each(t, func(w *world) {
		_, key := w.passkeyOwner("omar")
		c := w.beginPasskey()
		answer := key.get(c)
		if _, err := w.office.PasskeySignIn(w.ctx, c.Token, answer, "", w.home); err != nil {
			w.t.Fatal(err)
		}
		_, err := w.office.PasskeySignIn(w.ctx, c.Token, answer, "", w.home)
		want(w.t, err, fault.Expired, "ceremony-ended")

		c = w.beginPasskey()
		_, err = w.office.PasskeySignIn(w.ctx, w.beginPasskey().Token, key.get(c), "", w.home)
		want(w.t, err, fault.Denied, "sign-in-refused") // the answer to another challenge

		c = w.beginPasskey()
		w.clk.Advance(5 * time.Minute)
		_, err = w.office.PasskeySignIn(w.ctx, c.Token, key.get(c), "", w.home)
		want(w.t, err, fault.Expired, "ceremony-ended")
	})
}

func TestPasskeyAnswersNobodyCouldMake(t *testing.T) {
	w := one(t)
	w.passkeyOwner("omar")
	for name, answer := range map[string][]byte{
		"empty": nil, "not JSON": []byte("<html>"), "empty object": []byte("{}"), "huge": make([]byte, 1<<20),
	} {
		_, err := w.office.PasskeySignIn(w.ctx, w.beginPasskey().Token, answer, "", w.home)
		if !fault.Is(err, fault.Denied) {
			t.Errorf("%s: got %v, want denied", name, err)
		}
	}
	for _, token := range []staff.Secret{"", "x", staff.Secret(make([]byte, 43))} {
		_, err := w.office.PasskeySignIn(w.ctx, token, nil, "", w.home)
		want(t, err, fault.Expired, "ceremony-ended")
	}
}

func TestAddAndRemovePasskey(t *testing.T) {
	each(t, func(w *world) {
		w.worker("amal", ident.Staff{})
		other := w.signIn("amal")
		in := w.signIn("amal")
		c, err := w.office.BeginPasskey(w.ctx, in.Session, w.home)
		if err != nil {
			w.t.Fatal(err)
		}
		key := newAuthenticator(w.t)
		answer := key.create(c)
		if err := w.office.AddPasskey(w.ctx, in.Session, staff.NewPasskey{Token: c.Token, Response: answer, Label: "my phone"}); err != nil {
			w.t.Fatal(err)
		}
		_, err = w.office.Session(w.ctx, other.Token)
		want(w.t, err, fault.Expired, "session-ended")
		if err := w.office.AddPasskey(w.ctx, in.Session, staff.NewPasskey{Token: c.Token, Response: answer}); fault.CodeOf(err) != "ceremony-ended" {
			w.t.Errorf("second use of a ceremony: %v", err)
		}
		again, err := w.passkeySignIn(key)
		if err != nil {
			w.t.Fatal(err)
		}
		if n := len(again.Notices); n != 1 || again.Notices[0].Kind != staff.NoticePasskeyAdded {
			w.t.Errorf("notices = %+v", again.Notices)
		}
		c, err = w.office.BeginPasskey(w.ctx, in.Session, w.home)
		if err != nil || len(key.read(c).PublicKey.ExcludeCredentials) != 1 {
			w.t.Errorf("a second passkey on the same device is not prevented: %v", err)
		}

		all, err := w.office.Credentials(w.ctx, again.Session)
		if err != nil || len(all) != 2 || all[1].Kind != staff.ByPasskey || all[1].Label.IsZero() || all[1].Used.IsZero() {
			w.t.Fatalf("credentials = %+v, %v", all, err)
		}
		if err := w.office.Remove(w.ctx, again.Session, all[1].ID); err != nil {
			w.t.Fatal(err)
		}
		_, err = w.passkeySignIn(key)
		want(w.t, err, fault.Denied, "sign-in-refused")
		want(w.t, w.office.Remove(w.ctx, again.Session, all[0].ID), fault.Invalid, "last-credential")
		want(w.t, w.office.Remove(w.ctx, again.Session, ident.New[ident.Credential]()), fault.NotFound, "no-such-page")
	})
}

func TestPasskeyOfAnotherCannotBeAdded(t *testing.T) {
	w := one(t)
	w.worker("amal", ident.Staff{})
	w.worker("bilal", ident.Staff{})
	amal, bilal := w.signIn("amal"), w.signIn("bilal")
	c, err := w.office.BeginPasskey(w.ctx, amal.Session, w.home)
	if err != nil {
		t.Fatal(err)
	}
	key := newAuthenticator(t)
	err = w.office.AddPasskey(w.ctx, bilal.Session, staff.NewPasskey{Token: c.Token, Response: key.create(c)})
	want(t, err, fault.Expired, "ceremony-ended")
	key.flags = 0
	c, err = w.office.BeginPasskey(w.ctx, amal.Session, w.home)
	if err != nil {
		t.Fatal(err)
	}
	err = w.office.AddPasskey(w.ctx, amal.Session, staff.NewPasskey{Token: c.Token, Response: key.create(c)})
	want(t, err, fault.Invalid, "passkey-refused") // made without looking who is there
	err = w.office.AddPasskey(w.ctx, amal.Session, staff.NewPasskey{Token: c.Token, Label: "a\u202eb"})
	wantField(t, err, "label", "text")
}

func TestNoPasskeysOnANumber(t *testing.T) {
	w := one(t)
	cfg := config()
	cfg.Origin = "http://127.0.0.1:8080"
	o := w.newOffice(cfg)
	if o.Passkeys() || !w.office.Passkeys() {
		t.Error("passkeys belong to a name, never to a number")
	}
	_, err := o.BeginPasskeySignIn(w.ctx, w.home)
	want(t, err, fault.Unavailable, "no-passkeys-here")
}

func TestConfirmByPasskey(t *testing.T) {
	each(t, func(w *world) {
		_, key := w.passkeyOwner("omar")
		_, stranger := w.passkeyOwner("zoya")
		in, err := w.passkeySignIn(key)
		if err != nil {
			w.t.Fatal(err)
		}
		if err := w.office.Lock(w.ctx, in.Token); err != nil {
			w.t.Fatal(err)
		}
		begin := func() staff.Ceremony {
			c, err := w.office.BeginPasskeyConfirm(w.ctx, in.Token, w.home)
			if err != nil {
				w.t.Fatal(err)
			}
			return c
		}
		c := begin()
		_, err = w.office.PasskeyConfirm(w.ctx, in.Token, c.Token, stranger.get(c), w.home)
		want(w.t, err, fault.Denied, "sign-in-refused")
		_, err = w.office.PasskeyConfirm(w.ctx, in.Token, w.beginPasskey().Token, key.get(c), w.home)
		want(w.t, err, fault.Expired, "ceremony-ended") // a sign-in challenge is no confirmation
		c = begin()
		s, err := w.office.PasskeyConfirm(w.ctx, in.Token, c.Token, key.get(c), w.home)
		if err != nil || s.Locked || !w.office.Fresh(s, w.office.FreshFor()) {
			w.t.Errorf("confirm = %+v, %v", s, err)
		}
		// A password could not have been enough for this role.
		_, err = w.office.Confirm(w.ctx, in.Token, staff.Proof{Password: goodPassword, Source: w.home})
		want(w.t, err, fault.Denied, "sign-in-refused")
	})
}

func TestPasswordBesideAPasskey(t *testing.T) {
	w := one(t)
	admission := w.admit(w.invite(staff.Shell(), w.account("samira", staff.Supervisor, ident.Staff{})))
	c, err := w.office.BeginInvitedPasskey(w.ctx, admission, w.home)
	if err != nil {
		t.Fatal(err)
	}
	key := newAuthenticator(t)
	if err := w.office.Accept(w.ctx, staff.Acceptance{
		Admission: admission, Password: goodPassword, Source: w.home,
		Passkey: &staff.NewPasskey{Token: c.Token, Response: key.create(c)},
	}); err != nil {
		t.Fatal(err)
	}
	if in := w.signIn("samira"); in.Token != "" || !in.Passkey {
		t.Errorf("the password alone opened %+v", in)
	}
	in, err := w.passkeySignIn(key)
	if err != nil {
		t.Fatal(err)
	}
	// What the role needs to sign in, it needs to confirm.
	_, err = w.office.Confirm(w.ctx, in.Token, staff.Proof{Password: goodPassword, Source: w.home})
	want(t, err, fault.Denied, "passkey-needed")
	// The last passkey cannot go: a password alone is not enough for the role.
	all, err := w.office.Credentials(w.ctx, in.Session)
	if err != nil || len(all) != 2 {
		t.Fatalf("credentials = %+v, %v", all, err)
	}
	want(t, w.office.Remove(w.ctx, in.Session, all[1].ID), fault.Invalid, "last-credential")
	if err := w.office.Remove(w.ctx, in.Session, all[0].ID); err != nil {
		t.Errorf("the password can go: %v", err)
	}
}

func TestSignInPageCannotFillTheDisk(t *testing.T) {
	w := one(t)
	first := w.beginPasskey()
	for range 205 {
		w.clk.Advance(time.Millisecond)
		w.beginPasskey()
	}
	if n := w.count("SELECT COUNT(*) FROM staff_challenge"); n != 200 {
		t.Errorf("%d ceremonies are open, want 200", n)
	}
	_, err := w.office.PasskeySignIn(w.ctx, first.Token, nil, "", w.home)
	want(t, err, fault.Expired, "ceremony-ended") // the oldest made room
}
