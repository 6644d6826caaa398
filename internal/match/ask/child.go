package ask

import (
	"slices"

	"causeway/internal/names"
)

// NameCodes returns the codes of a name, the most likely first: those of each word that
// names, of titles and particles none.
func NameCodes(name string) []string {
	var out []string
	words := names.Tokens(name)
	var codes [][]string
	for _, w := range words {
		if w.Kind == names.Given || w.Kind == names.Patronymic {
			codes = append(codes, names.Codes(w.Text))
		}
	}
	for i := 0; ; i++ { // the likeliest of every word before the second of any
		more := false
		for _, c := range codes {
			if i < len(c) {
				more = true
				if !slices.Contains(out, c[i]) {
					out = append(out, c[i])
				}
			}
		}
		if !more {
			return out
		}
	}
}
