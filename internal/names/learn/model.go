package main

import (
	"cmp"
	"embed"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// The sounds that a letter can have at all are set by hand, the usual one
// first, so that learning chooses among readings that a speaker would know and
// cannot invent others. Han characters have no such list.
//
//go:embed sounds
var soundFiles embed.FS

// context is a grapheme between its neighbours; "" is any.
type context struct{ left, grapheme, right string }

// way is a reading of a grapheme: its sounds and how likely it is.
type way struct {
	sounds string
	p      float64
}

// tally counts readings, in the order in which they were met.
type tally struct {
	ways  []way
	total float64
}

func (t *tally) add(sounds string, n float64) {
	t.total += n
	for i := range t.ways {
		if t.ways[i].sounds == sounds {
			t.ways[i].p += n
			return
		}
	}
	t.ways = append(t.ways, way{sounds, n})
}

func (t *tally) of(sounds string) float64 {
	if t == nil {
		return 0
	}
	for _, w := range t.ways {
		if w.sounds == sounds {
			return w.p
		}
	}
	return 0
}

func (t *tally) sum() float64 {
	if t == nil {
		return 0
	}
	return t.total
}

// model says how the graphemes of one script sound.
type model struct {
	name    string
	allowed map[string][]string // nil: anything
	atStart map[string][]string // the same at the start of a token, where it is not
	most    int                 // the most sounds of one grapheme
	counts  map[context]*tally
	pinyin  map[string][2]string // Han: sounds of the Mandarin reading, at the start and elsewhere

	// Contexts met in the pairs, by number, with their readings of this round.
	number   map[context]int
	contexts []context
	ways     [][]way
}

func newModel(name string) (*model, error) {
	m := &model{name: name, most: 3, counts: make(map[context]*tally), number: make(map[context]int)}
	if name == "han" {
		m.pinyin = make(map[string][2]string)
		return m, nil
	}
	m.most = 2
	m.allowed, m.atStart = make(map[string][]string), make(map[string][]string)
	b, err := soundFiles.ReadFile("sounds/" + name + ".txt")
	if err != nil {
		return nil, fmt.Errorf("sounds of %s: %w", name, err)
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] == "#" {
			continue
		}
		for _, g := range strings.Split(f[0], ",") {
			if first, ok := strings.CutPrefix(g, "^<"); ok {
				for _, s := range f[1:] {
					m.atStart[first] = append(m.atStart[first], strings.Trim(s, "-"))
				}
				continue
			}
			weight := 60.0
			for _, s := range f[1:] {
				s = strings.Trim(s, "-")
				m.allowed[g] = append(m.allowed[g], s)
				m.count(context{"", g, ""}, s, weight)
				weight /= 4
			}
		}
	}
	if name == "latin" {
		m.beginLatin()
	}
	return m, nil
}

// beginLatin adds what is known of Latin spelling before anything is learned:
// breaths at the start, soft c and g.
func (m *model) beginLatin() {
	for _, v := range []struct {
		letter string
		n      float64
	}{{"h", 300}, {"j", 60}, {"w", 10}} {
		m.count(context{"^", v.letter, ""}, "A", v.n)
	}
	for _, v := range []string{"e", "i", "y"} {
		m.count(context{"", "c", v}, "S", 30)
		m.count(context{"", "g", v}, "J", 20)
		m.count(context{"", "cc", v}, "KS", 10)
	}
}

