package linkage

import (
	"strings"

	"causeway/internal/names"
)

// nameWords folds a name and divides it into the words that are compared:
// without titles and the small words that join others.
func nameWords(name string) []string {
	var words []string
	for _, t := range names.Tokens(name) {
		if t.Kind != names.Particle && t.Kind != names.Honorific {
			words = append(words, t.Text)
		}
	}
	return words
}

// placeWord folds a part of a place. It is compared whole.
func placeWord(text string) string { return names.Fold(text) }

// roman writes a folded word in the letters a to z. Digits stay, as in numbers
// of houses, which names have no use for.
func roman(text string) string {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return strings.ReplaceAll(names.Romanise(text), " ", "")
		}
	}
	return text
}
