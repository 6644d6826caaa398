package sheet

import (
	"bytes"
	"math"
	"slices"
	"unicode"

	"golang.org/x/text/encoding/charmap"

	"causeway/internal/fault"
)

// encodings returns the likely encodings, best first, at most five.
func (s *sight) encodings() ([]Choice, error) {
	switch {
	case bytes.HasPrefix(s.begin, mark) && s.broken == 0:
		return []Choice{{UTF8, 100}}, nil
	case bytes.HasPrefix(s.begin, []byte{0xff, 0xfe}):
		return []Choice{{"utf-16le", 100}}, nil
	case bytes.HasPrefix(s.begin, []byte{0xfe, 0xff}):
		return []Choice{{"utf-16be", 100}}, nil
	}
	even, odd := s.nulls[0], s.nulls[1]
	switch half := s.size / 2; {
	case odd > half/3 && even*10 < odd: // Latin text: every second byte is zero
		return []Choice{{"utf-16le", 95}}, nil
	case even > half/3 && odd*10 < even:
		return []Choice{{"utf-16be", 95}}, nil
	case even+odd > 0 && (even+odd)*1000 > s.size, s.control*20 > s.size:
		return nil, fault.New(fault.Invalid, "not-a-table")
	}
	if s.high == 0 {
		return []Choice{{UTF8, 100}}, nil
	}
	if s.broken == 0 { // text in a one-byte encoding is almost never valid UTF-8 by chance
		sure := 99
		if s.high < 6 {
			sure = 90
		}
		return append([]Choice{{UTF8, sure}}, s.oneByte(100-sure)...)[:3], nil
	}
	list := s.oneByte(100)
	if s.broken*50 < s.high { // some broken places in a UTF-8 file: their rows will be named
		return append([]Choice{{UTF8, 80}}, s.oneByte(20)...)[:3], nil
	}
	if list[0].Sure < 5 {
		return nil, fault.New(fault.Invalid, "unreadable-encoding")
	}
	return list[:5], nil
}

// oneByte ranks the one-byte encodings; top scales how sure they can be.
func (s *sight) oneByte(top int) []Choice {
	type scored struct {
		name  string
		score float64
		text  *charmap.Charmap
	}
	var list []scored
	for _, a := range alphabets() {
		m := oneByte[a.name]
		list = append(list, scored{a.name, score(a, m, s.words), m})
	}
	// Stable: among encodings that score the same, the table's order decides.
	slices.SortStableFunc(list, func(a, b scored) int {
		switch d := b.score - a.score; {
		case math.Abs(d) < 1e-9:
			return 0
		case d > 0:
			return 1
		}
		return -1
	})
	rival := 0.0 // best score that would read the file differently
	for _, l := range list[1:] {
		if !sameText(list[0].text, l.text, s.words) {
			rival = l.score
			break
		}
	}
	few := math.Min(1, float64(len(s.words))/12)
	var out []Choice
	for i, l := range list {
		sure := 0.0
		if l.score > 0 {
			sure = l.score * 40
			if i == 0 {
				sure = 50 + math.Min(48, (l.score-math.Max(rival, 0))*120*few)
			}
		}
		out = append(out, Choice{l.name, int(math.Min(98, sure)) * top / 100})
	}
	return out
}

// score says how much the words look like text when read with m: frequent
// letters count for it; control characters, symbols inside words, mixed scripts
// and capitals behind small letters count against it.
func score(a alphabet, m *charmap.Charmap, words [][]byte) float64 {
	sum, n := 0.0, 0
	for _, w := range words {
		var latin, other bool
		var before rune
		for i, b := range w {
			r := m.DecodeByte(b)
			if unicode.IsLetter(r) {
				if unicode.Is(unicode.Latin, r) {
					latin = true
				} else {
					other = true
				}
			}
			if b >= 0x80 {
				n++
				sum += letterScore(a, r, i > 0 && i < len(w)-1)
			}
			if unicode.IsUpper(r) && unicode.IsLower(before) {
				sum -= 1.5
			}
			before = r
		}
		if latin && other {
			sum -= 2
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

func letterScore(a alphabet, r rune, inside bool) float64 {
	if w, ok := a.weight[r]; ok {
		return w
	}
	switch {
	case r == unicode.ReplacementChar || unicode.IsControl(r):
		return -4
	case unicode.IsLetter(r), unicode.IsMark(r):
		return 0.1
	case inside && r != '’':
		return -2
	case r == '’', r == '‘', r == '“', r == '”', r == '«', r == '»', r == '،', r == '–', r == '°', r == 'º', r == '№', r == '\u00a0':
		return 0.1
	}
	return -0.6
}

// sameText reports whether both encodings read every word alike, so that the
// choice between them does not matter for this file.
func sameText(a, b *charmap.Charmap, words [][]byte) bool {
	for _, w := range words {
		for _, c := range w {
			if a.DecodeByte(c) != b.DecodeByte(c) {
				return false
			}
		}
	}
	return true
}
