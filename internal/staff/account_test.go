package staff_test

import (
	"strings"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
	"causeway/internal/store"
)

func TestNewAccounts(t *testing.T) {
	w := one(t)
	boss, _ := w.supervisor("samira")
	worker := w.worker("taken", ident.Staff{})
	good := staff.NewAccount{SignIn: "not.taken", Name: "Amal H.", Unit: w.unit, Role: staff.CaseWorker, Language: "ar", Supervisor: boss}
	tests := []struct {
		name  string
		alter func(*staff.NewAccount)
		field string // "" is accepted
		code  string
	}{
		{"in order", func(a *staff.NewAccount) { a.SignIn = "amal" }, "", ""},
		{"another script", func(a *staff.NewAccount) { a.SignIn = "أمل.حداد" }, "", ""},
		{"without supervisor", func(a *staff.NewAccount) { a.SignIn, a.Supervisor = "top.one", ident.Staff{} }, "", ""},
		{"e-mail address", func(a *staff.NewAccount) { a.SignIn = "amal@node.example" }, "account", "sign-in-name"},
		{"blank inside", func(a *staff.NewAccount) { a.SignIn = "amal h" }, "account", "sign-in-name"},
		{"too short", func(a *staff.NewAccount) { a.SignIn = "am" }, "account", "sign-in-name"},
		{"too long", func(a *staff.NewAccount) { a.SignIn = staff.Secret(strings.Repeat("a", 41)) }, "account", "sign-in-name"},
		{"right-to-left override", func(a *staff.NewAccount) { a.SignIn = "am\u202eal" }, "account", "sign-in-name"},
		{"taken in other letters", func(a *staff.NewAccount) { a.SignIn = "ＴＡＫＥＮ " }, "account", "taken"},
		{"no name", func(a *staff.NewAccount) { a.Name = " " }, "staff_name", "required"},
		{"endless name", func(a *staff.NewAccount) { a.Name = staff.Secret(strings.Repeat("é", 101)) }, "staff_name", "too-long"},
		{"invisible sign in the name", func(a *staff.NewAccount) { a.Name = "Amal\u2066" }, "staff_name", "text"},
		{"unknown role", func(a *staff.NewAccount) { a.Role = "root" }, "role", "unknown"},
		{"unknown language", func(a *staff.NewAccount) { a.Language = "xx" }, "language", "unknown"},
		{"unknown unit", func(a *staff.NewAccount) { a.Unit = ident.New[ident.Unit]() }, "unit", "unknown"},
		{"unknown supervisor", func(a *staff.NewAccount) { a.Supervisor = ident.New[ident.Staff]() }, "supervisor", "unknown"},
		{"a case worker as supervisor", func(a *staff.NewAccount) { a.Supervisor = worker }, "supervisor", "not-a-supervisor"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := good
			test.alter(&in)
			err := w.try(func(tx *store.Tx) error {
				_, err := w.office.Create(w.ctx, tx, staff.Shell(), in)
				return err
			})
			if test.field == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			wantField(t, err, test.field, test.code)
		})
	}
}

// change applies one change as somebody and returns what came of it.
func (w *world) change(by staff.By, id ident.Staff, c staff.Change) error {
	w.t.Helper()
	v := w.version(id)
	return w.try(func(tx *store.Tx) error { return w.office.Change(w.ctx, tx, by, id, v, c) })
}

func TestChangeOfRole(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		session := w.signIn("amal")
		role := staff.Auditor
		wantField(w.t, w.change(team.by, team.worker, staff.Change{Role: &role}), "role", "second-factor-first")
		if _, err := w.office.Session(w.ctx, session.Token); err != nil {
			w.t.Errorf("a refused change ended a session: %v", err)
		}

		e, err := w.office.BeginTOTP(w.ctx, session.Session, w.home)
		if err != nil {
			w.t.Fatal(err)
		}
		if err := w.office.SetTOTP(w.ctx, session.Session, e.Token, w.code(e.Secret)); err != nil {
			w.t.Fatal(err)
		}
		if err := w.change(team.by, team.worker, staff.Change{Role: &role}); err != nil {
			w.t.Fatal(err)
		}
		_, err = w.office.Session(w.ctx, session.Token)
		want(w.t, err, fault.Expired, "session-ended")
		w.clk.Advance(time.Minute)
		in := w.signInWith("amal", e.Secret)
		if in.Session.Role != staff.Auditor || len(in.Notices) != 2 || in.Notices[1].Kind != staff.NoticeRole {
			w.t.Errorf("signed in as %s, notices %+v", in.Session.Role, in.Notices)
		}
		got := w.log.find("GRANT", "staff.role", "ok")
		if len(got) != 1 || got[0].Actor != team.boss || string(got[0].Rows[0].Row) != string(team.worker[:]) {
			w.t.Errorf("entries = %+v", got)
		}
	})
}

