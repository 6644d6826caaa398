package names

import (
	"strings"
	"unicode"
)

// Kind is the part that a token has in a name.
type Kind uint8

const (
	// Given is a word that names: given name, family name, the father's name.
	Given Kind = iota
	// Particle joins or introduces other words: al, bin, ould, abu, de, van.
	Particle
	// Honorific is a title that is no part of the name: Dr, Sheikh, Mrs, Haji.
	Honorific
	// Patronymic is a father's name by its form: Ivanovna, Ögmundsdóttir, Olanovich.
	Patronymic
	// Initial is one letter that stands for a name.
	Initial
)

// Token is one word of a name.
type Token struct {
	Text    string // folded
	Kind    Kind
	Written string // as it was written, which is best for [Codes]
}

// Tokens takes a name apart into folded words, in the order written. Words
// written together are taken apart where the script does that: the Arabic
// article and the Hebrew one stay a token of their own kind, so that الحسن and
// "al-Hasan" give the same two tokens; compounds of Arabic are one token in all
// their spellings (Abd al-Rahman, Abdurrahman). A name of one word is a name: particles
// and honorifics are only what stands beside another word.
func Tokens(s string) []Token {
	var out []Token
	written := strings.FieldsFunc(s, between)
	for i, w := range written {
		for _, text := range strings.Fields(Fold(w)) {
			out = appendWord(out, text, w, i == 0, i == len(written)-1)
		}
	}
	for _, t := range out {
		if t.Kind == Given || t.Kind == Patronymic {
			return joinCompounds(out)
		}
	}
	for i := range out { // nothing but particles: then they are the name
		if out[i].Kind != Initial {
			out[i].Kind = Given
		}
	}
	return out
}

// between reports what stands between words.
func between(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.Is(unicode.Nd, r) && !apostrophe(r) && !dropped(r)
}

func appendWord(out []Token, text, written string, first, last bool) []Token {
	kind := kindOf(text, first, last)
	if kind == Given {
		if rest, ok := strings.CutPrefix(text, "ال"); ok && runeCount(rest) >= 3 {
			return append(out, Token{"ال", Particle, "ال"}, Token{rest, Given, rest})
		}
	}
	return append(out, Token{text, kind, written})
}

func kindOf(w string, first, last bool) Kind {
	switch {
	case particles[w]:
		return Particle
	case honorifics[w] && !last:
		return Honorific
	case runeCount(w) == 1 && caseless(w):
		return Initial
	case !first && patronymic(w):
		return Patronymic
	}
	return Given
}

func runeCount(s string) int {
	n := 0
	for range s {
		n++
	}
	return n
}

// caseless reports whether one letter alone is an initial: in scripts whose
// single characters are names (Han, Hangul, kana) it is not.
func caseless(w string) bool {
	r, _ := firstRune(w)
	return r < 0x1100
}

// patronymic reports a father's name by its ending.
func patronymic(w string) bool {
	for _, end := range patronymicEndings {
		if len(w) > len(end)+2 && strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}
