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

func TestDeputies(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		other, otherSecret := w.supervisor("rashid")
		now := w.clk.Now()
		set := func(d staff.Deputy) error {
			return w.try(func(tx *store.Tx) error { return w.office.SetDeputy(w.ctx, tx, team.by, d) })
		}
		good := staff.Deputy{Staff: team.boss, Deputy: other, From: now.Add(time.Hour), Until: now.Add(48 * time.Hour)}
		for name, test := range map[string]struct {
			alter       func(*staff.Deputy)
			field, code string
		}{
			"a case worker": {func(d *staff.Deputy) { d.Deputy = team.worker }, "deputy", "not-the-same-role"},
			"nobody":        {func(d *staff.Deputy) { d.Deputy = ident.New[ident.Staff]() }, "deputy", "unknown"},
			"backwards":     {func(d *staff.Deputy) { d.Until = d.From }, "deputy_until", "date-order"},
			"for ever":      {func(d *staff.Deputy) { d.Until = d.From.AddDate(1, 0, 0) }, "deputy_until", "too-long"},
			"long ago":      {func(d *staff.Deputy) { d.From = now.AddDate(0, 0, -7) }, "deputy_from", "date-past"},
		} {
			d := good
			test.alter(&d)
			err := set(d)
			if got := fault.FieldsOf(err); len(got) != 1 || got[0].Name != test.field || got[0].Code != test.code {
				w.t.Errorf("%s: %v", name, err)
			}
		}
		if err := set(good); err != nil {
			w.t.Fatal(err)
		}
		actsFor := func() (ids []ident.Staff) {
			if err := w.db.Read(w.ctx, func(tx *store.Tx) (err error) {
				ids, err = w.office.ActsFor(w.ctx, tx, other)
				return err
			}); err != nil {
				w.t.Fatal(err)
			}
			return ids
		}
		if got := actsFor(); len(got) != 0 {
			w.t.Errorf("before: %v", got)
		}
		w.clk.Advance(time.Hour)
		if got := actsFor(); len(got) != 1 || got[0] != team.boss {
			w.t.Errorf("meanwhile: %v", got)
		}
		in := w.signInWith("rashid", otherSecret)
		if len(in.Notices) != 1 || in.Notices[0].Kind != staff.NoticeStandIn {
			w.t.Errorf("notices = %+v", in.Notices)
		}
		end := func() error {
			return w.try(func(tx *store.Tx) error { return w.office.EndDeputy(w.ctx, tx, staff.Shell(), team.boss, other) })
		}
		if err := end(); err != nil {
			w.t.Fatal(err)
		}
		if got := actsFor(); len(got) != 0 {
			w.t.Errorf("after it was ended: %v", got)
		}
		want(w.t, end(), fault.NotFound, "no-such-page")
		if g, r := w.log.find("GRANT", "staff.deputy", "ok"), w.log.find("REVOKE", "staff.deputy", "ok"); len(g) != 1 || len(r) != 1 ||
			g[0].OnBehalf != team.boss {
			w.t.Errorf("entries = %+v, %+v", g, r)
		}
	})
}

func TestDirectory(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		var south, deep ident.Unit
		w.write(func(tx *store.Tx) (err error) {
			if south, err = w.office.CreateUnit(w.ctx, tx, staff.Shell(), w.unit, "South"); err != nil {
				return err
			}
			deep, err = w.office.CreateUnit(w.ctx, tx, staff.Shell(), south, "Deep south")
			return err
		})
		d, err := w.office.Directory(w.ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		p, ok := d.Person(team.worker)
		if !ok || p.Name.Reveal() != "Name of amal" || len(d.People()) != 2 || d.Organisation() != "Office of Bridges" {
			w.t.Errorf("person = %+v, %v", p, ok)
		}
		if u, ok := d.Unit(deep); !ok || u.Name != "Deep south" || u.Parent != south || len(d.Units()) != 3 {
			w.t.Errorf("unit = %+v", u)
		}
		if got := d.Below(w.unit); len(got) != 3 || len(d.Below(deep)) != 1 || d.Below(ident.New[ident.Unit]()) != nil {
			w.t.Errorf("below = %v", got)
		}
		if _, ok := d.Person(ident.New[ident.Staff]()); ok {
			w.t.Error("found nobody")
		}

		// A change is seen at once here, and by another instance within two seconds.
		second := w.newOffice(config())
		if _, err := second.Directory(w.ctx); err != nil {
			w.t.Fatal(err)
		}
		w.worker("bilal", team.boss)
		if d, err = w.office.Directory(w.ctx); err != nil || len(d.People()) != 3 {
			w.t.Errorf("%d people here, %v", len(d.People()), err)
		}
		w.clk.Advance(2 * time.Second)
		if d, err = second.Directory(w.ctx); err != nil || len(d.People()) != 3 {
			w.t.Errorf("%d people there, %v", len(d.People()), err)
		}

		guest := w.account("carim", staff.CaseWorker, team.boss)
		until := w.invite(staff.Shell(), guest).Until
		var all []staff.Standing
		if err := w.db.Read(w.ctx, func(tx *store.Tx) (err error) {
			all, err = w.office.Standings(w.ctx, tx)
			return err
		}); err != nil {
			w.t.Fatal(err)
		}
		for _, s := range all {
			if s.Strong != (s.ID == team.boss) || s.InvitedUntil.Equal(until) != (s.ID == guest) || s.SignedInAt.IsZero() != (s.ID != team.boss) {
				w.t.Errorf("standing = %+v", s)
			}
		}
	})
}

func TestUnitNames(t *testing.T) {
	w := one(t)
	for _, test := range []struct{ unit, code string }{
		{"", "required"}, {"  ", "required"}, {strings.Repeat("é", 201), "too-long"}, {"a\x00b", "text"}, {"a\u202eb", "text"},
	} {
		err := w.try(func(tx *store.Tx) error {
			_, err := w.office.CreateUnit(w.ctx, tx, staff.Shell(), w.unit, test.unit)
			return err
		})
		wantField(t, err, "unit_name", test.code)
	}
	err := w.try(func(tx *store.Tx) error {
		_, err := w.office.CreateUnit(w.ctx, tx, staff.Shell(), ident.New[ident.Unit](), "South")
		return err
	})
	wantField(t, err, "parent", "unknown")
}
