package calendar

import "math"

// shape is a date taken apart: up to three numbers in their order, or a month by
// name and the numbers around it.
type shape struct {
	numbers []token
	month   int // by name, 0 for none
	about   bool
	other   bool // names another calendar
	bad     bool // cannot be a date
	empty   bool // says that nothing is known
}

// shapeOf takes a text apart.
func shapeOf(s string) shape {
	list, ok := scan(s)
	if !ok {
		return shape{bad: true}
	}
	if len(list) == 0 {
		return shape{empty: true}
	}
	sh := shape{numbers: make([]token, 0, 3)}
	for i, t := range list {
		if t.isNumber() {
			if i+1 < len(list) && list[i+1].text == ":" {
				break // a time of day: what follows is no part of the date
			}
			sh.numbers = append(sh.numbers, t)
			continue
		}
		sh.word(t.text, i, list)
	}
	if len(sh.numbers) > 3 || sh.month > 0 && len(sh.numbers) > 2 || len(sh.numbers) == 0 && !sh.other {
		sh.bad = true
	}
	zero := true
	for _, n := range sh.numbers {
		zero = zero && (n.number == 0 || n.text == "99" || n.text == "9999" || n.text == "99999999")
	}
	sh.empty = zero && len(sh.numbers) > 0 && sh.month == 0 && !sh.bad
	return sh
}

// word takes in a token that is no number.
func (sh *shape) word(text string, i int, list []token) {
	switch {
	case means(text, "about") > 0:
		sh.about = true
	case means(text, "other") > 0:
		sh.other = true
	case levantine(text, i, list) > 0:
		if sh.month > 0 {
			sh.bad = true
		}
		sh.month = levantine(text, i, list)
	case means(text, "month") > 0:
		if sh.month > 0 && sh.month != means(text, "month") {
			sh.bad = true
		}
		sh.month = means(text, "month")
	case text == "/" || text == "-" || text == "." || text == "," || text == "،":
	case means(text, "ignore") > 0, text == Fold("الأول"), text == Fold("الثاني"):
	default:
		sh.bad = true
	}
}

// levantine reads the months whose names are two words: كانون الأول and so on.
func levantine(text string, i int, list []token) int {
	if i+1 >= len(list) {
		return 0
	}
	first, second := list[i+1].text == Fold("الأول"), list[i+1].text == Fold("الثاني")
	switch {
	case text == Fold("تشرين") && first:
		return 10
	case text == Fold("تشرين") && second:
		return 11
	case text == Fold("كانون") && first:
		return 12
	case text == Fold("كانون") && second:
		return 1
	}
	return 0
}

// Parse reads one cell of a column that writes its dates in an order.
func Parse(s string, order Order, b Bounds) Reading {
	sh := shapeOf(s)
	switch {
	case sh.empty:
		return Reading{}
	case sh.bad:
		return Reading{Code: NotADate}
	case sh.other:
		return Reading{Code: OtherCalendar}
	}
	r := sh.read(order, b)
	if sh.about && r.Known() && r.From.Year == r.To.Year {
		r = Reading{Day{r.From.Year - 1, 1, 1}, Day{r.To.Year + 1, 12, 31}, About}
	}
	return b.within(r)
}

func (sh *shape) read(order Order, b Bounds) Reading {
	n := sh.numbers
	if sh.month > 0 {
		return sh.named(b)
	}
	switch len(n) {
	case 1:
		return single(n[0], order, b)
	case 2:
		switch {
		case len(n[0].text) == 4:
			return make3(n[0], n[1], token{number: 0}, b)
		case len(n[1].text) == 4:
			return make3(n[1], n[0], token{number: 0}, b)
		}
		return Reading{Code: NotADate}
	case 3:
		return triple(n[0], n[1], n[2], order, b)
	}
	return Reading{Code: NotADate}
}

// named reads a date whose month is a word.
func (sh *shape) named(b Bounds) Reading {
	month := token{number: sh.month}
	switch n := sh.numbers; len(n) {
	case 1:
		if len(n[0].text) == 4 {
			return make3(n[0], month, token{number: 0}, b)
		}
	case 2:
		switch {
		case len(n[0].text) == 4 && len(n[1].text) <= 2:
			return make3(n[0], month, n[1], b)
		case len(n[0].text) <= 2 && (len(n[1].text) == 4 || len(n[1].text) == 2):
			return make3(n[1], month, n[0], b)
		}
	}
	return Reading{Code: NotADate}
}

// single reads a date written as one number.
func single(t token, order Order, b Bounds) Reading {
	if order == Serial && len(t.text) <= 5 && len(t.text) != 4 && !t.blank {
		return serial(float64(t.number))
	}
	switch len(t.text) {
	case 4:
		return make3(t, token{number: 0}, token{number: 0}, b)
	case 6: // year and month
		if y, m := cut(t, 0, 4), cut(t, 4, 6); y.number >= 1900 && y.number <= b.Last.Year && m.number >= 1 && m.number <= 12 {
			return make3(y, m, token{number: 0}, b)
		}
	case 8:
		return compact(t, order, b)
	}
	return Reading{Code: NotADate}
}

