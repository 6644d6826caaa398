package calendar

import (
	_ "embed"
	"encoding/csv"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"causeway/internal/locale"
)

//go:embed words.csv
var wordsCSV string

type meaning struct {
	kind  string
	value int
}

// words maps a folded word to everything it can mean: "m" is a month's unit in an
// age and nothing in a date.
var words = sync.OnceValue(func() map[string][]meaning {
	records, err := csv.NewReader(strings.NewReader(wordsCSV)).ReadAll()
	if err != nil {
		panic("calendar: words.csv: " + err.Error())
	}
	m := map[string][]meaning{}
	for _, r := range records[1:] {
		value, err := strconv.Atoi(r[1])
		if err != nil {
			panic("calendar: words.csv: " + err.Error())
		}
		for _, w := range strings.Fields(r[2]) {
			w = Fold(w)
			m[w] = append(m[w], meaning{r[0], value})
		}
	}
	return m
})

// means returns the value of a word of a kind, 0 when it is none.
func means(word, kind string) int {
	for _, m := range words()[word] {
		if m.kind == kind {
			return m.value
		}
	}
	return 0
}

// Fold makes spellings of a word alike: digits of any script, letter case,
// accents, Arabic vowel marks and the forms of alef and teh.
func Fold(s string) string {
	if !needsFold(s) {
		return s
	}
	var out strings.Builder
	for _, r := range norm.NFD.String(locale.PlainDigits(s)) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), r == 'ـ':
			continue // marks on letters, invisible characters, the Arabic stretch
		case r == 'ى':
			r = 'ي'
		case r == 'ة':
			r = 'ه'
		case unicode.IsSpace(r):
			r = ' '
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

func needsFold(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x80 || 'A' <= c && c <= 'Z' || c < ' ' {
			return true
		}
	}
	return false
}

// token is a number, a word or a sign.
type token struct {
	text   string
	number int // -1 for words and signs
	blank  bool
}

// isNumber reports whether the token is a number, or crossed-out digits such as
// "xx" or "??", which stand for an unknown part and count as 0.
func (t token) isNumber() bool { return t.number >= 0 }

// most is the number of tokens a date or an age can have; more is prose.
const most = 16

// scan splits a folded text. ok is false when it is too long to be a date.
func scan(s string) (list []token, ok bool) {
	s = strings.TrimSpace(Fold(s))
	if len(s) > 80 {
		return nil, false
	}
	list = make([]token, 0, most)
	for i := 0; i < len(s); {
		j := i
		class := classOf(s[i])
		for j < len(s) && classOf(s[j]) == class && (class != sign || j == i) {
			j++
		}
		if class != space {
			if len(list) == most {
				return nil, false
			}
			t := token{text: s[i:j], number: -1}
			switch {
			case class == digit && len(t.text) <= 9:
				t.number, _ = strconv.Atoi(t.text) // digits only, and few
			case class == digit:
				return nil, false
			case strings.Trim(t.text, "x") == "" && len(t.text) <= 4:
				t.number, t.blank = 0, true
			}
			if t.text == "?" && len(list) > 0 && list[len(list)-1].blank && list[len(list)-1].text[0] == '?' && s[i-1] == '?' {
				list[len(list)-1].text += "?"
			} else {
				if t.text == "?" {
					t.number, t.blank = 0, true
				}
				list = append(list, t)
			}
		}
		i = j
	}
	return list, true
}

const (
	digit = iota
	letter
	sign
	space
)

func classOf(b byte) int {
	switch {
	case '0' <= b && b <= '9':
		return digit
	case 'a' <= b && b <= 'z', b >= 0x80:
		return letter
	case b == ' ':
		return space
	}
	return sign
}
