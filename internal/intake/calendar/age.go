package calendar

// Age reads an age and returns when somebody of that age on a day was born:
// "14", "14 years", "8 mois", "12-14", "15+", "under 5", in digits of any script.
func Age(s string, on Day, b Bounds) Reading {
	list, ok := scan(s)
	if !ok {
		return Reading{Code: NotAnAge}
	}
	a := ageWords{}
	for i, t := range list {
		if !a.take(t, i, list) {
			return Reading{Code: NotAnAge}
		}
	}
	return b.within(a.born(on))
}

// oldest is above every age there has been.
const oldest = 125

// ageWords is an age as it is being read, in months.
type ageWords struct {
	values      []int // one age, or the two ends of a range, in months
	units       []int // months in the unit of each value, 0 not told
	under, over bool
	about       bool
	joined      bool // two values are a range
	unknown     bool
}

func (a *ageWords) take(t token, i int, list []token) bool {
	last := len(a.values) - 1
	switch {
	case t.blank:
		a.unknown = true
	case t.isNumber():
		if i > 0 && list[i-1].text == "." || i > 0 && list[i-1].text == "," {
			return last >= 0 // 14.5 years is an age of 14
		}
		a.values, a.units = append(a.values, t.number), append(a.units, 0)
		return len(a.values) <= 2 && len(t.text) <= 3
	case t.text == "." || t.text == "," || t.text == "/":
	case means(t.text, "to") > 0:
		a.joined = true
	case means(t.text, "year") > 0:
		if last >= 0 && a.units[last] == 0 {
			a.units[last] = 12
		}
	case means(t.text, "month_unit") > 0:
		if last >= 0 {
			a.units[last] = 1
		}
	case means(t.text, "under") > 0:
		a.under = true
	case means(t.text, "over") > 0:
		a.over = true
	case means(t.text, "about") > 0:
		a.about = true
	default:
		return means(t.text, "ignore") > 0
	}
	return true
}

// born turns the age into an interval of birth days.
func (a *ageWords) born(on Day) Reading {
	switch {
	case len(a.values) == 0 && (a.unknown || !a.joined && !a.under && !a.over):
		return Reading{} // nothing, or "xx": not known
	case len(a.values) == 0, a.under && a.over:
		return Reading{Code: NotAnAge}
	}
	for i := range a.units {
		if a.units[i] == 0 { // the unit of a range may stand at its end
			a.units[i] = 12
			if last := a.units[len(a.units)-1]; a.joined && last == 1 {
				a.units[i] = 1
			}
		}
	}
	low, unit := a.values[0]*a.units[0], a.units[0]
	high := low
	if len(a.values) == 2 {
		if a.joined {
			high, unit = a.values[1]*a.units[1], a.units[1]
		} else if a.units[0] == 12 && a.units[1] == 1 { // 3 years 4 months
			low += a.values[1]
			high, unit = low, 1
		} else {
			return Reading{Code: NotAnAge}
		}
	}
	if low > high || high >= oldest*12 {
		return Reading{Code: NotAnAge}
	}
	r := Reading{From: on.Add(0, -(high + unit), 1), To: on.Add(0, -low, 0)}
	switch {
	case a.under: // not yet that old
		r = Reading{From: on.Add(0, -high, 1), To: on, Code: Partial}
	case a.over:
		r = Reading{From: on.Add(-oldest, 0, 0), To: on.Add(0, -low, 0), Code: Partial}
	case a.about:
		r.From, r.To, r.Code = r.From.Add(-1, 0, 0), r.To.Add(1, 0, 0), About
		if on.Before(r.To) {
			r.To = on
		}
	}
	return r
}
