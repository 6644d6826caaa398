package names

import (
	"bufio"
	"embed"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The tables say how a grapheme can sound, by its neighbours, as weights of a
// thousand:
//
//	c        K 745 S 212 C 43       anywhere
//	c>e      S 880 K 102            before e
//	s<c      - 600 K 300            after s
//	s<c>h    C 990                  between both
//
// ^ is the start of a token and $ its end; - is silent. Sounds are the capital
// letters of classes.txt, which joins them to the classes that codes are made
// of. Tables with "learned" in their first line are written by the command in
// learn, the others by hand from the romanisation that they name.
//
//go:embed tables
var tableFiles embed.FS

// option is one way to read a grapheme.
type option struct {
	n       uint8 // number of classes
	classes [3]uint8
	p       float32
}

type tables struct {
	rules      map[uint64][]option
	known      map[rune]bool
	letters    []byte      // class number to its letter; 0 is none
	background [16]float32 // how common a class is; 0 is the end of a token
}

// load reads the tables once, at their first use.
var load = sync.OnceValue(func() *tables {
	t, err := readTables()
	if err != nil {
		panic("names: " + err.Error()) // a table that was built in is broken
	}
	return t
})

func readTables() (*tables, error) {
	t := &tables{rules: make(map[uint64][]option), known: make(map[rune]bool), letters: []byte{0}}
	classes, err := t.readClasses()
	if err != nil {
		return nil, err
	}
	files, err := tableFiles.ReadDir("tables")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.Name() == classTable || f.Name() == overTable {
			continue
		}
		if err := eachLine(f.Name(), func(line string) error { return t.addRule(line, classes, false) }); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
	}
	return t, eachLine(overTable, func(line string) error { return t.addRule(line, classes, true) })
}

// classTable lists the classes; overTable has rules that replace others.
const (
	classTable = "classes.txt"
	overTable  = "more.txt"
)

// readClasses reads "class sounds weight" lines.
func (t *tables) readClasses() (map[byte]uint8, error) {
	classes := make(map[byte]uint8)
	err := eachLine(classTable, func(line string) error {
		f := strings.Fields(line)
		if len(f) != 3 {
			return fmt.Errorf("line %q", line)
		}
		w, err := strconv.ParseFloat(f[2], 32)
		if err != nil {
			return fmt.Errorf("weight %q", f[2])
		}
		if f[0] == "$" {
			t.background[0] = float32(w)
			return nil
		}
		n := uint8(len(t.letters))
		t.letters = append(t.letters, f[0][0])
		t.background[n] = float32(w)
		for i := range len(f[1]) {
			classes[f[1][i]] = n
		}
		return nil
	})
	return classes, err
}

func eachLine(name string, do func(string) error) error {
	f, err := tableFiles.Open(path.Join("tables", name))
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if err := do(line); err != nil {
			return err
		}
	}
	return lines.Err()
}

// addRule reads one line of a table. Only where over is set may it replace what
// another line says.
func (t *tables) addRule(line string, classes map[byte]uint8, over bool) error {
	f := strings.Fields(line)
	if len(f)%2 != 1 || len(f) < 3 {
		return fmt.Errorf("line %q", line)
	}
	var rule []option
	for i := 1; i < len(f); i += 2 {
		w, err := strconv.Atoi(f[i+1])
		if err != nil || w <= 0 {
			return fmt.Errorf("weight in line %q", line)
		}
		o := option{p: float32(w) / 1000}
		if f[i] != "-" {
			for k := range len(f[i]) {
				c, ok := classes[f[i][k]]
				if !ok || k == len(o.classes) {
					return fmt.Errorf("sound in line %q", line)
				}
				o.classes[k] = c
			}
			o.n = uint8(len(f[i]))
		}
		at := slices.IndexFunc(rule, func(x option) bool { return x.classes == o.classes })
		if at < 0 {
			rule = append(rule, o)
		} else {
			rule[at].p += o.p
		}
	}
	for _, g := range strings.Split(f[0], ",") {
		key, unit, err := parseKey(g)
		if err != nil {
			return err
		}
		if _, twice := t.rules[key]; twice && !over {
			return fmt.Errorf("two rules for %q", g)
		}
		t.rules[key] = rule
		t.known[firstOf(unit)] = true
		t.known[lastOf(unit)] = true
	}
	return nil
}

func parseKey(s string) (key uint64, unit rune, err error) {
	left, rest, ok := strings.Cut(s, "<")
	if !ok {
		left, rest = "", s
	}
	middle, right, _ := strings.Cut(rest, ">")
	units := joinMultigraphs([]rune(norm.NFC.String(middle)))
	if len(units) != 1 || utf8.RuneCountInString(left) > 1 || utf8.RuneCountInString(right) > 1 {
		return 0, 0, fmt.Errorf("%q is not one grapheme between letters", s)
	}
	l, _ := firstRune(left)
	r, _ := firstRune(right)
	return ruleKey(l, units[0], r), units[0], nil
}

// ruleKey packs a grapheme and its neighbours; 0 is "any".
func ruleKey(left, unit, right rune) uint64 {
	return uint64(left)<<42 | uint64(unit)<<21 | uint64(right)
}

// options returns how units[i] can be read, by the narrowest rule that there
// is. Where one rule speaks of the left and one of the right, both count half;
// the result is then written to mixed.
func (t *tables) options(units []rune, i int, mixed []option) []option {
	left, right := '^', '$'
	if i > 0 {
		left = lastOf(units[i-1])
	}
	if i+1 < len(units) {
		right = firstOf(units[i+1])
	}
	u := units[i]
	if rule, ok := t.rules[ruleKey(left, u, right)]; ok {
		return rule
	}
	l, okL := t.rules[ruleKey(left, u, 0)]
	if okL && i == 0 {
		return l // a start is a start, whatever follows
	}
	r, okR := t.rules[ruleKey(0, u, right)]
	switch {
	case okL && okR:
		return mix(mixed[:0], l, r)
	case okL:
		return l
	case okR:
		return r
	}
	return t.rules[ruleKey(0, u, 0)]
}

func mix(out, a, b []option) []option {
	for _, o := range a {
		o.p /= 2
		out = append(out, o)
	}
	for _, o := range b {
		o.p /= 2
		if at := slices.IndexFunc(out, func(x option) bool { return x.classes == o.classes }); at >= 0 {
			out[at].p += o.p
		} else {
			out = append(out, o)
		}
	}
	return out
}

// common estimates how often a code is met by chance.
func (t *tables) common(c code) float32 {
	p := float64(t.background[0])
	for i := range c.length() {
		p *= float64(t.background[c.at(i)])
	}
	return float32(math.Min(p, 1))
}
