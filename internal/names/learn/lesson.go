package main

import (
	"math"
	"strings"
	"sync"

	"causeway/internal/names"
	"causeway/internal/names/agreement"
)

// lesson is what one list teaches: its pairs, and the model of its script.
type lesson struct {
	list, table string
	native      *model
	pairs       []spelled
}

// spelled is a pair whose graphemes were numbered by their models. latin is
// filled when the lesson begins.
type spelled struct {
	latinGraphemes []string
	latin, native  []int
	graphemes      []string
	weight         float64
}

func newLesson(list, table string, pairs []agreement.Pair) (*lesson, error) {
	m, err := newModel(table)
	if err != nil {
		return nil, err
	}
	l := &lesson{list: list, table: table, native: m}
	for _, p := range pairs {
		s := spelled{
			latinGraphemes: names.Graphemes(p.Latin), graphemes: names.Graphemes(p.Native),
			// A name met often teaches more, but not in proportion: else John
			// would teach all.
			weight: 1 + 0.3*math.Log(float64(p.Count)),
		}
		if len(s.latinGraphemes) == 0 || len(s.graphemes) == 0 {
			continue
		}
		s.native = m.read(s.graphemes)
		l.pairs = append(l.pairs, s)
	}
	return l, nil
}

// begin finds how native graphemes sound by themselves, from the likeliest
// reading of the Latin side (expectation maximisation over all alignments).
func (l *lesson) begin(latin *model) {
	for i := range l.pairs {
		l.pairs[i].latin = latin.read(l.pairs[i].latinGraphemes)
	}
	latin.estimate()
	sounds := make([]string, len(l.pairs))
	inParallel(len(l.pairs), func(i int) { sounds[i] = latin.best(l.pairs[i].latin, 8)[0].sounds })
	known := make(map[string]*tally)
	for n := range 5 {
		next := make(map[string]*tally)
		for i := range l.pairs {
			l.expect(&l.pairs[i], sounds[i], known, next, n == 0)
		}
		known = next
		for _, t := range known {
			t.ways = deleteRare(t)
		}
	}
	fresh := l.native.again()
	for _, g := range sortedKeys(known) {
		for _, w := range known[g].ways {
			fresh.count(context{"", g, ""}, w.sounds, w.p)
		}
	}
	fresh.estimate()
	l.native = fresh
}

func deleteRare(t *tally) []way {
	var kept []way
	for _, w := range t.ways {
		if w.p > 0.003*t.total {
			kept = append(kept, w)
		}
	}
	return kept
}

// chance is how likely a grapheme has these sounds, before neighbours count.
func (l *lesson) chance(known map[string]*tally, g, sounds string, first, atStart bool) float64 {
	if !atStart {
		t := known[g]
		return t.of(sounds) / math.Max(t.sum(), 1e-9)
	}
	if l.native.allowed == nil {
		return [...]float64{0.3, 0.3, 0.05, 0.01}[len(sounds)]
	}
	place := context{grapheme: g}
	if first {
		place.left = "^"
	}
	for i, s := range l.native.allowed[g] {
		if s == sounds && l.native.possible(place, s) {
			return math.Max(0.1, math.Pow(0.5, float64(i+1)))
		}
	}
	return 0
}

// expect adds the expected readings of one pair to next (forward and backward
// over all ways to divide the sounds).
func (l *lesson) expect(p *spelled, sounds string, known, next map[string]*tally, atStart bool) {
	n, k, most := len(p.graphemes), len(sounds), l.native.most
	if k > n*most {
		return
	}
	width := k + 1
	chances := make([]float64, n*width*(most+1))
	ahead, back := make([]float64, (n+1)*width), make([]float64, (n+1)*width)
	ahead[0] = 1
	for i, g := range p.graphemes {
		for j := range width {
			if ahead[i*width+j] == 0 {
				continue
			}
			for m := 0; m <= most && j+m <= k; m++ {
				c := l.chance(known, g, sounds[j:j+m], i == 0, atStart)
				chances[(i*width+j)*(most+1)+m] = c
				ahead[(i+1)*width+j+m] += ahead[i*width+j] * c
			}
		}
	}
	total := ahead[n*width+k]
	if total < 1e-290 {
		return
	}
	back[n*width+k] = 1
	for i := n - 1; i >= 0; i-- {
		for j := range width {
			for m := 0; m <= most && j+m <= k; m++ {
				c := chances[(i*width+j)*(most+1)+m]
				w := ahead[i*width+j] * c * back[(i+1)*width+j+m] / total
				back[i*width+j] += c * back[(i+1)*width+j+m]
				if w > 1e-4 {
					tallyOf(next, p.graphemes[i]).add(strings.Clone(sounds[j:j+m]), w)
				}
			}
		}
	}
}

func tallyOf(m map[string]*tally, g string) *tally {
	t := m[g]
	if t == nil {
		t = new(tally)
		m[g] = t
	}
	return t
}

// hopeless is the mean log likelihood per grapheme below which a pair is taken
// for two different names.
const hopeless = -2.2

// round teaches all models once: each pair is read in the way that both sides
// find likeliest together, and both count it.
func round(latin *model, lessons []*lesson) (*model, float64) {
	next := latin.again()
	var likely, n float64
	for _, l := range lessons {
		fresh := l.native.again()
		type result struct {
			latin, native []string
			score         float64
		}
		results := make([]result, len(l.pairs))
		inParallel(len(l.pairs), func(i int) {
			p := &l.pairs[i]
			best, sounds := math.Inf(-1), ""
			for _, h := range latin.best(p.latin, 16) {
				s, _ := l.native.align(p.native, h.sounds)
				if s += math.Log(h.p); s > best {
					best, sounds = s, h.sounds
				}
			}
			if best/float64(len(p.latin)+len(p.native)) < hopeless {
				return
			}
			_, a := latin.align(p.latin, sounds)
			_, b := l.native.align(p.native, sounds)
			results[i] = result{a, b, best}
		})
		for i, r := range results {
			if r.latin == nil || r.native == nil {
				continue
			}
			likely += r.score
			n++
			next.learnFrom(l.pairs[i].latin, r.latin, l.pairs[i].weight)
			fresh.learnFrom(l.pairs[i].native, r.native, l.pairs[i].weight)
		}
		fresh.estimate()
		l.native = fresh
	}
	next.estimate()
	return next, likely / n
}

// inParallel calls do for each number below n, from two goroutines.
func inParallel(n int, do func(int)) {
	var both sync.WaitGroup
	for half := range 2 {
		both.Go(func() {
			for i := n * half / 2; i < n*(half+1)/2; i++ {
				do(i)
			}
		})
	}
	both.Wait()
}
