package linkage

// compareBirth compares two births: known days by their digits, estimates as
// intervals.
func compareBirth(a, b Birth, out *comparison) {
	switch {
	case !a.known() || !b.known():
	case a.exact() && b.exact():
		out.level[FieldBirth] = compareDays(a.Earliest, b.Earliest)
	case a.Earliest <= b.Latest && b.Earliest <= a.Latest:
		out.level[FieldAge] = Exact
	case max(a.Earliest-b.Latest, b.Earliest-a.Latest) <= 10000: // a year, written as a date
		out.level[FieldAge] = Near
	default:
		out.level[FieldAge] = Else
	}
}

func compareDays(a, b Date) Level {
	switch {
	case a == b:
		return Exact
	case slip(a, b):
		return Code
	case a.year() == b.year():
		return Close
	case a.year()-b.year() == 1 || b.year()-a.year() == 1:
		return Near
	}
	return Else
}

// slip reports whether one slip of the pen makes one date of the other: one
// digit, two neighbouring digits exchanged, or day and month exchanged.
func slip(a, b Date) bool {
	if a.year() == b.year() && a.month() == b.day() && a.day() == b.month() {
		return true
	}
	var differ [8]int
	n := 0
	for i, x, y := 0, a, b; i < 8; i, x, y = i+1, x/10, y/10 {
		if x%10 != y%10 {
			differ[n] = i
			n++
		}
	}
	switch n {
	case 1:
		return true
	case 2:
		if differ[1]-differ[0] != 1 {
			return false
		}
		low, high := pow10(differ[0]), pow10(differ[1])
		return a/low%10 == b/high%10 && a/high%10 == b/low%10
	}
	return false
}

func pow10(n int) Date {
	p := Date(1)
	for range n {
		p *= 10
	}
	return p
}
