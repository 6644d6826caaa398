package forms

import (
	"time"

	"causeway/internal/sealed"
)

// typ is what an expression is about. Types are known when a form is parsed, so
// that a comparison that can never hold is refused there.
type typ int

const (
	tOther typ = iota // only asked whether it is given, and its state
	tBool
	tNumber
	tDate
	tTime
	tText
	tCodes
)

// typCodes are the codes of the types in the words of faults ("formtype.<code>").
var typCodes = [...]string{"other", "truth", "number", "date", "time", "text", "codes"}

// value is a value as far as it is known. Numbers and dates (in days) are
// intervals: "born in 2012" is one. What is not known makes a comparison neither
// true nor false.
type value struct {
	typ    typ
	known  bool
	lo, hi float64
	s      string
	set    []string
	b      bool
}

func number(lo, hi float64) value { return value{typ: tNumber, known: true, lo: lo, hi: hi} }
func truth(b bool) value          { return value{typ: tBool, known: true, b: b} }
func text(s string) value         { return value{typ: tText, known: true, s: s} }

// date returns the interval of days that a date leaves open.
func date(d sealed.Date) value {
	if d.IsZero() {
		return value{typ: tDate}
	}
	y, m, day := d.RevealParts()
	first := time.Date(y, time.Month(max(m, 1)), max(day, 1), 0, 0, 0, 0, time.UTC)
	last := first
	switch {
	case m == 0:
		last = first.AddDate(1, 0, -1)
	case day == 0:
		last = first.AddDate(0, 1, -1)
	}
	return value{typ: tDate, known: true, lo: dayOf(first), hi: dayOf(last)}
}

// dayOf counts days since the beginning of 1970.
func dayOf(t time.Time) float64 {
	y, m, d := t.Date()
	return float64(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func dayTime(day float64) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// years returns how many full years lie between a date and today.
func years(d value, today float64) value {
	if !d.known {
		return value{typ: tNumber}
	}
	on := dayTime(today)
	full := func(day float64) float64 {
		from := dayTime(day)
		n := on.Year() - from.Year()
		if on.Month() < from.Month() || on.Month() == from.Month() && on.Day() < from.Day() {
			n--
		}
		return float64(n)
	}
	return number(full(d.hi), full(d.lo))
}

// compare answers a comparison of two values of one type.
func compare(op string, a, b value) value {
	unknown := value{typ: tBool}
	if !a.known || !b.known {
		return unknown
	}
	switch a.typ {
	case tBool:
		return truth((a.b == b.b) == (op == "=="))
	case tText:
		return truth((a.s == b.s) == (op == "=="))
	case tTime: // "08:30" sorts as time does
		a.lo, a.hi, b.lo, b.hi = 0, 0, 0, 0
		if a.s < b.s {
			b.lo, b.hi = 1, 1
		} else if a.s > b.s {
			a.lo, a.hi = 1, 1
		}
	}
	switch op {
	case ">":
		return compareOrder(b, a, true)
	case ">=":
		return compareOrder(b, a, false)
	case "<":
		return compareOrder(a, b, true)
	case "<=":
		return compareOrder(a, b, false)
	}
	switch {
	case a.hi < b.lo || b.hi < a.lo:
		return truth(op == "!=")
	case a.lo == a.hi && b.lo == b.hi:
		return truth(op == "==")
	}
	return unknown
}

// compareOrder answers a < b, or a <= b.
func compareOrder(a, b value, strict bool) value {
	switch {
	case a.hi < b.lo, !strict && a.hi == b.lo:
		return truth(true)
	case a.lo > b.hi, strict && a.lo == b.hi:
		return truth(false)
	}
	return value{typ: tBool}
}

// calculate answers an arithmetic operation. Days may be taken from a date or
// added to one; two dates have a distance in days.
func calculate(op string, a, b value) value {
	out := typeOf(op, a.typ, b.typ)
	if !a.known || !b.known {
		return value{typ: out}
	}
	v := value{typ: out, known: true}
	switch op {
	case "+":
		v.lo, v.hi = a.lo+b.lo, a.hi+b.hi
	case "-":
		v.lo, v.hi = a.lo-b.hi, a.hi-b.lo
	case "*":
		v.lo, v.hi = corners(a.lo*b.lo, a.lo*b.hi, a.hi*b.lo, a.hi*b.hi)
	case "/":
		if b.lo <= 0 && b.hi >= 0 {
			return value{typ: out}
		}
		v.lo, v.hi = corners(a.lo/b.lo, a.lo/b.hi, a.hi/b.lo, a.hi/b.hi)
	}
	const most = 1e15 // beyond it sums are no longer exact
	if !(v.lo >= -most && v.hi <= most) {
		return value{typ: out}
	}
	return v
}

func corners(c ...float64) (lo, hi float64) {
	lo, hi = c[0], c[0]
	for _, x := range c[1:] {
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

// typeOf returns the type of an arithmetic operation, tOther for none.
func typeOf(op string, a, b typ) typ {
	switch {
	case a == tNumber && b == tNumber:
		return tNumber
	case a == tDate && b == tDate && op == "-":
		return tNumber
	case a == tDate && b == tNumber && (op == "+" || op == "-"):
		return tDate
	}
	return tOther
}
