package contact

import (
	"strings"

	"causeway/internal/names"
)

// Place is a place as a path from the country down: "XA", "north", "river town".
type Place []string

// PlaceOf reads parts of a place from the widest to the narrowest; empty parts
// are left out.
func PlaceOf(parts ...string) Place {
	var p Place
	for _, s := range parts {
		if f := names.Fold(s); f != "" {
			p = append(p, f)
		}
	}
	return p
}

// Code returns the skeleton of the name of the place at a level (0 is the
// widest), by which it finds itself in another script, or "" where nothing is
// known. Words for the kind of a place (region, oblast, governorate, city) are
// left out.
func (p Place) Code(level int) string {
	if level >= len(p) {
		return ""
	}
	var parts []string
	for _, w := range strings.Fields(p[level]) {
		if kinds[w] {
			continue
		}
		if codes := names.Codes(w); len(codes) > 0 {
			parts = append(parts, codes[0])
		}
	}
	return strings.Join(parts, " ")
}

// Depth counts the levels at which both paths agree by code, from the widest
// down, and stops at the first that differs.
func (p Place) Depth(q Place) int {
	n := 0
	for n < len(p) && n < len(q) && p.Code(n) == q.Code(n) {
		n++
	}
	return n
}

// kinds are words that say what kind of place it is.
var kinds = set(
	"region province district governorate county state city town village commune municipality prefecture oblast raion rayon wilaya",
	"область район город село поселок край республика область місто",
	"محافظه ولايه مدينه قريه اقليم منطقه ناحيه قضاء",
	"מחוז עיר נפה ክልል ዞን ወረዳ ከተማ ខេត្ត ក្រុង ស្រុក জেলা বিভাগ উপজেলা जिला प्रदेश จังหวัด อำเภอ ตำบล 省 市 县",
)

func set(lists ...string) map[string]bool {
	m := make(map[string]bool)
	for _, l := range lists {
		for _, w := range strings.Fields(l) {
			m[names.Fold(w)] = true
		}
	}
	return m
}
