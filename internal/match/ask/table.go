package ask

import (
	"cmp"
	"crypto/sha256"
	"math"
	"math/bits"
	"slices"
	"strings"

	"causeway/protocol/mask"
)

// A Table is what a holder compares questions with: for every point that both sides
// raised, which of its children have the key. It knows how common each name, year and
// place is among its own children, and nothing of the asker's.
type Table struct {
	children []Child
	byTag    map[mask.Tag][]entry
	count    counts
}

// entry is one key of one child.
type entry struct {
	child int32
	key   uint8 // its place among the child's keys
}

// counts is how many children of the table share a value.
type counts struct {
	of     float64 // children
	name   map[string]int
	mother map[string]int
	region map[string]int
	year   map[int]int
	short  map[string]int
}

// NewTable returns a table of children whose points come from tag, which is called with
// every key of every child in the order of [TableKeys].
func NewTable(children []Child, tag func(child int, k mask.Key) mask.Tag) *Table {
	t := &Table{children: children, byTag: make(map[mask.Tag][]entry, len(children)*8)}
	t.count = countsOf(children)
	for i := range children {
		for j, k := range keysOf(&children[i], children[i].Years, mostOfChild) {
			at := tag(i, k.Key)
			t.byTag[at] = append(t.byTag[at], entry{int32(i), uint8(j)})
		}
	}
	return t
}

func countsOf(children []Child) counts {
	c := counts{
		of: float64(len(children)), name: map[string]int{}, mother: map[string]int{},
		region: map[string]int{}, year: map[int]int{}, short: map[string]int{},
	}
	for i := range children {
		x := &children[i]
		for _, n := range distinct(few(x.Given), few(x.Family)) {
			c.name[n]++
		}
		for _, n := range few(x.Mother) {
			c.mother[n]++
		}
		if x.Region != "" {
			c.region[x.Region]++
		}
		if len(x.Years) > 0 {
			c.year[x.Years[0]]++
		}
		for _, n := range shortPairs(x) {
			c.short[n]++
		}
	}
	return c
}

