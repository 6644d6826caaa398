package pack

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Unit is the unit of a clock's value.
type Unit string

// The units. Months and years have no fixed length; see [Clock.After].
const (
	Minutes Unit = "minutes"
	Hours   Unit = "hours"
	Days    Unit = "days"
	// WorkingDays leave out the weekend and the holidays of the pack's [Calendar].
	WorkingDays Unit = "working_days"
	Months      Unit = "months"
	Years       Unit = "years"
	Count       Unit = "count"
)

type unitKind uint8

const (
	fixedUnit unitKind = iota
	calendarUnit
	countUnit
)

var units = map[Unit]struct {
	kind   unitKind
	length time.Duration // of fixed units
	months int           // of calendar units
}{
	Minutes:     {fixedUnit, time.Minute, 0},
	Hours:       {fixedUnit, time.Hour, 0},
	Days:        {fixedUnit, 24 * time.Hour, 0},
	WorkingDays: {fixedUnit, 0, 0}, // how long they are, the calendar says
	Months:      {calendarUnit, 0, 1},
	Years:       {calendarUnit, 0, 12},
	Count:       {countUnit, 0, 0},
}

// Clock is one number of a pack, with what it rests on. Pages show the source
// and the confidence beside it.
type Clock struct {
	Name       ClockName
	Value      int
	Unit       Unit
	Source     string
	Confidence Confidence
	Checked    bool // somebody compared the value with its source
	labels     map[string]string
	first      string // the language to fall back to
	calendar   *Calendar
	at         cell
}

// Label says in a language what the clock is for, in the pack's first language
// if it does not speak that one.
func (c Clock) Label(lang string) string {
	for _, l := range []string{lang, strings.SplitN(lang, "-", 2)[0]} {
		if label := c.labels[l]; label != "" {
			return label
		}
	}
	return c.labels[c.first]
}

// Duration returns the length of a clock in minutes, hours or days, and 0 for
// counts and for calendar units, which have no fixed length. Of working days it
// is the length they mostly have.
func (c Clock) Duration() time.Duration {
	if c.Unit == WorkingDays {
		return nominal(c.Value)
	}
	return time.Duration(c.Value) * units[c.Unit].length
}

// After returns the time one clock's length after t. Months and years go by the
// calendar: one month after 31 January is the last day of February.
func (c Clock) After(t time.Time) time.Time {
	if c.Unit == WorkingDays {
		return c.calendar.After(t, c.Value)
	}
	months := c.Value * units[c.Unit].months
	if months == 0 {
		return t.Add(c.Duration())
	}
	to := t.AddDate(0, months, 0)
	if to.Day() != t.Day() { // AddDate has run over the end of a short month
		to = to.AddDate(0, 0, -to.Day())
	}
	return to
}

// clocks reads clocks.csv and lays its rows over those already there.
func (l *loader) clocks(file string) {
	must := append([]string{"name", "value", "unit", "source", "confidence", "checked"}, l.pack.languages...)
	rows, ok := l.rows(file, must, nil)
	if !ok {
		return
	}
	here := map[string]bool{}
	for _, r := range rows {
		name := r.at("name")
		need, known := clockNeeds[ClockName(name.text)]
		switch {
		case !known:
			l.faultAt(name, "no clock of this name is used")
			continue
		case here[name.text]:
			l.faultAt(name, "this clock stands there twice")
			continue
		}
		here[name.text] = true
		l.pack.clocks[ClockName(name.text)] = l.clock(r, need)
	}
}

func (l *loader) clock(r row, need clockNeed) Clock {
	c := Clock{
		Name:       ClockName(r.at("name").text),
		Unit:       Unit(r.at("unit").text),
		Source:     r.at("source").text,
		Confidence: l.confidence(r.at("confidence"), Law, Guidance, HouseChoice),
		Checked:    r.at("checked").text == "yes",
		labels:     map[string]string{},
		first:      l.pack.languages[0],
		at:         r.at("value"),
	}
	if c.Source == "" {
		l.faultAt(r.at("source"), "must say where this number comes from")
	}
	if s := r.at("checked").text; s != "yes" && s != "no" {
		l.faultAt(r.at("checked"), "must be yes or no")
	}
	for _, language := range l.pack.languages {
		label := r.at(language)
		if label.text == "" {
			l.faultAt(label, "a label is missing")
		}
		c.labels[language] = label.text
	}
	value, err := strconv.Atoi(c.at.text)
	unit, known := units[c.Unit]
	c.Value = value
	switch {
	case err != nil || value < 1 || value > 10_000:
		l.faultAt(c.at, "must be a whole number from 1 to 10000")
	case !known || unit.kind != need.kind || c.Unit == WorkingDays && !need.working:
		l.faultAt(r.at("unit"), "this clock cannot be counted in this unit")
	case !need.holds(c):
		l.faultAt(c.at, "is outside what the program allows")
	}
	return c
}

func (n clockNeed) holds(c Clock) bool {
	switch n.kind {
	case fixedUnit:
		return c.Duration() >= n.min && c.Duration() <= n.max
	case calendarUnit:
		months := c.Value * units[c.Unit].months
		return months >= n.low && months <= n.top
	default:
		return c.Value >= n.low && c.Value <= n.top
	}
}

// checkClocks checks that every clock is there and that they agree.
func (l *loader) checkClocks() {
	for name := range clockNeeds {
		if _, ok := l.pack.clocks[name]; !ok {
			l.fault("clocks.csv", 0, 0, "must have the clock "+string(name))
		}
	}
	if len(l.faults) > 0 {
		return
	}
	for _, pair := range [][2]ClockName{
		{FirstContactHigh, FirstContactMedium},
		{FirstContactMedium, FirstContactLow},
		{NextContactHigh, NextContactMedium},
		{NextContactMedium, NextContactLow},
		{SessionIdle, SessionAbsolute},
	} {
		short, long := l.pack.clocks[pair[0]], l.pack.clocks[pair[1]]
		if short.Duration() > long.Duration() {
			l.faultAt(short.at, "must not be longer than "+string(pair[1]))
		}
	}
}

// Clock returns a clock by name. Every name in this package's constants is
// there; the zero Clock, of length 0, answers any other.
func (p *Pack) Clock(name ClockName) Clock {
	c := p.clocks[name]
	c.calendar = &p.calendar
	return c
}

// Clocks returns all clocks, ordered by name.
func (p *Pack) Clocks() []Clock {
	out := make([]Clock, 0, len(p.clocks))
	for name := range p.clocks {
		out = append(out, p.Clock(name))
	}
	slices.SortFunc(out, func(a, b Clock) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return out
}
