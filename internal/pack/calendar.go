package pack

import (
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a small machine may have no time zones of its own
)

// Calendar says on which days people work: where they are, which days of the week
// are free, and the holidays.
type Calendar struct {
	zone     *time.Location
	weekend  [7]bool // by time.Weekday
	holidays map[string]Holiday
}

// Holiday is a day on which nobody has to work.
type Holiday struct {
	Date       string // 2027-05-01, or *-05-01 for every year
	Source     string
	Confidence Confidence
	labels     map[string]string
}

// Label names the holiday in a language of the pack, "" in any other.
func (h Holiday) Label(lang string) string { return h.labels[lang] }

// Zone returns where the people of the pack work: a day is a day there.
func (c *Calendar) Zone() *time.Location {
	if c == nil || c.zone == nil {
		return time.UTC
	}
	return c.zone
}

// Works reports whether the day that t lies in is a working day.
func (c *Calendar) Works(t time.Time) bool {
	if c == nil {
		return true
	}
	t = t.In(c.Zone())
	if c.weekend[t.Weekday()] {
		return false
	}
	day := t.Format(time.DateOnly)
	_, once := c.holidays[day]
	_, yearly := c.holidays["*"+day[4:]]
	return !once && !yearly
}

// mostFree is how many free days in a row are believed: more are a fault of the
// calendar, and a deadline is due rather than never.
const mostFree = 60

// After returns the same time of day n working days later. What begins on a free
// day counts from there: the next working day is the first.
func (c *Calendar) After(t time.Time, n int) time.Time {
	to, free := t.In(c.Zone()), 0
	for n > 0 {
		to = to.AddDate(0, 0, 1)
		if c.Works(to) || free >= mostFree {
			n, free = n-1, 0
			continue
		}
		free++
	}
	return to.In(t.Location())
}

// Calendar returns the working days of the pack.
func (p *Pack) Calendar() *Calendar { return &p.calendar }

// At returns the pack with another time zone: that of a node whose configuration
// names one.
func (p *Pack) At(zone *time.Location) *Pack {
	at := *p
	at.calendar.zone = zone
	return &at
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// readCalendar reads calendar.csv: time zone and weekend.
func (l *loader) readCalendar(file string, base bool) {
	rows, ok := l.rows(file, []string{"key", "value", "source", "confidence"}, nil)
	if !ok {
		return
	}
	said := map[string]bool{}
	for _, r := range rows {
		key, value := r.at("key"), r.at("value")
		said[key.text] = true
		l.confidence(r.at("confidence"), Law, Guidance, HouseChoice)
		if r.at("source").text == "" {
			l.faultAt(r.at("source"), "must say where this comes from")
		}
		switch key.text {
		case "time_zone":
			zone, err := time.LoadLocation(value.text)
			if err != nil || value.text == "" || value.text == "Local" {
				l.faultAt(value, "must be the name of a time zone, such as Africa/Addis_Ababa")
				continue
			}
			l.pack.calendar.zone = zone
		case "weekend":
			l.weekend(value)
		default:
			l.faultAt(key, "unknown key; time_zone and weekend are known")
		}
	}
	for _, key := range []string{"time_zone", "weekend"} {
		if base && !said[key] {
			l.fault(file, 0, 0, "must say "+key)
		}
	}
}

// weekend reads the free days of the week, "none" where there are none.
func (l *loader) weekend(value cell) {
	l.pack.calendar.weekend = [7]bool{}
	days := strings.Fields(value.text)
	if value.text == "none" {
		return
	}
	if len(days) == 0 || len(days) > 3 {
		l.faultAt(value, "must be one to three of sun mon tue wed thu fri sat, or none")
	}
	for _, day := range days {
		i := slices.Index(weekdays, day)
		if i < 0 {
			l.faultAt(value, "must be one to three of sun mon tue wed thu fri sat, or none")
			return
		}
		l.pack.calendar.weekend[i] = true
	}
}

// holidays reads holidays.csv and lays its days over those already there.
func (l *loader) holidays(file string) {
	rows, ok := l.rows(file, append([]string{"date", "source", "confidence"}, l.pack.languages...), nil)
	if !ok {
		return
	}
	all := map[string]Holiday{}
	for day, h := range l.pack.calendar.holidays {
		all[day] = h
	}
	here := map[string]bool{}
	for _, r := range rows {
		date := r.at("date")
		if !validHoliday(date.text) {
			l.faultAt(date, "must be a day such as 2027-05-01, or *-05-01 for every year")
		}
		if here[date.text] {
			l.faultAt(date, "this day stands there twice")
		}
		here[date.text] = true
		h := Holiday{
			Date: date.text, Source: r.at("source").text, labels: map[string]string{},
			Confidence: l.confidence(r.at("confidence"), Law, Guidance, HouseChoice),
		}
		if h.Source == "" {
			l.faultAt(r.at("source"), "must say where this comes from")
		}
		for _, language := range l.pack.languages {
			label := r.at(language)
			if label.text == "" {
				l.faultAt(label, "a label is missing")
			}
			h.labels[language] = label.text
		}
		all[date.text] = h
	}
	l.pack.calendar.holidays = all
}

func validHoliday(s string) bool {
	if rest, yearly := strings.CutPrefix(s, "*"); yearly {
		s = "2024" + rest // a leap year: 29 February is a day
	}
	day, err := time.Parse(time.DateOnly, s)
	return err == nil && day.Year() >= 2000 && day.Year() < 2200
}

// Holidays returns the holidays, ordered by their date as written.
func (c *Calendar) Holidays() []Holiday {
	out := make([]Holiday, 0, len(c.holidays))
	for _, h := range c.holidays {
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b Holiday) int { return strings.Compare(a.Date, b.Date) })
	return out
}

// nominal is about how many days n working days take, for what compares numbers:
// with a week of five.
func nominal(n int) time.Duration { return time.Duration((n*7+4)/5) * 24 * time.Hour }
