// Command lint checks the rules of the style guide that a machine can check and
// that other tools do not: what logs may hold, that errors are handled, that
// files and functions stay readable, that exported names are explained.
//
//	lint [packages]    (default ./...)
//
// It reads the ordinary files of the packages, not their tests. A line may be
// excused by a comment on it or on the line above, "//lint:allow RULE reason";
// the reason is required. Start at [rules]; each rule is one file.
package main

import (
	"fmt"
	"go/token"
	"os"
	"sort"
	"strings"
)

// rules are all rules, by the name a waiver uses.
var rules = map[string]func(*unit){
	"log":   logRule,
	"error": errorRule,
	"size":  sizeRule,
	"doc":   docRule,
}

// finding is one breach at one place.
type finding struct {
	pos  token.Position
	rule string
	text string
}

func main() {
	patterns := os.Args[1:]
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	units, err := load(patterns)
	if err != nil {
		fmt.Fprintln(os.Stderr, "lint:", err)
		os.Exit(2)
	}
	findings := check(units)
	for _, f := range findings {
		fmt.Printf("%s:%d: %s: %s\n", f.pos.Filename, f.pos.Line, f.rule, f.text)
	}
	if len(findings) > 0 {
		fmt.Printf("%d findings in %d packages\n", len(findings), len(units))
		os.Exit(1)
	}
}

// check runs every rule over every unit and returns what is not excused.
func check(units []*unit) []finding {
	var all []finding
	for _, u := range units {
		excused, bad := u.waivers()
		u.findings = bad
		for name, rule := range rules {
			u.rule = name
			rule(u)
		}
		for _, f := range u.findings {
			if !excused[waiver{f.pos.Filename, f.pos.Line, f.rule}] {
				all = append(all, f)
			}
		}
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if a.pos.Filename != b.pos.Filename {
			return a.pos.Filename < b.pos.Filename
		}
		if a.pos.Line != b.pos.Line {
			return a.pos.Line < b.pos.Line
		}
		return a.text < b.text
	})
	return all
}

type waiver struct {
	file string
	line int
	rule string
}

// waivers finds the excused lines, and the waivers that give no reason or name
// no rule.
func (u *unit) waivers() (excused map[waiver]bool, bad []finding) {
	excused = map[waiver]bool{}
	for _, file := range u.files {
		for _, group := range file.Comments {
			for _, c := range group.List {
				text, ok := strings.CutPrefix(c.Text, "//lint:allow ")
				if !ok {
					continue
				}
				rule, why, _ := strings.Cut(text, " ")
				pos := u.set.Position(c.Pos())
				if rules[rule] == nil || strings.TrimSpace(why) == "" {
					bad = append(bad, finding{pos, "lint", "a waiver names a rule and gives a reason"})
					continue
				}
				excused[waiver{pos.Filename, pos.Line, rule}] = true
				excused[waiver{pos.Filename, pos.Line + 1, rule}] = true
			}
		}
	}
	return excused, bad
}
