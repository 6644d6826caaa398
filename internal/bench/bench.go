// Package bench measures the node on the machine it stands on: the numbers of
// the documents come from here. Each area prints its measures with the bar they
// are held to; nothing here is a test, and no test asserts a time.
//
// It works on throw-away nodes of its own making and never on a real one, and
// it starts a PostgreSQL server of its own, with fsync on, where the server's
// programs are installed. Start at [Run]; a program that measures calls [Child]
// before anything else.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
)

// Measure is one figure.
type Measure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Bar   string  `json:"bar,omitempty"` // such as "<= 3"; "" for figures given for scale
	Holds bool    `json:"holds"`
}

// atMost and atLeast hold a figure to its bar. What could not be measured
// (NaN) holds no bar.
func atMost(name string, value float64, unit string, bar float64) Measure {
	return Measure{name, round(value), unit, fmt.Sprintf("<= %g", bar), value <= bar}
}

func atLeast(name string, value float64, unit string, bar float64) Measure {
	return Measure{name, round(value), unit, fmt.Sprintf(">= %g", bar), value >= bar}
}

// scale is a figure without a bar.
func scale(name string, value float64, unit string) Measure {
	return Measure{Name: name, Value: round(value), Unit: unit, Holds: true}
}

// round keeps four digits: more would pretend.
func round(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	p := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*p) / p
}

// Options says what to measure and where.
type Options struct {
	Short    bool      // reduced size, within 50 s on two cores
	Dir      string    // scratch space; it must be on the disk that is to be measured
	Postgres string    // connection string of a server with fsync on; "" starts one where possible
	Progress io.Writer // lines for a person; nil for none
	Sets     []string  // match: one file of records with their truth, or two to be linked
	Model    int       // exchange: runs of the model; 0: as many as the form has
	Line     *Line     // exchange: only a line between two processes, as bad as this; nil: all but that

	workers int         // of a town; 0: as many as it has by itself
	clock   clock.Clock // of the nodes that exchange; nil: the machine's
	far     clock.Clock // of the second of them, where it has its own
}

// say writes a progress line.
func (o *Options) say(format string, args ...any) {
	if o.Progress != nil {
		fmt.Fprintf(o.Progress, format+"\n", args...)
	}
}

// pick returns the size for the full or the short form.
func pick[T any](o *Options, full, short T) T {
	if o.Short {
		return short
	}
	return full
}

// areas are the measurable areas.
var areas = []struct {
	name string
	run  func(context.Context, *Options, func(Measure)) error
}{
	{"journal", journalArea},
	{"cases", casesArea},
	{"casework", caseworkArea},
	{"crash", crashArea},
	{"forms", formsArea},
	{"handover", handoverArea},
	{"access", accessArea},
	{"directory", directoryArea},
	{"exchange", exchangeArea},
	{"names", namesArea},
	{"match", matchArea},
}

// Areas returns the names of the areas.
func Areas() []string {
	names := make([]string, len(areas))
	for i, a := range areas {
		names[i] = a.name
	}
	return names
}

// Run measures one area, hands over each figure as it is known, and reports
// whether every bar holds.
func Run(ctx context.Context, area string, o Options, emit func(Measure)) (bool, error) {
	i := slices.Index(Areas(), area)
	if i < 0 {
		return false, fault.InvalidField("area", "not-in-list")
	}
	holds := true
	err := areas[i].run(ctx, &o, func(m Measure) {
		holds = holds && m.Holds
		emit(m)
	})
	return holds && err == nil, err
}

// JSON returns a writer of one object per measure.
func JSON(w io.Writer) func(Measure) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
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
		fmt.Fprintf(w, "%-66s %10.4g %-9s %-9s %s\n", m.Name, m.Value, m.Unit, m.Bar, mark)
	}
}

// times collects how long one kind of act took.
type times []time.Duration

// add runs act and keeps its time.
func (t *times) add(act func() error) error {
	start := time.Now()
	err := act()
	*t = append(*t, time.Since(start))
	return err
}

// at returns the q-th quantile in milliseconds, NaN for no acts.
func (t times) at(q float64) float64 {
	if len(t) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(t))
	return float64(s[min(int(q*float64(len(s))), len(s)-1)]) / 1e6
}