func TestChangeOfOtherThings(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		session := w.signIn("amal")
		name, language := staff.Secret("Amal Haddad"), "fr"
		other, _ := w.supervisor("rashid")
		var south ident.Unit
		w.write(func(tx *store.Tx) (err error) {
			south, err = w.office.CreateUnit(w.ctx, tx, staff.Shell(), w.unit, "South")
			return err
		})
		if err := w.change(team.by, team.worker, staff.Change{Name: &name, Language: &language, Unit: &south, Supervisor: &other}); err != nil {
			w.t.Fatal(err)
		}
		a := w.get(team.worker)
		if a.Name.Reveal() != "Amal Haddad" || a.SignIn.Reveal() != "amal" || a.Language != "fr" || a.Unit != south || a.Supervisor != other {
			w.t.Errorf("account = %+v", a)
		}
		s, err := w.office.Session(w.ctx, session.Token)
		if err != nil {
			w.t.Fatal(err)
		}
		w.clk.Advance(4 * time.Second) // the copy in memory
		if s, err = w.office.Session(w.ctx, session.Token); err != nil || s.Unit != south || s.Language != "fr" {
			w.t.Errorf("session = %+v, %v", s, err)
		}
		if n, err := w.office.Notices(w.ctx, s); err != nil || len(n) != 1 || n[0].Kind != staff.NoticeSupervisor {
			w.t.Errorf("notices = %+v, %v", n, err)
		}
		v := a.Version
		if err := w.change(team.by, team.worker, staff.Change{}); err != nil || w.version(team.worker) != v {
			w.t.Errorf("no change made version %d of %d, %v", w.version(team.worker), v, err)
		}
		if err := w.office.SetLanguage(w.ctx, s, "en"); err != nil || w.get(team.worker).Language != "en" {
			w.t.Errorf("own language: %v", err)
		}
		wantField(w.t, w.office.SetLanguage(w.ctx, s, "xx"), "language", "unknown")
	})
}

func TestNobodyRaisesThemselves(t *testing.T) {
	w := one(t)
	team := newTeam(w)
	operator := staff.NodeOperator
	v := w.version(team.boss)
	for name, try := range map[string]func(tx *store.Tx) error{
		"role": func(tx *store.Tx) error {
			return w.office.Change(w.ctx, tx, team.by, team.boss, v, staff.Change{Role: &operator})
		},
		"disable":  func(tx *store.Tx) error { return w.office.Disable(w.ctx, tx, team.by, team.boss, v) },
		"enable":   func(tx *store.Tx) error { return w.office.Enable(w.ctx, tx, team.by, team.boss, v) },
		"invite":   func(tx *store.Tx) error { _, err := w.office.Invite(w.ctx, tx, team.by, team.boss); return err },
		"withdraw": func(tx *store.Tx) error { return w.office.Withdraw(w.ctx, tx, team.by, team.boss) },
		"deputy": func(tx *store.Tx) error {
			return w.office.SetDeputy(w.ctx, tx, team.by, staff.Deputy{
				Staff: team.worker, Deputy: team.boss,
				From: w.clk.Now(), Until: w.clk.Now().Add(time.Hour),
			})
		},
	} {
		t.Run(name, func(t *testing.T) { want(t, w.try(try), fault.Denied, "own-account") })
	}
}

func TestLostRace(t *testing.T) {
	w := one(t)
	team := newTeam(w)
	v := w.version(team.worker)
	name := staff.Secret("Amal Haddad")
	if err := w.change(team.by, team.worker, staff.Change{Name: &name}); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		w.try(func(tx *store.Tx) error {
			return w.office.Change(w.ctx, tx, team.by, team.worker, v, staff.Change{Name: &name})
		}),
		w.try(func(tx *store.Tx) error { return w.office.Disable(w.ctx, tx, team.by, team.worker, v) }),
	} {
		want(t, err, fault.Conflict, "changed-meanwhile")
	}
}

