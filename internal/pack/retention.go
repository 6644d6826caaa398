package pack

import (
	"slices"
	"strconv"
)

// Retention says how long the files of a class are kept.
type Retention struct {
	Years      int
	Source     string
	Confidence Confidence
}

type retentionRow struct {
	Retention
	closes []string // close reasons whose files get this class; none: all the others
	at     cell
}

// mostYears bounds how long a file can be kept without anybody looking at it.
const mostYears = 100

// readRetention reads retention.csv and lays its rows over those already there.
func (l *loader) readRetention(file string) {
	rows, ok := l.rows(file, []string{"class", "years", "closes", "source", "confidence"}, nil)
	if !ok {
		return
	}
	if l.pack.retention == nil {
		l.pack.retention = map[string]retentionRow{}
	}
	here := map[string]bool{}
	for _, r := range rows {
		class := r.at("class").text
		if here[class] {
			l.faultAt(r.at("class"), "this class stands there twice")
			continue
		}
		here[class] = true
		years, err := strconv.Atoi(r.at("years").text)
		if err != nil || years < 1 || years > mostYears {
			l.faultAt(r.at("years"), "must be a number of years from 1 to 100")
		}
		if r.at("source").text == "" {
			l.faultAt(r.at("source"), "must say where this comes from")
		}
		l.pack.retention[class] = retentionRow{at: r.at("class"), closes: split(r.at("closes").text), Retention: Retention{
			Years: years, Source: r.at("source").text,
			Confidence: l.confidence(r.at("confidence"), Law, Guidance, Standard, HouseChoice),
		}}
	}
}

// checkRetention checks the classes against the lists: every class has its years, and
// every file gets exactly one class when it is closed.
func (l *loader) checkRetention() {
	others, of := 0, map[string]bool{}
	for class, row := range l.pack.retention {
		if !l.pack.Valid(RetentionClasses, class) {
			l.faultAt(row.at, "is not in the list "+RetentionClasses)
		}
		if len(row.closes) == 0 {
			others++
		}
		for _, reason := range row.closes {
			if !l.pack.Valid(CloseReasons, reason) || of[reason] {
				l.faultAt(row.at, "names a reason to close that is not in the list, or that another class has")
			}
			of[reason] = true
		}
	}
	for _, class := range l.pack.Codes(RetentionClasses) {
		if _, ok := l.pack.retention[class]; !ok {
			l.fault("retention.csv", 0, 0, "must say how long files of the class "+class+" are kept")
		}
	}
	if others != 1 {
		l.fault("retention.csv", 0, 0, "must have one class, and only one, for every other reason to close")
	}
}

// Retention returns how long files of a class are kept; ok is false where no class
// is called that.
func (p *Pack) Retention(class string) (r Retention, ok bool) {
	row, ok := p.retention[class]
	return row.Retention, ok
}

// RetentionFor returns the class that a file gets when it is closed for a reason.
func (p *Pack) RetentionFor(closeReason string) string {
	others := ""
	for class, row := range p.retention {
		if slices.Contains(row.closes, closeReason) {
			return class
		}
		if len(row.closes) == 0 {
			others = class
		}
	}
	return others
}
