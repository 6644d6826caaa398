package person_test

import (
	"testing"
	"time"

	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

var today = time.Date(2026, time.May, 4, 9, 0, 0, 0, time.UTC)

// born returns a birth between two days.
func born(t *testing.T, earliest, latest string, presumed bool) person.Birth {
	t.Helper()
	from, err := sealed.ParseDate(earliest)
	if err != nil {
		t.Fatal(err)
	}
	to, err := sealed.ParseDate(latest)
	if err != nil {
		t.Fatal(err)
	}
	return person.Birth{Earliest: from, Latest: to, PresumedChild: presumed}
}

func TestAgeBands(t *testing.T) {
	p, err := pack.Default()
	if err != nil {
		t.Fatal(err)
	}
	bands := person.BandsOf(p)
	for _, c := range []struct {
		what, earliest, latest string
		presumed               bool
		want                   string
	}{
		{"born today", "2026-05-04", "2026-05-04", false, "0-4"},
		{"the day before the fifth birthday", "2021-05-05", "2021-05-05", false, "0-4"},
		{"the fifth birthday", "2021-05-04", "2021-05-04", false, "5-11"},
		{"twelve", "2014-05-04", "2014-05-04", false, "12-14"},
		{"fifteen", "2011-05-04", "2011-05-04", false, "15-17"},
		{"the day before the age of majority", "2008-05-05", "2008-05-05", false, "15-17"},
		{"the age of majority", "2008-05-04", "2008-05-04", false, "18+"},
		{"an interval that reaches below it", "2004-01-01", "2009-12-31", false, "15-17"},
		{"an interval above it", "2000-01-01", "2005-12-31", false, "18+"},
		{"an interval above it, in doubt", "2000-01-01", "2005-12-31", true, "15-17"},
		{"a younger child, in doubt", "2012-01-01", "2014-01-01", true, "12-14"},
	} {
		if got := bands.Of(born(t, c.earliest, c.latest, c.presumed), today); got != c.want {
			t.Errorf("%s: band %s, want %s", c.what, got, c.want)
		}
	}
	if got := bands.Of(person.Birth{}, today); got != "unknown" {
		t.Errorf("nothing known: band %s, want unknown", got)
	}
}

// elsewhere is a pack with other bands and another age of majority.
type elsewhere struct{ *pack.Pack }

func (e elsewhere) Codes(list string) []string {
	if list == pack.AgeBands {
		return []string{"0-9", "10-20", "21+", "unknown"}
	}
	return e.Pack.Codes(list)
}

func (e elsewhere) Clock(name pack.ClockName) pack.Clock {
	c := e.Pack.Clock(name)
	if name == pack.ChildAge {
		c.Value = 21
	}
	return c
}

// TestTheBandsAreThePacks checks that no number of this program is left beside
// the pack's.
func TestTheBandsAreThePacks(t *testing.T) {
	p, err := pack.Default()
	if err != nil {
		t.Fatal(err)
	}
	bands := person.BandsOf(elsewhere{p})
	for latest, want := range map[string]string{"2018-05-04": "0-9", "2007-05-04": "10-20", "2005-05-04": "21+"} {
		if got := bands.Of(born(t, latest, latest, false), today); got != want {
			t.Errorf("born %s: band %s, want %s", latest, got, want)
		}
	}
	if got := bands.Of(born(t, "1999-01-01", "2002-01-01", true), today); got != "10-20" {
		t.Errorf("presumed a child: band %s, want the last below the age of majority", got)
	}
}
