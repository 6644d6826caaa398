package names

import (
	"math/bits"
	"unicode"
)

// maxWords and maxLetters bound what [Prepare] keeps of a name.
const (
	maxWords   = 4
	maxLetters = 24
)

// Prepared is a name made ready for [Prepared.Similar]. It holds no pointers
// and may be copied and kept in large slices. Its zero value is like nothing.
type Prepared struct {
	n     uint8
	words [maxWords]word
}

type word struct {
	n       uint8
	script  script
	holds   uint32                 // a bit for each letter that it holds
	letters [maxLetters / 8]uint64 // the first letter lowest
	codes   [MaxCodes]code
}

// Prepare makes a name ready for comparison. Honorifics and particles are left
// out; of what remains the first four words count, each with its first 24
// letters. To compare given and family names by themselves, prepare them by
// themselves.
func Prepare(name string) Prepared {
	var p Prepared
	for _, t := range Tokens(name) {
		if t.Kind == Particle || t.Kind == Honorific || p.n == maxWords {
			continue
		}
		w := &p.words[p.n]
		roman := Romanise(t.Text)
		w.n = uint8(min(len(roman), maxLetters))
		w.script = scriptOf(t.Text)
		for i := range int(w.n) {
			w.letters[i>>3] |= uint64(roman[i]) << (8 * (i & 7))
			w.holds |= 1 << (roman[i] & 31)
		}
		codesOf(&w.codes, t.Written)
		if w.n > 0 {
			p.n++
		}
	}
	return p
}

// Empty reports whether nothing was left to compare.
func (p *Prepared) Empty() bool { return p.n == 0 }

// Similar scores two names from 0 (nothing in common) to 1 (the same words, in
// any order). See [Prepared.Similar].
func Similar(a, b string) float64 {
	p, q := Prepare(a), Prepare(b)
	return p.Similar(&q)
}

// Similar scores two prepared names from 0 to 1: words are paired, the likest
// first (Jaro-Winkler on romanised letters; words of two scripts by the code
// they share, where that is more), and the pairs are weighed by their length.
// Words that only one name has cost a little, as a name is often given in part.
// It allocates nothing.
func (p *Prepared) Similar(q *Prepared) float64 {
	if p.n == 0 || q.n == 0 {
		return 0
	}
	var scores [maxWords][maxWords]float64
	for i := range p.n {
		for j := range q.n {
			scores[i][j] = p.words[i].similar(&q.words[j])
		}
	}
	pairs, extra := min(p.n, q.n), max(p.n, q.n)-min(p.n, q.n)
	var sum, weight float64
	for range pairs {
		i, j := likest(&scores, p.n, q.n)
		w := float64(p.words[i].n + q.words[j].n)
		sum += scores[i][j] * w
		weight += w
		for k := range maxWords { // both words are taken
			scores[i][k], scores[k][j] = -2, -2
		}
	}
	return sum / weight * (1 - 0.04*float64(extra))
}

// likest finds the highest score, and of equal ones that of the words nearest
// the start of both names, whichever name comes first.
func likest(scores *[maxWords][maxWords]float64, rows, columns uint8) (row, column uint8) {
	best := -1.0
	for i := range rows {
		for j := range columns {
			if s := scores[i][j]; s > best || s == best && i+j < row+column {
				best, row, column = s, i, j
			}
		}
	}
	return row, column
}

func (w *word) similar(v *word) float64 {
	if w.script != v.script {
		return max(jaroWinkler(w, v), w.sameCode(v))
	}
	if w.holds&v.holds == 0 {
		return 0
	}
	return jaroWinkler(w, v)
}

// sameCode scores two words of different scripts by the longest code they
// share: a short one says little.
func (w *word) sameCode(v *word) float64 {
	best := 0.0
	for _, c := range w.codes {
		for _, d := range v.codes {
			if c == d && c != 0 {
				best = max(best, [...]float64{0, 0.75, 0.85, 0.92, 0.94, 0.95, 0.95}[c.length()])
			}
		}
	}
	return best
}

// jaroWinkler is the usual measure with prefix weight 0.1 for up to four letters.
func jaroWinkler(a, b *word) float64 {
	if a.n > b.n {
		a, b = b, a
	}
	if a.n == 0 {
		return 0
	}
	matchedA, matchedB := matches(a, b)
	m := bits.OnesCount32(matchedA)
	if m == 0 {
		return 0
	}
	half := 0
	for x, y := matchedA, matchedB; x != 0; x, y = x&(x-1), y&(y-1) {
		if a.letter(bits.TrailingZeros32(x)) != b.letter(bits.TrailingZeros32(y)) {
			half++
		}
	}
	f := float64(m)
	jaro := (f/float64(a.n) + f/float64(b.n) + (f-float64(half)/2)/f) / 3
	same := bits.TrailingZeros64(a.letters[0]^b.letters[0]) / 8
	prefix := min(4, same, int(a.n))
	return jaro + 0.1*float64(prefix)*(1-jaro)
}

// matches marks the letters of a, the shorter word, and of b that stand near
// enough to each other, each used once. Where a letter stands in b is found for
// eight letters at a time.
func matches(a, b *word) (inA, inB uint32) {
	window := max(int(b.n)/2-1, 0)
	near := uint32(1)<<(2*window+1) - 1 // moves along b with the letter of a
	for i := range int(a.n) {
		c := a.letter(i)
		at := places(b.letters[0], c)
		if b.n > 8 {
			at |= places(b.letters[1], c)<<8 | places(b.letters[2], c)<<16
		}
		reach := near
		if i < window {
			reach >>= window - i
		} else {
			reach <<= i - window
		}
		if at &= reach &^ inB; at != 0 {
			inA |= 1 << i
			inB |= at & -at
		}
	}
	return inA, inB
}

// places marks the bytes of x that are c, a bit each. The bytes are letters and
// therefore below 0x80.
func places(x uint64, c byte) uint32 {
	const low, ones = 0x7f7f7f7f7f7f7f7f, 0x0101010101010101
	zero := ^((x ^ uint64(c)*ones) + low) & (ones << 7)
	return uint32((zero >> 7) * 0x0102040810204080 >> 56)
}

// letter gives the letter at place i.
func (w *word) letter(i int) byte { return byte(w.letters[i>>3] >> (8 * (i & 7))) }

// script is what a word is written in, as far as spelling goes.
type script uint8

const (
	otherScript script = iota
	latin
	arabic
	cyrillic
	hebrew
	han
	hangul
	ethiopic
	khmer
	bengali
	devanagari
	thai
	greek
)

// scriptOf tells a word's script by its first letter.
func scriptOf(text string) script {
	r, _ := firstRune(text)
	if r < 0x250 {
		return latin
	}
	for s, table := range scriptTables {
		if table != nil && unicode.Is(table, r) {
			return script(s)
		}
	}
	return otherScript
}

var scriptTables = [...]*unicode.RangeTable{
	arabic: unicode.Arabic, cyrillic: unicode.Cyrillic, hebrew: unicode.Hebrew, han: unicode.Han, hangul: unicode.Hangul,
	ethiopic: unicode.Ethiopic, khmer: unicode.Khmer, bengali: unicode.Bengali, devanagari: unicode.Devanagari,
	thai: unicode.Thai, greek: unicode.Greek,
}
