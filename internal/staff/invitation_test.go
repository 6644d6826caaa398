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

// dump returns everything in the tables of this package.
func (w *world) dump() (rows map[string]string) {
	w.t.Helper()
	rows = map[string]string{}
	if err := w.db.Dump(w.ctx, func(table string, _ []string, row []any) error {
		if strings.HasPrefix(table, "staff_") {
			var b strings.Builder
			for _, v := range row {
				switch v := v.(type) {
				case []byte:
					b.Write(v)
				case string:
					b.WriteString(v)
				case int64:
					b.WriteString(time.UnixMicro(v).String())
				}
				b.WriteByte('|')
			}
			rows[table] += b.String() + "\n"
		}
		return nil
	}); err != nil {
		w.t.Fatalf("dump: %v", err)
	}
	return rows
}

func TestLookingAtAnInvitationChangesNothing(t *testing.T) {
	each(t, func(w *world) {
		id := w.account("amal", staff.CaseWorker, ident.Staff{})
		in := w.invite(staff.Shell(), id)
		before := w.dump()
		for range 3 {
			guest, err := w.office.Peek(w.ctx, in.Token)
			if err != nil || guest.Role != staff.CaseWorker || guest.Unit != w.unit || guest.Again || !guest.Until.Equal(in.Until) ||
				guest.Rule != staff.PasswordEnough || guest.Name.Reveal() != "Name of amal" || guest.SignIn.Reveal() != "amal" {
				w.t.Fatalf("Peek = %+v, %v", guest, err)
			}
		}
		for table, rows := range w.dump() {
			if rows != before[table] {
				w.t.Errorf("looking changed %s", table)
			}
		}
		w.accept(in, goodPassword)
		if a := w.get(id); a.State != staff.Active {
			w.t.Errorf("state = %s", a.State)
		}
		_, err := w.office.Peek(w.ctx, in.Token)
		want(w.t, err, fault.Expired, "invitation-ended")
		_, _, err = w.office.Admit(w.ctx, in.Token, in.Voice, w.home)
		want(w.t, err, fault.Expired, "invitation-ended")
	})
}

func TestVoiceCode(t *testing.T) {
	each(t, func(w *world) {
		id := w.account("amal", staff.CaseWorker, ident.Staff{})
		in := w.invite(staff.Shell(), id)
		admit := func(voice staff.Secret) error {
			_, _, err := w.office.Admit(w.ctx, in.Token, voice, w.home)
			return err
		}
		for range 4 {
			wantField(w.t, admit("333333"), "voice_code", "voice-code-wrong")
		}
		// As people write it; the right code forgives what went before.
		if err := admit(staff.Secret(strings.ToLower(string(in.Voice[:3])) + " - " + string(in.Voice[3:]))); err != nil {
			w.t.Fatal(err)
		}
		for range 5 {
			wantField(w.t, admit("333333"), "voice_code", "voice-code-wrong")
		}
		want(w.t, admit(in.Voice), fault.Expired, "invitation-ended")
		_, err := w.office.Peek(w.ctx, in.Token)
		want(w.t, err, fault.Expired, "invitation-ended")
		if got := w.log.find("LOGIN", "staff.admit", "denied"); len(got) != 9 || got[0].Actor != id {
			w.t.Errorf("%d entries, want 9", len(got))
		}
	})
}

func TestInvitationEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(w *world, id ident.Staff)
	}{
		{"after a day", func(w *world, _ ident.Staff) { w.clk.Advance(24 * time.Hour) }},
		{"with the role it was for", func(w *world, id ident.Staff) {
			role, v := staff.Auditor, w.version(id)
			w.write(func(tx *store.Tx) error {
				return w.office.Change(w.ctx, tx, staff.Shell(), id, v, staff.Change{Role: &role})
			})
		}},
		{"with the account", func(w *world, id ident.Staff) { w.disable(id) }},
		{"when taken back", func(w *world, id ident.Staff) {
			w.write(func(tx *store.Tx) error { return w.office.Withdraw(w.ctx, tx, staff.Shell(), id) })
		}},
		{"when there is a newer one", func(w *world, id ident.Staff) { w.invite(staff.Shell(), id) }},
		{"after a restore", func(w *world, _ ident.Staff) {
			w.write(func(tx *store.Tx) error { return w.office.Void(w.ctx, tx) })
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := one(t)
			id := w.account("amal", staff.CaseWorker, ident.Staff{})
			in := w.invite(staff.Shell(), id)
			admission := w.admit(in)
			test.end(w, id)
			_, err := w.office.Peek(w.ctx, in.Token)
			want(t, err, fault.Expired, "invitation-ended")
			_, _, err = w.office.Admit(w.ctx, in.Token, in.Voice, w.home)
			want(t, err, fault.Expired, "invitation-ended")
			// Nor is somebody already admitted let in.
			err = w.office.Accept(w.ctx, staff.Acceptance{Admission: admission, Password: goodPassword, Source: w.home})
			if !fault.Is(err, fault.Expired) {
				t.Errorf("accept: %v", err)
			}
		})
	}
}

