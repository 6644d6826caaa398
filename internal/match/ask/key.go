package ask

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"causeway/protocol/mask"
)

// Child is what of one child may be compared: codes of names, no name. A field that is
// not known is empty and agrees with nothing.
type Child struct {
	Given, Family, Mother []string // codes, the most likely first
	Date                  string   // YYYY-MM-DD, where the whole date is known
	Years                 []int    // the years of birth that are possible, the most likely first
	Region                string   // a code of the place of origin
}

// Kinds of keys. A name is the given or the family name, whichever: people swap them.
const (
	kindPairYear   = "2n+y"   // given and family name, year
	kindPairRegion = "2n+r"   // given and family name, region
	kindPairMother = "2n+m"   // given and family name, mother's name
	kindDate       = "n+d"    // a name, date
	kindMotherYear = "n+m+y"  // a name, mother's name, year
	kindMotherArea = "n+m+r"  // a name, mother's name, region
	kindShortDate  = "2n2+d"  // how given and family name begin, date
	kindShortYear  = "2n3+yr" // how given and family name begin further, year, region
)

// The numbers of points. A question has always as many, and no child is in a table more
// often.
const (
	QuestionPoints = 64
	mostOfChild    = 32
	mostCodes      = 3 // of one name
	mostYears      = 3 // of one child in the table
)

// part is a field that a key is made of.
type part uint8

// The parts, as bits of a set.
const (
	partGiven part = 1 << iota
	partFamily
	partMother
	partYear
	partDate
	partRegion
	partShort2 // how both names begin
	partShort3
)

// key is a key with the parts that agree when it does.
type key struct {
	mask.Key
	parts part
	rank  int // how unlikely its spelling is: 0 for the most likely codes
}

// TableKeys returns the keys of a child that a holder puts into its table.
func TableKeys(c *Child) []mask.Key { return plain(keysOf(c, c.Years, mostOfChild)) }

// QuestionKeys returns the keys that an asker asks with, at most [QuestionPoints]: those
// of a table, and those of the years beside the one that is written.
func QuestionKeys(c *Child) []mask.Key { return plain(questionOf(c)) }

func questionOf(c *Child) []key {
	return keysOf(c, around(c.Years), QuestionPoints)
}

// around adds the years beside those that are known, after them.
func around(years []int) []int {
	out := slices.Clone(years)
	for _, y := range years {
		for _, n := range []int{y - 1, y + 1} {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// keysOf makes every key of a child, the likely spellings first, at most so many.
func keysOf(c *Child, years []int, most int) []key {
	b := builder{seen: map[mask.Key]int{}}
	given, family, mother := few(c.Given), few(c.Family), few(c.Mother)
	for i, g := range given {
		b.names(c, g, partGiven, i, mother, years)
	}
	for i, f := range family {
		b.names(c, f, partFamily, i, mother, years)
	}
	for i, g := range given {
		for j, f := range family {
			b.pair(c, g, f, i+j, mother, years)
		}
	}
	slices.SortStableFunc(b.keys, func(x, y key) int { return cmp.Compare(x.rank, y.rank) })
	return b.keys[:min(len(b.keys), most)]
}

func few(codes []string) []string { return codes[:min(len(codes), mostCodes)] }

type builder struct {
	keys []key
	seen map[mask.Key]int // where in keys
}

func (b *builder) add(kind string, parts part, rank int, values ...string) {
	k := mask.Key{Kind: kind, Value: strings.Join(values, "|")}
	if i, ok := b.seen[k]; ok {
		b.keys[i].parts &= parts // what both ways to it agree on
		b.keys[i].rank = min(b.keys[i].rank, rank)
		return
	}
	b.seen[k] = len(b.keys)
	b.keys = append(b.keys, key{k, parts, rank})
}

// names makes the keys of one name alone.
func (b *builder) names(c *Child, name string, which part, rank int, mother []string, years []int) {
	if c.Date != "" {
		b.add(kindDate, which|partDate, rank, name, c.Date)
	}
	for i, m := range mother {
		for j, y := range years {
			b.add(kindMotherYear, which|partMother|partYear, rank+i+j, name, m, strconv.Itoa(y))
		}
		if c.Region != "" {
			b.add(kindMotherArea, which|partMother|partRegion, rank+i, name, m, c.Region)
		}
	}
}

// pair makes the keys of given and family name together.
func (b *builder) pair(c *Child, given, family string, rank int, mother []string, years []int) {
	const both = partGiven | partFamily
	one, two := sorted(given, family)
	for j, y := range years {
		b.add(kindPairYear, both|partYear, rank+j, one, two, strconv.Itoa(y))
	}
	if c.Region != "" {
		b.add(kindPairRegion, both|partRegion, rank, one, two, c.Region)
	}
	for i, m := range mother {
		b.add(kindPairMother, both|partMother, rank+i, one, two, m)
	}
	if c.Date != "" {
		one, two := sorted(begin(given, 2), begin(family, 2))
		b.add(kindShortDate, partShort2|partDate, rank, one, two, c.Date)
	}
	if c.Region != "" {
		one, two := sorted(begin(given, 3), begin(family, 3))
		for j, y := range years {
			b.add(kindShortYear, partShort3|partYear|partRegion, rank+j, one, two, strconv.Itoa(y), c.Region)
		}
	}
}

func sorted(a, b string) (string, string) {
	if b < a {
		return b, a
	}
	return a, b
}

func begin(code string, n int) string { return code[:min(len(code), n)] }

func plain(keys []key) []mask.Key {
	out := make([]mask.Key, len(keys))
	for i, k := range keys {
		out[i] = k.Key
	}
	return out
}
