package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/locale"
	"causeway/internal/pack"
)

// fieldKinds are the kinds of questions, in the order in which they are offered.
var fieldKinds = []string{
	forms.KindAnswer, forms.KindChoice, forms.KindChoices, forms.KindText, forms.KindWords, forms.KindNumber, forms.KindDecimal,
	forms.KindDate, forms.KindUncertainDate, forms.KindTime, forms.KindPlace, forms.KindPerson, forms.KindPhone, forms.KindFile,
	forms.KindGroup, forms.KindCalculated, forms.KindNote,
}

// tongues returns the fields of a text in every language of the node.
func (v *visit) tongues(f Form, name, question string) (Form, []Tongue) {
	var out []Tongue
	for _, lang := range v.s.Pack.Languages() {
		field := name + "_" + lang
		f = f.Ask(field, v.l.T("formedit.in", "what", question, "language", locale.Get(lang).Name()))
		out = append(out, Tongue{Name: field, Dir: locale.Get(lang).Dir()})
	}
	return f, out
}

// typedWords reads a text in every language.
func (v *visit) typedWords(name string) forms.Words {
	out := forms.Words{}
	for _, lang := range v.s.Pack.Languages() {
		if text := strings.TrimSpace(v.value(name + "_" + lang)); text != "" {
			out[lang] = strings.ReplaceAll(text, "\r\n", "\n")
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func fillWords(values url.Values, name string, in forms.Words) {
	for lang, text := range in {
		values.Set(name+"_"+lang, text)
	}
}

// problemsOf lists what is wrong with a form that came back refused.
func (v *visit) problemsOf(f Form, change func(url.Values) forms.Plain) []WrongPlace {
	if f.Fault != "form-wrong" {
		return nil
	}
	return v.wrongPlaces(change(f.Values))
}

// withPost runs fn as if values had been posted, so that a refused form is read in
// the one way there is.
func (v *visit) withPost(values url.Values, fn func()) {
	before := v.r.PostForm
	v.r.PostForm = values
	fn()
	v.r.PostForm = before
}

// formHeadForm changes what a form is called and what it is for.
func (s *Server) formHeadForm() formPage {
	apply := func(v *visit, p forms.Plain) forms.Plain {
		p.Title, p.Help, p.Step, p.Source = v.typedWords("form_title"), v.typedWords("form_help"), v.value("form_step"), strings.TrimSpace(v.value("form_source"))
		return p
	}
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			one, p, err := v.draft()
			if err != nil {
				return nil, err
			}
			view := FormHead{Frame: v.frame("forms"), Title: one.Form.Title.In(v.l.Code()), Back: "/forms/" + p.Form + "/draft"}
			if f.Values == nil {
				f.Values = url.Values{"form_step": {p.Step}, "form_source": {p.Source}}
				fillWords(f.Values, "form_title", p.Title)
				fillWords(f.Values, "form_help", p.Help)
			} else {
				v.withPost(f.Values, func() { view.Problems = v.problemsOf(f, func(url.Values) forms.Plain { return apply(v, p) }) })
			}
			f.Hidden = append(f.Hidden, Hidden{"seen_version", strconv.FormatInt(one.Edition, 10)})
			f, view.Titles = v.tongues(f, "form_title", v.l.T("formedit.title"))
			f, view.Helps = v.tongues(f, "form_help", v.l.T("formedit.help"))
			view.Form, view.Steps = f, Options(v.l, "formstep", forms.Steps()...)
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			_, p, err := v.draft()
			if err != nil {
				return "", "", err
			}
			return "/forms/" + p.Form + "/draft", "formdraft", v.keepDraft(apply(v, p), v.seen())
		},
	}
}

// newFormForm begins a form that is not there yet: its name and one question.
func (s *Server) newFormForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if err := v.mayEdit(); err != nil {
				return nil, err
			}
			view := FormHead{Frame: v.frame("forms"), Back: "/forms", New: true, Steps: Options(v.l, "formstep", forms.Steps()...)}
			f, view.Titles = v.tongues(f, "form_title", v.l.T("formedit.title"))
			f, view.Helps = v.tongues(f, "form_help", v.l.T("formedit.help"))
			view.Form = f
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			if err := v.mayEdit(); err != nil {
				return "", "", err
			}
			title := v.typedWords("form_title")
			var c fault.Check
			for _, lang := range v.s.Pack.Languages() {
				c.Require(title[lang] != "", "form_title_"+lang, "required")
			}
			id := strings.TrimSpace(v.value("form_id"))
			c.Require(id != "", "form_id", "required")
			c.Require(id == "" || len(v.library().Versions(id)) == 0, "form_id", "form-there")
			if err := c.Err(); err != nil {
				return "", "", err
			}
			first := forms.Words{}
			for _, lang := range v.s.Pack.Languages() {
				first[lang] = locale.Get(lang).T("formedit.first")
			}
			p := forms.Plain{
				Form: id, Version: 1, For: forms.ForCase, Step: v.value("form_step"), Title: title, Help: v.typedWords("form_help"),
				Source: orWord(strings.TrimSpace(v.value("form_source")), "made here"), Confidence: string(pack.HouseChoice),
				Sections: []forms.PlainSection{{ID: "part_1", Title: title, Fields: []forms.PlainField{{ID: "question_1", Kind: forms.KindWords, Label: first}}}},
			}
			err := v.keepDraft(p, 0)
			if fault.CodeOf(err) == "form-wrong" { // all else was checked: the name is none
				err = fault.InvalidField("form_id", "not-a-name")
			}
			return "/forms/" + id + "/draft", "formdraft", err
		},
	}
}

