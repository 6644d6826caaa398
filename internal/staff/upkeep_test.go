package staff_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/staff"
	"causeway/internal/store"
)

func TestConfigurationLeavesNothingOpen(t *testing.T) {
	w := one(t)
	tests := []struct {
		name  string
		alter func(*staff.Config)
		field string
	}{
		{"no origin", func(c *staff.Config) { c.Origin = "" }, "origin"},
		{"plain HTTP to the outside", func(c *staff.Config) { c.Origin = "http://node.example" }, "origin"},
		{"origin with a path", func(c *staff.Config) { c.Origin = "https://node.example/x" }, "origin"},
		{"no name", func(c *staff.Config) { c.Name = "" }, "name"},
		{"no languages", func(c *staff.Config) { c.Languages = nil }, "languages"},
		{"a role without a rule", func(c *staff.Config) { delete(c.Rules, staff.Auditor) }, "rules"},
		{"an unknown rule", func(c *staff.Config) { c.Rules[staff.Auditor] = "anything" }, "rules"},
		{"cheap hashes", func(c *staff.Config) { c.Cost = staff.Cost{Memory: 1024, Passes: 1} }, "cost"},
		{"negative limits", func(c *staff.Config) { c.Idle = -1 }, "limits"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := config()
			test.alter(&cfg)
			_, err := staff.New(cfg, staff.Deps{DB: w.db, Seals: w.custody, Root: w.ring, Journal: w.log})
			if got := fault.FieldsOf(err); len(got) != 1 || got[0].Name != test.field {
				t.Errorf("got %v, want field %s", err, test.field)
			}
		})
	}
	cfg := config()
	cfg.Origin, cfg.Cost = "http://localhost:8080", staff.Cost{}
	w.newOffice(cfg) // a demonstration on this machine, with the cost of a real node
}

func TestNoAccountIsThereToBeginWith(t *testing.T) {
	w := one(t)
	for _, name := range []staff.Secret{"admin", "root", "causeway", "operator"} {
		for _, password := range []staff.Secret{"", "admin", "password", "causeway"} {
			if _, err := w.office.SignIn(w.ctx, staff.Attempt{Name: name, Password: password, Source: w.home}); err == nil {
				t.Errorf("%q opened a new node", string(name))
			}
		}
	}
	if n := w.count("SELECT COUNT(*) FROM staff_account"); n != 0 {
		t.Errorf("%d accounts", n)
	}
}

func TestVoid(t *testing.T) {
	each(t, func(w *world) {
		id := w.worker("amal", ident.Staff{})
		in := w.signIn("amal")
		w.invite(staff.Shell(), w.account("bilal", staff.CaseWorker, ident.Staff{}))
		w.beginPasskey()
		w.exhaust("amal", w.away)
		w.write(func(tx *store.Tx) error { return w.office.Void(w.ctx, tx) })
		_, err := w.office.Session(w.ctx, in.Token)
		want(w.t, err, fault.Expired, "session-ended")
		for _, table := range []string{"staff_session", "staff_invitation", "staff_challenge", "staff_throttle"} {
			if n := w.count("SELECT COUNT(*) FROM " + table); n != 0 {
				w.t.Errorf("%d rows in %s", n, table)
			}
		}
		if got := w.log.find("REVOKE", "staff.void", "ok"); len(got) != 1 || got[0].Count != 1 {
			w.t.Errorf("entries = %+v", got)
		}
		if w.signIn("amal").Session.Staff != id {
			w.t.Error("credentials do not survive a restore")
		}
	})
}

