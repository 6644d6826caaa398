package locale

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Isolate keeps a text from data apart from the direction of the sentence
// around it (Unicode FSI and PDI), so that "Omar S." keeps its dot on the right
// side in Arabic. Texts that cannot disturb the sentence stay as they are.
func (l *Locale) Isolate(s string) string {
	if s == "" || (!l.rtl && !hasRTL(s)) {
		return s
	}
	return "\u2068" + s + "\u2069"
}

func hasRTL(s string) bool {
	for _, r := range s {
		if r >= 0x0590 && r <= 0x08FF || r >= 0xFB1D && r <= 0xFEFC || r >= 0x10800 && r <= 0x10FFF || r >= 0x1E800 && r <= 0x1EFFF {
			return true
		}
	}
	return false
}

// Number writes a whole number. All three languages use the digits 0-9: case
// numbers, papers and telephones carry them too, and a page that mixes two
// kinds of digits is misread. [PlainDigits] accepts the others in input.
func (l *Locale) Number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "\u2212", s[1:]
		if l.rtl {
			sign = "\u200e" + sign
		}
	}
	for i := len(s) - 3; i > 0; i -= 3 { // from the right, so that i stays valid
		s = s[:i] + l.group + s[i:]
	}
	return sign + s
}

// Decimal writes a number with one digit after the separator.
func (l *Locale) Decimal(f float64) string {
	whole, part, _ := strings.Cut(strconv.FormatFloat(f, 'f', 1, 64), ".")
	n, _ := strconv.Atoi(whole) // FormatFloat printed it: always a number
	return l.Number(n) + l.decimal + part
}

// Bytes writes a size in the largest fitting unit.
func (l *Locale) Bytes(n int64) string {
	units := []string{"size.bytes", "size.kb", "size.mb", "size.gb", "size.tb"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	if i == 0 {
		return l.T("size.bytes", "n", int(n))
	}
	return l.T(units[i], "n", bare(l.Decimal(f)))
}

// PlainDigits returns s with the decimal digits of any script written 0-9, so
// that a number typed on an Arabic or Bengali keyboard is a number.
func PlainDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= 0x7F {
			return r
		}
		for _, t := range unicode.Nd.R16 { // each range is whole rows of ten, from zero
			if lo := rune(t.Lo); lo <= r && r <= rune(t.Hi) {
				return '0' + (r-lo)%10
			}
		}
		return r
	}, s)
}

// Day is a day of the calendar, without a time or a zone.
type Day struct {
	Year  int
	Month time.Month
	Dom   int // day of the month
}

// DayOf returns the calendar day that t shows in its own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

// ParseDay reads "2026-11-03"; ok is false for anything that is not a day.
func ParseDay(s string) (d Day, ok bool) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return Day{}, false
	}
	return DayOf(t), true
}

// IsZero reports whether the day is none.
func (d Day) IsZero() bool { return d == Day{} }

// ISO returns the day as "2026-11-03", "" for none.
func (d Day) ISO() string {
	if d.IsZero() {
		return ""
	}
	return d.time().Format("2006-01-02")
}

func (d Day) time() time.Time { return time.Date(d.Year, d.Month, d.Dom, 0, 0, 0, 0, time.UTC) }

// Until returns the number of days from d to other, negative when other is
// earlier.
func (d Day) Until(other Day) int {
	return int(other.time().Sub(d.time()) / (24 * time.Hour))
}

// Date writes a day in full: 3 November 2026.
func (l *Locale) Date(d Day) string {
	if d.IsZero() {
		return ""
	}
	return l.date("date.full", d)
}

// ShortDate writes a day without its year: 3 Nov.
func (l *Locale) ShortDate(d Day) string {
	if d.IsZero() {
		return ""
	}
	return l.date("date.short", d)
}

// WeekDate writes a day with its weekday: Tuesday, 3 November.
func (l *Locale) WeekDate(d Day) string {
	if d.IsZero() {
		return ""
	}
	return l.date("date.week", d)
}

func (l *Locale) date(key string, d Day) string {
	day := strconv.Itoa(d.Dom)
	if l.code == "fr" && d.Dom == 1 {
		day = "1er"
	}
	var b strings.Builder
	for _, p := range l.messages[key] {
		switch p.arg {
		case "":
			b.WriteString(p.text)
		case "day":
			b.WriteString(day)
		case "month":
			b.WriteString(l.months[d.Month-1])
		case "short_month":
			b.WriteString(l.monthsSh[d.Month-1])
		case "weekday":
			b.WriteString(l.weekdays[d.time().Weekday()])
		case "year":
			b.WriteString(strconv.Itoa(d.Year))
		}
	}
	return b.String()
}

// Month writes a month of a year: November 2026.
func (l *Locale) Month(year int, m time.Month) string {
	return l.months[m-1] + " " + strconv.Itoa(year)
}

// Clock writes the time of day that t shows in its own zone: 14:05.
func (l *Locale) Clock(t time.Time) string { return t.Format("15:04") }

// DateTime writes day and time: 3 November 2026, 14:05.
func (l *Locale) DateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.T("date.time", "date", bare(l.Date(DayOf(t))), "time", bare(l.Clock(t)))
}

// bare is a text made by the language itself, which needs no isolation.
type bare string

// Relative says when a day is, n days from today: "2 days late", "Today",
// "in 3 days". It is said of something that should be done on that day.
func (l *Locale) Relative(n int) string {
	switch {
	case n < 0:
		return l.T("due.late", "n", -n)
	case n == 0:
		return l.T("due.today")
	case n == 1:
		return l.T("due.tomorrow")
	}
	return l.T("due.in", "n", n)
}

// Ago says how long ago something happened, n days before today.
func (l *Locale) Ago(n int) string {
	switch {
	case n <= 0:
		return l.T("ago.today")
	case n == 1:
		return l.T("ago.yesterday")
	}
	return l.T("ago.days", "n", n)
}