func orWord(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// formPlace returns the place that the form is about: of the address at first, then as
// the form carries it.
func (v *visit) formPlace(f Form) string {
	if at := f.Value("at"); at != "" {
		return at
	}
	return v.r.URL.Query().Get("at")
}

// formSectionForm changes a part of a form, or adds one.
func (s *Server) formSectionForm() formPage {
	apply := func(v *visit, p forms.Plain, at place) forms.Plain {
		if at.new {
			p.Sections = append(slices.Clone(p.Sections), forms.PlainSection{})
			at.section = len(p.Sections) - 1
		}
		sec := &p.Sections[at.section]
		sec.ID, sec.Title, sec.Help = strings.TrimSpace(v.value("part_id")), v.typedWords("part_title"), v.typedWords("part_help")
		sec.Show = strings.TrimSpace(v.value("q_show"))
		sec.Read, sec.Write = nonEmpty(v.r.PostForm["part_read"]), nonEmpty(v.r.PostForm["part_write"])
		if at.new {
			first := forms.Words{}
			for _, lang := range v.s.Pack.Languages() {
				first[lang] = locale.Get(lang).T("formedit.first")
			}
			sec.Fields = []forms.PlainField{{ID: sec.ID + "_1", Kind: forms.KindWords, Label: first}}
		}
		return p
	}
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			one, p, err := v.draft()
			if err != nil {
				return nil, err
			}
			at, ok := placeOf(v.formPlace(f), p)
			if !ok || at.field >= 0 || at.section < 0 && !at.new || at.section >= 0 && at.new {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			view := FormSection{Frame: v.frame("forms"), Back: "/forms/" + p.Form + "/draft", New: at.new, Roles: Roles(v.l, roleCodes[:3]...)}
			switch {
			case f.Values != nil:
				v.withPost(f.Values, func() { view.Problems = v.problemsOf(f, func(url.Values) forms.Plain { return apply(v, p, at) }) })
			case at.new:
				f.Values = url.Values{"part_id": {"part_" + strconv.Itoa(len(p.Sections)+1)}}
			default:
				sec := p.Sections[at.section]
				f.Values = url.Values{"part_id": {sec.ID}, "q_show": {sec.Show}, "part_read": sec.Read, "part_write": sec.Write}
				fillWords(f.Values, "part_title", sec.Title)
				fillWords(f.Values, "part_help", sec.Help)
			}
			f.Hidden = append(f.Hidden, Hidden{"seen_version", strconv.FormatInt(one.Edition, 10)}, Hidden{"at", v.formPlace(f)})
			f, view.Titles = v.tongues(f, "part_title", v.l.T("formedit.title"))
			f, view.Helps = v.tongues(f, "part_help", v.l.T("formedit.help"))
			view.Form = f
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			_, p, err := v.draft()
			if err != nil {
				return "", "", err
			}
			at, ok := placeOf(v.value("at"), p)
			if !ok || at.field >= 0 || at.section < 0 && !at.new {
				return "", "", fault.New(fault.Invalid, "form-unreadable")
			}
			return "/forms/" + p.Form + "/draft", "formdraft", v.keepDraft(apply(v, p, at), v.seen())
		},
	}
}

func nonEmpty(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
}
