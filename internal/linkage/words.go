package linkage

import (
	"math/bits"

	"causeway/internal/names"
)

// pool keeps words apart that are never compared: names, and each part of a place.
type pool uint8

const (
	poolName pool = iota
	poolPlace
	pools = poolPlace + pool(len(placeKinds))
)

func poolOf(k kind) pool {
	if k < kCountry {
		return poolName
	}
	return poolPlace + pool(k-kCountry)
}

// uses are what words are counted by: how common a word is as a given name says
// nothing of how common it is as a family name.
const uses = 3

func useOf(k kind) int {
	switch k {
	case kFamily:
		return 1
	case kMother:
		return 2
	}
	return 0 // given names, other names and places (which have pools of their own)
}

// maxCodes is how many codes of a word are kept.
const maxCodes = 4

// word is one distinct word of the records.
type word struct {
	text  string       // folded, in its own script
	roman string       // in letters a to z, for likeness
	count [uses]uint32 // records that have it
	pool  pool
}

// trait is what most words can be told apart by without looking at their
// letters. Traits lie close together, because nearly all comparisons end here.
type trait struct {
	mask    uint64 // which letters the word has
	any     uint64 // a bit for each code: two words without a common bit share none
	codes   [maxCodes]uint32
	length  uint8
	first   byte
	name    bool
	foreign bool // not in Latin letters
	short   bool // there are other forms of the same name
}

func newWord(p pool, text string) (word, trait) {
	w := word{text: text, roman: roman(text), pool: p}
	t := trait{length: uint8(min(len(w.roman), 255)), name: p == poolName, foreign: w.roman != text, short: p == poolName && names.HasNickname(text)}
	for i := range len(w.roman) {
		t.mask |= letterBit(w.roman[i])
	}
	if t.length > 0 {
		t.first = w.roman[0]
	}
	if p == poolName || p == poolOf(kTown) || p == poolOf(kDistrict) || p == poolOf(kRegion) {
		for i, c := range names.Codes(text) {
			if i < maxCodes {
				t.codes[i] = hash32(0x5bd1e995, c)
				t.any |= 1 << (t.codes[i] & 63)
			}
		}
	}
	return w, t
}

// letterBit gives each letter and digit a bit, everything else shares some.
func letterBit(c byte) uint64 {
	switch {
	case c >= 'a' && c <= 'z':
		return 1 << (c - 'a')
	case c >= '0' && c <= '9':
		return 1 << (26 + c - '0')
	}
	return 1 << (36 + c%28)
}

func (t *trait) sharesCode(v *trait) bool {
	if t.any&v.any == 0 {
		return false
	}
	for _, a := range &t.codes {
		if a == 0 {
			return false
		}
		for _, b := range &v.codes {
			if a == b {
				return true
			}
		}
	}
	return false
}

func hash32(seed uint32, s string) uint32 {
	h := seed ^ 2166136261
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return max(mix32(h), 1)
}

func mix32(h uint32) uint32 {
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}

func mix64(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// lexicon numbers the words of an index. A word that no record has any more is
// forgotten and its number used again.
type lexicon struct {
	words  []word
	traits []trait
	free   []uint32
	by     [pools]map[string]uint32
	total  [kinds]uint32 // records that have any word of the kind
}

func (l *lexicon) number(p pool, text []byte) uint32 {
	if n, ok := l.by[p][string(text)]; ok {
		return n
	}
	w, t := newWord(p, string(text))
	var n uint32
	if last := len(l.free) - 1; last >= 0 {
		n, l.free = l.free[last], l.free[:last]
		l.words[n], l.traits[n] = w, t
	} else {
		n = uint32(len(l.words))
		l.words, l.traits = append(l.words, w), append(l.traits, t)
	}
	if l.by[p] == nil {
		l.by[p] = make(map[string]uint32)
	}
	l.by[p][w.text] = n
	return n
}

// tally counts the words of a row, by 1 or back.
func (l *lexicon) tally(r *row, by int) {
	for k := kGiven; k < kDocument; k++ {
		units := r.of(k)
		if len(units) == 0 {
			continue
		}
		l.total[k] += uint32(by)
		use := useOf(k)
		for i, u := range units {
			n := u & numberMask
			if seenBefore(units[:i], n) {
				continue
			}
			w := &l.words[n]
			w.count[use] += uint32(by)
		}
	}
	if by > 0 {
		return
	}
	for _, u := range r.units[:r.from[kDocument]] {
		n := u & numberMask
		if w := &l.words[n]; w.text != "" && w.count == ([uses]uint32{}) {
			delete(l.by[w.pool], w.text)
			*w, l.traits[n] = word{}, trait{}
			l.free = append(l.free, n)
		}
	}
}

func seenBefore(units []uint32, n uint32) bool {
	for _, u := range units {
		if u&numberMask == n {
			return true
		}
	}
	return false
}

// frequency is the share of records with any word of kind k that have w, never
// 0: a word not seen yet counts as seen once.
func (l *lexicon) frequency(w *word, k kind) float64 {
	return float64(max(w.count[useOf(k)], 1)) / float64(max(l.total[k], 1))
}

// local are the words of one question beside those of the index: what a
// question asks for is not kept.
type local struct {
	of     *lexicon
	extra  []word
	traits []trait // of extra
}

// localBase begins the numbers of words that only a question has.
const localBase = 1 << 26

func (l *local) number(p pool, text []byte) uint32 {
	if n, ok := l.of.by[p][string(text)]; ok {
		return n
	}
	for i := range l.extra {
		if l.extra[i].pool == p && l.extra[i].text == string(text) {
			return localBase + uint32(i)
		}
	}
	w, t := newWord(p, string(text))
	l.extra, l.traits = append(l.extra, w), append(l.traits, t)
	return localBase + uint32(len(l.extra)-1)
}

// word returns a word by the number in a unit of a row.
func (l *local) word(unit uint32) *word {
	if n := unit & numberMask; n >= localBase {
		return &l.extra[n-localBase]
	} else {
		return &l.of.words[n]
	}
}

// trait returns the traits of a word by the number in a unit of a row.
func (l *local) trait(unit uint32) *trait {
	if n := unit & numberMask; n >= localBase {
		return &l.traits[n-localBase]
	} else {
		return &l.of.traits[n]
	}
}

func missingLetters(a, b uint64) int { return bits.OnesCount64(a &^ b) }
