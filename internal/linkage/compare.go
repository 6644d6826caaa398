package linkage

import "causeway/internal/names"

// comparison is what two rows agree on.
type comparison struct {
	level [fields]Level
	often [fields]float32 // the share of records with the value agreed on; 0 where that says nothing
}

// comparer compares rows of one index. It belongs to one goroutine.
type comparer struct {
	local
	cache []remembered // of pairs of words
}

// remembered is the likeness of one pair of words.
type remembered struct {
	a, b     uint32
	likeness float32
}

// How many pairs of words are remembered: in a pass they come again and again.
const (
	rememberMany = 1 << 14
	rememberFew  = 1 << 6
)

func newComparer(l *lexicon, remember int) *comparer {
	return &comparer{local: local{of: l}, cache: make([]remembered, remember)}
}

// compare compares two rows field by field.
func (c *comparer) compare(a, b *row, out *comparison) {
	for f := range out.level {
		out.level[f] = missing
	}
	c.names(a, b, out)
	c.one(FieldMother, kMother, a.of(kMother), b.of(kMother), out)
	compareBirth(a.birth, b.birth, out)
	if a.sex != SexUnknown && b.sex != SexUnknown {
		out.level[FieldSex] = either(a.sex == b.sex)
	}
	for _, k := range placeKinds {
		c.one(placeField(k), k, a.of(k), b.of(k), out)
	}
	for k, f := kDocument, FieldDocument; k < kinds; k, f = k+1, f+1 {
		x, y := a.of(k), b.of(k)
		if len(x) == 0 || len(y) == 0 {
			continue
		}
		shared := shareTag(x, y)
		if shared || k != kHousehold { // two households are no evidence against anything
			out.level[f] = either(shared)
		}
	}
}

func either(same bool) Level {
	if same {
		return Exact
	}
	return Else
}

func shareTag(x, y []uint32) bool {
	for ; len(x) >= 2; x = x[2:] {
		for z := y; len(z) >= 2; z = z[2:] {
			if tagOf(x) == tagOf(z) {
				return true
			}
		}
	}
	return false
}

// names compares given and family names, straight and exchanged, and keeps
// what agrees better; a nickname may stand for a given name.
func (c *comparer) names(a, b *row, out *comparison) {
	ag, af, bg, bf := a.of(kGiven), a.of(kFamily), b.of(kGiven), b.of(kFamily)
	c.one(FieldGiven, kGiven, ag, bg, out)
	c.one(FieldFamily, kFamily, af, bf, out)
	straight := cost(out.level[FieldGiven]) + cost(out.level[FieldFamily])
	if len(ag)+len(af) == 0 || len(bg)+len(bf) == 0 {
		return
	}
	if len(ag) > 0 && len(bf) > 0 || len(af) > 0 && len(bg) > 0 {
		if straight > exchangeCost && c.exchanged(ag, af, bg, bf, straight, out) {
			return
		}
		if min(out.level[FieldGiven], out.level[FieldFamily]) <= Near { // without agreement there is no order
			out.level[FieldOrder] = Exact
		}
	}
	if ao, bo := a.of(kOther), b.of(kOther); out.level[FieldGiven] >= Near && (len(ao) > 0 || len(bo) > 0) {
		c.nicknames(ag, ao, bg, bo, out)
	}
}

// exchanged compares given with family names and takes that over where it is
// better. Of which record they are exchanged nobody knows: when only one of the
// two agrees, it is taken for the family name, which others may have too.
func (c *comparer) exchanged(ag, af, bg, bf []uint32, straight int, out *comparison) bool {
	var x comparison
	x.level[FieldGiven], x.level[FieldFamily] = missing, missing
	c.one(FieldGiven, kOther, ag, bf, &x)
	c.one(FieldFamily, kOther, af, bg, &x)
	given, family := x.level[FieldGiven], x.level[FieldFamily]
	if cost(given)+cost(family)+exchangeCost >= straight {
		return false
	}
	g, f := FieldGiven, FieldFamily
	if cost(given) < cost(family) {
		g, f = f, g
	}
	out.level[FieldGiven], out.often[FieldGiven] = x.level[g], x.often[g]
	out.level[FieldFamily], out.often[FieldFamily] = x.level[f], x.often[f]
	out.level[FieldOrder] = Else
	return true
}

// nicknames lets another name used stand for the given name. What is found
// among several names is worth less than the name itself.
func (c *comparer) nicknames(ag, ao, bg, bo []uint32, out *comparison) {
	var x comparison
	x.level[FieldGiven] = missing
	for _, pair := range [...][2][]uint32{{ao, bo}, {ao, bg}, {ag, bo}} {
		c.one(FieldGiven, kGiven, pair[0], pair[1], &x)
		if l := max(x.level[FieldGiven], Code); l <= Close && l < out.level[FieldGiven] {
			out.level[FieldGiven], out.often[FieldGiven] = l, x.often[FieldGiven]
		}
	}
}

// exchangeCost is how much better exchanged names must agree.
const exchangeCost = 1

// cost orders agreements; saying nothing lies between likeness and none.
func cost(l Level) int {
	if l == missing {
		return 3
	}
	return int(l)
}

