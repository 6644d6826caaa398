package staff_test

import (
	"errors"
	"strings"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/staff"
	"causeway/internal/store"
)

func (w *world) directory() staff.Directory {
	w.t.Helper()
	d, err := w.newOffice(config()).Directory(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// TestAgencies: the organisation of the node is its own agency; units at the top are
// put under others, and those below go along.
func TestAgencies(t *testing.T) {
	each(t, func(w *world) {
		own, ok := w.directory().AgencyOf(w.unit)
		if !ok || !own.Own || own.Name != "Office of Bridges" || own.Sector != staff.OwnSector {
			w.t.Fatalf("own agency = %+v, %v", own, ok)
		}
		var police ident.Agency
		var patrol, night, south ident.Unit
		w.write(func(tx *store.Tx) (err error) {
			by := staff.Shell()
			if police, err = w.office.CreateAgency(w.ctx, tx, by, staff.Agency{Name: " Police of Bridges ", Sector: "police", Own: true}); err != nil {
				return err
			}
			if patrol, err = w.office.CreateUnit(w.ctx, tx, by, ident.Unit{}, "Patrol"); err != nil {
				return err
			}
			if night, err = w.office.CreateUnit(w.ctx, tx, by, patrol, "Night patrol"); err != nil {
				return err
			}
			if south, err = w.office.CreateUnit(w.ctx, tx, by, w.unit, "South"); err != nil {
				return err
			}
			return w.office.PlaceUnit(w.ctx, tx, by, patrol, police)
		})
		later := func(tx *store.Tx) error {
			_, err := w.office.CreateUnit(w.ctx, tx, staff.Shell(), night, "Harbour at night")
			return err
		}
		w.write(later)
		d := w.directory()
		for _, u := range d.Units() {
			a, ok := d.AgencyOf(u.ID)
			if want := strings.Contains(u.Name, "Patrol") || strings.Contains(u.Name, "ight"); !ok || (a.ID == police) != want || a.Own == want {
				w.t.Errorf("%s is of %s", u.Name, a.Name)
			}
		}
		got, _ := d.Agency(police)
		if got.Name != "Police of Bridges" || got.Sector != "police" || got.Own || len(d.Agencies()) != 2 {
			w.t.Errorf("agency = %+v", got)
		}
		place := func(u ident.Unit, a ident.Agency) error {
			return w.try(func(tx *store.Tx) error { return w.office.PlaceUnit(w.ctx, tx, staff.Shell(), u, a) })
		}
		wantField(w.t, place(south, police), "agency", "not-at-the-top")
		wantField(w.t, place(patrol, ident.New[ident.Agency]()), "agency", "unknown")
		want(w.t, place(ident.New[ident.Unit](), police), fault.NotFound, "no-such-page")
		if err := place(patrol, own.ID); err != nil {
			w.t.Fatal(err)
		}
		if a, _ := w.directory().AgencyOf(night); !a.Own {
			w.t.Errorf("a unit taken back is of %s", a.Name)
		}
		if got := w.log.find(journal.Configure, "unit.place", "ok"); len(got) != 2 || len(got[1].Rows) != 3 {
			w.t.Errorf("entries = %+v", got)
		}
	})
}

// TestDuty: checks go to the unit itself where its agency protects children, otherwise to
// the top of the node's own, unless a unit is named for it or above it.
func TestDuty(t *testing.T) {
	each(t, func(w *world) {
		var patrol, night, south, shelter, home ident.Unit
		w.write(func(tx *store.Tx) (err error) {
			by := staff.Shell()
			unit := func(parent ident.Unit, name string) ident.Unit {
				id, e := w.office.CreateUnit(w.ctx, tx, by, parent, name)
				err = errors.Join(err, e)
				return id
			}
			agency := func(sector string, unit ident.Unit) {
				a, e := w.office.CreateAgency(w.ctx, tx, by, staff.Agency{Name: "Agency of " + sector, Sector: sector})
				err = errors.Join(err, e, w.office.PlaceUnit(w.ctx, tx, by, unit, a))
			}
			patrol, south, shelter, home = unit(ident.Unit{}, "Patrol"), unit(w.unit, "South"), unit(ident.Unit{}, "Shelter"), unit(ident.Unit{}, "Home")
			night = unit(patrol, "Night patrol")
			agency("police", patrol)
			agency("shelter", shelter)
			agency(staff.OwnSector, home)
			return err
		})
		goes := func(what string, from, to ident.Unit) {
			w.t.Helper()
			if got := w.directory().Duty(from); got != to {
				w.t.Errorf("%s: the checks go elsewhere", what)
			}
		}
		set := func(unit, duty ident.Unit) error {
			return w.try(func(tx *store.Tx) error { return w.office.SetDuty(w.ctx, tx, staff.Shell(), unit, duty) })
		}
		goes("a team", south, south)
		goes("another agency that protects children", home, home)
		goes("the police", night, w.unit)
		if err := errors.Join(set(patrol, south), set(shelter, home)); err != nil {
			w.t.Fatal(err)
		}
		goes("below the unit it is named for", night, south)
		goes("a shelter", shelter, home)
		wantField(w.t, set(night, shelter), "duty_unit", "not-in-list")
		wantField(w.t, set(night, ident.New[ident.Unit]()), "duty_unit", "unknown")
		want(w.t, set(ident.New[ident.Unit](), south), fault.NotFound, "not-found")
		if err := set(patrol, ident.Unit{}); err != nil {
			w.t.Fatal(err)
		}
		goes("taken back", night, w.unit)
		if got := w.log.find(journal.Configure, "unit.duty", "ok"); len(got) != 3 || len(got[0].Rows) != 1 {
			w.t.Errorf("entries = %+v", got)
		}
		w.write(func(tx *store.Tx) error {
			_, err := tx.Exec(w.ctx, "UPDATE staff_unit SET duty = NULL WHERE id = $1", shelter)
			return err
		})
		if _, err := w.newOffice(config()).Directory(w.ctx); err == nil {
			w.t.Error("an altered unit is believed")
		}
	})
}

func TestChangeOfAnAgency(t *testing.T) {
	each(t, func(w *world) {
		own, _ := w.directory().AgencyOf(w.unit)
		change := func(a staff.Agency) error {
			return w.try(func(tx *store.Tx) error { return w.office.ChangeAgency(w.ctx, tx, staff.Shell(), a) })
		}
		in := staff.Agency{ID: own.ID, Version: own.Version, Name: "Office of Rivers", Sector: "shelter", Mandate: "Decree 5\nof 2030"}
		for name, test := range map[string]struct {
			alter       func(*staff.Agency)
			field, code string
		}{
			"no name":        {func(a *staff.Agency) { a.Name = " " }, "agency_name", "required"},
			"no sector":      {func(a *staff.Agency) { a.Sector = "" }, "sector", "choose-one"},
			"another sector": {func(a *staff.Agency) { a.Sector = "circus" }, "sector", "choose-one"},
			"a long mandate": {func(a *staff.Agency) { a.Mandate = strings.Repeat("é", 4001) }, "mandate", "too-long"},
			"an odd mandate": {func(a *staff.Agency) { a.Mandate = "a\u202eb" }, "mandate", "text"},
		} {
			a := in
			test.alter(&a)
			err := change(a)
			if got := fault.FieldsOf(err); len(got) != 1 || got[0].Name != test.field || got[0].Code != test.code {
				w.t.Errorf("%s: %v", name, err)
			}
		}
		if err := change(in); err != nil {
			w.t.Fatal(err)
		}
		want(w.t, change(in), fault.Conflict, "changed-meanwhile")
		in.ID = ident.New[ident.Agency]()
		want(w.t, change(in), fault.NotFound, "not-found")
		d := w.directory()
		if got, _ := d.AgencyOf(w.unit); got.Sector != "shelter" || got.Mandate != "Decree 5\nof 2030" || !got.Own || d.Organisation() != "Office of Rivers" {
			w.t.Errorf("agency = %+v of %s", got, d.Organisation())
		}
	})
}

// TestSettle: a node that had no agencies gets its own, once, and its units are the
// agency's though nothing in their rows changed.
func TestSettle(t *testing.T) {
	each(t, func(w *world) {
		w.write(func(tx *store.Tx) error { _, err := tx.Exec(w.ctx, "DELETE FROM staff_agency"); return err })
		if _, ok := w.directory().AgencyOf(w.unit); ok {
			w.t.Fatal("an agency that there is not")
		}
		for range 2 {
			if err := w.office.Settle(w.ctx); err != nil {
				w.t.Fatal(err)
			}
		}
		d := w.directory()
		if a, ok := d.AgencyOf(w.unit); !ok || a.Name != "Office of Bridges" || a.Sector != staff.OwnSector || len(d.Agencies()) != 1 {
			w.t.Errorf("agency = %+v, %v", a, ok)
		}
		if got := w.log.find("CREATE", "staff.agency", "ok"); len(got) != 1 {
			w.t.Errorf("%d entries, want 1", len(got))
		}
	})
}
