package sealed

import (
	"fmt"
	"strconv"
	"time"

	"causeway/internal/fault"
)

// Date is a date in a person's life as far as it is known: a year, a year and a
// month, or a whole day of the civil (Gregorian) calendar. It has no time zone.
// The zero value is "no date".
type Date struct{ handle }

// ParseDate reads "2006", "2006-01" or "2006-01-02". Anything else, and a day
// that does not exist, is an Invalid fault with the code "date".
func ParseDate(s string) (Date, error) {
	if !validDate(s) {
		return Date{}, fault.New(fault.Invalid, "date")
	}
	return Date{newHandle([]byte(s))}, nil
}

// NewDate returns the date of a year, month and day. Month and day may be 0 for
// "not known"; a known day needs a known month.
func NewDate(year, month, day int) (Date, error) {
	switch {
	case month == 0 && day == 0:
		return ParseDate(fmt.Sprintf("%04d", year))
	case day == 0:
		return ParseDate(fmt.Sprintf("%04d-%02d", year, month))
	}
	return ParseDate(fmt.Sprintf("%04d-%02d-%02d", year, month, day))
}

// validDate reports whether s is one of the three forms and a real date.
func validDate(s string) bool {
	for i := range len(s) {
		isDash := i == 4 || i == 7
		if isDash != (s[i] == '-') || !isDash && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	var layout string
	switch len(s) {
	case 4:
		layout = "2006"
	case 7:
		layout = "2006-01"
	case 10:
		layout = "2006-01-02"
	default:
		return false
	}
	_, err := time.Parse(layout, s)
	return err == nil && s[:4] != "0000"
}

// Reveal returns the date as it was written, "" when there is none. Only the
// packages listed in the house test may call it.
func (d Date) Reveal() string { return string(d.bytes()) }

// RevealParts returns year, month and day, each 0 where it is not known. The
// rule for Reveal holds for it too.
func (d Date) RevealParts() (year, month, day int) {
	s := d.Reveal()
	part := func(from, to int) int {
		if len(s) < to {
			return 0
		}
		n, _ := strconv.Atoi(s[from:to]) // only digits pass validDate
		return n
	}
	return part(0, 4), part(5, 7), part(8, 10)
}

// Equal reports whether two dates are written the same, or both missing.
func (d Date) Equal(e Date) bool { return d.equal(e.handle) }

// MarshalCBOR encodes the date for [Encode].
func (d Date) MarshalCBOR() ([]byte, error) { return marshal(majorText, d.handle), nil }

// UnmarshalCBOR reads what [Date.MarshalCBOR] wrote.
func (d *Date) UnmarshalCBOR(data []byte) error {
	h, err := unmarshal(majorText, data)
	if err != nil {
		return err
	}
	if !h.IsZero() && !validDate(string(h.bytes())) {
		return errEncoding
	}
	d.handle = h
	return nil
}