func distinct(a, b []string) []string {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

func shortPairs(c *Child) []string {
	var out []string
	for _, g := range few(c.Given) {
		for _, f := range few(c.Family) {
			for n := 2; n <= 3; n++ {
				one, two := sorted(begin(g, n), begin(f, n))
				out = append(out, one+"|"+two)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Candidate is a child of the table that agrees with a question, and by how much.
type Candidate struct {
	Child  int
	Weight float64 // natural logarithm of how much likelier the agreement is for the same child
}

// Ask returns the children that agree with a question in anything, strongest first.
func (t *Table) Ask(tags []mask.Tag) []Candidate {
	hits := map[int32]uint64{}
	for _, tag := range tags {
		for _, e := range t.byTag[tag] {
			hits[e.child] |= 1 << e.key
		}
	}
	out := make([]Candidate, 0, len(hits))
	for child, keys := range hits {
		out = append(out, Candidate{int(child), t.weight(int(child), keys)})
	}
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Child, b.Child))
	})
	return out
}

// ByChance is how many of its children a holder accepts to be found by chance, by each
// question, for [Threshold].
const ByChance = 0.0092

// thresholdSample is of how many of its children a holder learns what strangers have in
// common.
const thresholdSample = 10_000

// Threshold returns the weight from which a holder of these children has somebody look:
// at it, a question about a child who is none of theirs finds at most so many of them by
// chance. It is learned from the holder's own children, each asked about as if by another
// office, without themselves; nobody is told it. Brothers and sisters in the table raise
// it, and so do children who are in it twice.
func Threshold(children []Child, perQuestion float64) float64 {
	t := NewTable(children, func(_ int, k mask.Key) mask.Tag { return clear(k) })
	step := max(1, len(children)/thresholdSample)
	var chance []float64
	asked := 0
	for i := 0; i < len(children); i += step {
		asked++
		var tags []mask.Tag
		for _, k := range QuestionKeys(&children[i]) {
			tags = append(tags, clear(k))
		}
		for _, c := range t.Ask(tags) {
			if c.Child != i {
				chance = append(chance, c.Weight)
			}
		}
	}
	slices.Sort(chance)
	allowed := int(perQuestion * float64(asked))
	if len(chance) <= allowed {
		return leastWeight
	}
	return max(chance[len(chance)-1-allowed]+1e-9, leastWeight)
}

// leastWeight is the weight under which nobody looks, however small the table is.
const leastWeight = 7

// clear stands for a point where both sides are the same.
func clear(k mask.Key) mask.Tag {
	h := sha256.Sum256([]byte(k.Kind + "\x00" + k.Value))
	return mask.Tag(h[:mask.TagSize])
}

// How often a field of the same child agrees on both sides. Set by reasoning about what
// children and offices write, not learned: a small node has nothing to learn from.
const (
	sameGiven  = 0.85
	sameFamily = 0.80
	sameMother = 0.45
	sameYear   = 0.85
	sameDate   = 0.45
	sameRegion = 0.65
)

// A question asks with more than what is written: with several spellings of a name, and
// with the years beside the one known. So strangers agree as much more often.
const (
	spellings = 1.7
	asked     = 3
)

// How far an agreement is believed, beside how rare it is: names of which one alone
// agrees, beginnings, and years asked for with their neighbours say less than their
// rarity, a place and a mother a little more. Fitted by logistic regression on the harsh
// simulation, with other seeds than its test.
const (
	believeOne    = 0.8
	believeBegin  = 0.7
	onlyBegin     = -2.0
	believeYear   = 0.67
	believeMother = 1.1
	believeRegion = 1.15
)

// What is taken off for a field that must differ.
var differs = []struct {
	part part
	off  float64
}{{partGiven, -2.2}, {partFamily, -2.2}, {partMother, -1.1}, {partYear, -2.8}, {partRegion, -1.1}}

// weight adds up what agrees, each by how rare it is in this table, and takes off what
// must differ because a key with it did not agree.
func (t *Table) weight(child int, hit uint64) float64 {
	c := &t.children[child]
	keys := keysOf(c, c.Years, mostOfChild)
	var agree part
	var best [8]float64 // by part
	for rest := hit; rest != 0; rest &= rest - 1 {
		k := keys[bits.TrailingZeros64(rest)]
		agree |= k.parts
		for i := range best {
			if p := part(1) << i; k.parts&p != 0 {
				best[i] = max(best[i], t.rarity(c, k, p))
			}
		}
	}
	at := func(p part) float64 { return best[bits.TrailingZeros8(uint8(p))] }
	when := believeYear * at(partYear)
	if agree&partDate != 0 {
		when = at(partDate)
		agree |= partYear
	}
	return called(agree, at) + when + believeMother*at(partMother) + believeRegion*at(partRegion) + differ(keys, hit, agree)
}

// called weighs what of the two names agrees.
func called(agree part, at func(part) float64) float64 {
	whole, begin := at(partGiven)+at(partFamily), max(at(partShort2), at(partShort3))
	switch {
	case agree&(partGiven|partFamily) == partGiven|partFamily:
		return whole
	case agree&(partGiven|partFamily) == 0:
		return believeBegin*begin + onlyBegin
	}
	return max(believeOne*whole, believeBegin*begin)
}

// differ takes off what is known to differ: a part without which a key would have agreed.
func differ(keys []key, hit uint64, agree part) float64 {
	var off float64
	for _, d := range differs {
		if agree&d.part != 0 {
			continue
		}
		for i, k := range keys {
			if hit&(1<<i) == 0 && k.parts&d.part != 0 && k.parts&^d.part&^agree == 0 {
				off += d.off
				break
			}
		}
	}
	return off
}

// rarity is the weight of one part of a key that agrees.
func (t *Table) rarity(c *Child, k key, p part) float64 {
	values := strings.Split(k.Value, "|")
	n := &t.count
	share := func(count int) float64 { return (float64(count) + 1) / (n.of + 1) }
	code := func(count int) float64 { return min(spellings*share(count), 1) }
	switch p {
	case partGiven:
		return math.Log(sameGiven / code(n.name[nameIn(values, c.Given, n.name)]))
	case partFamily:
		return math.Log(sameFamily / code(n.name[nameIn(values, c.Family, n.name)]))
	case partMother:
		return math.Log(sameMother / code(n.mother[nameIn(values, c.Mother, n.mother)]))
	case partRegion:
		return math.Log(sameRegion / share(n.region[c.Region]))
	case partYear:
		return math.Log(sameYear / min(asked*share(n.year[c.Years[0]]), 1))
	case partDate:
		return math.Log(sameDate * 365 / share(n.year[c.Years[0]]))
	case partShort2, partShort3:
		return math.Log(sameFamily * sameGiven / share(n.short[values[0]+"|"+values[1]]))
	}
	return 0
}

// nameIn returns the code of a name that stands in a key; of several the most common.
func nameIn(values, codes []string, count map[string]int) string {
	var out string
	for _, c := range codes {
		if slices.Contains(values, c) && (out == "" || count[c] > count[out]) {
			out = c
		}
	}
	return out
}

// Kinds returns the kinds of keys by which a child of the table agrees with a question.
func (t *Table) Kinds(child int, tags []mask.Tag) []string {
	keys := keysOf(&t.children[child], t.children[child].Years, mostOfChild)
	var out []string
	for _, tag := range tags {
		for _, e := range t.byTag[tag] {
			if int(e.child) == child && !slices.Contains(out, keys[e.key].Kind) {
				out = append(out, keys[e.key].Kind)
			}
		}
	}
	slices.Sort(out)
	return out
}
