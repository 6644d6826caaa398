package forms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"causeway/internal/pack"
)

// Lists is what of a pack a form needs: code lists and languages.
type Lists interface {
	Valid(list, code string) bool
	Codes(list string) []string
	Languages() []string
}

// Limits that no honest form comes near.
const (
	mostFile     = 1 << 20 // bytes
	mostVersion  = 1 << 30
	mostSections = 60
	mostFields   = 200 // of a section
	mostInGroup  = 60
	mostOptions  = 300
	mostText     = 20_000 // characters of an answer
	mostRepeats  = 200
)

// Parse reads a form. The error is a fault of kind Invalid with the code
// "form-wrong" that joins a [Fault] for every wrong place ([Faults]).
func Parse(b []byte, codes Lists) (*Form, error) {
	r := &reader{codes: codes}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	switch {
	case len(b) > mostFile:
		r.fault("", "file-long")
	case !utf8.Valid(b):
		r.fault("", "not-utf8")
	case !oneValue(b):
		r.fault("", "not-json")
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	f := r.form(b)
	if err := r.err(); err != nil {
		return nil, err
	}
	r.names(f)
	if err := r.err(); err != nil {
		return nil, err
	}
	r.join(f)
	if err := r.err(); err != nil {
		return nil, err
	}
	return f, nil
}

func (r *reader) form(b []byte) *Form {
	f := &Form{codes: r.codes}
	o, ok := r.object("", b, "form", "version", "for", "step", "title", "help", "source", "confidence", "sections")
	if !ok {
		return f
	}
	f.ID = o.id("form")
	if f.Version = o.whole("version", 1, mostVersion); !o.has("version") {
		r.fault("version", "missing")
	}
	if f.For = o.text("for", false); f.For == "" {
		f.For = ForCase
	}
	if f.For != ForCase && f.For != ForCheck {
		r.fault("for", "not-one-of", "known", []string{ForCase, ForCheck})
	}
	if f.Step = o.text("step", false); f.Step == "" {
		f.Step = "other"
	}
	if !slices.Contains(Steps(), f.Step) {
		r.fault("step", "not-one-of", "known", Steps())
	}
	f.Title, f.Help = o.words("title", true), o.words("help", false)
	f.Source, f.Confidence = o.text("source", true), pack.Confidence(o.text("confidence", true))
	if bases := []string{string(pack.Law), string(pack.Guidance), string(pack.Standard), string(pack.HouseChoice)}; !slices.Contains(bases, string(f.Confidence)) {
		r.fault("confidence", "not-one-of", "known", bases)
	}
	for i, raw := range o.list("sections", mostSections) {
		f.Sections = append(f.Sections, r.section(fmt.Sprintf("sections[%d]", i), raw))
	}
	if len(f.Sections) == 0 {
		r.fault("sections", "none")
	}
	return f
}

// id reads the name of something.
func (o object) id(key string) string {
	s := o.text(key, true)
	if s != "" && (!validID(s) || reservedWords[s]) {
		o.r.fault(o.at(key), "bad-name")
	}
	return s
}

func (r *reader) section(path string, raw json.RawMessage) Section {
	var s Section
	o, ok := r.object(path, raw, "id", "part", "title", "help", "read", "write", "show", "fields")
	if !ok {
		return s
	}
	s.ID, s.Part = o.id("id"), r.part(o)
	s.Title, s.Help = o.words("title", true), o.words("help", false)
	s.Read, s.Write = o.codes("read"), o.codes("write")
	for _, role := range s.Write {
		if !s.MayRead(role) {
			r.fault(o.at("write"), "write-unread")
		}
	}
	s.Show = o.expr("show")
	for i, raw := range o.list("fields", mostFields) {
		s.Fields = append(s.Fields, r.field(fmt.Sprintf("%s.fields[%d]", path, i), raw, false))
	}
	if len(s.Fields) == 0 {
		r.fault(o.at("fields"), "none")
	}
	return s
}

// part reads which part of the record something belongs to.
func (r *reader) part(o object) string {
	part := o.text("part", false)
	if known := r.codes.Codes(pack.DisclosureParts); part != "" && !slices.Contains(known, part) {
		r.fault(o.at("part"), "not-one-of", "known", known)
	}
	return part
}

func (r *reader) field(path string, raw json.RawMessage, inGroup bool) Field {
	var q Field
	o, ok := r.object(path, raw, "id", "part", "kind", "label", "help", "need", "show", "value", "list", "options", "min", "max",
		"most", "fields", "map", "urgent")
	if !ok {
		return q
	}
	q.ID, q.Part, q.Kind = o.id("id"), r.part(o), o.text("kind", true)
	q.Label, q.Help = o.words("label", true), o.words("help", false)
	q.Need, q.Show, q.Value = o.text("need", false), o.expr("show"), o.expr("value")
	q.List, q.Min, q.Max = o.text("list", false), o.number("min"), o.number("max")
	q.Map, q.Urgent = o.dictionary("map"), o.dictionary("urgent")
	for i, raw := range o.list("options", mostOptions) {
		q.Options = append(q.Options, r.option(fmt.Sprintf("%s[%d]", o.at("options"), i), raw, q.Options))
	}
	most := mostText
	if q.Kind == KindGroup {
		most = mostRepeats
	}
	q.Most = o.whole("most", 1, most)
	if q.Kind == KindGroup && inGroup {
		r.fault(o.at("kind"), "group-in-group")
		return q
	}
	for i, raw := range o.list("fields", mostInGroup) {
		q.Fields = append(q.Fields, r.field(fmt.Sprintf("%s.fields[%d]", path, i), raw, true))
	}
	r.fieldFits(o, &q)
	return q
}

func (r *reader) option(path string, raw json.RawMessage, before []Option) Option {
	var op Option
	o, ok := r.object(path, raw, "code", "label")
	if !ok {
		return op
	}
	op.Label = o.words("label", true)
	if op.Code = o.text("code", true); op.Code != "" && !validCode(op.Code) {
		r.fault(o.at("code"), "bad-option-code")
	}
	if slices.ContainsFunc(before, func(b Option) bool { return b.Code == op.Code }) {
		r.fault(o.at("code"), "twice")
	}
	return op
}

// validCode reports whether s can be the code of an option.
func validCode(s string) bool {
	if s == "" || len(s) > mostCode {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// parts names which kinds may have which part.
var parts = map[string][]string{
	"list":    {KindChoice, KindChoices, KindPerson, KindPlace},
	"options": {KindChoice, KindChoices},
	"min":     {KindNumber, KindDecimal},
	"max":     {KindNumber, KindDecimal},
	"most":    {KindText, KindWords, KindPlace, KindGroup, KindChoices},
	"fields":  {KindGroup},
	"value":   {KindCalculated},
	"urgent":  {KindAnswer, KindChoice, KindChoices},
}

// fieldFits checks that the parts of a field are those of its kind.
func (r *reader) fieldFits(o object, q *Field) {
	if q.Kind != "" && !slices.Contains(kinds, q.Kind) {
		r.fault(o.at("kind"), "not-one-of", "known", kinds)
		return
	}
	for _, part := range sortedKeys(parts) {
		if o.has(part) && !slices.Contains(parts[part], q.Kind) {
			r.fault(o.at(part), "part-unfit")
		}
	}
	switch {
	case q.Need != "" && q.Need != NeedSave && q.Need != NeedFinish:
		r.fault(o.at("need"), "not-one-of", "known", []string{NeedSave, NeedFinish})
	case q.Need != "" && !q.Asks():
		r.fault(o.at("need"), "need-unasked")
	}
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
		r.fault(o.at("min"), "min-over-max")
	}
	choice := q.Kind == KindChoice || q.Kind == KindChoices
	switch {
	case choice && (q.List == "") == (len(q.Options) == 0):
		r.fault(o.path, "list-or-options")
	case q.List != "" && len(r.codes.Codes(q.List)) == 0:
		r.fault(o.at("list"), "no-list")
	case q.Kind == KindGroup && len(q.Fields) == 0:
		r.fault(o.at("fields"), "none")
	case q.Kind == KindCalculated && !o.has("value"):
		r.fault(o.at("value"), "missing")
	}
	for _, code := range sortedKeys(q.Urgent) {
		switch {
		case !q.hasCode(r.codes, code):
			r.fault(o.at("urgent"), "urgent-answer")
		case !slices.Contains(UrgentActions(), q.Urgent[code]):
			r.fault(o.at("urgent"), "urgent-action", "known", UrgentActions())
		}
	}
}
