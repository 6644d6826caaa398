package linkage

import "math"

// Class is what two records may be to each other.
type Class uint8

// The classes. None is a finding: people decide.
const (
	Different Class = iota
	PossiblyFamily
	PossiblySame
	SameChild
)

var classNames = [...]string{"different", "possibly-family", "possibly-same", "same-child"}

// String returns the class's name, as used in message codes.
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return "unknown"
}

// The bounds of the classes: from sameFrom on a pair is called the same child,
// from relatedFrom on the likelier of same and family is possible.
const (
	sameFrom    = 0.95
	relatedFrom = 0.5
)

// Result says how likely two records are of one child, or of one family. What
// is missing to 1 is the probability that they are strangers.
type Result struct {
	Same, Family float64

	// What the fields say in bits, without any expectation: for the same child
	// against strangers, and for a family against strangers.
	Weight, Kinship float64
}

// Class returns the class of a result.
func (r Result) Class() Class {
	switch {
	case r.Same >= sameFrom:
		return SameChild
	case r.Same+r.Family < relatedFrom:
		return Different
	case r.Same >= r.Family:
		return PossiblySame
	}
	return PossiblyFamily
}

// Evidence is what one field says. Its words are made by who shows it.
type Evidence struct {
	Field  Field
	Level  Level
	Weight float64 // in bits: for "same child" above 0, for "strangers" below
	Family float64 // in bits: for "same child" above 0, for "brother or sister" below
}

// scorer turns comparisons into results.
type scorer struct {
	w     *Weights
	log   [fields][levels][3]float64 // natural logarithms of the odds
	years *yearCount
	n     float64 // records to choose from
	same  float64 // log of the expected share of records that are the same child
	kin   float64
}

const (
	ofSame = iota
	ofFamily
	ofStranger
)

// newScorer makes a scorer for comparisons with one of n records.
func newScorer(w *Weights, years *yearCount, n int) *scorer {
	s := &scorer{w: w, years: years, n: float64(max(n, 1))}
	for f := range s.log {
		for l, o := range w.Fields[f] {
			s.log[f][l] = [3]float64{logOf(o.Same), logOf(o.Family), logOf(o.Stranger)}
		}
	}
	s.same = logOf(w.Repeats / s.n)
	s.kin = logOf(w.Kin / s.n)
	return s
}

// assumedRecords is how many records the usual frequencies weigh against those
// of a small register.
const assumedRecords = 50

// logOf is the logarithm of a probability that is never quite 0 nor above 1.
func logOf(p float64) float64 { return math.Log(min(max(p, 1e-9), 1)) }

// sums are the logarithms of how likely a comparison is, of each kind of pair.
type sums [3]float64

// result weighs a comparison.
func (s *scorer) result(a, b *row, c *comparison) Result {
	return s.posterior(s.sum(a, b, c, nil))
}

// sum adds up what the fields say, and hands each over where somebody asks.
func (s *scorer) sum(a, b *row, c *comparison, each func(Field, sums)) sums {
	var total sums
	smaller := false // a smaller part of the place agreed already
	for i := fields; i > 0; i-- {
		f := i - 1
		l := c.level[f]
		if l == missing {
			continue
		}
		v := sums(s.log[f][l])
		switch {
		case f == FieldBirth && l < Near, f == FieldAge:
			s.birth(a.birth, b.birth, f, l, &v)
		case f >= FieldCountry && f <= FieldPostcode && l == Exact && smaller:
			v[ofStranger] = math.Log(max(math.Exp(s.rare(f, l, c.often[f])), s.w.Within[f]))
		default:
			v[ofStranger] = s.rare(f, l, c.often[f])
		}
		smaller = smaller || l == Exact && f >= FieldRegion && f <= FieldPostcode
		for k := range total {
			total[k] += v[k]
		}
		if each != nil {
			each(f, v)
		}
	}
	return total
}

// certain is the logarithm of odds below which nothing is left to weigh.
const certain = -25

// posterior weighs the sums with what is expected.
func (s *scorer) posterior(total sums) Result {
	same := s.same + total[ofSame] - total[ofStranger]
	kin := s.kin + total[ofFamily] - total[ofStranger]
	top := max(same, kin, 0)
	if top == 0 && same < certain && kin < certain {
		return Result{Weight: inBits(total[ofSame] - total[ofStranger]), Kinship: inBits(total[ofFamily] - total[ofStranger])}
	}
	ps, pk, po := math.Exp(same-top), math.Exp(kin-top), math.Exp(-top)
	sum := ps + pk + po
	return Result{ps / sum, pk / sum, inBits(total[ofSame] - total[ofStranger]), inBits(total[ofFamily] - total[ofStranger])}
}

// rare is the logarithm of how often strangers agree on a value that the given
// share of records has. Exact agreement is as likely as the value is common;
// of likenesses the neighbours of a rare value are rarer too, but not as much.
func (s *scorer) rare(f Field, l Level, often float32) float64 {
	base := s.log[f][l][ofStranger]
	if often == 0 || l >= Part || f == FieldOrder {
		return base
	}
	if l == Exact {
		usual := s.w.Fields[f][Exact].Stranger
		return logarithm((float64(often)*s.n + assumedRecords*usual) / (s.n + assumedRecords))
	}
	half := (logarithm(float64(often)) - s.log[f][Exact][ofStranger]) / 2
	return min(base+min(max(half, -3), 3), 0)
}

// birth sets how likely strangers, and brothers and sisters, agree on a birth:
// by how many children were born in the years in question.
func (s *scorer) birth(a, b Birth, f Field, l Level, v *sums) {
	first, last := min(a.Earliest, b.Earliest).year(), max(a.Latest, b.Latest).year()
	if f == FieldBirth {
		if l == Exact {
			v[ofStranger] = logOf(s.years.share(first, last) / 365)
		}
		return
	}
	span := float64(last - first + 1)
	switch l {
	case Exact:
		v[ofStranger] = logOf(min(s.years.share(first, last), .98))
		v[ofFamily] = logOf(min(.15*span, .9))
	case Near:
		v[ofStranger] = logOf(min(s.years.share(first, last), .98) / 2)
		v[ofFamily] = logOf(.3)
	}
}

// yearCount counts births by year, for how common a birth is.
type yearCount struct {
	of    [256]uint32 // from firstYear on
	total uint32
}

const firstYear = 1850

func (y *yearCount) add(b Birth, by int) {
	if b.known() {
		middle := (b.Earliest.year() + b.Latest.year()) / 2
		y.of[min(max(middle-firstYear, 0), len(y.of)-1)] += uint32(by)
		y.total += uint32(by)
	}
}

// share is the share of births from the first to the last year. A small
// register is taken for one of children of 18 years in equal parts.
func (y *yearCount) share(first, last int) float64 {
	const assumed = 200 // births that this assumption weighs
	n := 0.0
	for i := max(first-firstYear, 0); i <= min(last-firstYear, len(y.of)-1); i++ {
		n += float64(y.of[i])
	}
	return (n + assumed*float64(last-first+1)/18) / (float64(y.total) + assumed)
}

// inBits turns a natural logarithm into bits.
func inBits(v float64) float64 { return v / math.Ln2 }
