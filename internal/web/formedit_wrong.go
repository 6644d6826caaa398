package web

import (
	"slices"
	"strconv"
	"strings"

	"causeway/internal/forms"
	"causeway/internal/locale"
)

// wrongPlaces says what is wrong with a form, place by place, in the reader's language.
func (v *visit) wrongPlaces(p forms.Plain) []WrongPlace {
	body, err := p.JSON()
	if err != nil {
		return nil
	}
	_, err = forms.Parse(body, v.s.Pack)
	name := v.namesIn(p)
	var out []WrongPlace
	for _, f := range forms.Faults(err) {
		out = append(out, WrongPlace{Where: name(keyAt(p, f.Path)), Part: v.partAt(f.Path), Path: f.Path, Problem: f.Words(v.l, name)})
	}
	return out
}

// mostNamed is how many letters of a question name it.
const mostNamed = 80

// namesIn tells what the sections and questions of a form are called in the reader's
// language, by their keys; what has no words there is called by its key.
func (v *visit) namesIn(p forms.Plain) func(key string) string {
	labels := map[string]string{}
	note := func(key string, words forms.Words) {
		if text := []rune(words[v.l.Code()]); len(text) > mostNamed {
			labels[key] = string(text[:mostNamed]) + "…"
		} else if len(text) > 0 {
			labels[key] = string(text)
		}
	}
	note("", p.Title)
	for _, s := range p.Sections {
		note(s.ID, s.Title)
		for _, q := range s.Fields {
			note(q.ID, q.Label)
			for _, inner := range q.Fields {
				note(q.ID+"."+inner.ID, inner.Label)
			}
		}
	}
	return func(key string) string {
		switch {
		case labels[key] != "":
			return labels[key]
		case key == "":
			return p.Form
		}
		return key
	}
}

// keyAt returns the key of the question or section that a path leads to, "" where it
// leads to the form.
func keyAt(p forms.Plain, path string) string {
	var i, j, k int
	rest := scanPath(path, "sections[", &i)
	if rest == "" || i >= len(p.Sections) {
		return ""
	}
	s := &p.Sections[i]
	if rest = scanPath(rest, ".fields[", &j); rest == "" || j >= len(s.Fields) {
		return s.ID
	}
	q := &s.Fields[j]
	if scanPath(rest, ".fields[", &k) == "" || k >= len(q.Fields) {
		return q.ID
	}
	return q.ID + "." + q.Fields[k].ID
}

// scanPath reads "prefix<number>]" and returns what follows, with a dot where
// nothing does.
func scanPath(path, prefix string, n *int) string {
	rest, ok := strings.CutPrefix(path, prefix)
	number, rest, closed := strings.Cut(rest, "]")
	i, err := strconv.Atoi(number)
	if !ok || !closed || err != nil || i < 0 {
		return ""
	}
	*n = i
	if rest == "" {
		return "."
	}
	return rest
}

// partWords are the messages that name the parts of a form, by their keys in its JSON:
// those that the pages ask with.
var partWords = map[string]string{
	"title": "formedit.title", "help": "formedit.help", "label": "formedit.question",
	"step": "field.form_step", "source": "field.form_source", "form": "field.form_id", "read": "field.part_read", "write": "field.part_write",
	"id": "field.q_id", "kind": "field.q_kind", "list": "field.q_list", "max": "field.q_max", "min": "field.q_min", "most": "field.q_most",
	"need": "field.q_need", "options": "field.q_options", "show": "field.q_show", "urgent": "field.q_urgent", "value": "field.q_value",
}

// partAt names the part of a question or section that a path leads to, "" where it
// leads to the whole of it or to what no page asks for.
func (v *visit) partAt(path string) string {
	keys := strings.Split(path, ".")
	for i, key := range keys {
		keys[i], _, _ = strings.Cut(key, "[")
	}
	last := keys[len(keys)-1]
	if slices.Contains(keys, "options") {
		return v.l.T(partWords["options"])
	}
	if len(keys) > 1 && locale.Known(last) {
		if word := partWords[keys[len(keys)-2]]; word != "" {
			return v.l.T("formedit.in", "what", v.l.T(word), "language", locale.Get(last).Name())
		}
	}
	if partWords[last] == "" {
		return ""
	}
	return v.l.T(partWords[last])
}

// lostWords says what does not come through between a form and a workbook.
func (v *visit) lostWords(p forms.Plain, list []Lost) []LostLine {
	name := v.namesIn(p)
	var out []LostLine
	for _, lost := range list {
		what := lost.Detail
		switch lost.Code {
		case "language":
			if locale.Known(what) {
				what = locale.Get(what).Name()
			}
		case "kind":
			what = v.l.Word("fieldkind", what)
		}
		line := LostLine{Text: v.l.T("xlsform."+lost.Code, "what", what)}
		switch {
		case lost.Row > 0:
			line.Where = v.l.T("formimport.row", "n", lost.Row)
		case lost.Field != "":
			line.Where = name(lost.Field)
		}
		out = append(out, line)
	}
	return out
}
