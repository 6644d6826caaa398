package staff_test

import (
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/staff"
	"causeway/internal/store"

	"github.com/google/go-cmp/cmp"
)

// vouched is what a provider says of somebody who works at the world's unit.
func (w *world) vouched(subject, signIn staff.Secret, role staff.Role) staff.Vouched {
	return staff.Vouched{
		Issuer: "https://provider.example", Subject: subject, SignIn: signIn, Posts: []staff.Post{{Role: role, Unit: w.unit}}, Strong: true, Recent: true,
	}
}

func (w *world) sso(v staff.Vouched) (staff.SignedIn, error) {
	return w.office.SSOSignIn(w.ctx, v, "Firefox on Linux", w.home)
}

func TestSingleSignOn(t *testing.T) {
	each(t, func(w *world) {
		id := w.worker("amal", ident.Staff{})
		in, err := w.sso(w.vouched("s-1", "Amal ", staff.CaseWorker))
		if err != nil || in.Session.Staff != id || in.Session.Strength != staff.BySSOStrong {
			w.t.Fatalf("first = %+v, %v", in.Session, err)
		}
		if s, err := w.office.Session(w.ctx, in.Token); err != nil || !w.office.Strong(s, time.Minute) || !w.office.Fresh(s, time.Minute) {
			w.t.Errorf("session: strong %v, fresh %v, %v", w.office.Strong(s, time.Minute), w.office.Fresh(s, time.Minute), err)
		}
		if len(in.Notices) != 1 || in.Notices[0].Kind != staff.NoticeLinked {
			w.t.Errorf("told %+v, want that the account was linked", in.Notices)
		}
		if len(w.log.find(journal.Grant, "staff.link", journal.OK)) != 1 || len(w.log.find(journal.Login, "staff.sign-in", journal.OK)) != 1 {
			w.t.Error("linking or signing in made no entry")
		}
		// From now on the subject alone counts.
		if in, err := w.sso(w.vouched("s-1", "another", staff.CaseWorker)); err != nil || in.Session.Staff != id {
			w.t.Errorf("by the subject: %+v, %v", in.Session, err)
		}
		_, err = w.sso(w.vouched("s-2", "amal", staff.CaseWorker))
		want(w.t, err, fault.Denied, "sso-no-account") // the name was given to somebody else there
		if in := w.signIn("amal"); in.Token == "" {
			w.t.Error("the local account does not open any more")
		}
		if diff := cmp.Diff(w.named(), w.standing(w.office)); diff != "" {
			w.t.Errorf("entries, rows:\n%s", diff)
		}
		w.disable(id)
		_, err = w.sso(w.vouched("s-1", "amal", staff.CaseWorker))
		want(w.t, err, fault.Denied, "sso-no-account")
		if _, err := w.office.Session(w.ctx, in.Token); !fault.Is(err, fault.Expired) {
			w.t.Errorf("the session of a disabled account: %v", err)
		}
		if diff := cmp.Diff(w.named(), w.standing(w.office)); diff != "" {
			w.t.Errorf("disabled (entries, rows):\n%s", diff)
		}
	})
}

func TestSingleSignOnGivesNobodyAnything(t *testing.T) {
	each(t, func(w *world) {
		w.worker("amal", ident.Staff{})
		none := w.vouched("s-1", "amal", staff.CaseWorker)
		none.Posts = nil
		_, err := w.sso(none)
		want(w.t, err, fault.Denied, "sso-no-role")
		_, err = w.sso(w.vouched("s-1", "amal", staff.Auditor))
		want(w.t, err, fault.Denied, "sso-other-post")
		other := w.vouched("s-1", "amal", staff.CaseWorker)
		other.Posts[0].Unit = ident.New[ident.Unit]()
		_, err = w.sso(other)
		want(w.t, err, fault.Denied, "sso-other-post")
		_, err = w.sso(w.vouched("s-1", "nobody", staff.CaseWorker))
		want(w.t, err, fault.Denied, "sso-no-account")
		_, err = w.sso(w.vouched("s-1", "", staff.CaseWorker))
		want(w.t, err, fault.Denied, "sso-no-account")
		if n := w.count("SELECT COUNT(*) FROM staff_subject"); n != 0 {
			w.t.Errorf("%d subjects were linked by refused sign-ins", n)
		}
		if n := w.count("SELECT COUNT(*) FROM staff_failure WHERE reason = 'sso'"); n == 0 {
			w.t.Error("refused sign-ins are not counted")
		}
	})
}

