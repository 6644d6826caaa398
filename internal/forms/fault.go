package forms

import (
	"errors"
	"maps"
	"strings"

	"causeway/internal/locale"
)

// Fault is one wrong place of a form: where, such as "sections[2].fields[4].show",
// and what is wrong there, as a code with parameters. It repeats names of fields,
// and nothing else of what the form says.
type Fault struct {
	Path string // "" when the whole file is meant
	Code string // one of [FaultCodes]; its words are "formfault.<Code>"
	args []any  // its parameters in pairs, as [locale.Locale.T] takes them
}

// named is the key of a field as a parameter, way those of a cycle: from one back to
// itself.
type (
	named string
	way   []string
)

// faultCodes are the codes with the names of their parameters.
var faultCodes = map[string][]string{
	"file-long": nil, "file-name": nil, "not-utf8": nil, "not-json": nil, "pack-version": {"first"},
	"not-object": nil, "key-twice": nil, "key-unknown": {"known"}, "missing": nil, "empty": nil, "not-text": nil,
	"not-whole": {"low", "high"}, "not-number": nil, "not-list": nil, "too-many": {"most"}, "not-code": nil, "twice": nil,
	"nobody": nil, "too-long": {"most"}, "space-ends": nil, "invisible": nil, "bad-dictionary": nil,

	"not-one-of": {"known"}, "none": nil, "bad-name": nil, "name-twice": nil, "write-unread": nil, "group-in-group": nil,
	"bad-option-code": nil, "part-unfit": nil, "need-unasked": nil, "min-over-max": nil, "list-or-options": nil, "no-list": nil,
	"urgent-answer": nil, "urgent-action": {"known"},

	"no-field": {"field"}, "note-no-answer": {"field"}, "hidden-field": {"field"}, "no-answer": {"field"}, "cycle": {"way"},
	"not-condition": {"type"}, "not-shown": {"type"},

	"expr-unreadable": nil, "expr-deep": nil, "expr-operator": {"op"}, "expr-literal": nil, "expr-part": nil, "expr-call": {"known"},
	"expr-arguments": {"function", "n"}, "expr-asks-field": {"function"}, "expr-second": {"function"}, "expr-text": nil,
	"expr-number": nil, "expr-negative": {"type"}, "expr-not": {"type"}, "expr-join": {"op", "left", "right"},
	"expr-order": {"op", "type"}, "expr-conditions": nil, "expr-date": nil, "expr-time": nil, "expr-compare": {"left", "right"},
	"expr-years": {"field"}, "expr-has": {"field"}, "expr-group": {"function", "field"}, "expr-sum": {"field"},
}

// FaultCodes returns every code of a [Fault] with the names of its parameters.
func FaultCodes() map[string][]string { return maps.Clone(faultCodes) }

// newFault returns a fault whose place is not known yet.
func newFault(code string, args ...any) *Fault { return &Fault{Code: code, args: args} }

// Error returns "path: what is wrong" in English, with fields by their keys: for the
// command line and for whoever writes a pack.
func (f *Fault) Error() string {
	words := f.Words(locale.Get("en"), func(key string) string { return key })
	if f.Path == "" {
		return words
	}
	return f.Path + ": " + words
}

// Words says in a language what is wrong. name tells what a section or field is called
// there, by its key; those of a group have the key "group.field".
func (f *Fault) Words(l *locale.Locale, name func(key string) string) string {
	args := make([]any, len(f.args))
	for i, arg := range f.args {
		switch arg := arg.(type) {
		case named:
			args[i] = name(string(arg))
		case way:
			args[i] = joined(l, "formedit.then", arg, name)
		case []string:
			args[i] = joined(l, "forms.and", arg, func(s string) string { return s })
		case typ:
			args[i] = l.Word("formtype", typCodes[arg])
		default:
			args[i] = arg
		}
	}
	return l.T("formfault."+f.Code, args...)
}

func joined(l *locale.Locale, with string, list []string, name func(string) string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = l.Isolate(name(s))
	}
	return strings.Join(out, l.T(with))
}

// Faults returns the wrong places that an error of [Parse] joins.
func Faults(err error) []*Fault {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return nil
	}
	var out []*Fault
	for _, e := range joined.Unwrap() {
		var f *Fault
		if errors.As(e, &f) {
			out = append(out, f)
		}
	}
	return out
}
