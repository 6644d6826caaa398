package staff_test

import (
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
	"causeway/internal/store"
)

func (w *world) leave(id, heir ident.Staff) error {
	v := w.version(id)
	return w.try(func(tx *store.Tx) error { return w.office.Leave(w.ctx, tx, staff.Shell(), id, v, heir) })
}

func (w *world) deputies() (all []staff.Deputy) {
	w.t.Helper()
	if err := w.db.Read(w.ctx, func(tx *store.Tx) (err error) {
		all, err = w.office.Deputies(w.ctx, tx)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return all
}

// TestLeave: whoever takes over stands in where the leaving person did and supervises
// their team; nobody stands in for, or waits for, somebody who has left.
func TestLeave(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		rashid, _ := w.supervisor("rashid")
		karim, _ := w.supervisor("karim")
		from, until := w.clk.Now(), w.clk.Now().Add(48*time.Hour)
		for _, d := range []staff.Deputy{{Staff: rashid, Deputy: team.boss}, {Staff: team.boss, Deputy: karim}, {Staff: karim, Deputy: team.boss}} {
			d.From, d.Until = from, until
			w.write(func(tx *store.Tx) error { return w.office.SetDeputy(w.ctx, tx, staff.Shell(), d) })
		}
		guest := w.account("nour", staff.CaseWorker, team.boss)
		wantField(w.t, w.leave(team.boss, guest), "heir", "cannot-take-over") // not active
		wantField(w.t, w.leave(team.boss, team.boss), "heir", "cannot-take-over")
		wantField(w.t, w.leave(team.boss, ident.New[ident.Staff]()), "heir", "unknown")
		if got := w.get(team.boss); got.State != staff.Active {
			w.t.Fatal("a refused leave ended the account")
		}
		if err := w.leave(team.boss, karim); err != nil {
			w.t.Fatal(err)
		}
		if all := w.deputies(); len(all) != 1 || all[0].Staff != rashid || all[0].Deputy != karim {
			w.t.Errorf("deputies = %+v", all)
		}
		for _, id := range []ident.Staff{team.worker, guest} {
			if got := w.get(id).Supervisor; got != karim {
				w.t.Error("somebody of the team has no supervisor who is there")
			}
		}
		if heir, ok := w.directory().Heir(team.boss); !ok || heir != karim {
			w.t.Error("nobody knows who takes over")
		}
		v := w.version(team.boss)
		w.write(func(tx *store.Tx) error { return w.office.Enable(w.ctx, tx, staff.Shell(), team.boss, v) })
		if _, ok := w.directory().Heir(team.boss); ok {
			w.t.Error("somebody takes over from a person who is back")
		}
	})
}

// TestLeaveWithoutAnHeir: the person for whom somebody stood in is told that nobody does.
func TestLeaveWithoutAnHeir(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		rashid, secret := w.supervisor("rashid")
		w.write(func(tx *store.Tx) error {
			return w.office.SetDeputy(w.ctx, tx, staff.Shell(), staff.Deputy{Staff: rashid, Deputy: team.boss, From: w.clk.Now(), Until: w.clk.Now().Add(time.Hour)})
		})
		w.disable(team.boss)
		if all := w.deputies(); len(all) != 0 {
			w.t.Errorf("deputies = %+v", all)
		}
		told := w.signInWith("rashid", secret).Notices
		if len(told) != 2 || told[1].Kind != staff.NoticeDeputyLeft {
			w.t.Errorf("notices = %+v", told)
		}
		if got := w.get(team.worker).Supervisor; !got.IsZero() {
			w.t.Error("the worker waits for a supervisor who has left")
		}
		want(w.t, w.try(func(tx *store.Tx) error { return w.office.Leave(w.ctx, tx, staff.By{}, rashid, 1, ident.Staff{}) }), fault.Denied, "no-actor")
	})
}
