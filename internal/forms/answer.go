package forms

import (
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// State says whether a question was answered, and if not, why.
type State string

// The states. Blank is the default: nothing is preselected.
const (
	Blank    State = ""
	Given    State = "given" // for yes-or-no questions: yes or no
	Unknown  State = "unknown"
	NotAsked State = "not_asked"
	Refused  State = "refused"
)

// States are the states that a person chooses; Given follows from an answer.
func States() []State { return []State{Unknown, NotAsked, Refused} }

// The codes of a yes-or-no answer.
const (
	Yes = "yes"
	No  = "no"
)

// Answer is what was answered to one question. Which parts count depends on the
// field's kind.
type Answer struct {
	State     State          `cbor:"1,keyasint,omitempty"`
	Code      string         `cbor:"2,keyasint,omitempty"` // answer, choice; place: its region
	Codes     []string       `cbor:"3,keyasint,omitempty"` // choices
	Text      sealed.Text    `cbor:"4,keyasint,omitzero"`  // text, words, place, phone, time ("15:04")
	Language  string         `cbor:"5,keyasint,omitempty"` // words
	Number    float64        `cbor:"6,keyasint,omitempty"`
	HasNumber bool           `cbor:"7,keyasint,omitempty"`
	Date      sealed.Date    `cbor:"8,keyasint,omitzero"`
	Sure      string         `cbor:"9,keyasint,omitempty"`  // uncertain_date: code list certainty
	Groups    []Answers      `cbor:"10,keyasint,omitempty"` // one for each repetition
	Person    *Link          `cbor:"11,keyasint,omitempty"`
	Document  ident.Document `cbor:"12,keyasint,omitzero"`
	Direction string         `cbor:"13,keyasint,omitempty"` // words: "ltr", "rtl", "" by the language
}

// Link is a person named on a form.
type Link struct {
	Name     sealed.Text  `cbor:"1,keyasint,omitzero"`
	Relation string       `cbor:"2,keyasint,omitempty"`
	Safe     string       `cbor:"3,keyasint,omitempty"` // safe to contact: "yes", "no", "unknown"; "" not recorded
	Person   ident.Person `cbor:"4,keyasint,omitzero"`  // where there is a record
}

// Answers are the answers of a form, or of one repetition of a group, by field.
type Answers map[string]Answer

// Documents calls fn for every document that the answers name, with its place.
func (as Answers) Documents(fn func(at string, id ident.Document)) {
	for _, id := range sortedKeys(as) {
		a := as[id]
		if !a.Document.IsZero() {
			fn(id, a.Document)
		}
		for i, item := range a.Groups {
			item.Documents(func(at string, doc ident.Document) { fn(place(id, i, at), doc) })
		}
	}
}

// holds reports whether there is anything but a state.
func (a *Answer) holds() bool {
	return a.Code != "" || len(a.Codes) > 0 || !emptyText(a.Text) || a.HasNumber || !a.Date.IsZero() ||
		len(a.Groups) > 0 || a.Person != nil && !emptyLink(a.Person) || !a.Document.IsZero()
}

func emptyText(t sealed.Text) bool { return t.IsZero() || t.Reveal() == "" }

func emptyLink(l *Link) bool {
	return emptyText(l.Name) && l.Relation == "" && l.Safe == "" && l.Person.IsZero()
}

// state returns the state as it counts: an answer that holds something is given
// even where a page did not say so, and one that holds nothing is not.
func (a *Answer) state() State {
	switch {
	case a.State == Blank && a.holds():
		return Given
	case a.State == Given && !a.holds():
		return Blank
	}
	return a.State
}

// Clean returns the answers without what says nothing: blank answers, empty
// repetitions of groups. What was answered is not changed.
func (as Answers) Clean() Answers {
	out := make(Answers, len(as))
	for id, a := range as {
		if len(a.Groups) > 0 {
			var kept []Answers
			for _, item := range a.Groups {
				if item = item.Clean(); len(item) > 0 {
					kept = append(kept, item)
				}
			}
			a.Groups = kept
		}
		if a.State = a.state(); a.State != Blank {
			out[id] = a
		}
	}
	return out
}
