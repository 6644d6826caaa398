package names

import (
	"strings"
	"unicode/utf8"

	anyascii "github.com/anyascii/go"
	"golang.org/x/text/unicode/norm"
)

// maxUnits bounds how much of one token is read.
const maxUnits = 32

// multigraphs are letters that are read together, where the tables know them.
// Each is held as one rune of a private area: firstMulti plus its place here.
var multigraphs = strings.Fields(`
	tsch shch sch tch dzh ch sh th ph gh kh zh cz sz rz dz dj dh tz ts ck qu ng gn ll ss cc tt dd rr nn mm
	pp bb ff kk gg zz cs zs gy ny ly sj tj kj wr kn
	ג׳ ז׳ צ׳ ת׳ ד׳ ח׳ ע׳ ר׳ ו׳
	μπ ντ γκ γγ γχ τσ τζ
	ড় ঢ় য় ক্ষ জ্ঞ ड़ ढ़ य़ क्ष ज्ञ फ़ ज़ क़ ख़ ग़
	ทร สร ศร ดิ์ ติ์ ธิ์ ดร์ ทร์ ษณ์
`)

const firstMulti = '\ue000'

// multiOf finds a multigraph by up to four runes of 16 bits each.
var multiOf = func() map[uint64]rune {
	m := make(map[uint64]rune, len(multigraphs))
	for i, g := range multigraphs {
		var key uint64
		for _, r := range norm.NFC.String(g) {
			key = key<<16 | uint64(r)
		}
		m[key] = firstMulti + rune(i)
	}
	return m
}()

// edges are the first and the last letter of each multigraph, which are what
// its neighbours see.
var edges = func() [][2]rune {
	e := make([][2]rune, len(multigraphs))
	for i, g := range multigraphs {
		g = norm.NFC.String(g)
		first, _ := utf8.DecodeRuneInString(g)
		last, _ := utf8.DecodeLastRuneInString(g)
		e[i] = [2]rune{first, last}
	}
	return e
}()

func isMulti(r rune) bool { return r >= firstMulti && r < firstMulti+rune(len(multigraphs)) }

func firstOf(unit rune) rune {
	if isMulti(unit) {
		return edges[unit-firstMulti][0]
	}
	return unit
}

func lastOf(unit rune) rune {
	if isMulti(unit) {
		return edges[unit-firstMulti][1]
	}
	return unit
}

// Graphemes takes one token apart into the units that the tables of codes speak
// of: letters, letters that are read together, the letters inside a Hangul
// syllable, the consonant of an Ethiopic one, one Han character. It is for the
// pages that speakers review and for learning the tables.
func Graphemes(token string) []string {
	units := unitsOf(nil, token, true)
	out := make([]string, len(units))
	for i, u := range units {
		out[i] = unitName(u)
	}
	return out
}

func unitName(u rune) string {
	if isMulti(u) {
		return multigraphs[u-firstMulti]
	}
	return string(u)
}

// unitsOf appends the units of a token to buf: all letters as they are, or those
// of which no table speaks in their Latin reading.
func unitsOf(buf []rune, token string, asTheyAre bool) []rune {
	letters := buf
	if isASCII(token) {
		for i := 0; i < len(token) && len(letters) < maxUnits; i++ {
			c := token[i]
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			if c >= 'a' && c <= 'z' {
				letters = append(letters, rune(c))
			}
		}
	} else {
		letters = lettersOf(letters, foldSpelling(token), asTheyAre)
	}
	return joinMultigraphs(letters)
}

// joinMultigraphs replaces letters that are read together, the longest first,
// in place.
func joinMultigraphs(letters []rune) []rune {
	out := letters[:0]
	for i := 0; i < len(letters); {
		n, unit := 1, letters[i]
		var key uint64
		for k := 0; k < 4 && i+k < len(letters); k++ {
			key = key<<16 | uint64(letters[i+k]&0xffff)
			if k > 0 {
				if m, ok := multiOf[key]; ok {
					n, unit = k+1, m
				}
			}
		}
		out = append(out, unit)
		i += n
	}
	return out
}

// foldSpelling folds as [Fold] does, except that Latin letters whose accent
// changes their sound keep it.
func foldSpelling(s string) string {
	if strings.IndexFunc(s, telling) < 0 && norm.NFC.IsNormalString(s) {
		return Fold(s)
	}
	var b strings.Builder
	rest := norm.NFC.String(strings.ToLower(s))
	for rest != "" {
		i := strings.IndexFunc(rest, telling)
		if i < 0 {
			b.WriteString(Fold(rest))
			break
		}
		b.WriteString(Fold(rest[:i]))
		r, n := utf8.DecodeRuneInString(rest[i:])
		if r == 'ţ' {
			r = 'ț'
		}
		b.WriteRune(r)
		rest = rest[i+n:]
	}
	return b.String()
}

// telling reports a Latin letter whose accent tells how it sounds.
func telling(r rune) bool {
	switch r {
	case 'č', 'ć', 'ç', 'š', 'ś', 'ş', 'ș', 'ž', 'ź', 'ż', 'ñ', 'ł', 'đ', 'ğ', 'ț', 'ţ',
		'Č', 'Ć', 'Ç', 'Š', 'Ś', 'Ş', 'Ș', 'Ž', 'Ź', 'Ż', 'Ñ', 'Ł', 'Đ', 'Ğ', 'Ț', 'Ţ':
		return true
	}
	return false
}

// lettersOf appends the letters of a folded token: syllables of Hangul and
// Ethiopic by their parts.
func lettersOf(out []rune, folded string, asTheyAre bool) []rune {
	var known map[rune]bool
	if !asTheyAre {
		known = load().known
	}
	for _, r := range folded {
		if len(out) >= maxUnits {
			break
		}
		switch {
		case r == ' ', r >= '0' && r <= '9', r == '\u17d2': // Khmer: the mark of a subscript
		case r >= 0xac00 && r <= 0xd7a3:
			out = append(out, 0x1100+(r-0xac00)/588, 0x1161+(r-0xac00)%588/28)
			if last := (r - 0xac00) % 28; last > 0 {
				out = append(out, 0x11a7+last)
			}
		case r >= 0x1200 && r <= 0x1357: // Ethiopic: rows of eight, one consonant each
			out = append(out, r&^7)
		case asTheyAre, known[r], r < 0x80:
			out = append(out, r)
		default:
			for _, c := range Fold(anyascii.TransliterateRune(r)) {
				if c >= 'a' && c <= 'z' {
					out = append(out, c)
				}
			}
		}
	}
	return out
}
