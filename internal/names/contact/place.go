package contact

import (
	"slices"
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

// Code returns the likeliest code of the place at a level (0 is the widest), or
// "" where nothing is known. See [Place.Codes].
func (p Place) Code(level int) string {
	if codes := p.Codes(level); len(codes) > 0 {
		return codes[0]
	}
	return ""
}

// Codes returns the codes of the name of the place at a level, the likeliest
// first, by which it finds itself in another script; at most [names.MaxCodes].
// Words for the kind of a place (region, oblast, governorate, city) are left
// out.
func (p Place) Codes(level int) []string {
	if level >= len(p) {
		return nil
	}
	var out []string
	for _, w := range strings.Fields(p[level]) {
		if kinds[w] {
			continue
		}
		codes := names.Codes(w)
		if len(codes) == 0 {
			continue
		}
		if out == nil {
			out = codes
			continue
		}
		var longer []string
		for _, c := range codes {
			for _, o := range out {
				longer = append(longer, o+" "+c)
			}
		}
		out = longer[:min(len(longer), names.MaxCodes)]
	}
	return out
}

// Depth counts the levels at which both paths share a code, from the widest
// down, and stops at the first at which they do not.
func (p Place) Depth(q Place) int {
	n := 0
	for n < len(p) && n < len(q) && shared(p.Codes(n), q.Codes(n)) {
		n++
	}
	return n
}

func shared(a, b []string) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
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
