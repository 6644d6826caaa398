package web

import (
	"fmt"

	"causeway/internal/locale"
)

// Input is one field of a form, ready for the templates in fields.html.
type Input struct {
	Name     string
	ID       string
	Label    string
	Hint     string
	Error    string
	Value    string
	Type     string // of an input element
	Mode     string // keyboard: "numeric" …
	Dir      string
	Capital  string // autocapitalize
	Size     string // class: "short", "tiny", "code", "many"
	Blank    string // first answer of a select
	Accept   string // files
	Max      int
	Rows     int
	Optional bool
	Stacked  bool
	Describe string
	Options  []Choice
	Parts    []Input // the boxes of a date
}

// Choice is an option of a field and whether it is chosen. It does not embed
// [Option]: templates find fields of embedded structs slowly, and a long form has
// many hundred choices.
type Choice struct {
	Value, Label, Hint string
	On                 bool
}

func choice(o Option, on bool) Choice { return Choice{o.Value, o.Label, o.Hint, on} }

// labelOf returns the words of a field; the rows of a repeated field, such as
// name_2_text, share the words of "name_text". A name that no page asks for has
// no words, and is never shown itself.
func labelOf(l *locale.Locale, name string) string {
	if key := "field." + plainName(name); l.Has(key) {
		return l.T(key)
	}
	return l.T("form.question")
}

// questionOf returns the question of a field as the form's page puts it: what
// stands at the field and what the summary of errors calls it are one.
func questionOf(l *locale.Locale, f Form, name string) string {
	if q, ok := f.Asked[name]; ok {
		return q
	}
	return labelOf(l, name)
}

// plainName takes the number out of a repeated field's name.
func plainName(name string) string {
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		if name[i] == '_' && i+1 < len(name) && name[i+1] >= '0' && name[i+1] <= '9' {
			for i+1 < len(name) && name[i+1] >= '0' && name[i+1] <= '9' {
				i++
			}
			continue
		}
		out = append(out, name[i])
	}
	return string(out)
}

// newInput prepares field name of a form. Its hint is the message "hint.<name>",
// where that exists. opts are pairs.
func newInput(l *locale.Locale, f Form, name string, opts []any) (Input, error) {
	in := Input{
		Name: name, ID: "f-" + name, Value: f.Value(name),
		Type: "text", Dir: "auto", Capital: "none", Blank: l.T("form.choose"), Rows: 3,
	}
	hint := "hint." + plainName(name)
	var options []Option
	typed := false
	for i := 0; i+1 < len(opts); i += 2 {
		option, _ := opts[i].(string)
		ok := true
		switch option {
		case "hint":
			hint, ok = opts[i+1].(string)
		case "type":
			in.Type, ok = opts[i+1].(string)
			typed = true
		case "mode":
			in.Mode, ok = opts[i+1].(string)
		case "dir":
			in.Dir, ok = opts[i+1].(string)
		case "capital":
			in.Capital, ok = opts[i+1].(string)
		case "size":
			in.Size, ok = opts[i+1].(string)
		case "accept":
			in.Accept, ok = opts[i+1].(string)
		case "blank":
			var key string
			key, ok = opts[i+1].(string)
			in.Blank = l.T(key)
		case "max":
			in.Max, ok = opts[i+1].(int)
		case "rows":
			in.Rows, ok = opts[i+1].(int)
		case "optional":
			in.Optional, ok = opts[i+1].(bool)
		case "stacked":
			in.Stacked, ok = opts[i+1].(bool)
		case "options":
			options, ok = opts[i+1].([]Option)
			if !typed {
				in.Type = "radio"
			}
		default:
			ok = false
		}
		if !ok {
			return Input{}, fmt.Errorf("field %s: option %v", name, opts[i])
		}
	}
	in.Label = questionOf(l, f, name)
	if l.Has(hint) {
		in.Hint = l.T(hint)
	}
	for _, o := range options {
		in.Options = append(in.Options, choice(o, f.Chosen(name, o.Value)))
	}
	if code := f.Error(name); code != "" {
		in.Error = l.Error(code)
	}
	if in.Type == "password" || in.Type == "file" {
		in.Value = "" // a secret is never sent back
	}
	in.Describe = describe(in)
	in.Parts = dateParts(l, f, in)
	return in, nil
}

// describe lists the elements that explain a field, for aria-describedby.
func describe(in Input) string {
	switch {
	case in.Hint != "" && in.Error != "":
		return in.ID + "-hint " + in.ID + "-error"
	case in.Hint != "":
		return in.ID + "-hint"
	case in.Error != "":
		return in.ID + "-error"
	}
	return ""
}

// dateParts returns the three boxes of a date that may be known in part. The
// first carries the field's own id, where the error summary leads.
func dateParts(l *locale.Locale, f Form, in Input) []Input {
	parts := make([]Input, 0, 3)
	for i, part := range []string{"day", "month", "year"} {
		p := Input{Name: in.Name + "_" + part, ID: in.ID, Label: l.T("date.part." + part), Capital: "none", Max: 2, Error: in.Error}
		if i > 0 {
			p.ID += "-" + part
		}
		if part == "year" {
			p.Max = 4
		}
		p.Value = f.Value(p.Name)
		parts = append(parts, p)
	}
	return parts
}
