package names

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed spellings.txt
var spellingList string

// spellings gives the usual Latin spellings of names of one character.
var spellings = sync.OnceValue(func() map[string][]string {
	m := make(map[string][]string)
	for line := range strings.Lines(spellingList) {
		if f := strings.Fields(line); len(f) > 1 && f[0] != "#" {
			m[f[0]] = f[1:]
		}
	}
	return m
})

// spelledCodes writes the codes of a name of one character that is usually
// spelled otherwise than it is read: the first code of each spelling. It
// returns how many there are, 0 for all other names.
func spelledCodes(out *[MaxCodes]code, token string) int {
	if len(token) != 3 || token[0] < 0xe3 { // one character of Han or Hangul has three bytes
		return 0
	}
	n := 0
	for _, latin := range spellings()[token] {
		var found [MaxCodes]code
		if codesOf(&found, latin) == 0 || n == MaxCodes {
			continue
		}
		if !holds(out[:n], found[0]) {
			out[n] = found[0]
			n++
		}
	}
	return n
}

// shortHan reports one or two Han characters: a Chinese given name has no more,
// while names of other languages are mostly longer.
func shortHan(token string) bool {
	if len(token) < 3 || len(token) > 6 || token[0] < 0xe3 || utf8.RuneCountInString(token) > 2 {
		return false
	}
	for _, r := range token {
		if !unicode.Is(unicode.Han, r) {
			return false
		}
	}
	return true
}

// addMandarin puts the code of the Mandarin reading second, where the tables,
// which were learned from names of all languages, do not have it.
func addMandarin(out *[MaxCodes]code, n int, token string) int {
	var found [MaxCodes]code
	if readCodes(&found, Romanise(token)) == 0 || holds(out[:n], found[0]) {
		return n
	}
	at := min(n, 1)
	copy(out[at+1:], out[at:])
	out[at] = found[0]
	return min(n+1, MaxCodes)
}

func holds(list []code, c code) bool {
	for _, x := range list {
		if x == c {
			return true
		}
	}
	return false
}
