package calendar_test

import (
	"testing"

	"causeway/internal/intake/calendar"
)

var (
	today = calendar.Day{Year: 2026, Month: 11, Day: 3}
	birth = calendar.Bounds{First: calendar.Day{Year: 1900, Month: 1, Day: 1}, Last: today}
)

// show writes a reading as "from..to code".
func show(r calendar.Reading) string {
	s := r.From.String()
	if r.To != r.From {
		s += ".." + r.To.String()
	}
	if r.Code != "" {
		s += " " + r.Code
	}
	return s
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text  string
		order calendar.Order
		want  string
	}{
		{"2010-04-03", "", "2010-04-03"},
		{"2010-04-03", calendar.MDY, "2010-04-03"},
		{"2010-04-03T23:30:00Z", "", "2010-04-03"},
		{"2010/4/3 10:15", "", "2010-04-03"},
		{"2010.04.03.", "", "2010-04-03"},
		{"20100403", "", "2010-04-03"},
		{"20100403", calendar.DMY, "2010-04-03"},
		{"03042010", calendar.DMY, "2010-04-03"},
		{"04032010", calendar.MDY, "2010-04-03"},
		{"201004", "", "2010-04-01..2010-04-30 partial-date"},
		{"19371399", "", " no-such-date"},
		{"19450493", calendar.YMD, " no-such-date"},
		{"03/04/2010", calendar.DMY, "2010-04-03"},
		{"03/04/2010", calendar.MDY, "2010-03-04"},
		{"03/04/2010", calendar.Either, "2010-03-04..2010-04-03 both-readings"},
		{"04/03/2010", calendar.Either, "2010-03-04..2010-04-03 both-readings"},
		{"03/04/2010", "", " order-unknown"},
		{"04/04/2010", "", "2010-04-04"},
		{"13/04/2010", "", "2010-04-13"},
		{"04/13/2010", "", "2010-04-13"},
		{"04/13/2010", calendar.DMY, " order-differs"},
		{"31/02/2010", calendar.DMY, " no-such-date"},
		{"32/13/2010", "", " no-such-date"},
		{"29/02/2012", calendar.DMY, "2012-02-29"},
		{"29-02-2011", calendar.DMY, " no-such-date"},
		{"3.4.10", calendar.DMY, "2010-04-03 two-digit-year"},
		{"3.4.98", calendar.DMY, "1998-04-03 two-digit-year"},
		{"3.4.27", calendar.DMY, "1927-04-03 two-digit-year"},
		{"10-04-03", calendar.YMD, "2010-04-03 two-digit-year"},
		{"2010", "", "2010-01-01..2010-12-31 partial-date"},
		{"2026", "", "2026-01-01..2026-11-03 partial-date"},
		{"vers 2010", "", "2009-01-01..2011-12-31 approximate-date"},
		{"~2010", "", "2009-01-01..2011-12-31 approximate-date"},
		{"حوالي 2010", "", "2009-01-01..2011-12-31 approximate-date"},
		{"2010-04", "", "2010-04-01..2010-04-30 partial-date"},
		{"04/2010", "", "2010-04-01..2010-04-30 partial-date"},
		{"00/04/2010", calendar.DMY, "2010-04-01..2010-04-30 partial-date"},
		{"20100025", "", " no-such-date"},
		{"15/xx/2010", calendar.DMY, "2010-01-01..2010-12-31 partial-date"},
		{"2010-00-00", "", "2010-01-01..2010-12-31 partial-date"},
		{"xx/xx/2010", calendar.DMY, "2010-01-01..2010-12-31 partial-date"},
		{"??/04/2010", calendar.DMY, "2010-04-01..2010-04-30 partial-date"},
		{"3 April 2010", "", "2010-04-03"},
		{"April 3rd, 2010", "", "2010-04-03"},
		{"3-Apr-10", "", "2010-04-03 two-digit-year"},
		{"Sat 3 Apr 2010", "", "2010-04-03"},
		{"April 2010", "", "2010-04-01..2010-04-30 partial-date"},
		{"1er août 2010", "", "2010-08-01"},
		{"le 14 FÉVRIER 2011", "", "2011-02-14"},
		{"né en déc. 2009", "", "2009-12-01..2009-12-31 partial-date"},
		{"٣ أبريل ٢٠١٠", "", "2010-04-03"},
		{"٠٣/٠٤/٢٠١٠", calendar.DMY, "2010-04-03"},
		{"3 نيسان 2010", "", "2010-04-03"},
		{"3 كانون الثاني 2010", "", "2010-01-03"},
		{"3 تشرين الأول 2010", "", "2010-10-03"},
		{"3 جانفي 2010", "", "2010-01-03"},
		{"\u200f2010/04/03", "", "2010-04-03"},
		{"5 رمضان 1431", "", " other-calendar"},
		{"1431/09/05", "", " other-calendar"},
		{"1431-09-05 هـ", "", " other-calendar"},
		{"2553-04-03", "", " other-calendar"},
		{"1389/01/14", "", " other-calendar"},
		{"2027-01-01", "", " in-the-future"},
		{"1899-12-31", "", " too-long-ago"},
		{"0403-10-20", "", " too-long-ago"},
		{"40271", calendar.Serial, "2010-04-03"},
		{"40271", "", " not-a-date"},
		{"59", calendar.Serial, "1900-02-28"},
		{"999999", calendar.Serial, " not-a-date"},
		{"", "", ""},
		{"  ", "", ""},
		{"00/00/0000", "", ""},
		{"99/99/9999", "", ""},
		{"??", "", ""},
		{"xx/xx/xxxx", "", ""},
		{"abc", "", " not-a-date"},
		{"12/2010/04/03", "", " not-a-date"},
		{"123456789012", "", " not-a-date"},
		{"the third of April in the year two thousand and ten", "", " not-a-date"},
		{"5/10", "", " not-a-date"},
		{"April", "", " not-a-date"},
	} {
		if got := show(calendar.Parse(c.text, c.order, birth)); got != c.want {
			t.Errorf("Parse(%q, %q): got %q, want %q", c.text, c.order, got, c.want)
		}
	}
}