// compact reads eight digits. A year in front is tried first unless the column
// says that it stands behind.
func compact(t token, order Order, b Bounds) Reading {
	front := func() Reading { return make3(cut(t, 0, 4), cut(t, 4, 6), cut(t, 6, 8), b) }
	behind := func() Reading { return triple(cut(t, 0, 2), cut(t, 2, 4), cut(t, 4, 8), order, b) }
	if order == DMY || order == MDY || order == Either {
		if r := behind(); b.within(r).Known() || !b.within(front()).Known() {
			return r
		}
		return front()
	}
	return front()
}

// triple reads three numbers: the year is the one with four digits, and the order
// decides about the rest.
func triple(x, y, z token, order Order, b Bounds) Reading {
	if len(x.text) == 4 && len(y.text) <= 2 && len(z.text) <= 2 {
		return make3(x, y, z, b)
	}
	if len(x.text) > 2 || len(y.text) > 2 || len(z.text) != 4 && len(z.text) != 2 {
		return Reading{Code: NotADate}
	}
	dmy, mdy := make3(z, y, x, b), make3(z, x, y, b)
	switch order {
	case DMY:
		return orDiffers(dmy, mdy)
	case MDY:
		return orDiffers(mdy, dmy)
	case YMD, Serial:
		if len(z.text) == 2 && order == YMD {
			return make3(x, y, z, b)
		}
	}
	switch { // no order given: only what leaves no choice
	case dmy == mdy:
		return dmy
	case dmy.Known() && !mdy.Known():
		return dmy
	case mdy.Known() && !dmy.Known():
		return mdy
	case !dmy.Known():
		return dmy
	case order == Either:
		r := Reading{dmy.From, dmy.To, BothReadings}
		if mdy.From.Before(r.From) {
			r.From = mdy.From
		}
		if r.To.Before(mdy.To) {
			r.To = mdy.To
		}
		return r
	}
	return Reading{Code: OrderUnknown}
}

func orDiffers(r, other Reading) Reading {
	if r.Code == NoSuchDate && other.Known() {
		return Reading{Code: OrderDiffers}
	}
	return r
}

// make3 makes an interval of year, month and day; a month or day of 0 is unknown.
func make3(y, m, d token, b Bounds) Reading {
	year, code := y.number, ""
	switch {
	case y.blank || year == 0 && len(y.text) == 4:
		return Reading{} // only the year would say when
	case len(y.text) == 2: // the last such year that is possible
		year += b.Last.Year - b.Last.Year%100
		if year > b.Last.Year {
			year -= 100
		}
		code = TwoDigitYear
	case year >= 1300 && year <= 1500, year >= 2400 && year <= 2700:
		return Reading{Code: OtherCalendar}
	}
	switch {
	case m.number > 12:
		return Reading{Code: NoSuchDate}
	case m.number == 0 && m.text != "" && !m.blank && d.number > 0, m.number > 0 && d.number > daysIn(year, m.number):
		return Reading{Code: NoSuchDate}
	case m.number == 0:
		return Reading{Day{year, 1, 1}, Day{year, 12, 31}, orCode(code, Partial)}
	case d.number == 0:
		return Reading{Day{year, m.number, 1}, Day{year, m.number, daysIn(year, m.number)}, orCode(code, Partial)}
	}
	day := Day{year, m.number, d.number}
	return Reading{day, day, code}
}

func orCode(code, other string) string {
	if code != "" {
		return code
	}
	return other
}

func cut(t token, from, to int) token {
	n := 0
	for _, c := range t.text[from:to] {
		n = n*10 + int(c-'0')
	}
	return token{text: t.text[from:to], number: n}
}

// lastSerial is 2099-12-31; a larger number is something else.
const lastSerial = 73050

func serial(v float64) Reading {
	if v < 1 || v > lastSerial {
		return Reading{Code: NotADate}
	}
	first := Day{1899, 12, 30}
	if v < 60 { // spreadsheet programs know a 29 February 1900
		first = Day{1899, 12, 31}
	}
	d := first.Add(0, 0, int(math.Floor(v)))
	return Reading{d, d, ""}
}

// Join reads a date whose year, month and day stand in three columns. Empty cells
// are unknown parts.
func Join(year, month, day string, b Bounds) Reading {
	y, m, d := shapeOf(year), shapeOf(month), shapeOf(day)
	if y.empty {
		return Reading{}
	}
	part := func(s shape, most int) (token, bool) {
		switch {
		case s.empty:
			return token{number: 0}, true
		case s.bad && s.month == 0 || s.other || len(s.numbers) > 1:
			return token{}, false
		case s.month > 0 && len(s.numbers) == 0:
			return token{number: s.month}, true
		case len(s.numbers) == 1 && len(s.numbers[0].text) <= most:
			return s.numbers[0], true
		}
		return token{}, false
	}
	yy, ok1 := part(y, 4)
	mm, ok2 := part(m, 2)
	dd, ok3 := part(d, 2)
	switch {
	case y.other || m.other:
		return Reading{Code: OtherCalendar}
	case !ok1 || !ok2 || !ok3 || len(yy.text) != 4 && len(yy.text) != 2:
		return Reading{Code: NotADate}
	}
	return b.within(make3(yy, mm, dd, b))
}
