package names

import (
	"strings"

	anyascii "github.com/anyascii/go"
)

// Romanise writes a name in the letters a to z and blanks, folded. It is a
// reading for comparison, not for print: a script that writes no vowels gives
// none.
func Romanise(s string) string {
	folded := Fold(s)
	if isASCII(folded) {
		return folded
	}
	return Fold(strings.ReplaceAll(anyascii.Transliterate(folded), "'", ""))
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