// TestSingleSignOnOfTheInvited: an open invitation is needed, and is used up.
func TestSingleSignOnOfTheInvited(t *testing.T) {
	each(t, func(w *world) {
		id := w.account("tarek", staff.CaseWorker, ident.Staff{})
		_, err := w.sso(w.vouched("s-1", "tarek", staff.CaseWorker))
		want(w.t, err, fault.Denied, "sso-no-account")
		w.invite(staff.Shell(), id)
		in, err := w.sso(w.vouched("s-1", "tarek", staff.CaseWorker))
		if err != nil || in.Session.Staff != id || w.get(id).State != staff.Active {
			w.t.Fatalf("invited = %+v, %v", in.Session, err)
		}
		if n := w.count("SELECT COUNT(*) FROM staff_invitation"); n != 0 {
			w.t.Errorf("%d invitations are still open", n)
		}
	})
}

// TestWeakSingleSignOn: where the provider does not say that more than a password was
// given, the second factor is given here, and nothing is fresh.
func TestWeakSingleSignOn(t *testing.T) {
	each(t, func(w *world) {
		w.worker("amal", ident.Staff{})
		id, secret := w.supervisor("samira")
		weak := w.vouched("s-1", "amal", staff.CaseWorker)
		weak.Strong = false
		in, err := w.sso(weak)
		if err != nil || in.Session.Strength != staff.BySSO {
			w.t.Fatalf("a case worker = %+v, %v", in.Session, err)
		}
		s, err := w.office.Session(w.ctx, in.Token)
		if err != nil || w.office.Fresh(s, time.Hour) || w.office.Strong(s, time.Hour) {
			w.t.Errorf("fresh %v, strong %v, %v", w.office.Fresh(s, time.Hour), w.office.Strong(s, time.Hour), err)
		}
		if s, err = w.office.Confirm(w.ctx, in.Token, staff.Proof{Password: goodPassword, Source: w.home}); err != nil || !w.office.Fresh(s, time.Minute) {
			w.t.Errorf("a fresh check by the local password: %v", err)
		}
		old := w.vouched("s-1", "amal", staff.CaseWorker)
		old.Recent = false
		if in, err = w.sso(old); err != nil || w.office.Fresh(in.Session, time.Hour) {
			w.t.Errorf("strong, some time ago: fresh %v, %v", w.office.Fresh(in.Session, time.Hour), err)
		}
		boss := w.vouched("s-3", "samira", staff.Supervisor)
		boss.Strong = false
		if in, err = w.sso(boss); err != nil || in.Token != "" || in.Second == "" {
			w.t.Fatalf("a supervisor with an app = %+v, %v", in, err)
		}
		if in, err = w.office.SecondStep(w.ctx, in.Second, w.code(secret), "", w.home); err != nil || in.Session.Staff != id {
			w.t.Errorf("the code: %v", err)
		}
		auditor := w.account("omar", staff.Auditor, ident.Staff{})
		w.invite(staff.Shell(), auditor)
		none := w.vouched("s-4", "omar", staff.Auditor)
		none.Strong = false
		_, err = w.sso(none)
		want(w.t, err, fault.Denied, "second-factor-missing")
	})
}

// TestSubjectPutInBehindTheProgram: a row slipped into the database opens nothing.
func TestSubjectPutInBehindTheProgram(t *testing.T) {
	each(t, func(w *world) {
		w.worker("amal", ident.Staff{})
		other := w.worker("bilal", ident.Staff{})
		if _, err := w.sso(w.vouched("s-1", "amal", staff.CaseWorker)); err != nil {
			w.t.Fatal(err)
		}
		w.write(func(tx *store.Tx) error {
			_, err := tx.Exec(w.ctx, "UPDATE staff_subject SET staff = $1", other)
			return err
		})
		if _, err := w.sso(w.vouched("s-1", "amal", staff.CaseWorker)); err == nil {
			w.t.Error("a subject moved to another account signs in")
		}
	})
}

// TestTokenOfASignOnServesOnce: what was kept is given back once, and for minutes.
func TestTokenOfASignOnServesOnce(t *testing.T) {
	each(t, func(w *world) {
		begin := func() staff.Secret {
			token, err := w.office.BeginSSO(w.ctx, []byte("kept"), w.home)
			if err != nil {
				w.t.Fatal(err)
			}
			return token
		}
		token := begin()
		if data, err := w.office.TakeSSO(w.ctx, token); err != nil || string(data) != "kept" {
			w.t.Errorf("kept %q, %v", data, err)
		}
		_, err := w.office.TakeSSO(w.ctx, token)
		want(w.t, err, fault.Expired, "ceremony-ended")
		token = begin()
		w.clk.Advance(6 * time.Minute)
		_, err = w.office.TakeSSO(w.ctx, token)
		want(w.t, err, fault.Expired, "ceremony-ended")
		_, err = w.office.TakeSSO(w.ctx, "")
		want(w.t, err, fault.Expired, "ceremony-ended")
	})
}