func TestRebindUnderAnotherKeyring(t *testing.T) {
	each(t, func(w *world) {
		id := w.worker("amal", ident.Staff{})
		dir := w.t.TempDir()
		other, err := keys.CreateRing([]string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}, keys.PlainFile(), w.clk, "test")
		if err != nil {
			w.t.Fatal(err)
		}
		// The epoch keys came along, the root secret did not.
		moved, err := staff.New(config(), staff.Deps{DB: w.db, Seals: w.custody, Root: other, Journal: w.log})
		if err != nil {
			w.t.Fatal(err)
		}
		attempt := staff.Attempt{Name: "amal", Password: goodPassword, Source: w.home}
		_, err = moved.SignIn(w.ctx, attempt)
		want(w.t, err, fault.Denied, "sign-in-refused")
		w.write(func(tx *store.Tx) error { return moved.Rebind(w.ctx, tx) })
		in, err := moved.SignIn(w.ctx, attempt)
		if err != nil || in.Session.Staff != id {
			w.t.Fatalf("after rebinding: %v", err)
		}
		if _, err := moved.Directory(w.ctx); err != nil {
			w.t.Error(err)
		}
	})
}

func TestResealUnderTheNewKey(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		_, key := w.passkeyOwner("omar")
		oldest := func() (epoch int64, found bool) {
			if err := w.db.Read(w.ctx, func(tx *store.Tx) (err error) {
				epoch, found, err = w.office.OldestEpoch(w.ctx, tx)
				return err
			}); err != nil {
				w.t.Fatal(err)
			}
			return epoch, found
		}
		first, found := oldest()
		if !found {
			w.t.Fatal("no blobs")
		}
		w.write(func(tx *store.Tx) error { _, err := w.custody.RotateEpoch(w.ctx, tx); return err })
		if err := w.office.Tend(w.ctx); err != nil {
			w.t.Fatal(err)
		}
		w.write(func(tx *store.Tx) error {
			n, err := w.office.Reseal(w.ctx, tx)
			if want := 3 + 4; n != want { // three people; two passwords, an app, a passkey
				w.t.Errorf("%d blobs resealed, want %d", n, want)
			}
			return err
		})
		if now, _ := oldest(); now <= first {
			w.t.Errorf("oldest epoch is %d, was %d", now, first)
		}
		w.signIn("amal")
		w.signInWith("samira", team.secret)
		if _, err := w.passkeySignIn(key); err != nil {
			w.t.Error(err)
		}
	})
}

func TestRowsEditedBehindTheProgramsBack(t *testing.T) {
	tests := []struct {
		name  string
		sql   string
		works func(w *world, session staff.SignedIn) error
	}{
		{"role", "UPDATE staff_account SET role = 'supervisor'", useSession},
		{"language", "UPDATE staff_account SET language = 'fr'", useSession},
		{"supervisor", "UPDATE staff_account SET supervisor = (SELECT MIN(b.id) FROM staff_account b WHERE b.id <> staff_account.id)", useSession},
		{"session given to another", "UPDATE staff_session SET staff = (SELECT MIN(a.id) FROM staff_account a WHERE a.id <> staff_session.staff)", useSession},
		{"session made stronger", "UPDATE staff_session SET strength = 'passkey'", useSession},
		{"session made fresh", "UPDATE staff_session SET fresh_at = fresh_at + 600000000", useSession},
		{"session made younger", "UPDATE staff_session SET created_at = created_at + 600000000", useSession},
		{"passwords swapped", "UPDATE staff_password SET sealed = (SELECT MIN(b.sealed) FROM staff_password b WHERE b.staff <> staff_password.staff)", useSignIn},
		{"unit renamed", "UPDATE staff_unit SET name = 'South'", useDirectory},
		{"unit put under an agency", "UPDATE staff_unit SET agency = (SELECT MIN(id) FROM staff_agency)", useDirectory},
		{"language somebody does not speak", "UPDATE staff_profile SET speaks = 'am '", useDirectory},
		{"somebody else taking over", "UPDATE staff_heir SET heir = (SELECT MIN(a.id) FROM staff_account a WHERE a.id NOT IN (staff, heir))", useDirectory},
		{"agency of another sector", "UPDATE staff_agency SET sector = 'police'", useDirectory},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := one(t)
			w.worker("amal", ident.Staff{})
			w.worker("bilal", ident.Staff{})
			left := w.account("omar", staff.CaseWorker, ident.Staff{})
			w.write(func(tx *store.Tx) error {
				a, err := w.office.Find(w.ctx, tx, "amal")
				if err == nil {
					err = w.office.Leave(w.ctx, tx, staff.Shell(), left, 1, a.ID)
				}
				return err
			})
			amal := w.signIn("amal")
			if err := w.office.SetOwnProfile(w.ctx, amal.Session, staff.Profile{Presence: staff.OnDuty}); err != nil {
				t.Fatal(err)
			}
			w.clk.Advance(5 * time.Second) // the copies in memory
			if err := test.works(w, amal); err != nil {
				t.Fatalf("before: %v", err)
			}
			w.clk.Advance(5 * time.Second)
			w.write(func(tx *store.Tx) error { _, err := tx.Exec(w.ctx, test.sql); return err })
			err := test.works(w, amal)
			if code := fault.CodeOf(err); code != "staff-row-altered" && code != "record-altered" {
				t.Errorf("got %v, want the alteration found", err)
			}
		})
	}
}

