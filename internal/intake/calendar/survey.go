package calendar

// Survey looks at the cells of one column and says how it writes its dates. The
// zero value is ready to use.
type Survey struct {
	values    int // cells that say something
	dates     int // of them, those that can be dates
	yearFirst int
	dayOnly   int // can only be day first
	monthOnly int // can only be month first
	both      int // day and month could be exchanged
	serials   int // numbers as spreadsheet programs count days
	compact   [3]int
	shortYear int // begin with a two-digit year that can be no day
	other     int // name another calendar, or lie in its years
	yearsOnly int
}

// Guess is what a survey found.
type Guess struct {
	Order      Order   `json:"order"`
	Sure       int     `json:"sure"`           // from 0 to 100
	Code       string  `json:"code,omitempty"` // OrderUnknown, OrderMixed or NotADate; "" when all is clear
	Others     []Order `json:"others,omitempty"`
	Values     int     `json:"values"` // cells that say something
	Dates      int     `json:"dates"`  // of them, those that can be dates
	DayFirst   int     `json:"day_first"`
	MonthFirst int     `json:"month_first"`
	Open       int     `json:"open"` // could be either
	OtherYears int     `json:"other_years"`
}

// OrderMixed says that some cells can only be day first and others only month
// first, so that no order is right for the column.
const OrderMixed = "order-mixed"

// wide holds every day a table is likely to mention; the survey asks about form.
var wide = Bounds{Day{1900, 1, 1}, Day{2099, 12, 31}}

// Add takes in one cell.
func (v *Survey) Add(s string) {
	sh := shapeOf(s)
	if sh.empty {
		return
	}
	v.values++
	if sh.bad {
		return
	}
	if sh.other {
		v.other++
		return
	}
	n := sh.numbers
	switch {
	case sh.month > 0:
		v.count(sh.named(wide), &v.yearFirst)
	case len(n) == 3 && len(n[0].text) <= 2 && len(n[1].text) <= 2:
		v.triple(n[0], n[1], n[2])
	case len(n) == 1 && len(n[0].text) == 8:
		v.compactDate(n[0])
	case len(n) == 1 && len(n[0].text) == 5 && serial(float64(n[0].number)).Known():
		v.serials++
	case len(n) == 1 && len(n[0].text) == 4:
		v.count(single(n[0], YMD, wide), &v.yearsOnly)
	default:
		v.count(sh.read(Unknown, wide), &v.yearFirst)
	}
}

func (v *Survey) count(r Reading, kind *int) {
	switch r = wide.within(r); {
	case r.Known():
		v.dates++
		*kind++
	case r.Code == OtherCalendar:
		v.other++
	}
}

func (v *Survey) triple(x, y, z token) {
	dmy, mdy := wide.within(make3(z, y, x, wide)), wide.within(make3(z, x, y, wide))
	switch {
	case dmy.Code == OtherCalendar:
		v.other++
	case dmy == mdy && dmy.Known():
		v.dates++
	case dmy.Known() && mdy.Known():
		v.dates++
		v.both++
	case dmy.Known():
		v.dates++
		v.dayOnly++
	case mdy.Known():
		v.dates++
		v.monthOnly++
	case len(x.text) == 2 && len(z.text) == 2 && make3(x, y, z, wide).Known():
		v.dates++
		v.shortYear++
	}
}

func (v *Survey) compactDate(t token) {
	any := false
	for i, r := range [3]Reading{
		make3(cut(t, 0, 4), cut(t, 4, 6), cut(t, 6, 8), wide),
		make3(cut(t, 4, 8), cut(t, 2, 4), cut(t, 0, 2), wide),
		make3(cut(t, 4, 8), cut(t, 0, 2), cut(t, 2, 4), wide),
	} {
		if r = wide.within(r); r.Known() {
			v.compact[i]++
			any = true
		}
	}
	if any {
		v.dates++
	}
}

// Guess says what the cells added so far amount to.
func (v *Survey) Guess() Guess {
	g := Guess{
		Values: v.values, Dates: v.dates + v.serials, DayFirst: v.dayOnly, MonthFirst: v.monthOnly, Open: v.both,
		OtherYears: v.other,
	}
	if v.serials > v.dates { // otherwise five digits are more likely a number of something
		g.Order, g.Sure = Serial, 90*v.serials/v.values
		return g
	}
	g.Dates = v.dates
	if v.dates == 0 || v.dates*2 < v.values-v.other {
		g.Code = NotADate
		return g
	}
	if v.fromCompact(&g) {
		return g
	}
	slashed := v.dayOnly + v.monthOnly + v.both
	switch {
	case slashed == 0:
		g.Order, g.Sure = YMD, 99
	case v.shortYear > 0 && v.shortYear >= v.dayOnly+v.monthOnly:
		g.Order, g.Sure, g.Others = YMD, 90, []Order{DMY, MDY}
	case v.dayOnly == 0 && v.monthOnly == 0:
		g.Code, g.Others = OrderUnknown, []Order{DMY, MDY, Either}
	case v.dayOnly >= v.monthOnly:
		g.Order, g.Others = DMY, []Order{MDY, Either}
		g.weigh(v.dayOnly, v.monthOnly)
	default:
		g.Order, g.Others = MDY, []Order{DMY, Either}
		g.weigh(v.monthOnly, v.dayOnly)
	}
	return g
}

// weigh says how sure an order is when some cells speak for it and some against.
func (g *Guess) weigh(yes, no int) {
	switch {
	case no > 0:
		g.Code, g.Sure = OrderMixed, 90*yes/(yes+no)
	case yes*20 < g.Open: // three days in five lie behind the 12th: this is more likely a slip
		g.Sure = 60
	default:
		g.Sure = min(99, 85+5*yes)
	}
}

// fromCompact decides for columns of eight digits.
func (v *Survey) fromCompact(g *Guess) bool {
	best, total := 0, 0
	for i, n := range v.compact {
		total = max(total, n)
		if n > v.compact[best] {
			best = i
		}
	}
	if total*2 <= v.dates {
		return false
	}
	g.Order = []Order{YMD, DMY, MDY}[best]
	g.Sure = 99 * v.compact[best] / max(1, v.dates)
	if best > 0 && v.compact[1] == v.compact[2] {
		g.Order, g.Sure, g.Code, g.Others = Unknown, 0, OrderUnknown, []Order{DMY, MDY, Either}
	}
	return true
}