// again is an empty model of the same script, with a little weight on what is
// allowed.
func (m *model) again() *model {
	n := &model{
		name: m.name, allowed: m.allowed, atStart: m.atStart, most: m.most, counts: make(map[context]*tally),
		number: m.number, contexts: m.contexts, pinyin: m.pinyin,
	}
	for _, g := range sortedKeys(m.pinyin) {
		at := m.pinyin[g]
		n.count(context{"", g, ""}, at[1], fromReading)
		n.count(context{"^", g, ""}, at[0], fromReading)
		n.count(context{"", g, ""}, at[0], fromReading/10)
	}
	for _, g := range sortedKeys(m.allowed) {
		weight := 2.0
		for _, s := range m.allowed[g] {
			n.count(context{"", g, ""}, s, weight)
			weight /= 2
		}
	}
	return n
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (m *model) count(c context, sounds string, n float64) {
	t := m.counts[c]
	if t == nil {
		t = new(tally)
		m.counts[c] = t
	}
	t.add(sounds, n)
}

// fromReading is how many names the Mandarin reading of a character counts for:
// most characters of the list stand in names of other languages, and many
// stand there once.
const fromReading = 3

// read numbers the contexts of a token's graphemes.
func (m *model) read(graphemes []string) []int {
	out := make([]int, len(graphemes))
	for i, g := range graphemes {
		if m.pinyin != nil {
			m.pinyin[g] = mandarin(g)
		}
		c := context{"^", g, "$"}
		if i > 0 {
			r, _ := utf8.DecodeLastRuneInString(graphemes[i-1])
			c.left = string(r)
		}
		if i+1 < len(graphemes) {
			r, _ := utf8.DecodeRuneInString(graphemes[i+1])
			c.right = string(r)
		}
		n, ok := m.number[c]
		if !ok {
			n = len(m.contexts)
			m.number[c] = n
			m.contexts = append(m.contexts, c)
		}
		out[i] = n
	}
	return out
}

// learnFrom counts the readings of one token.
func (m *model) learnFrom(read []int, sounds []string, weight float64) {
	for i, n := range read {
		c := m.contexts[n]
		m.count(context{"", c.grapheme, ""}, sounds[i], weight)
		m.count(context{c.left, c.grapheme, ""}, sounds[i], weight)
		m.count(context{"", c.grapheme, c.right}, sounds[i], weight)
		m.count(c, sounds[i], weight)
	}
}

// prior is how much the wider context counts against what was met in the
// narrower one.
const prior = 4

// estimate works out the readings of every context, from all its counts.
func (m *model) estimate() {
	if m.allowed == nil {
		for _, t := range m.counts {
			t.ways = slices.DeleteFunc(t.ways, func(w way) bool { return w.p < 0.004*t.total })
		}
	}
	m.ways = make([][]way, len(m.contexts))
	for i, c := range m.contexts {
		m.ways[i] = m.waysOf(c)
	}
}

func (m *model) waysOf(c context) []way {
	base := m.counts[context{"", c.grapheme, ""}]
	if base == nil {
		return nil
	}
	left, right := m.counts[context{c.left, c.grapheme, ""}], m.counts[context{"", c.grapheme, c.right}]
	both := m.counts[c]
	var out []way
	for _, w := range base.ways {
		p0 := w.p / base.total
		p1 := (left.of(w.sounds) + prior*p0) / (left.sum() + prior)
		p2 := (right.of(w.sounds) + prior*p0) / (right.sum() + prior)
		p := (both.of(w.sounds) + prior*(p1+p2)/2) / (both.sum() + prior)
		switch {
		case c.left == "": // a rule for what stands right only
			p = p2
		case c.right == "":
			p = p1
		}
		if !m.possible(c, w.sounds) {
			continue
		}
		if p > 1e-4 {
			out = append(out, way{w.sounds, p})
		}
	}
	sortWhole(out)
	return out
}

// possible reports whether a grapheme can have these sounds where it stands: a
// vowel counts only at the start, and there some letters are nothing else.
func (m *model) possible(c context, sounds string) bool {
	if c.left != "^" {
		return sounds != "A"
	}
	only, ok := m.atStart[c.grapheme]
	return !ok || slices.Contains(only, sounds)
}

// sortWhole orders readings and makes their weights one.
func sortWhole(ways []way) {
	slices.SortFunc(ways, likelier)
	var sum float64
	for _, w := range ways {
		sum += w.p
	}
	for i := range ways {
		ways[i].p /= sum
	}
}

func likelier(a, b way) int {
	return cmp.Or(cmp.Compare(b.p, a.p), cmp.Compare(a.sounds, b.sounds))
}

// best lists the likeliest readings of a token, at most n.
func (m *model) best(read []int, n int) []way {
	now := []way{{"", 1}}
	var next []way
	at := make(map[string]int)
	for _, c := range read {
		if len(m.ways[c]) == 0 {
			continue
		}
		next = next[:0]
		clear(at)
		for _, h := range now {
			for _, w := range m.ways[c] {
				p := h.p * w.p
				if p < 1e-5*now[0].p {
					break
				}
				s := h.sounds + w.sounds
				if i, ok := at[s]; ok {
					next[i].p += p
				} else {
					at[s] = len(next)
					next = append(next, way{s, p})
				}
			}
		}
		slices.SortFunc(next, likelier)
		now = append(now[:0], next[:min(n, len(next))]...)
	}
	return now
}

// align divides sounds among the graphemes of a token in the likeliest way. It
// gives the logarithm of that way's weight, and no division where there is none.
func (m *model) align(read []int, sounds string) (float64, []string) {
	n, k := len(read), len(sounds)
	score := make([]float64, (n+1)*(k+1))
	took := make([]int8, (n+1)*(k+1))
	for i := range score {
		score[i] = math.Inf(-1)
	}
	score[0] = 0
	for i := range n {
		for j := 0; j <= k; j++ {
			s := score[i*(k+1)+j]
			if math.IsInf(s, -1) {
				continue
			}
			for _, w := range m.ways[read[i]] {
				l := len(w.sounds)
				if j+l > k || sounds[j:j+l] != w.sounds {
					continue
				}
				at := (i+1)*(k+1) + j + l
				if v := s + math.Log(w.p); v > score[at] {
					score[at], took[at] = v, int8(l)
				}
			}
		}
	}
	total := score[n*(k+1)+k]
	if math.IsInf(total, -1) {
		return total, nil
	}
	out := make([]string, n)
	for i, j := n, k; i > 0; i-- {
		l := int(took[i*(k+1)+j])
		out[i-1] = sounds[j-l : j]
		j -= l
	}
	return total, out
}
