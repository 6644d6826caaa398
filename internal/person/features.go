package person

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"causeway/internal/linkage"
	"causeway/internal/names"
)

// The codes of the lists by which a person is compared.
const (
	sexFemale = "female"
	sexMale   = "male"
)

// usedKinds are kinds of names (code list name_kind) beside the name on documents.
var usedKinds = []string{"known_as", "nickname", "alias"}

// features returns what a person is compared by.
func (x *Index) features(d *Details) linkage.Prepared {
	var r linkage.Record
	for _, n := range d.Names {
		text := n.Text.Reveal()
		if slices.Contains(usedKinds, n.Kind) {
			r.Other = append(r.Other, text)
			continue
		}
		given, family := Split(text)
		r.Given = append(r.Given, given)
		if family != "" {
			r.Family = append(r.Family, family)
		}
	}
	if len(r.Given) == 0 { // somebody of whom only a nickname is known
		r.Given, r.Other = r.Other, nil
	}
	r.Birth = linkage.Birth{Earliest: day(d.Birth.Earliest.Reveal()), Latest: day(d.Birth.Latest.Reveal())}
	switch d.SexRecorded {
	case sexFemale:
		r.Sex = linkage.Female
	case sexMale:
		r.Sex = linkage.Male
	}
	for _, n := range d.Nationalities {
		r.Places = append(r.Places, linkage.Place{Country: n})
	}
	for _, i := range d.Identifiers {
		if Plain(i.Value.Reveal()) != "" {
			r.Documents = append(r.Documents, x.likeTag(i.Value.Reveal()))
		}
	}
	return linkage.Prepare(&r)
}

// likeTag is the tag of an identifier as records are compared by it.
func (x *Index) likeTag(value string) linkage.Tag { return linkage.Tag(x.digest(value)[:16]) }

// Split takes a name apart into what names the person and what names the family: the
// last word that is a name, with what introduces it. That is a guess, as many people
// have no family name and many write it first; whoever compares knows that.
func Split(text string) (given, family string) {
	words := names.Tokens(text)
	last, before := -1, 0
	for i, w := range words {
		if w.Kind == names.Given || w.Kind == names.Patronymic {
			if last >= 0 {
				before = last + 1
			}
			last = i
		}
	}
	if before == 0 {
		return text, ""
	}
	return join(words[:before]), join(words[before:])
}

func join(words []names.Token) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Text
	}
	return strings.Join(out, " ")
}

// day reads a date of ISO 8601; 0 when there is none.
func day(s string) linkage.Date {
	n, err := strconv.Atoi(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(s) != len("2006-01-02") {
		return 0
	}
	return linkage.Date(n)
}

// Asked makes of what somebody typed into a search what persons are compared with: years
// and dates are births, the rest is a name. ok is false when nothing of it can be compared.
func Asked(text string) (like linkage.Prepared, ok bool) {
	var r linkage.Record
	var words []string
	for _, w := range strings.Fields(text) {
		b, isDate := born(w)
		switch {
		case isDate:
			r.Birth = b
		case !strings.ContainsFunc(w, unicode.IsDigit): // no name has a digit
			words = append(words, w)
		}
	}
	name := strings.Join(words, " ")
	if !slices.ContainsFunc(names.Tokens(name), func(t names.Token) bool { return t.Kind != names.Initial }) { // a letter is like everybody
		return nil, false
	}
	given, family := Split(name)
	r.Given = []string{given}
	if family != "" {
		r.Family = []string{family}
	}
	return linkage.Prepare(&r), true
}

// born reads a word as a year, or as a day in the order year, month, day; or day, month,
// year; in the digits of any script.
func born(w string) (linkage.Birth, bool) {
	parts := strings.FieldsFunc(w, func(r rune) bool { return r == '-' || r == '.' || r == '/' })
	n := make([]int, len(parts))
	for i, p := range parts {
		plain := Plain(p)
		v, err := strconv.Atoi(plain)
		if err != nil || len(plain) > 4 {
			return linkage.Birth{}, false
		}
		n[i] = v
	}
	year := func(y int) bool { return y >= 1900 && y < 2200 }
	month, dom := func(m int) bool { return m >= 1 && m <= 12 }, func(d int) bool { return d >= 1 && d <= 31 }
	switch {
	case len(n) == 1 && year(n[0]):
		return linkage.Years(n[0], n[0]), true
	case len(n) == 3 && year(n[0]) && month(n[1]) && dom(n[2]):
		return linkage.Day(n[0], n[1], n[2]), true
	case len(n) == 3 && year(n[2]) && month(n[1]) && dom(n[0]):
		return linkage.Day(n[2], n[1], n[0]), true
	case len(n) == 3 && year(n[2]) && month(n[0]) && dom(n[1]):
		return linkage.Day(n[2], n[0], n[1]), true
	}
	return linkage.Birth{}, false
}