func TestActorsWhoMayNot(t *testing.T) {
	w := one(t)
	team := newTeam(w)
	signedOut := w.signIn("amal")
	if err := w.office.SignOut(w.ctx, signedOut.Token); err != nil {
		t.Fatal(err)
	}
	target := w.worker("bilal", team.boss)
	deeds := map[string]func(tx *store.Tx, by staff.By) error{
		"create": func(tx *store.Tx, by staff.By) error {
			_, err := w.office.Create(w.ctx, tx, by, staff.NewAccount{})
			return err
		},
		"change": func(tx *store.Tx, by staff.By) error {
			return w.office.Change(w.ctx, tx, by, target, w.version(target), staff.Change{})
		},
		"enable":   func(tx *store.Tx, by staff.By) error { return w.office.Enable(w.ctx, tx, by, target, 1) },
		"disable":  func(tx *store.Tx, by staff.By) error { return w.office.Disable(w.ctx, tx, by, target, 1) },
		"withdraw": func(tx *store.Tx, by staff.By) error { return w.office.Withdraw(w.ctx, tx, by, target) },
		"deputy":   func(tx *store.Tx, by staff.By) error { return w.office.SetDeputy(w.ctx, tx, by, staff.Deputy{}) },
		"end deputy": func(tx *store.Tx, by staff.By) error {
			return w.office.EndDeputy(w.ctx, tx, by, team.boss, target)
		},
		"invite": func(tx *store.Tx, by staff.By) error { _, err := w.office.Invite(w.ctx, tx, by, target); return err },
		"unit": func(tx *store.Tx, by staff.By) error {
			_, err := w.office.CreateUnit(w.ctx, tx, by, w.unit, "x")
			return err
		},
		"name": func(tx *store.Tx, by staff.By) error { return w.office.SetOrganisation(w.ctx, tx, by, "x") },
		"agency": func(tx *store.Tx, by staff.By) error {
			_, err := w.office.CreateAgency(w.ctx, tx, by, staff.Agency{})
			return err
		},
		"change of an agency": func(tx *store.Tx, by staff.By) error { return w.office.ChangeAgency(w.ctx, tx, by, staff.Agency{}) },
		"profile": func(tx *store.Tx, by staff.By) error {
			return w.office.SetProfile(w.ctx, tx, by, target, staff.Profile{})
		},
		"unit under an agency": func(tx *store.Tx, by staff.By) error {
			return w.office.PlaceUnit(w.ctx, tx, by, w.unit, ident.Agency{})
		},
	}
	for name, deed := range deeds {
		t.Run(name, func(t *testing.T) {
			err := w.try(func(tx *store.Tx) error { return deed(tx, staff.By{}) })
			want(t, err, fault.Denied, "no-actor")
			err = w.try(func(tx *store.Tx) error { return deed(tx, signedOut.Session.By()) })
			want(t, err, fault.Expired, "session-ended")
		})
	}
}

func TestDisableAndEnable(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		session := w.signIn("amal")
		v := w.version(team.worker)
		w.write(func(tx *store.Tx) error { return w.office.Disable(w.ctx, tx, team.by, team.worker, v) })
		_, err := w.office.Session(w.ctx, session.Token)
		want(w.t, err, fault.Expired, "session-ended")
		before := w.office.Hashes()
		_, err = w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.home})
		want(w.t, err, fault.Denied, "sign-in-refused")
		if w.office.Hashes() != before+1 {
			w.t.Error("a disabled account answers without a hash")
		}
		v = w.version(team.worker)
		w.write(func(tx *store.Tx) error { return w.office.Enable(w.ctx, tx, staff.Shell(), team.worker, v) })
		_, err = w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.home})
		want(w.t, err, fault.Denied, "sign-in-refused") // old credentials do not come back
		in, err := team.again(team.by)
		if err != nil {
			w.t.Fatal(err)
		}
		w.accept(in, goodPassword)
		w.signIn("amal")
		if n := len(w.log.find("REVOKE", "staff.account", "ok")) + len(w.log.find("GRANT", "staff.account", "ok")); n != 2 {
			w.t.Errorf("%d entries, want 2", n)
		}
	})
}

func TestFind(t *testing.T) {
	w := one(t)
	id := w.account("amal", staff.CaseWorker, ident.Staff{})
	for name, wantID := range map[staff.Secret]ident.Staff{" AMAL ": id, "nobody": {}} {
		var got staff.Account
		err := w.db.Read(w.ctx, func(tx *store.Tx) (err error) {
			got, err = w.office.Find(w.ctx, tx, name)
			return err
		})
		if got.ID != wantID || wantID.IsZero() != fault.Is(err, fault.NotFound) {
			t.Errorf("Find = %v, %v", got.ID, err)
		}
	}
}
