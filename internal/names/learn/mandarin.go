package main

import (
	"strings"

	anyascii "github.com/anyascii/go"
)

// initials are the sounds of the initials of pinyin at the start of a name and
// inside it, the longest first.
var initials = []struct{ letters, first, inside string }{
	{"zh", "J", "J"},
	{"ch", "C", "C"},
	{"sh", "C", "C"},
	{"b", "B", "B"},
	{"p", "P", "P"},
	{"m", "M", "M"},
	{"f", "F", "F"},
	{"d", "D", "D"},
	{"t", "T", "T"},
	{"n", "N", "N"},
	{"l", "L", "L"},
	{"g", "G", "G"},
	{"k", "K", "K"},
	{"h", "A", ""},
	{"j", "J", "J"},
	{"q", "C", "C"},
	{"x", "S", "S"},
	{"r", "R", "R"},
	{"z", "Z", "Z"},
	{"c", "S", "S"},
	{"s", "S", "S"},
	{"y", "A", ""},
	{"w", "V", "V"},
}

// mandarin gives the sounds of a character's usual Mandarin reading at the
// start of a name and inside it.
func mandarin(character string) [2]string {
	reading := strings.ToLower(anyascii.Transliterate(character))
	sounds := [2]string{"A", ""}
	rest := reading
	for _, i := range initials {
		if after, ok := strings.CutPrefix(reading, i.letters); ok {
			sounds, rest = [2]string{i.first, i.inside}, after
			break
		}
	}
	if strings.HasSuffix(rest, "n") || strings.HasSuffix(rest, "ng") {
		sounds[0] += "N"
		sounds[1] += "N"
	}
	if rest == "er" {
		sounds[0] += "R"
		sounds[1] += "R"
	}
	return sounds
}
