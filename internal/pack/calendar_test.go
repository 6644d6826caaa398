package pack_test

import (
	"strings"
	"testing"
	"time"

	"causeway/internal/pack"
	"causeway/packs"
)

const sources = ",a law,law\n"

// friday is a country that rests on Friday and Saturday, with one holiday of every
// year and one of 2026 only.
func friday(t *testing.T) *pack.Pack {
	t.Helper()
	p, err := pack.Load(packs.Default(), over(map[string]string{
		"calendar.csv": "key,value,source,confidence\nweekend,fri sat" + sources + "time_zone,Africa/Cairo" + sources,
		"holidays.csv": "date,en,fr,ar,source,confidence\n*-07-23,Day,Jour,يوم" + sources + "2026-07-26,Other day,Autre jour,يوم آخر" + sources,
		"clocks.csv": "name,value,unit,en,fr,ar,source,confidence,checked\n" +
			"plan_high,5,working_days,Plan,Plan,خطة,a law,law,no\nplan_medium,5,working_days,Plan,Plan,خطة,a law,law,no\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWorkingDays(t *testing.T) {
	week, err := pack.Default()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		p    *pack.Pack
		from string
		n    int
		want string
	}{
		{"monday to monday", week, "2026-03-02T09:00:00Z", 5, "2026-03-09T09:00:00Z"},
		{"over a weekend", week, "2026-03-06T16:30:00Z", 1, "2026-03-09T16:30:00Z"},
		{"begun on a free day", week, "2026-03-07T10:00:00Z", 1, "2026-03-09T10:00:00Z"},
		{"begun on a free day, two", week, "2026-03-08T10:00:00Z", 2, "2026-03-10T10:00:00Z"},
		{"friday and saturday are free", friday(t), "2026-03-05T09:00:00Z", 1, "2026-03-08T09:00:00Z"},
		{"sunday is a working day", friday(t), "2026-03-07T09:00:00Z", 1, "2026-03-08T09:00:00Z"},
		{"a week of work", friday(t), "2026-03-01T09:00:00Z", 5, "2026-03-08T09:00:00Z"},
		// 23 July is a Thursday, 24 and 25 are free, 26 is a holiday of that year.
		{"holidays beside a weekend", friday(t), "2026-07-22T09:00:00Z", 1, "2026-07-27T09:00:00Z"},
		{"the holiday of one year is none in the next", friday(t), "2027-07-25T09:00:00Z", 1, "2027-07-26T09:00:00Z"},
		{"the holiday of every year is one in the next", friday(t), "2028-07-22T09:00:00Z", 1, "2028-07-24T09:00:00Z"},
		// 22:30 in UTC on a Wednesday is Thursday in Cairo; the day after is free.
		{"a day is a day where people work", friday(t), "2026-03-04T22:30:00Z", 1, "2026-03-07T22:30:00Z"},
		// The hour stays where the clocks are put forward on 24 April 2026.
		{"summer time", friday(t), "2026-04-23T09:00:00Z", 1, "2026-04-26T08:00:00Z"},
	}
	for _, tt := range tests {
		from, err := time.Parse(time.RFC3339, tt.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := tt.p.Calendar().After(from, tt.n).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s: %d working days after %s = %s, want %s", tt.name, tt.n, tt.from, got, tt.want)
		}
	}
}

func TestClockInWorkingDays(t *testing.T) {
	p := friday(t)
	c := p.Clock(pack.PlanHigh)
	from := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC) // a Thursday
	if got, want := c.After(from), from.AddDate(0, 0, 7); !got.Equal(want) {
		t.Errorf("five working days after a Thursday = %s, want %s", got, want)
	}
	if c.Duration() != 7*24*time.Hour {
		t.Errorf("five working days are compared as %s, want a week", c.Duration())
	}
	// The same pack on a node elsewhere.
	zone, err := time.LoadLocation("Asia/Manila")
	if err != nil {
		t.Fatal(err)
	}
	late := time.Date(2026, 3, 4, 17, 0, 0, 0, time.UTC) // Wednesday in Cairo, Thursday in Manila
	if got, want := p.Clock(pack.PlanHigh).After(late), late.AddDate(0, 0, 7); !got.Equal(want) {
		t.Errorf("in Cairo: %s, want %s", got, want)
	}
	if got, want := p.At(zone).Calendar().After(late, 1), late.AddDate(0, 0, 3); !got.Equal(want) {
		t.Errorf("in Manila the next working day after Thursday is %s, want Sunday %s", got, want)
	}
}

func TestACalendarThatNeverWorksStillEnds(t *testing.T) {
	p, err := pack.Load(packs.Default(), over(map[string]string{"calendar.csv": "key,value,source,confidence\nweekend,none" + sources}))
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 3, 7, 9, 0, 0, 0, time.UTC)
	if got := p.Calendar().After(from, 2); !got.Equal(from.AddDate(0, 0, 2)) {
		t.Errorf("without a weekend two working days are %s", got.Sub(from))
	}
}

func TestCalendarFaults(t *testing.T) {
	tests := []struct{ file, text, want string }{
		{"calendar.csv", "key,value,source,confidence\nweekend,fri caturday" + sources, "one to three of"},
		{"calendar.csv", "key,value,source,confidence\nweekend,sun mon tue wed" + sources, "one to three of"},
		{"calendar.csv", "key,value,source,confidence\ntime_zone,Atlantis/Poseidonis" + sources, "the name of a time zone"},
		{"calendar.csv", "key,value,source,confidence\ntime_zone,Local" + sources, "the name of a time zone"},
		{"calendar.csv", "key,value,source,confidence\nmoon,full" + sources, "unknown key"},
		{"holidays.csv", "date,en,fr,ar,source,confidence\n*-02-30,Day,Jour,يوم" + sources, "must be a day"},
		{"holidays.csv", "date,en,fr,ar,source,confidence\n2026-05-01,Day,,يوم" + sources, "a label is missing"},
		{"holidays.csv", "date,en,fr,ar,source,confidence\n2026-05-01,Day,Jour,يوم,,law\n", "where this comes from"},
		{"holidays.csv", "date,en,fr,ar,source,confidence\n2026-05-01,A,B,يوم" + sources + "2026-05-01,A,B,يوم" + sources, "twice"},
		{"clocks.csv", "name,value,unit,en,fr,ar,source,confidence,checked\nemergency_confirm,1,working_days,A,B,ج,a law,law,no\n", "cannot be counted in this unit"},
	}
	for _, tt := range tests {
		_, err := pack.Load(packs.Default(), over(map[string]string{tt.file: tt.text}))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %q: %v, want %q", tt.file, tt.text, err, tt.want)
		}
	}
	files := base(t)
	delete(files, "calendar.csv")
	if _, err := pack.Load(files); err == nil {
		t.Error("a pack without a calendar was loaded")
	}
}
