package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold returns the normal form of a name in its own script: compatibility forms
// resolved, lower case, accents and vowel marks of Latin, Greek, Cyrillic,
// Arabic and Hebrew removed, spelling variants of one letter joined (hamza,
// alef, ya, ta marbuta, final letters of Hebrew), digits as 0 to 9, punctuation
// turned into single blanks. Vowel signs of Indic scripts, Thai and Khmer are
// letters and stay. Folding twice changes nothing.
func Fold(s string) string {
	if folded, ok := foldASCII(s); ok {
		return folded
	}
	var b strings.Builder
	b.Grow(len(s))
	blank, last := false, rune(0)
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, "")) {
		switch {
		case dropped(r):
			continue
		case unicode.Is(unicode.Mn, r) && foldedMark(r, last):
			continue
		}
		out := foldRune(r)
		if out == "" {
			// An apostrophe makes a Hebrew letter another one; elsewhere it says
			// how a letter sounds and is left out.
			if apostrophe(r) {
				if geresh(last) {
					b.WriteRune('׳')
				}
				continue
			}
			blank = b.Len() > 0
			last = 0
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteString(out)
		last, _ = firstRune(out)
	}
	return norm.NFC.String(b.String())
}

// foldASCII folds what has no letter outside ASCII, in one pass.
func foldASCII(s string) (string, bool) {
	plain := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 {
			return "", false
		}
		if c < 'a' || c > 'z' {
			plain = false
		}
	}
	if plain {
		return s, true
	}
	out := make([]byte, 0, len(s))
	blank := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
		case c == '\'' || c == '`':
			continue
		default:
			blank = len(out) > 0
			continue
		}
		if blank {
			out = append(out, ' ')
			blank = false
		}
		out = append(out, c)
	}
	return string(out), true
}

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return 0, false
}

// dropped reports what stands inside a word without being a letter of it:
// tatweel, joiners, direction marks, soft hyphens, spacing accents.
func dropped(r rune) bool {
	switch {
	case r == 'ـ', r == '\u00ad', r == '\ufeff', r >= '\u200b' && r <= '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return true
	case r >= 'ʰ' && r <= '˿' && !apostrophe(r): // modifier letters
		return true
	}
	return r == 'ء' || r == 'ـ'
}

// foldedMark reports whether a combining mark after last is an accent or a
// vowel mark that the normal form leaves out. The breve of й and ў and the
// dots of ї make letters of their own.
func foldedMark(r, last rune) bool {
	switch {
	case r == '\u0306' && (last == 'и' || last == 'у'), r == '\u0308' && last == 'і':
		return false
	case r >= 0x0300 && r <= 0x036f, r >= 0x1ab0 && r <= 0x1aff, r >= 0x1dc0 && r <= 0x1dff:
		return true
	case r >= 0x0591 && r <= 0x05c7: // Hebrew points
		return true
	case r >= 0x0610 && r <= 0x061a, r >= 0x064b && r <= 0x065f, r == 0x0670, r >= 0x06d6 && r <= 0x06ed:
		return true
	case r >= 0x135d && r <= 0x135f: // Ethiopic gemination
		return true
	}
	return false
}

func apostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', '’', '‘', 'ʼ', 'ʻ', 'ʾ', 'ʿ', 'ʹ', '׳', '＇', '′':
		return true
	}
	return false
}

// geresh reports whether an apostrophe after this Hebrew letter makes it
// another sound.
func geresh(last rune) bool {
	switch last {
	case 'ג', 'ז', 'צ', 'ת', 'ד', 'ח', 'ע', 'ר', 'ו':
		return true
	}
	return false
}

// foldRune returns the folded letter or letters for r, or "" where r is none.
func foldRune(r rune) string {
	if s, ok := foldedLetters[r]; ok {
		return s
	}
	switch {
	case unicode.IsLetter(r), unicode.IsMark(r):
		lower := unicode.ToLower(r)
		if s, ok := foldedLetters[lower]; ok {
			return s
		}
		return string(lower)
	case unicode.Is(unicode.Nd, r):
		return string('0' + digit(r))
	}
	return ""
}

// digit gives the value of a decimal digit of any script: digits of a script
// stand in blocks of ten that begin at its zero.
func digit(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	return 0
}

// foldedLetters are letters that the normal form writes otherwise.
var foldedLetters = map[rune]string{
	// Latin letters that do not come apart into letter and accent.
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o",
	'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d", 'þ': "th", 'Þ': "th", 'ł': "l", 'Ł': "l",
	'ħ': "h", 'Ħ': "h", 'ı': "i", 'ŋ': "ng", 'Ŋ': "ng", 'ŧ': "t", 'Ŧ': "t", 'ə': "a", 'Ə': "a",
	'ɓ': "b", 'Ɓ': "b", 'ɗ': "d", 'Ɗ': "d", 'ƙ': "k", 'Ƙ': "k", 'ƴ': "y", 'Ƴ': "y", 'ɛ': "e", 'Ɛ': "e",
	'ɔ': "o", 'Ɔ': "o", 'ɣ': "g", 'Ɣ': "g", 'ŉ': "n", 'ĸ': "k", 'ſ': "s", 'ʋ': "v", 'Ʋ': "v", 'ɖ': "d", 'Ɖ': "d", 'ƒ': "f", 'Ƒ': "f",
	'ς': "σ", 'ё': "е", 'Ё': "е", 'Ґ': "г", 'ґ': "г",
	// Arabic: one letter for the forms of alef, ya, kaf and ha.
	'ٱ': "ا", 'ى': "ي", 'ی': "ي", 'ې': "ي", 'ۍ': "ي", 'ے': "ي", 'ة': "ه", 'ہ': "ه", 'ھ': "ه", 'ە': "ه", 'ۀ': "ه", 'ۃ': "ه",
	'ک': "ك", 'ڪ': "ك", 'ۆ': "و", 'ۇ': "و", 'ۈ': "و", 'ۋ': "و",
	// Hebrew: final letters.
	'ך': "כ", 'ם': "מ", 'ן': "נ", 'ף': "פ", 'ץ': "צ",
}
