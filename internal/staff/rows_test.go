package staff_test

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/staff"
	"causeway/internal/store"

	"github.com/google/go-cmp/cmp"
)

// named returns what the entries say about each row, the newest last.
func (w *world) named() map[string]string {
	rows := map[string]string{}
	for _, e := range w.log.entries {
		for _, r := range e.Rows {
			if r.Table == "staff_session" {
				continue
			}
			if len(r.MAC) == 0 {
				delete(rows, r.Table+" "+hex.EncodeToString(r.Row))
				continue
			}
			rows[r.Table+" "+hex.EncodeToString(r.Row)] = fmt.Sprintf("%d %x", r.Version, r.MAC)
		}
	}
	return rows
}

// standing returns the rows as they are.
func (w *world) standing(o *staff.Office) map[string]string {
	w.t.Helper()
	rows := map[string]string{}
	if err := w.db.Read(w.ctx, func(tx *store.Tx) error {
		return o.Rows(w.ctx, tx, func(r journal.RowState) error {
			rows[r.Table+" "+hex.EncodeToString(r.Row)] = fmt.Sprintf("%d %x", r.Version, r.MAC)
			return nil
		})
	}); err != nil {
		w.t.Fatalf("rows: %v", err)
	}
	return rows
}

func TestEntriesNameEveryRowAsItStands(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		agree := func(when string, o *staff.Office) {
			w.t.Helper()
			if diff := cmp.Diff(w.named(), w.standing(o)); diff != "" {
				w.t.Errorf("%s (entries, rows):\n%s", when, diff)
			}
		}
		agree("at first", w.office)

		w.write(func(tx *store.Tx) error {
			police, err := w.office.CreateAgency(w.ctx, tx, staff.Shell(), staff.Agency{Name: "Police of Bridges", Sector: "police"})
			if err != nil {
				return err
			}
			below, err := w.office.CreateUnit(w.ctx, tx, staff.Shell(), ident.Unit{}, "Patrol")
			if err != nil {
				return err
			}
			return w.office.PlaceUnit(w.ctx, tx, staff.Shell(), below, police)
		})
		agree("with a unit of another agency", w.office)
		for _, p := range []staff.Presence{staff.OnDuty, staff.Away} {
			w.write(func(tx *store.Tx) error {
				return w.office.SetProfile(w.ctx, tx, staff.Shell(), team.worker, staff.Profile{Speaks: []string{"am"}, Presence: p})
			})
		}
		w.write(func(tx *store.Tx) error { return w.office.SignedOnPaper(w.ctx, tx, staff.Shell(), team.worker, "en") })
		agree("with a profile and a signature", w.office)

		_, key := w.passkeyOwner("omar")
		in, err := w.passkeySignIn(key)
		if err != nil {
			w.t.Fatal(err)
		}
		c, err := w.office.BeginPasskeyConfirm(w.ctx, in.Token, w.home)
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := w.office.PasskeyConfirm(w.ctx, in.Token, c.Token, key.get(c), w.home); err != nil {
			w.t.Fatal(err)
		}
		agree("after using a passkey", w.office)

		cfg := config()
		cfg.Cost.Passes++
		if _, err := w.newOffice(cfg).SignIn(w.ctx, staff.Attempt{Name: "amal", Password: goodPassword, Source: w.home}); err != nil {
			w.t.Fatal(err)
		}
		agree("after rehashing", w.office)

		mine := w.signIn("amal").Session
		for range 2 {
			e, err := w.office.BeginTOTP(w.ctx, mine, w.home)
			if err != nil {
				w.t.Fatal(err)
			}
			if err := w.office.SetTOTP(w.ctx, mine, e.Token, w.code(e.Secret)); err != nil {
				w.t.Fatal(err)
			}
		}
		if err := w.office.SetPassword(w.ctx, mine, w.home, otherPassword); err != nil {
			w.t.Fatal(err)
		}
		agree("after changes of credentials", w.office)

		other, _ := w.supervisor("rashid")
		w.write(func(tx *store.Tx) error {
			return w.office.SetDeputy(w.ctx, tx, staff.Shell(), staff.Deputy{
				Staff: team.boss, Deputy: other,
				From: w.clk.Now(), Until: w.clk.Now().Add(time.Hour),
			})
		})
		agree("with a deputy", w.office)
		w.write(func(tx *store.Tx) error { return w.office.EndDeputy(w.ctx, tx, staff.Shell(), team.boss, other) })
		invitation, err := team.again(w.signInWith("samira", team.secret).Session.By())
		if err != nil {
			w.t.Fatal(err)
		}
		w.accept(invitation, goodPassword)
		w.write(func(tx *store.Tx) error {
			return w.office.Leave(w.ctx, tx, staff.Shell(), other, w.version(other), team.boss)
		})
		agree("after somebody left", w.office)
		w.write(func(tx *store.Tx) error { _, err := w.office.Reseal(w.ctx, tx); return err })
		agree("at last", w.office)

		again, _ := w.supervisor("karim")
		w.write(func(tx *store.Tx) error {
			return w.office.SetDeputy(w.ctx, tx, staff.Shell(), staff.Deputy{
				Staff: team.boss, Deputy: again,
				From: w.clk.Now(), Until: w.clk.Now().Add(time.Hour),
			})
		})
		dir := w.t.TempDir()
		ring, err := keys.CreateRing([]string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}, keys.PlainFile(), w.clk, "test")
		if err != nil {
			w.t.Fatal(err)
		}
		moved, err := staff.New(config(), staff.Deps{DB: w.db, Seals: w.custody, Root: ring, Journal: w.log})
		if err != nil {
			w.t.Fatal(err)
		}
		w.write(func(tx *store.Tx) error { return moved.Rebind(w.ctx, tx) })
		agree("under another keyring", moved)
	})
}

func TestInvitationTurnedToAnotherAccount(t *testing.T) {
	for what, sql := range map[string]string{
		"person": "UPDATE staff_invitation SET staff = (SELECT MIN(a.id) FROM staff_account a WHERE a.id <> staff_invitation.staff)",
		"time":   "UPDATE staff_invitation SET expires_at = expires_at + 1",
	} {
		t.Run(what, func(t *testing.T) {
			w := one(t)
			w.worker("bilal", ident.Staff{})
			in := w.invite(staff.Shell(), w.account("amal", staff.CaseWorker, ident.Staff{}))
			w.write(func(tx *store.Tx) error { _, err := tx.Exec(w.ctx, sql); return err })
			_, _, err := w.office.Admit(w.ctx, in.Token, in.Voice, w.home)
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v, want the code refused", err)
			}
		})
	}
}