func TestAdmissionDoesNotWaitForEver(t *testing.T) {
	w := one(t)
	admission := w.admit(w.invite(staff.Shell(), w.account("amal", staff.CaseWorker, ident.Staff{})))
	w.clk.Advance(30 * time.Minute)
	err := w.office.Accept(w.ctx, staff.Acceptance{Admission: admission, Password: goodPassword, Source: w.home})
	want(t, err, fault.Expired, "ceremony-ended")
	err = w.office.Accept(w.ctx, staff.Acceptance{Password: goodPassword, Source: w.home})
	want(t, err, fault.Expired, "ceremony-ended")
}

func TestAcceptAsksForWhatTheRoleNeeds(t *testing.T) {
	w := one(t)
	admission := w.admit(w.invite(staff.Shell(), w.account("samira", staff.Supervisor, ident.Staff{})))
	accept := func(in staff.Acceptance) error {
		in.Admission, in.Source = admission, w.home
		return w.office.Accept(w.ctx, in)
	}
	wantField(t, accept(staff.Acceptance{Password: goodPassword}), "code", "second-factor-first")
	wantField(t, accept(staff.Acceptance{Password: "short", TOTP: "x"}), "new_password", "password-short")
	e, err := w.office.BeginInvitedTOTP(w.ctx, admission, w.home)
	if err != nil {
		t.Fatal(err)
	}
	wantField(t, accept(staff.Acceptance{TOTP: e.Token, Code: w.code(e.Secret)}), "new_password", "required")
	wantField(t, accept(staff.Acceptance{Password: goodPassword, TOTP: e.Token, Code: "000000"}), "code", "code-wrong")
	if n := w.count("SELECT COUNT(*) FROM staff_password"); n != 0 {
		t.Error("a refused acceptance left a password")
	}
	if err := accept(staff.Acceptance{Password: goodPassword, TOTP: e.Token, Code: w.code(e.Secret)}); err != nil {
		t.Fatal(err)
	}
	got := w.log.find("GRANT", "staff.accept", "ok")
	if len(got) != 1 || len(got[0].Rows) != 3 || got[0].Strength != "totp" {
		t.Errorf("entries = %+v", got)
	}
	err = accept(staff.Acceptance{Password: otherPassword, TOTP: e.Token, Code: w.code(e.Secret)})
	want(t, err, fault.Expired, "ceremony-ended") // one acceptance
}

func TestAcceptNeedsSomething(t *testing.T) {
	w := one(t)
	admission := w.admit(w.invite(staff.Shell(), w.account("amal", staff.CaseWorker, ident.Staff{})))
	wantField(t, w.office.Accept(w.ctx, staff.Acceptance{Admission: admission, Source: w.home}), "new_password", "required")
}

// team is a supervisor and a case worker of hers, both active.
type team struct {
	*world
	boss, worker ident.Staff
	by           staff.By
	secret       staff.Secret
}

func newTeam(w *world) *team {
	w.t.Helper()
	boss, secret := w.supervisor("samira")
	t := &team{world: w, boss: boss, secret: secret, worker: w.worker("amal", boss)}
	t.by = w.signInWith("samira", secret).Session.By()
	return t
}

func (t *team) again(by staff.By) (in staff.Invitation, err error) {
	err = t.try(func(tx *store.Tx) error {
		in, err = t.office.Invite(t.ctx, tx, by, t.worker)
		return err
	})
	return in, err
}

func TestNewCredentialsNeedThePersonsSupervisor(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		other, otherSecret := w.supervisor("rashid")
		otherBy := w.signInWith("rashid", otherSecret).Session.By()

		_, err := team.again(otherBy)
		want(w.t, err, fault.Denied, "not-the-supervisor")
		_, err = team.again(staff.Shell())
		want(w.t, err, fault.Denied, "not-the-supervisor") // the shell has Recover, which says so
		_, err = team.again(w.signIn("amal").Session.By())
		want(w.t, err, fault.Denied, "own-account")
		_, err = team.again(staff.By{})
		want(w.t, err, fault.Denied, "no-actor")

		in, err := team.again(team.by)
		if err != nil || !in.Again {
			w.t.Fatalf("the supervisor: %+v, %v", in, err)
		}
		// Who stands in for the supervisor may, in her name.
		w.write(func(tx *store.Tx) error {
			return w.office.SetDeputy(w.ctx, tx, team.by, staff.Deputy{
				Staff: team.boss, Deputy: other,
				From: w.clk.Now(), Until: w.clk.Now().Add(time.Hour),
			})
		})
		if _, err := team.again(otherBy); err != nil {
			w.t.Fatalf("the deputy: %v", err)
		}
		got := w.log.find("GRANT", "staff.invitation", "ok")
		if last := got[len(got)-1]; last.Actor != other || last.OnBehalf != team.boss {
			w.t.Errorf("entry = %+v", last)
		}
	})
}