func useSession(w *world, a staff.SignedIn) error {
	_, err := w.office.Session(w.ctx, a.Token)
	return err
}

func useSignIn(w *world, _ staff.SignedIn) error {
	_, err := w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.home})
	return err
}

func useDirectory(w *world, _ staff.SignedIn) error {
	_, err := w.newOffice(config()).Directory(w.ctx)
	return err
}

func TestNothingIsStoredInClear(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		_, key := w.passkeyOwner("omar")
		in := w.signIn("amal")
		invitation, err := team.again(team.by)
		if err != nil {
			w.t.Fatal(err)
		}
		admission := w.admit(invitation)
		e, err := w.office.BeginInvitedTOTP(w.ctx, admission, w.home)
		if err != nil {
			w.t.Fatal(err)
		}
		secrets := map[string]string{
			"name": "Name of", "sign-in name": "samira", "password": string(goodPassword), "label": "blue key",
			"session token": string(in.Token), "raw session token": string(raw(w.t, in.Token)),
			"invitation token": string(invitation.Token), "raw invitation token": string(raw(w.t, invitation.Token)),
			"voice code": string(invitation.Voice), "admission": string(raw(w.t, admission)),
			"authenticator secret": strings.ReplaceAll(string(e.Secret), " ", ""), "hash": "$argon2id$",
			"address": "203.0.113.7", "passkey": string(key.id),
		}
		for table, rows := range w.dump() {
			for what, secret := range secrets {
				if strings.Contains(rows, secret) {
					w.t.Errorf("%s is stored in clear in %s", what, table)
				}
			}
		}
	})
}

func raw(t *testing.T, s staff.Secret) []byte {
	t.Helper()
	b, err := b64.DecodeString(string(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNoNamesInTheJournal(t *testing.T) {
	w := one(t)
	newTeam(w)
	_ = w.wrong("amal", w.home)
	for _, e := range w.log.entries {
		text := fmt.Sprintf("%+v", e)
		for _, name := range []string{"amal", "samira", "Name of"} {
			if strings.Contains(text, name) {
				t.Errorf("entry %s shows a name", e.What)
			}
		}
		if e.Action == journal.Grant && len(e.Rows) == 0 {
			t.Errorf("entry %s does not say whom it is about", e.What)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	w := one(t)
	w.worker("amal", ident.Staff{})
	attempt := staff.Attempt{Name: "amal", Password: goodPassword, Source: w.home}
	in := w.signIn("amal")
	for name, v := range map[string]any{
		"attempt": attempt, "pointer": &attempt, "signed in": in, "secret": goodPassword,
		"slice": []staff.Secret{goodPassword}, "map": map[staff.Secret]staff.Secret{goodPassword: in.Token},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			text := fmt.Sprintf(verb, v)
			for _, secret := range []string{string(goodPassword), string(in.Token), fmt.Sprintf("%x", string(goodPassword))} {
				if strings.Contains(text, secret) {
					t.Errorf("%s with %s shows a secret", name, verb)
				}
			}
		}
		if b, err := json.Marshal(v); err == nil {
			t.Errorf("%s has JSON %s", name, b)
		}
	}
	var out strings.Builder
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "attempt", goodPassword)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "attempt", attempt)
	if strings.Contains(out.String(), string(goodPassword)) {
		t.Errorf("the log shows a secret: %s", out.String())
	}
}
