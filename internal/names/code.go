package names

import (
	"slices"
	"unicode"
)

const (
	// maxClasses is the length of a code: what comes after decides little.
	maxClasses = 6
	// beam bounds the readings of a token that are followed at once.
	beam = 20
	// thrift is what a further code of a token must earn: how much likelier than
	// by chance it has to be.
	thrift = 60
	// thriftEast is the same for Hangul and Han, whose syllables can be read in so
	// many ways that short names would match too much.
	thriftEast = 300
)

// Codes returns the codes of one token, the most likely first, at most
// [MaxCodes]. The token may be in any script and need not be folded; as it was
// written is best, because some accents tell how a letter sounds. A token
// without a letter has none.
func Codes(token string) []string {
	var found [MaxCodes]code
	n := codesOf(&found, token)
	if n == 0 {
		return nil
	}
	letters := load().letters
	out := make([]string, n)
	for i, c := range found[:n] {
		var b [maxClasses]byte
		for k := range c.length() {
			b[k] = letters[c.at(k)]
		}
		out[i] = string(b[:c.length()])
	}
	return out
}

// code is a skeleton: classes of four bits, the last one lowest, none zero.
type code uint32

func (c code) length() int {
	n := 0
	for ; c != 0; c >>= 4 {
		n++
	}
	return n
}

// at returns the class at place i from the start.
func (c code) at(i int) uint8 { return uint8(c>>(4*(c.length()-1-i))) & 15 }

// The classes with rules of their own, by their place in classes.txt.
const (
	classA = 1 // a vowel or a breath, which counts only at the start
	classT = 2 // with classS behind it one sound: ts, tch, dj
	classS = 3
)

// with adds a class: vowels only at the start, nothing twice in a row, and
// "ts" and "tch" as one sound.
func (c code) with(class uint8) code {
	last := uint8(c & 15)
	switch {
	case last == class, class == classA && c != 0:
		return c
	case class == classS && last == classT:
		if c >>= 4; uint8(c&15) == classS {
			return c
		}
	}
	if c>>(4*(maxClasses-1)) != 0 {
		return c
	}
	return c<<4 | code(class)
}

type reading struct {
	code code
	p    float32
}

// codesOf writes the codes of a token to out and returns how many there are.
func codesOf(out *[MaxCodes]code, token string) int {
	if n := spelledCodes(out, token); n > 0 {
		return n
	}
	n := readCodes(out, token)
	if shortHan(token) {
		n = addMandarin(out, n, token)
	}
	return n
}

// readCodes gives the codes by which the tables read a token.
func readCodes(out *[MaxCodes]code, token string) int {
	var buf [maxUnits + 4]rune
	units := unitsOf(buf[:0], token, false)
	if len(units) == 0 {
		return 0
	}
	t := load()
	var a, b [4 * beam]reading
	var mixed [16]option
	now := append(a[:0], reading{0, 1})
	next := b[:0]
	for i := range units {
		options := t.options(units, i, mixed[:])
		if len(options) == 0 {
			continue
		}
		next = step(next[:0], now, options)
		now, next = next, now
	}
	return t.choose(out, now, thriftOf(units[0]))
}

func thriftOf(unit rune) float32 {
	if unit >= 0x1100 && unit <= 0x11ff || unicode.Is(unicode.Han, unit) {
		return thriftEast
	}
	return thrift
}

// step reads one more grapheme in every way and keeps the likeliest readings.
func step(next, now []reading, options []option) []reading {
	floor := now[0].p * 2e-4
	for _, r := range now {
		for _, o := range options {
			p := r.p * o.p
			if p < floor {
				continue
			}
			c := r.code
			for _, class := range o.classes[:o.n] {
				c = c.with(class)
			}
			next = addReading(next, c, p)
		}
	}
	slices.SortFunc(next, likelier)
	return next[:min(len(next), beam)]
}

func addReading(list []reading, c code, p float32) []reading {
	for i := range list {
		if list[i].code == c {
			list[i].p += p
			return list
		}
	}
	if len(list) == cap(list) { // full: what comes late is unlikely
		return list
	}
	return append(list, reading{c, p})
}

// likelier orders readings by weight, then by code, so that the result never
// depends on the order of a table.
func likelier(a, b reading) int {
	switch {
	case a.p > b.p:
		return -1
	case a.p < b.p:
		return 1
	}
	return int(a.code) - int(b.code)
}

// choose keeps the likeliest reading and those others that say more than they
// would match by chance.
func (t *tables) choose(out *[MaxCodes]code, readings []reading, thrift float32) int {
	var total float32
	for _, r := range readings {
		if r.code != 0 {
			total += r.p
		}
	}
	n := 0
	for _, r := range readings {
		if r.code == 0 || n > 0 && r.p < total*thrift*t.common(r.code) {
			continue
		}
		out[n] = r.code
		if n++; n == MaxCodes {
			break
		}
	}
	return n
}
