// Package calendar reads the dates and ages that people typed into tables, in
// any usual order, with month names in English, French and Arabic, and with parts
// missing. What is read is an interval: first and last possible day.
//
// It never picks a meaning that the text does not have: a date that does not
// exist stays unknown, a date of another calendar is not converted, and where day
// and month cannot be told apart somebody has to choose. It never repeats the
// text in an error.
//
// Start at [Survey], which guesses how a column writes its dates, and [Parse].
package calendar

import (
	"fmt"
	"time"
)

// Order is how a column writes its dates. Dates that can be read in one way only,
// such as 2010-04-03 or 3 April 2010, are read in every order.
type Order string

// The orders. Unknown leaves dates that need one unread.
const (
	Unknown Order = ""
	YMD     Order = "ymd"
	DMY     Order = "dmy"
	MDY     Order = "mdy"
	Either  Order = "either" // nobody knows: an interval that holds both readings
	Serial  Order = "serial" // days as a spreadsheet program counts them
)

// Orders returns the orders that can be chosen for a column.
func Orders() []Order { return []Order{YMD, DMY, MDY, Either, Serial} }

// Valid reports whether o is one of the orders.
func (o Order) Valid() bool {
	for _, known := range Orders() {
		if o == known {
			return true
		}
	}
	return o == Unknown
}

// Day is a day of the Gregorian calendar. The zero value is no day.
type Day struct{ Year, Month, Day int }

// DayOf returns the day of a time in UTC.
func DayOf(t time.Time) Day {
	y, m, d := t.UTC().Date()
	return Day{y, int(m), d}
}

// String returns the day as 2010-04-03, "" for no day.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// IsZero reports whether d is no day.
func (d Day) IsZero() bool { return d == Day{} }

// Before reports whether d lies before e.
func (d Day) Before(e Day) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

// Time returns midnight of the day in UTC.
func (d Day) Time() time.Time {
	return time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
}

// Add returns the day some years, months and days later.
func (d Day) Add(years, months, days int) Day {
	return DayOf(d.Time().AddDate(years, months, days))
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// The codes of what is to be said about a date. Those of the first group come
// with an interval, those of the second without.
const (
	Partial      = "partial-date"     // only a year, or year and month
	About        = "approximate-date" // the text says so
	TwoDigitYear = "two-digit-year"   // the century is a guess
	BothReadings = "both-readings"    // day and month may be exchanged

	OrderUnknown  = "order-unknown"  // day and month cannot be told apart
	OrderDiffers  = "order-differs"  // not in the column's order, but in another
	NoSuchDate    = "no-such-date"   // such as 31 February
	NotADate      = "not-a-date"     //
	NotAnAge      = "not-an-age"     //
	OtherCalendar = "other-calendar" // Hijri, Persian, Buddhist: not converted
	InTheFuture   = "in-the-future"  //
	TooLongAgo    = "too-long-ago"   //
)

// Reading is what a text means. Without an interval and without a code the text
// says that nothing is known.
type Reading struct {
	From, To Day    // first and last possible day, both or none
	Code     string // "" when there is nothing to say
}

// Known reports whether there is an interval.
func (r Reading) Known() bool { return !r.From.IsZero() }

// Exact reports whether the interval is one day.
func (r Reading) Exact() bool { return r.Known() && r.From == r.To }

// Bounds is what a date of some kind can be. Births lie between 1900 and today.
type Bounds struct{ First, Last Day }

// within cuts the interval to the bounds, or says that it lies outside.
func (b Bounds) within(r Reading) Reading {
	switch {
	case !r.Known():
		return r
	case b.Last.Before(r.From):
		return Reading{Code: InTheFuture}
	case r.To.Before(b.First):
		return Reading{Code: TooLongAgo}
	}
	if r.From.Before(b.First) {
		r.From = b.First
	}
	if b.Last.Before(r.To) {
		r.To = b.Last
	}
	return r
}
