package directory

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Hours are the opening hours of a week, Monday first. A day without a span is closed;
// a week without any says nothing.
type Hours [7][]Span

// Span is a time of a day in minutes since midnight; To may be 1440.
type Span struct{ From, To int }

const midnight = 24 * 60

// Weekdays are the codes of the days, Monday first.
var Weekdays = [7]string{"mo", "tu", "we", "th", "fr", "sa", "su"}

var errHours = errors.New("hours are not understood")

// ParseSpans reads the hours of one day, such as "09:00-12:30, 14:00-17:00"; "24h"
// stands for the whole day, and nothing for a day when it is closed.
func ParseSpans(text string) ([]Span, error) {
	text = strings.NewReplacer("–", "-", " ", "", ";", ",", "h", ":", ".", ":").Replace(strings.ToLower(text))
	if text == "" {
		return nil, nil
	}
	if text == "24:" {
		return []Span{{0, midnight}}, nil
	}
	var out []Span
	for part := range strings.SplitSeq(text, ",") {
		from, to, ok := strings.Cut(part, "-")
		s := Span{minute(from), minute(to)}
		if !ok || s.From < 0 || s.To < 0 {
			return nil, errHours
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Span) int { return a.From - b.From })
	return out, checkSpans(out)
}

// minute reads "9", "9:", "09:30" or "24:00", -1 for anything else.
func minute(text string) int {
	hour, rest, _ := strings.Cut(text, ":")
	h, m := small(hour), 0
	if rest != "" {
		m = small(rest)
	}
	if h < 0 || m < 0 || m > 59 || h*60+m > midnight {
		return -1
	}
	return h*60 + m
}

// small reads a number of one or two digits, -1 for anything else.
func small(text string) int {
	if len(text) == 0 || len(text) > 2 {
		return -1
	}
	n := 0
	for _, r := range text {
		if r < '0' || r > '9' {
			return -1
		}
		n = n*10 + int(r-'0')
	}
	return n
}

// FormatSpans writes the hours of one day as [ParseSpans] reads them.
func FormatSpans(day []Span) string {
	parts := make([]string, len(day))
	for i, s := range day {
		parts[i] = fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60)
	}
	return strings.Join(parts, ", ")
}

// Known reports whether the hours say anything.
func (h *Hours) Known() bool {
	return slices.ContainsFunc(h[:], func(day []Span) bool { return len(day) > 0 })
}

// At reports whether the hours say open at a time, where the people are.
func (h *Hours) At(t time.Time) bool {
	now := t.Hour()*60 + t.Minute()
	return slices.ContainsFunc(h[(int(t.Weekday())+6)%7], func(s Span) bool { return s.From <= now && now < s.To })
}

func (h *Hours) check() error {
	for _, day := range h {
		if err := checkSpans(day); err != nil {
			return err
		}
	}
	return nil
}

func checkSpans(day []Span) error {
	last := -1
	for _, s := range day {
		if s.From <= last || s.To <= s.From || s.To > midnight || len(day) > 4 {
			return errHours
		}
		last = s.To - 1
	}
	return nil
}
