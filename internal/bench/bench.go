// Package bench measures the node on the machine it stands on: the numbers of
// the documents come from here. Each area prints its measures with the bar they
// are held to; nothing here is a test, and no test asserts a time.
//
// It works on throw-away nodes of its own making and never on a real one.
// Start at [Run].
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sort"
	"time"

	"causeway/internal/fault"
)

// Measure is one figure.
type Measure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Bar   string  `json:"bar,omitempty"` // such as "<= 3.0"; "" for figures given for scale
	Holds bool    `json:"holds"`
}

// atMost and atLeast hold a figure to its bar.
func atMost(name string, value float64, unit string, bar float64) Measure {
	return Measure{name, value, unit, fmt.Sprintf("<= %g", bar), value <= bar}
}

func atLeast(name string, value float64, unit string, bar float64) Measure {
	return Measure{name, value, unit, fmt.Sprintf(">= %g", bar), value >= bar}
}

// scale is a figure without a bar.
func scale(name string, value float64, unit string) Measure {
	return Measure{Name: name, Value: value, Unit: unit, Holds: true}
}

// Options says what to measure and where.
type Options struct {
	Short    bool      // reduced size, within 50 s on two cores
	Dir      string    // scratch space; it must be on the disk that is to be measured
	Postgres string    // connection string of a server with fsync on; "" starts one where possible
	Progress io.Writer // lines for a person; nil for none
}

// say writes a progress line.
func (o *Options) say(format string, args ...any) {
	if o.Progress != nil {
		fmt.Fprintf(o.Progress, format+"\n", args...)
	}
}

// areas are the measurable areas.
var areas = map[string]func(context.Context, *Options, func(Measure)) error{
	"journal": journalArea,
}

// Areas returns the names of the areas.
func Areas() []string {
	names := make([]string, 0, len(areas))
	for n := range areas {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Run measures one area, hands over each figure as it is known, and reports
// whether every bar holds.
func Run(ctx context.Context, area string, o Options, emit func(Measure)) (bool, error) {
	run, ok := areas[area]
	if !ok {
		return false, fault.InvalidField("area", "not-in-list")
	}
	holds := true
	err := run(ctx, &o, func(m Measure) {
		holds = holds && m.Holds
		emit(m)
	})
	return holds, err
}

// JSON returns a writer of one object per measure.
func JSON(w io.Writer) func(Measure) {
	e := json.NewEncoder(w)
	return func(m Measure) { _ = e.Encode(m) } // a broken pipe ends the program anyway
}

// Text returns a writer of aligned lines.
func Text(w io.Writer) func(Measure) {
	return func(m Measure) {
		mark := ""
		if m.Bar != "" {
			mark = "holds"
			if !m.Holds {
				mark = "DOES NOT HOLD"
			}
		}
		fmt.Fprintf(w, "%-58s %12.4g %-10s %-10s %s\n", m.Name, m.Value, m.Unit, m.Bar, mark)
	}
}

// quantile returns the q-th quantile of durations in milliseconds.
func quantile(d []time.Duration, q float64) float64 {
	if len(d) == 0 {
		return 0
	}
	s := slices.Clone(d)
	slices.Sort(s)
	return float64(s[min(int(q*float64(len(s))), len(s)-1)]) / 1e6
}
