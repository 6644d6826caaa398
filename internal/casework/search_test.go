package casework_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/linkage"
	"causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// called is a registration of a child of a name and a birth.
func called(name, born string) casework.Registration {
	g := girl()
	g.Person.Names = []person.Name{{Text: sealed.NewText(name), Kind: "document"}}
	g.Person.Identifiers = nil
	g.Person.Birth = person.Birth{Earliest: date(born), Latest: date(born)}
	return g
}

func (o *office) registers(t testing.TB, c *access.Caller, g casework.Registration) ident.Case {
	t.Helper()
	id, err := o.room.Register(ctx, c, command(), g)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (o *office) searches(t testing.TB, c *access.Caller, q string) []casework.Found {
	t.Helper()
	found, _, err := o.room.Search(ctx, c, sealed.NewText(q))
	if err != nil {
		t.Fatalf("search for %q: %v", q, err)
	}
	return found
}

func TestSearchFindsNamesInAnyScript(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.registers(t, worker, called("Mariam Haddad", "2011-03-04"))
		o.registers(t, worker, called("Olena Koval", "2009-08-21"))
		for _, q := range []string{"mariam haddad", "Haddad Mariam", "مريم حداد", "Мариам Хаддад", "mariam", "Maryam Hadad 2011", "haddad 04/03/2011"} {
			found := o.searches(t, worker, q)
			if len(found) != 1 || found[0].Case.ID != id || len(found[0].Evidence) == 0 {
				t.Errorf("%q found %d children", q, len(found))
			}
		}
		for _, q := range []string{"Zuzana Novotna", "2011", "m", "77 401"} {
			if found := o.searches(t, worker, q); len(found) != 0 {
				t.Errorf("%q found %d children, want none", q, len(found))
			}
		}
		near := o.searches(t, worker, "Mariam Haddad 2012")
		if len(near) != 1 || !says(near[0].Evidence, linkage.FieldAge, linkage.Near) && !says(near[0].Evidence, linkage.FieldBirth, linkage.Near) {
			t.Errorf("a year off is not told: %+v", near)
		}
	})
}

func says(why []linkage.Evidence, f linkage.Field, l linkage.Level) bool {
	for _, e := range why {
		if e.Field == f && e.Level == l {
			return true
		}
	}
	return false
}

func TestNameIsFoundAfterARestartAndAChange(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.registers(t, worker, called("Mariam Haddad", "2011-03-04"))
		fresh := person.NewIndex(o.Ring.Derive("person/identifier"))
		if err := fresh.Refresh(ctx, o.Gate); err != nil {
			t.Fatal(err)
		}
		asked, ok := person.Asked("مريم حداد")
		if !ok {
			t.Fatal("nothing to ask for")
		}
		all, _, err := fresh.Like(ctx, asked, nil)
		if err != nil || len(all) != 1 || all[0].Case != id {
			t.Errorf("a reloaded index found %d, %v", len(all), err)
		}
		// What is written after the whole was loaded comes with the next refresh.
		o.Clock.Advance(time.Second)
		later := o.registers(t, worker, called("Oda Brandt", "2012-06-01"))
		if err := fresh.Refresh(ctx, o.Gate); err != nil {
			t.Fatal(err)
		}
		next, _ := person.Asked("Oda Brandt")
		if all, _, err = fresh.Like(ctx, next, nil); err != nil || len(all) == 0 || all[0].Case != later {
			t.Errorf("after a refresh %d are found, %v", len(all), err)
		}
		fresh.Forget(id)
		if all, _, err = fresh.Like(ctx, asked, nil); err != nil || len(all) != 0 {
			t.Errorf("a forgotten case is found: %d, %v", len(all), err)
		}
	})
}

// A hidden child gives the one who searched nothing, and the one who answers for the
// child a flag that says who searched.
func TestSearchForAHiddenChildTellsItsOwner(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, stranger := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.South)
		id := o.registers(t, worker, called("Mariam Haddad", "2011-03-04"))
		for _, q := range []string{"Nobody Known 1999", "Mariam", "مريم حداد 2011", "Mariam Haddad 2011"} {
			if found := o.searches(t, stranger, q); len(found) != 0 {
				t.Errorf("%q shows a hidden child", q)
			}
		}
		if n := o.left(t); n != 4 {
			t.Errorf("4 searches left %d words, each one must leave one", n)
		}
		told, err := o.room.TellLooks(ctx)
		if err != nil || told != 1 {
			t.Errorf("told of %d, %v; want the one child once", told, err)
		}
		flags := o.open(t, worker, id).Flags
		if len(flags) != 1 || flags[0].Kind != casework.FlagLookedFor || flags[0].Author != stranger.Staff() || flags[0].Due.IsZero() {
			t.Errorf("flags = %+v", flags)
		}
		if o.left(t) != 0 {
			t.Error("words are left after they were passed on")
		}
		o.searches(t, stranger, "Mariam Haddad 2011")
		if told, err := o.room.TellLooks(ctx); err != nil || told != 0 {
			t.Errorf("told of %d again, %v", told, err)
		}
		if err := o.room.ResolveFlag(ctx, worker, command(), id, flags[0].ID, sealed.NewText("We spoke.")); err != nil {
			t.Fatal(err)
		}
		o.searches(t, stranger, "Mariam Haddad 2011")
		if told, err := o.room.TellLooks(ctx); err != nil || told != 1 {
			t.Errorf("after the first was seen to, told of %d, %v", told, err)
		}
	})
}

func (o *office) left(t testing.TB) (n int) {
	t.Helper()
	err := o.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT COUNT(*) FROM casework_look").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
