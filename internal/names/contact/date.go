package contact

import "time"

// Interval is a date as it is known: the first and the last day that it can be,
// both included, as days since 1970-01-01. A full date has First == Last.
type Interval struct {
	First, Last int32
}

// DateLevel says how two dates agree, the best first. The levels exclude each
// other.
type DateLevel uint8

const (
	// DateExact: both are full dates and the same day.
	DateExact DateLevel = iota
	// DateSwapped: both are full dates, and day and month of one are exchanged.
	DateSwapped
	// DateDigit: both are full dates that differ in one digit.
	DateDigit
	// DateOverlap: at least one is not a full date, and they can be the same day.
	DateOverlap
	// DateYear: full dates of the same year.
	DateYear
	// DateNear: the nearest days are at most a year apart.
	DateNear
	// DateFar: neither of these.
	DateFar
	// DateUnknown: one of them is not known.
	DateUnknown
)

// Unknown is the interval of which nothing is known.
var Unknown = Interval{First: -1 << 31, Last: 1<<31 - 1}

// Exact is the interval of one day.
func Exact(year, month, day int) Interval {
	d := days(year, month, day)
	return Interval{d, d}
}

// InMonth is the interval of a month of which the day is not known.
func InMonth(year, month int) Interval {
	return Interval{days(year, month, 1), days(year, month+1, 1) - 1}
}

// InYear is the interval of a year; spread widens it by whole years on both
// sides ("about 2010").
func InYear(year, spread int) Interval {
	return Interval{days(year-spread, 1, 1), days(year+spread+1, 1, 1) - 1}
}

// FromAge is the interval of the birth of somebody who was said to be age years
// old on a day, give or take spread years.
func FromAge(age, spread, year, month, day int) Interval {
	return Interval{days(year-age-spread-1, month, day) + 1, days(year-age+spread, month, day)}
}

// Known reports whether anything is known of the date.
func (i Interval) Known() bool { return i != Unknown && i.Last >= i.First }

// Full reports whether the date is known to the day.
func (i Interval) Full() bool { return i.First == i.Last }

// Overlaps reports whether both can be the same day.
func (i Interval) Overlaps(j Interval) bool { return i.First <= j.Last && j.First <= i.Last }

// Years are the first and the last year the date can be in.
func (i Interval) Years() (first, last int) {
	y, _, _ := civil(i.First)
	z, _, _ := civil(i.Last)
	return y, z
}

// Compare says how two dates agree.
func (i Interval) Compare(j Interval) DateLevel {
	if !i.Known() || !j.Known() {
		return DateUnknown
	}
	if i.Full() && j.Full() {
		return compareDays(i.First, j.First)
	}
	if i.Overlaps(j) {
		return DateOverlap
	}
	gap := max(i.First-j.Last, j.First-i.Last)
	if gap <= 366 {
		return DateNear
	}
	return DateFar
}

func compareDays(a, b int32) DateLevel {
	if a == b {
		return DateExact
	}
	y1, m1, d1 := civil(a)
	y2, m2, d2 := civil(b)
	switch {
	case y1 == y2 && m1 == d2 && d1 == m2:
		return DateSwapped
	case digitsApart(y1, y2)+digitsApart(m1, m2)+digitsApart(d1, d2) == 1:
		return DateDigit
	case y1 == y2:
		return DateYear
	case a-b <= 366 && b-a <= 366:
		return DateNear
	}
	return DateFar
}

// digitsApart counts decimal places in which two numbers differ.
func digitsApart(a, b int) int {
	n := 0
	for a > 0 || b > 0 {
		if a%10 != b%10 {
			n++
		}
		a, b = a/10, b/10
	}
	return n
}

func days(year, month, day int) int32 {
	return int32(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func civil(d int32) (year, month, day int) {
	y, m, dd := time.Unix(int64(d)*86400, 0).UTC().Date()
	return y, int(m), dd
}
