package forms

import (
	"slices"
	"strings"

	"causeway/internal/pack"
)

// Words is one text in every language of the pack.
type Words map[string]string

// In returns the text in a language, in its base language ("fr" for "fr-CH"),
// else in English, else in any.
func (w Words) In(lang string) string {
	for _, l := range []string{lang, strings.SplitN(lang, "-", 2)[0], "en"} {
		if s := w[l]; s != "" {
			return s
		}
	}
	for _, l := range sortedKeys(w) {
		return w[l]
	}
	return ""
}

// The kinds of fields.
const (
	KindText          = "text"
	KindWords         = "words" // long free text with its language and direction
	KindNumber        = "number"
	KindDecimal       = "decimal"
	KindDate          = "date"
	KindUncertainDate = "uncertain_date" // as far as it is known, and how sure that is
	KindTime          = "time"
	KindAnswer        = "answer" // yes or no
	KindChoice        = "choice"
	KindChoices       = "choices"
	KindPlace         = "place"
	KindPerson        = "person"
	KindPhone         = "phone"
	KindGroup         = "group" // repeats
	KindFile          = "file"
	KindCalculated    = "calculated"
	KindNote          = "note" // shown text, no answer
)

var kinds = []string{
	KindText, KindWords, KindNumber, KindDecimal, KindDate, KindUncertainDate, KindTime, KindAnswer,
	KindChoice, KindChoices, KindPlace, KindPerson, KindPhone, KindGroup, KindFile, KindCalculated, KindNote,
}

// When an answer is needed.
const (
	NeedSave   = "save"   // the form cannot be saved without
	NeedFinish = "finish" // it cannot be finished without; "not known" and the like are answers too
)

// What a form may be filled for.
const (
	ForCase  = "case"
	ForCheck = "check" // before a child is registered
)

// Steps are what a form of a case may be for: where it stands in the list of
// forms, in the order of the way of a case.
func Steps() []string {
	return []string{"begin", "assess", "decide", "plan", "help", "care", "solution", "follow", "close", "other"}
}

// UrgentActions are the actions that an answer may open at once.
func UrgentActions() []string { return []string{"danger", "pep72", "ec120", "medical", "selfharm"} }

// Form is one version of a form. It does not change after [Parse] and may be
// used from everywhere.
type Form struct {
	ID          string
	Version     int
	For         string
	Step        string // one of [Steps]; "other" where the form names none
	Title, Help Words
	Source      string
	Confidence  pack.Confidence
	Sections    []Section

	codes Lists
	order []node // sections and fields, each after all that it is decided by
	byID  map[string]*Field
	in    map[string]*Section // of each field
}

// Section is a part of a form that is read and written as a whole.
type Section struct {
	ID          string
	Title, Help Words
	Part        string   // of the record (code list disclosure_part), withheld with it; "" for none
	Read, Write []string // roles; none: whoever may read or write the case
	Show        *Expr    // nil: always
	Fields      []Field
}

// Field is one question.
type Field struct {
	ID, Kind    string
	Label, Help Words
	Part        string // as of a section
	Need        string // "", NeedSave or NeedFinish
	Show, Value *Expr
	List        string // a code list of the pack
	Options     []Option
	Min, Max    *float64 // of numbers
	Most        int      // characters of texts, repetitions of groups; 0: the house's bound
	Fields      []Field  // of a group
	Map         map[string]string
	Urgent      map[string]string // code of an answer, action
}

// Option is one answer of a choice that has no code list.
type Option struct {
	Code  string
	Label Words
}

// Field returns a field by its identifier, nil if there is none. Fields of a
// group are named "group.field".
func (f *Form) Field(id string) *Field { return f.byID[id] }

// SectionOf returns the section in which a field stands, nil if there is none.
func (f *Form) SectionOf(field string) *Section { return f.in[field] }

// MayRead reports whether a role may read the section.
func (s *Section) MayRead(role string) bool { return len(s.Read) == 0 || slices.Contains(s.Read, role) }

// MayWrite reports whether a role may write the section. Nobody writes what
// they may not read.
func (s *Section) MayWrite(role string) bool {
	return s.MayRead(role) && (len(s.Write) == 0 || slices.Contains(s.Write, role))
}

// Asks reports whether the field takes an answer from a person.
func (q *Field) Asks() bool { return q.Kind != KindNote && q.Kind != KindCalculated }

// hasCode reports whether a code is an answer of the field.
func (q *Field) hasCode(codes Lists, code string) bool {
	switch {
	case q.Kind == KindAnswer:
		return code == Yes || code == No
	case q.List != "":
		return codes.Valid(q.List, code)
	}
	return slices.ContainsFunc(q.Options, func(o Option) bool { return o.Code == code })
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
