package staff_test

import (
	"testing"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// TestGroups: a group has a name and people, each change has an entry, and whoever leaves
// is in it no more.
func TestGroups(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		var id ident.Group
		create := func(name string) error {
			return w.try(func(tx *store.Tx) (err error) {
				id, err = w.office.CreateGroup(w.ctx, tx, team.by, name)
				return err
			})
		}
		wantField(w.t, create("  "), "group_name", "required")
		if err := create(" Night duty "); err != nil {
			w.t.Fatal(err)
		}
		join := func(g ident.Group, who ident.Staff) error {
			return w.try(func(tx *store.Tx) error { return w.office.JoinGroup(w.ctx, tx, team.by, g, who) })
		}
		for _, who := range []ident.Staff{team.worker, team.boss} {
			if err := join(id, who); err != nil {
				w.t.Fatal(err)
			}
		}
		wantField(w.t, join(id, team.worker), "group_member", "there-already")
		wantField(w.t, join(id, ident.New[ident.Staff]()), "group_member", "unknown")
		want(w.t, join(ident.New[ident.Group](), team.worker), fault.NotFound, "no-such-page")
		g, ok := w.directory().Group(id)
		if !ok || g.Name != "Night duty" || len(g.Members) != 2 || !g.Has(team.worker) || !g.Has(team.boss) {
			w.t.Fatalf("group = %+v", g)
		}
		rename := func(version int64) error {
			return w.try(func(tx *store.Tx) error { return w.office.RenameGroup(w.ctx, tx, team.by, id, version, "Duty") })
		}
		want(w.t, rename(9), fault.Conflict, "changed-meanwhile")
		if err := rename(g.Version); err != nil {
			w.t.Fatal(err)
		}
		quit := func() error {
			return w.try(func(tx *store.Tx) error { return w.office.QuitGroup(w.ctx, tx, team.by, id, team.boss) })
		}
		if err := quit(); err != nil {
			w.t.Fatal(err)
		}
		want(w.t, quit(), fault.Conflict, "changed-meanwhile")
		// Leaving ends it.
		account, _ := w.directory().Person(team.worker)
		w.write(func(tx *store.Tx) error {
			return w.office.Leave(w.ctx, tx, team.by, team.worker, account.Version, ident.Staff{})
		})
		if all := w.directory().Groups(); len(all) != 1 || all[0].Name != "Duty" || len(all[0].Members) != 0 {
			w.t.Errorf("after both left: %+v", all)
		}
		wantField(w.t, join(id, team.worker), "group_member", "unknown")
		if got := w.log.find(journal.Configure, "staff.groupmember", "ok"); len(got) != 4 {
			w.t.Errorf("%d entries of members, want 4", len(got))
		}
		err := w.db.Read(w.ctx, func(tx *store.Tx) error {
			return w.office.Rows(w.ctx, tx, func(journal.RowState) error { return nil })
		})
		if err != nil {
			w.t.Errorf("rows: %v", err)
		}
	})
}