func TestNothingEndsUntilTheNewCredentialIsMade(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		session := w.signIn("amal")
		in, err := team.again(team.by)
		if err != nil {
			w.t.Fatal(err)
		}
		old := w.signIn("amal") // the old password still works, and she is told
		if len(old.Notices) != 1 || old.Notices[0].Kind != staff.NoticeReinvited || old.Notices[0].Actor != team.boss {
			w.t.Errorf("notices = %+v", old.Notices)
		}
		w.accept(in, otherPassword)
		for _, token := range []staff.Secret{session.Token, old.Token} {
			_, err := w.office.Session(w.ctx, token)
			want(w.t, err, fault.Expired, "session-ended")
		}
		_, err = w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.home})
		want(w.t, err, fault.Denied, "sign-in-refused")
		now, err := w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: otherPassword, Source: w.home})
		if err != nil || len(now.Notices) != 2 || now.Notices[1].Kind != staff.NoticeReplaced {
			w.t.Errorf("notices = %+v, %v", now.Notices, err)
		}
	})
}

func TestNewCredentialsReplaceAllOldOnes(t *testing.T) {
	w := one(t)
	team := newTeam(w)
	in := w.signIn("amal")
	c, err := w.office.BeginPasskey(w.ctx, in.Session, w.home)
	if err != nil {
		t.Fatal(err)
	}
	lost := newAuthenticator(t)
	if err := w.office.AddPasskey(w.ctx, in.Session, staff.NewPasskey{Token: c.Token, Response: lost.create(c)}); err != nil {
		t.Fatal(err)
	}
	invitation, err := team.again(team.by)
	if err != nil {
		t.Fatal(err)
	}
	w.accept(invitation, otherPassword)
	_, err = w.passkeySignIn(lost)
	want(t, err, fault.Denied, "sign-in-refused") // the lost phone opens nothing
}

func TestAcceptingForgetsOldGuesses(t *testing.T) {
	w := one(t)
	team := newTeam(w)
	w.exhaust("amal", w.home)
	invitation, err := team.again(team.by)
	if err != nil {
		t.Fatal(err)
	}
	w.accept(invitation, otherPassword)
	if _, err := w.office.SignIn(w.ctx, staff.Attempt{Name: "amal", Password: otherPassword, Source: w.home}); err != nil {
		t.Error(err)
	}
}

func TestWithdrawWithoutAnInvitation(t *testing.T) {
	w := one(t)
	team := newTeam(w)
	for name, id := range map[string]ident.Staff{"no invitation": team.worker, "nobody": ident.New[ident.Staff]()} {
		err := w.try(func(tx *store.Tx) error { return w.office.Withdraw(w.ctx, tx, team.by, id) })
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
}

func TestRecoverFromTheShell(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		recover := func(by staff.By) (in staff.Invitation, err error) {
			err = w.try(func(tx *store.Tx) error {
				in, err = w.office.Recover(w.ctx, tx, by, team.worker)
				return err
			})
			return in, err
		}
		_, err := recover(team.by)
		want(w.t, err, fault.Denied, "shell-only")
		in, err := recover(staff.Shell())
		if err != nil {
			w.t.Fatal(err)
		}
		if got := w.log.find("GRANT", "staff.recover", "ok"); len(got) != 1 || got[0].Via != "cli" || got[0].Strength != "shell" ||
			string(got[0].Rows[0].Row) != string(team.worker[:]) {
			w.t.Errorf("entries = %+v", got)
		}
		if old := w.signIn("amal"); len(old.Notices) != 1 || old.Notices[0].Kind != staff.NoticeRecovered || !old.Notices[0].Actor.IsZero() {
			w.t.Errorf("notices = %+v", old.Notices)
		}
		w.accept(in, otherPassword)
	})
}

func TestDisabledAccountsAreNotInvited(t *testing.T) {
	w := one(t)
	id := w.account("amal", staff.CaseWorker, ident.Staff{})
	w.disable(id)
	for name, err := range map[string]error{
		"invite": w.try(func(tx *store.Tx) error { _, err := w.office.Invite(w.ctx, tx, staff.Shell(), id); return err }),
		"recover": w.try(func(tx *store.Tx) error {
			_, err := w.office.Recover(w.ctx, tx, staff.Shell(), id)
			return err
		}),
	} {
		if fault.CodeOf(err) != "account-disabled" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