func TestAge(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"14", "2011-11-04..2012-11-03"},
		{"14 years", "2011-11-04..2012-11-03"},
		{"14 ans", "2011-11-04..2012-11-03"},
		{"14 سنة", "2011-11-04..2012-11-03"},
		{"١٤", "2011-11-04..2012-11-03"},
		{"14.5", "2011-11-04..2012-11-03"},
		{"0", "2025-11-04..2026-11-03"},
		{"8 months", "2026-02-04..2026-03-03"},
		{"8 mois", "2026-02-04..2026-03-03"},
		{"8 أشهر", "2026-02-04..2026-03-03"},
		{"3 years 4 months", "2023-06-04..2023-07-03"},
		{"12-14", "2011-11-04..2014-11-03"},
		{"12 à 14 ans", "2011-11-04..2014-11-03"},
		{"6-8 months", "2026-02-04..2026-05-03"},
		{"15+", "1901-11-03..2011-11-03 partial-date"},
		{"under 5", "2021-11-04..2026-11-03 partial-date"},
		{"<18", "2008-11-04..2026-11-03 partial-date"},
		{"environ 14 ans", "2010-11-04..2013-11-03 approximate-date"},
		{"", ""},
		{"??", ""},
		{"14-12", " not-an-age"},
		{"130", " not-an-age"},
		{"2010", " not-an-age"},
		{"abc", " not-an-age"},
		{"12 13 14", " not-an-age"},
	} {
		if got := show(calendar.Age(c.text, today, birth)); got != c.want {
			t.Errorf("Age(%q): got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestJoin(t *testing.T) {
	for _, c := range []struct{ year, month, day, want string }{
		{"2010", "4", "3", "2010-04-03"},
		{"2010", "avril", "", "2010-04-01..2010-04-30 partial-date"},
		{"2010", "", "", "2010-01-01..2010-12-31 partial-date"},
		{"2010", "2", "30", " no-such-date"},
		{"", "4", "3", ""},
		{"1431", "9", "5", " other-calendar"},
		{"x2", "4", "3", " not-a-date"},
		{"2010", "4", "2010", " not-a-date"},
	} {
		if got := show(calendar.Join(c.year, c.month, c.day, birth)); got != c.want {
			t.Errorf("Join(%q, %q, %q): got %q, want %q", c.year, c.month, c.day, got, c.want)
		}
	}
}

func TestSurvey(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []string
		order calendar.Order
		code  string
	}{
		{"ISO", []string{"2010-04-03", "", "2011-12-31"}, calendar.YMD, ""},
		{"compact with dirt", []string{"19151111", "19371399", "19450493", "19480930"}, calendar.YMD, ""},
		{"compact, day first", []string{"03042010", "14112009", "30062008"}, calendar.DMY, ""},
		{"day first", []string{"03/04/2010", "14/11/2009"}, calendar.DMY, ""},
		{"month first", []string{"04/03/2010", "11/14/2009"}, calendar.MDY, ""},
		{"cannot be told", []string{"03/04/2010", "05/06/2009"}, "", calendar.OrderUnknown},
		{"mixed", []string{"13/04/2010", "14/04/2010", "04/13/2010"}, calendar.DMY, calendar.OrderMixed},
		{"same day and month says nothing", []string{"03/03/2010", "04/04/2009"}, calendar.YMD, ""},
		{"names", []string{"3 avr 2010", "14 mars 2011"}, calendar.YMD, ""},
		{"years", []string{"2010", "2011", "?"}, calendar.YMD, ""},
		{"spreadsheet days", []string{"40271", "39999", "41234"}, calendar.Serial, ""},
		{"no dates", []string{"Ann", "Ben", "12"}, "", calendar.NotADate},
		{"nothing", nil, "", calendar.NotADate},
		{"short years", []string{"98-12-31", "10-04-03"}, calendar.YMD, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v calendar.Survey
			for _, s := range c.cells {
				v.Add(s)
			}
			g := v.Guess()
			if g.Order != c.order || g.Code != c.code {
				t.Errorf("got %+v, want %q %q", g, c.order, c.code)
			}
			if (g.Sure == 0) != (c.order == "") || g.Sure > 100 {
				t.Errorf("sure is %d", g.Sure)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2010-04-03", "03/04/2010", "19371399", "3 كانون الثاني 2010", "15+", "8 mois", "vers 10", "???/4", "xx9:"} {
		f.Add(s, byte(0))
	}
	orders := append(calendar.Orders(), calendar.Unknown)
	f.Fuzz(func(t *testing.T, s string, o byte) {
		order := orders[int(o)%len(orders)]
		for _, r := range []calendar.Reading{calendar.Parse(s, order, birth), calendar.Age(s, today, birth), calendar.Join(s, s, s, birth)} {
			switch {
			case r.Known() != !r.To.IsZero():
				t.Fatalf("%q: half an interval %v", s, r)
			case r.Known() && (r.To.Before(r.From) || r.From.Before(birth.First) || birth.Last.Before(r.To)):
				t.Fatalf("%q: interval out of bounds %v", s, r)
			case r.Known() && (calendar.DayOf(r.From.Time()) != r.From || calendar.DayOf(r.To.Time()) != r.To):
				t.Fatalf("%q: a day that does not exist %v", s, r)
			}
		}
		var v calendar.Survey
		v.Add(s)
		v.Guess()
	})
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		calendar.Parse("19151111", calendar.YMD, birth)
	}
}
