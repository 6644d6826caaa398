package intake

import (
	_ "embed"
	"encoding/csv"
	"strings"
	"sync"
	"unicode"

	"causeway/internal/intake/calendar"
	"causeway/internal/pack"
)

//go:embed synonyms.csv
var synonymsCSV string

//go:embed values.csv
var valuesCSV string

//go:embed subforms.csv
var subformsCSV string

// Codes is what intake asks the pack: whether a list has a code, and which code a
// text means.
type Codes interface {
	Valid(list, code string) bool
	Resolve(list, text string) (code string, ok bool)
	Clock(name pack.ClockName) pack.Clock
}

// synonym is what a column of some name holds.
type synonym struct {
	field  Field
	kind   string
	source string // the standard or program that calls it so
}

// synonyms maps folded headers to fields.
var synonyms = sync.OnceValue(func() map[string]synonym {
	m := map[string]synonym{}
	for _, r := range table("synonyms.csv", synonymsCSV) {
		for h := range strings.SplitSeq(r[3], "|") {
			// The first row wins: standards stand above common words.
			if _, taken := m[foldHeader(h)]; !taken {
				m[foldHeader(h)] = synonym{Field(r[0]), r[1], r[2]}
			}
		}
	}
	return m
})

// valueTable maps folded texts to codes, per code list; it adds to what the pack
// itself resolves. Lists "*" and "name" hold what means that nothing is known.
var valueTable = sync.OnceValue(func() map[string]map[string]string {
	m := map[string]map[string]string{}
	for _, r := range table("values.csv", valuesCSV) {
		if m[r[0]] == nil {
			m[r[0]] = map[string]string{}
		}
		for v := range strings.SplitSeq(r[3], "|") {
			m[r[0]][foldValue(v)] = r[1]
		}
	}
	return m
})

func table(name, text string) [][]string {
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		panic("intake: " + name + ": " + err.Error())
	}
	return records[1:]
}

// foldHeader makes spellings of a header alike: only its letters and digits count.
func foldHeader(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, calendar.Fold(s))
}

// foldValue makes spellings of a cell alike.
func foldValue(s string) string {
	return strings.Join(strings.Fields(calendar.Fold(s)), " ")
}

// saysUnknown reports whether a cell says in words that nothing is known. For
// names the list is "name", which is shorter: Na, Null and None are people's names.
func saysUnknown(list, s string) bool {
	if len(s) > 40 {
		return false
	}
	_, ok := valueTable()[list][foldValue(s)]
	return ok
}

// anyField and nameField are the lists of [saysUnknown].
const (
	anyField  = "*"
	nameField = "name"
)

// resolve returns the code a text means in a list.
func resolve(codes Codes, list, text string) (string, bool) {
	if code, ok := codes.Resolve(list, text); ok {
		return code, true
	}
	code, ok := valueTable()[list][foldValue(text)]
	if !ok || !codes.Valid(list, code) { // a pack may have another list
		return "", false
	}
	return code, true
}
