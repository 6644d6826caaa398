package linkage

import "math"

// observed is one candidate pair as learning sees it: its levels, and how
// likely they are, as logarithms, of a family and of strangers. Those two stay
// as they are; only what pairs of one child look like is learned.
type observed struct {
	level            [fields]Level
	family, stranger float64
}

// learning is the state of expectation maximisation.
type learning struct {
	same      [fields][levels]float64 // probability of each level in pairs of one child
	prior     float64                 // of one child, of any pair at all
	kin       float64                 // of one family, of any pair at all
	pairs     float64                 // all pairs, of which the observed ones are the likest
	start     *[fields][levels]Odds
	logarithm [fields][levels]float64
}

// How learning ends, and how much it trusts what it starts from.
const (
	rounds = 100
	still  = 1e-4 // of the logarithms of the priors
	trust  = 20   // pairs that the starting weights count for, in each field
)

// learn finds the odds and the priors that make the observed pairs likeliest.
//
// The pairs were picked for being alike. Against the odds of strangers, which
// come from pairs drawn at random, every one of them looks like a match; were
// the prior a share of the observed, it would go to 1, and the logarithm of
// what is left for strangers with it. So the prior is of all pairs: those that
// were not picked count as strangers, which they are.
func (l *learning) learn(seen []observed) {
	for range rounds {
		if l.round(seen) < still {
			return
		}
	}
}

// round does one expectation and one maximisation, and returns how far the
// priors moved.
func (l *learning) round(seen []observed) float64 {
	for f := range l.same {
		for v, p := range l.same[f] {
			l.logarithm[f][v] = logOf(p)
		}
	}
	var next [fields][levels]float64
	for f := range next {
		for v, o := range l.start[f] {
			next[f][v] = trust * o.Same
		}
	}
	same, kin := 0.0, 0.0
	for i := range seen {
		ps, pk := l.posterior(&seen[i])
		same += ps
		kin += pk
		for f, v := range seen[i].level {
			if v != missing {
				next[f][v] += ps
			}
		}
	}
	for f := range next {
		total := 0.0
		for _, n := range next[f] {
			total += n
		}
		for v, n := range next[f] {
			l.same[f][v] = n / total
		}
	}
	return l.move(&l.prior, same) + l.move(&l.kin, kin)
}

// move sets a prior to what was seen of all pairs; it is never none nor all.
func (l *learning) move(prior *float64, sum float64) float64 {
	now := min(max(sum, 0.1)/l.pairs, 0.5)
	moved := math.Abs(math.Log(now / *prior))
	*prior = now
	return moved
}

// posterior is how likely an observed pair is of one child, and of one family.
func (l *learning) posterior(o *observed) (same, kin float64) {
	s := math.Log(l.prior) - o.stranger
	for f, v := range o.level {
		if v != missing {
			s += l.logarithm[f][v]
		}
	}
	k := math.Log(l.kin) + o.family - o.stranger
	top := max(s, k, 0)
	es, ek, eo := math.Exp(s-top), math.Exp(k-top), math.Exp(-top)
	return es / (es + ek + eo), ek / (es + ek + eo)
}
