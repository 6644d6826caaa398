// Command testreport reads the events of "go test -json" and prints what a
// person wants to know: each package as it ends, the output of what failed,
// what was skipped and why, and where the time went.
//
// With -noskip a skipped test is a failure: where everything can be installed,
// a test that did not run must not look like one that passed. Start at [report.add].
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	noskip := flag.Bool("noskip", false, "count a skipped test as a failure")
	flag.Parse()
	r := newReport(os.Stdout)
	if err := r.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(2)
	}
	if !r.finish(*noskip) {
		os.Exit(1)
	}
}

// event is one line of "go test -json" (see go doc test2json).
type event struct {
	Action      string
	Package     string
	Test        string
	Output      string
	Elapsed     float64
	ImportPath  string // of build output
	FailedBuild string
}

type timed struct {
	name    string
	elapsed time.Duration
}

// report gathers events until the run ends.
type report struct {
	w                io.Writer
	output           map[string][]string // by package and test, until it ends
	passed           int
	failed           []string
	skipped          map[string][]string // by reason
	packages, tests  []timed
	unfinished       map[string]bool // packages that began and did not end
	buildOutput      map[string][]string
	failedInPackage  map[string]int
	somethingReadYet bool
}

func newReport(w io.Writer) *report {
	return &report{
		w: w, output: map[string][]string{}, unfinished: map[string]bool{},
		buildOutput: map[string][]string{}, failedInPackage: map[string]int{}, skipped: map[string][]string{},
	}
}

func (r *report) read(src io.Reader) error {
	lines := bufio.NewReader(src)
	for {
		line, err := lines.ReadString('\n')
		var e event
		switch {
		case line == "":
		case json.Unmarshal([]byte(line), &e) != nil || e.Action == "":
			fmt.Fprint(r.w, line) // go itself says something, such as a bad flag
		default:
			r.add(e)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) add(e event) {
	r.somethingReadYet = true
	key := e.Package + " " + e.Test
	switch e.Action {
	case "start":
		r.unfinished[e.Package] = true
	case "output":
		r.output[key] = append(r.output[key], e.Output)
	case "build-output":
		r.buildOutput[e.ImportPath] = append(r.buildOutput[e.ImportPath], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.packageEnds(e)
		} else {
			r.testEnds(e)
		}
		delete(r.output, key)
	}
}

func (r *report) testEnds(e event) {
	name := e.Package + " " + e.Test
	elapsed := seconds(e.Elapsed)
	switch e.Action {
	case "pass":
		r.passed++
	case "skip":
		why := reason(r.output[name])
		r.skipped[why] = append(r.skipped[why], name)
	case "fail":
		r.failed = append(r.failed, name)
		r.failedInPackage[e.Package]++
		fmt.Fprint(r.w, strings.Join(r.output[name], ""))
	}
	if !strings.Contains(e.Test, "/") {
		r.tests = append(r.tests, timed{name, elapsed})
	}
}

func (r *report) packageEnds(e event) {
	delete(r.unfinished, e.Package)
	if e.Action == "skip" { // no test files
		return
	}
	word := "ok  "
	if e.Action == "fail" {
		word = "FAIL"
		fmt.Fprint(r.w, strings.Join(r.buildOutput[e.FailedBuild], ""))
		delete(r.buildOutput, e.FailedBuild)
		fmt.Fprint(r.w, strings.Join(r.output[e.Package+" "], ""))
		if r.failedInPackage[e.Package] == 0 { // it did not build, panicked or ran out of time
			r.failed = append(r.failed, e.Package)
			r.failedInPackage[e.Package]++
		}
	}
	elapsed := seconds(e.Elapsed)
	r.packages = append(r.packages, timed{e.Package, elapsed})
	fmt.Fprintf(r.w, "%s %-40s %8s\n", word, e.Package, elapsed)
}

// reason is what a skipped test said, without go's own lines.
func reason(output []string) string {
	var said []string
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "===") || strings.HasPrefix(line, "---") {
			continue
		}
		if _, after, ok := strings.Cut(line, ".go:"); ok { // drop "file.go:12: "
			if _, text, ok := strings.Cut(after, ": "); ok {
				line = text
			}
		}
		said = append(said, line)
	}
	if said == nil {
		return "no reason given"
	}
	return strings.Join(said, " ")
}

// finish prints the summary and reports whether the run counts as passed.
func (r *report) finish(noskip bool) bool {
	for name := range r.unfinished {
		r.failed = append(r.failed, name+": did not end")
	}
	for _, output := range r.buildOutput {
		fmt.Fprint(r.w, strings.Join(output, ""))
	}
	r.slowest("slowest packages", r.packages)
	r.slowest("slowest tests", r.tests)
	skipped := r.listSkipped()
	r.list("FAILED", r.failed)
	fmt.Fprintf(r.w, "\n%d passed, %d failed, %d skipped, %d packages\n",
		r.passed, len(r.failed), skipped, len(r.packages))
	switch {
	case !r.somethingReadYet:
		fmt.Fprintln(r.w, "no test ran: that is a failure")
		return false
	case len(r.failed) > 0:
		return false
	case noskip && skipped > 0:
		fmt.Fprintln(r.w, "a skipped test counts as a failure here")
		return false
	}
	return true
}

func (r *report) list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	slices.Sort(lines)
	fmt.Fprintf(r.w, "\n%s:\n", title)
	for _, line := range lines {
		fmt.Fprintf(r.w, "  %s\n", line)
	}
}

// listSkipped prints each reason once, with a few of its tests, and returns how
// many tests were skipped.
func (r *report) listSkipped() int {
	const few = 3
	var lines []string
	n := 0
	for why, names := range r.skipped {
		n += len(names)
		slices.Sort(names)
		more := ""
		if len(names) > few {
			names, more = names[:few], fmt.Sprintf(", and %d more", len(names)-few)
		}
		lines = append(lines, why+": "+strings.Join(names, ", ")+more)
	}
	r.list("skipped", lines)
	return n
}

func (r *report) slowest(title string, all []timed) {
	slices.SortStableFunc(all, func(a, b timed) int { return int(b.elapsed - a.elapsed) })
	if len(all) > 8 {
		all = all[:8]
	}
	if len(all) == 0 || all[0].elapsed < time.Second {
		return
	}
	fmt.Fprintf(r.w, "\n%s:\n", title)
	for _, t := range all {
		if t.elapsed >= time.Second {
			fmt.Fprintf(r.w, "  %8s  %s\n", t.elapsed, t.name)
		}
	}
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(10 * time.Millisecond)
}
