package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/forms"
)

// formQuestionForm changes a question of a form, or adds one.
func (s *Server) formQuestionForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			one, p, err := v.draft()
			if err != nil {
				return nil, err
			}
			at, ok := placeOf(v.formPlace(f), p)
			if !ok || at.section < 0 || at.field < 0 && !at.new {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			inGroup := at.inner >= 0 || at.field >= 0 && at.new
			view := FormQuestion{
				Frame: v.frame("forms"), Back: "/forms/" + p.Form + "/draft", New: at.new,
				Kinds: Options(v.l, "fieldkind", fieldKinds...), Needs: Options(v.l, "fieldneed", forms.NeedSave, forms.NeedFinish),
			}
			if inGroup {
				view.Kinds = slices.DeleteFunc(view.Kinds, func(o Option) bool { return o.Value == forms.KindGroup })
			}
			for _, name := range s.Pack.Lists() {
				view.Lists = append(view.Lists, Option{Value: name, Label: name})
			}
			switch {
			case f.Values != nil:
				v.withPost(f.Values, func() {
					q, _ := v.typedQuestion()
					view.Problems = v.problemsOf(f, func(url.Values) forms.Plain { return withQuestion(p, at, q) })
				})
			case !at.new:
				f.Values = v.questionValues(questionAt(p, at))
			}
			f.Hidden = append(f.Hidden, Hidden{"seen_version", strconv.FormatInt(one.Edition, 10)}, Hidden{"at", v.formPlace(f)})
			f, view.Labels = v.tongues(f, "q_label", v.l.T("formedit.question"))
			f, view.Helps = v.tongues(f, "q_help", v.l.T("formedit.help"))
			view.Form = f
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			_, p, err := v.draft()
			if err != nil {
				return "", "", err
			}
			at, ok := placeOf(v.value("at"), p)
			if !ok || at.section < 0 || at.field < 0 && !at.new {
				return "", "", fault.New(fault.Invalid, "form-unreadable")
			}
			q, err := v.typedQuestion()
			if err != nil {
				return "", "", err
			}
			return "/forms/" + p.Form + "/draft", "formdraft", v.keepDraft(withQuestion(p, at, q), v.seen())
		},
	}
}

// questionAt returns the question of a place.
func questionAt(p forms.Plain, at place) forms.PlainField {
	q := p.Sections[at.section].Fields[at.field]
	if at.inner >= 0 {
		q = q.Fields[at.inner]
	}
	return q
}

// withQuestion returns the form with a question put at a place. What this page does
// not ask of a question stays: the questions of a group, what it is called
// elsewhere.
func withQuestion(p forms.Plain, at place, q forms.PlainField) forms.Plain {
	p.Sections = slices.Clone(p.Sections)
	sec := &p.Sections[at.section]
	sec.Fields = slices.Clone(sec.Fields)
	list := &sec.Fields
	i := at.field
	if at.inner >= 0 || at.field >= 0 && at.new {
		group := &sec.Fields[at.field]
		group.Fields = slices.Clone(group.Fields)
		list, i = &group.Fields, at.inner
	}
	if at.new {
		if q.Kind == forms.KindGroup { // a group of nothing is none: begin with one question
			q.Fields = []forms.PlainField{{ID: "text_1", Kind: forms.KindText, Label: q.Label}}
		}
		*list = append(*list, q)
		return p
	}
	was := (*list)[i]
	q.Map = was.Map
	if q.Kind == was.Kind {
		q.Fields = was.Fields
	}
	(*list)[i] = q
	return p
}

// typedQuestion reads the page. What cannot be read at all is rejected at its
// place; what it means is judged with the whole form.
func (v *visit) typedQuestion() (forms.PlainField, error) {
	var c fault.Check
	q := forms.PlainField{
		ID: strings.TrimSpace(v.value("q_id")), Kind: v.value("q_kind"), Label: v.typedWords("q_label"), Help: v.typedWords("q_help"),
		Need: v.value("q_need"), Show: strings.TrimSpace(v.value("q_show")), Value: strings.TrimSpace(v.value("q_value")), List: v.value("q_list"),
	}
	c.Require(q.Kind != "", "q_kind", "required")
	c.Require(q.ID != "", "q_id", "required")
	number := func(name string) *float64 {
		text := strings.TrimSpace(v.value(name))
		if text == "" {
			return nil
		}
		n, err := strconv.ParseFloat(text, 64)
		c.Require(err == nil, name, "not-a-number")
		return &n
	}
	q.Min, q.Max = number("q_min"), number("q_max")
	if most := number("q_most"); most != nil {
		q.Most = int(*most)
	}
	var code string
	if q.Options, code = v.typedOptions(v.value("q_options")); code != "" {
		c.Reject("q_options", code)
	}
	if q.Urgent, code = typedPairs(v.value("q_urgent")); code != "" {
		c.Reject("q_urgent", code)
	}
	return q, c.Err()
}

// typedOptions reads one answer a line: its code, then its words in each language,
// with strokes between.
func (v *visit) typedOptions(text string) (out []forms.PlainOption, code string) {
	languages := v.s.Pack.Languages()
	for line := range strings.Lines(text) {
		parts := strings.Split(strings.TrimSpace(line), "|")
		if len(parts) == 1 && parts[0] == "" {
			continue
		}
		if len(parts) != len(languages)+1 {
			return nil, "option-line"
		}
		o := forms.PlainOption{Code: strings.TrimSpace(parts[0]), Label: forms.Words{}}
		for i, lang := range languages {
			o.Label[lang] = strings.TrimSpace(parts[i+1])
		}
		out = append(out, o)
	}
	return out, ""
}

// typedPairs reads "answer = action", one a line.
func typedPairs(text string) (out map[string]string, code string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		answer, action, ok := strings.Cut(line, "=")
		if !ok {
			return nil, "pair-line"
		}
		if out == nil {
			out = map[string]string{}
		}
		out[strings.TrimSpace(answer)] = strings.TrimSpace(action)
	}
	return out, ""
}

// questionValues fills the page with a question.
func (v *visit) questionValues(q forms.PlainField) url.Values {
	values := url.Values{"q_id": {q.ID}, "q_kind": {q.Kind}, "q_need": {q.Need}, "q_show": {q.Show}, "q_value": {q.Value}, "q_list": {q.List}}
	fillWords(values, "q_label", q.Label)
	fillWords(values, "q_help", q.Help)
	number := func(name string, n *float64) {
		if n != nil {
			values.Set(name, strconv.FormatFloat(*n, 'f', -1, 64))
		}
	}
	number("q_min", q.Min)
	number("q_max", q.Max)
	if q.Most > 0 {
		values.Set("q_most", strconv.Itoa(q.Most))
	}
	var lines []string
	for _, o := range q.Options {
		line := o.Code
		for _, lang := range v.s.Pack.Languages() {
			line += " | " + o.Label[lang]
		}
		lines = append(lines, line)
	}
	values.Set("q_options", strings.Join(lines, "\n"))
	lines = nil
	for _, code := range slices.Sorted(maps.Keys(q.Urgent)) {
		lines = append(lines, code+" = "+q.Urgent[code])
	}
	values.Set("q_urgent", strings.Join(lines, "\n"))
	return values
}