// one compares the alternatives of one kind on both sides and keeps the best.
func (c *comparer) one(f Field, k kind, x, y []uint32, out *comparison) {
	switch {
	case len(x) == 0 || len(y) == 0:
		return
	case len(x) == 1 && len(y) == 1:
		l := c.words(x[0], y[0])
		out.level[f], out.often[f] = l, c.often(k, x[0], y[0], l)
		return
	}
	best, often := Else, float32(0)
	for i := 0; i < len(x); {
		a := firstName(x[i:])
		i += len(a)
		for j := 0; j < len(y); {
			b := firstName(y[j:])
			j += len(b)
			l, o := c.pair(k, a, b)
			if l < best || l == best && o < often {
				best, often = l, o
			}
		}
	}
	out.level[f], out.often[f] = best, often
}

// firstName cuts the first alternative off.
func firstName(units []uint32) []uint32 {
	end := 1
	for end < len(units) && units[end]&startFlag == 0 {
		end++
	}
	return units[:end]
}

// pair compares two names of one or more words: every word of the shorter is
// put beside the word of the longer it is most like.
func (c *comparer) pair(k kind, a, b []uint32) (Level, float32) {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b) == 1 {
		l := c.words(a[0], b[0])
		return l, c.often(k, a[0], b[0], l)
	}
	often, worst, good, used := float32(1), Exact, 0, uint(0)
	for i := range a {
		best, at := Else, -1
		for j := range b {
			if used&(1<<j) != 0 {
				continue
			}
			if l := c.words(a[i], b[j]); l < best || at < 0 {
				best, at = l, j
			}
		}
		worst = max(worst, best)
		if best <= Close {
			good++
		}
		if best < Else {
			used |= 1 << at
			often *= c.often(k, a[i], b[at], best)
		}
	}
	switch {
	case worst < Else && len(a) == len(b):
		return worst, often
	case worst < Else: // all of the shorter is in the longer
		return max(worst, Code), often
	case c.joined(a, b):
		return Code, 0
	case good > 0:
		return Part, often
	}
	return Else, 0
}

// joined reports whether two names are the same letters, divided otherwise.
func (c *comparer) joined(a, b []uint32) bool {
	length := func(units []uint32) (n int) {
		for _, u := range units {
			n += int(c.trait(u).length)
		}
		return n
	}
	if c.trait(a[0]).first != c.trait(b[0]).first {
		return false
	}
	if n := length(a); n < 4 || n != length(b) || len(a) == len(b) {
		return false
	}
	var x, y [maxWords * maxLength * 2]byte
	return string(c.join(x[:0], a)) == string(c.join(y[:0], b))
}

func (c *comparer) join(to []byte, units []uint32) []byte {
	for _, u := range units {
		to = append(to, c.word(u).roman...)
	}
	return to
}

// often is the share of records with the value that a pair of words agrees on.
// As another name a word is as common as it is as a given or a family name.
func (c *comparer) often(k kind, x, y uint32, l Level) float32 {
	if l >= Part {
		return 0
	}
	if k == kOther {
		return max(c.often(kGiven, x, y, l), c.often(kFamily, x, y, l))
	}
	v, w := c.word(x), c.word(y)
	if l == Exact {
		return float32(c.of.frequency(v, k))
	}
	return float32(max(c.of.frequency(v, k), c.of.frequency(w, k)))
}

// The likenesses that make a level.
const (
	closeAt = 0.92
	nearAt  = 0.82
)

// words compares two words by their units. Most pairs are told apart by their
// traits alone.
func (c *comparer) words(x, y uint32) Level {
	x, y = x&numberMask, y&numberMask
	if x == y {
		return Exact
	}
	s, t := c.trait(x), c.trait(y)
	code := s.sharesCode(t)
	switch {
	case code && s.foreign != t.foreign:
		return Code // letters of another script tell nothing more
	case s.length <= 1 || t.length <= 1:
		if s.name && s.first == t.first && s.length+t.length > 1 {
			return Near
		}
		return Else
	}
	likely := float32(0)
	if s.mayBeLike(t) {
		likely = c.likeness(x, y)
	}
	switch {
	case code && likely >= nearAt:
		return Code
	case likely >= closeAt:
		return Close
	case s.short && t.short && names.SameNickname(c.word(x).text, c.word(y).text):
		return Code
	case code || likely >= nearAt: // in one script codes alone join Ali and Ela
		return Near
	}
	return Else
}

// likeness is that of the letters of two words, by their numbers.
func (c *comparer) likeness(a, b uint32) float32 {
	if a > b {
		a, b = b, a
	}
	if b >= localBase {
		return float32(jaroWinkler(c.word(a).roman, c.word(b).roman))
	}
	slot := &c.cache[int(mix32(a*0x9e3779b1^b))&(len(c.cache)-1)]
	if slot.a != a || slot.b != b {
		*slot = remembered{a, b, float32(jaroWinkler(c.word(a).roman, c.word(b).roman))}
	}
	return slot.likeness
}

// mayBeLike bounds the likeness from above by the letters that only one has.
func (t *trait) mayBeLike(v *trait) bool {
	n, m := int(t.length), int(v.length)
	common := float64(min(n-missingLetters(t.mask, v.mask), m-missingLetters(v.mask, t.mask)))
	most := (common/float64(n) + common/float64(m) + 1) / 3
	if t.first == v.first {
		most += 0.4 * (1 - most) // up to four letters at the start
	}
	return most >= nearAt
}
