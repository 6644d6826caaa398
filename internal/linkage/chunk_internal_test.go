package linkage

import (
	"fmt"
	"math"
	"testing"
)

// draw is a small generator for tests: its numbers never change.
type draw uint64

func (d *draw) below(n int) int {
	*d += 0x9e3779b97f4a7c15
	return int(mix64(uint64(*d)) % uint64(n))
}

// TestCountsAreSums counts many records at once and compares with adding up.
func TestCountsAreSums(t *testing.T) {
	var d draw
	var c columns
	var has [chunkSize][signatureBits]bool
	var size [chunkSize]int
	for i := range chunkSize {
		for range d.below(150) {
			bit := d.below(signatureBits)
			if !has[i][bit] {
				has[i][bit] = true
				size[i]++
				c.bits[bit][i>>6] |= 1 << (i & 63)
			}
		}
		c.setSize(i, size[i])
	}
	var weigh [signatureBits]uint8
	for b := range weigh {
		weigh[b] = uint8(8 + d.below(49))
	}
	for _, groups := range []int{0, 1, 5, 40} {
		var q question
		q.reset(&weigh)
		q.even = groups%2 == 1
		for range groups {
			group := make([]uint16, 1+d.below(12))
			for i := range group {
				group[i] = uint16(d.below(signatureBits))
			}
			q.add(group)
		}
		var out counts
		q.count(&c, &out)
		for i := range chunkSize {
			want := 0
			if q.even {
				want = max(maxLack-size[i], 0)
			}
			for digit, bits := range q.bits {
				for _, b := range bits {
					if has[i][b] {
						want += 1 << digit
					}
				}
			}
			if got := out.at(i); got != want {
				t.Fatalf("%d groups, record %d: counted %d, want %d", groups, i, got, want)
			}
			for _, least := range []int{0, 1, want, want + 1, maxTotal} {
				if got := out.atLeast(i>>6, least)>>(i&63)&1 != 0; got != (want >= least) {
					t.Fatalf("record %d with %d: at least %d is %v", i, want, least, got)
				}
			}
		}
	}
}

func TestJaroWinkler(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"martha", "marhta", .961}, {"dwayne", "duane", .84}, {"dixon", "dicksonx", .813}, {"abc", "xyz", 0}, {"same", "same", 1}} {
		if got := jaroWinkler(c.a, c.b); math.Abs(got-c.want) > .001 {
			t.Errorf("%s, %s: got %.3f, want %.3f", c.a, c.b, got, c.want)
		}
	}
}

// naive is expectation maximisation as it is often done: odds of strangers from
// random pairs, kept, and the prior a share of the candidates. It returns the
// logarithm of what is left for strangers, and how alike the odds are.
func naive(seen []observed, start *[fields][levels]Odds) (prior float64, finite bool) {
	same, finite := *start, true
	prior = .2
	for range 400 {
		var next [fields][levels]float64
		sum := 0.0
		for _, o := range seen {
			w := math.Log(prior) - math.Log(1-prior) - o.stranger
			for f, l := range o.level {
				if l != missing {
					w += math.Log(same[f][l].Same)
				}
			}
			p := math.Exp(w) / (1 + math.Exp(w))
			sum += p
			for f, l := range o.level {
				if l != missing {
					next[f][l] += p
				}
			}
		}
		prior = sum / float64(len(seen))
		for f := range next {
			total := 0.0
			for _, n := range next[f] {
				total += n
			}
			for l := range next[f] {
				same[f][l].Same = next[f][l] / total
			}
		}
		finite = finite && !math.IsNaN(prior)
	}
	return prior, finite
}

// TestLearningFromPickedPairs: candidates are picked for being alike. Learning
// that takes the odds of strangers from random pairs, and its prior from the
// candidates, calls everything a match until nothing is a number any more; ours
// finds what is there.
func TestLearningFromPickedPairs(t *testing.T) {
	start := Default().Fields
	var d draw
	compared := []Field{FieldGiven, FieldFamily, FieldMother, FieldBirth, FieldTown}
	draw := func(of func(Odds) float64) (o observed, alike int) {
		for f := range o.level {
			o.level[f] = missing
		}
		for _, f := range compared {
			var odds []float64
			for _, o := range start[f] {
				odds = append(odds, of(o))
			}
			l := Level(drawn(&d, odds))
			o.level[f] = l
			o.stranger += logOf(start[f][l].Stranger)
			o.family += logOf(start[f][l].Family)
			if l <= Close {
				alike++
			}
		}
		return o, alike
	}
	var seen []observed
	const matches, strangers = 300, 2_000_000
	for range matches {
		o, _ := draw(func(o Odds) float64 { return o.Same })
		seen = append(seen, o)
	}
	for range strangers {
		if o, alike := draw(func(o Odds) float64 { return o.Stranger }); alike >= 2 {
			seen = append(seen, o) // picked
		}
	}
	if prior, finite := naive(seen, &start); finite {
		t.Errorf("the usual way comes to a share of %.3f of %d: these pairs do not show why it must not be used", prior, len(seen))
	}
	l := learning{start: &start, pairs: strangers + matches, prior: 1e-5, kin: 1e-7}
	for f := range start {
		for v, o := range start[f] {
			l.same[f][v] = o.Same
		}
	}
	l.learn(seen)
	if got := l.prior * l.pairs; math.IsNaN(got) || got < matches*.9 || got > matches*1.1 {
		t.Errorf("learned that %.1f pairs are one child, want about %d", got, matches)
	}
	for _, f := range compared {
		if got, want := l.same[f][Exact], start[f][Exact].Same; math.Abs(got-want) > .06 {
			t.Errorf("%v agrees in %.3f of pairs of one child, want about %.2f", f, got, want)
		}
	}
}

func drawn(d *draw, odds []float64) int {
	u := float64(d.below(1<<20)) / (1 << 20)
	for i, p := range odds {
		if u -= p; u < 0 {
			return i
		}
	}
	return len(odds) - 1
}

func TestDefaultsAreProbabilities(t *testing.T) {
	for f := range Field(fields) {
		var sum Odds
		for _, l := range used(f) {
			o := defaults[f][l]
			if o.Same <= 0 || o.Family <= 0 || o.Stranger <= 0 {
				t.Errorf("%v %v: %+v holds what is not possible at all", f, l, o)
			}
			sum.Same += o.Same
			sum.Family += o.Family
			sum.Stranger += o.Stranger
		}
		for _, s := range []float64{sum.Same, sum.Family, sum.Stranger} {
			if math.Abs(s-1) > .02 {
				t.Errorf("%v: %s, want sums of 1", f, fmt.Sprint(sum))
			}
		}
	}
}
