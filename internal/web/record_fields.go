package web

import (
	"slices"

	"causeway/internal/forms"
	"causeway/internal/locale"
)

// formView builds the questions of a form's page.
type formView struct {
	v       *visit
	f       *forms.Form
	look    forms.View
	page    Form // its Values are what is typed or stored
	role    string
	tongue  []string // languages that words are likely in
	files   []Option
	asked   map[string]string
	reasons []Option      // why there is no answer
	clash   []string      // questions that two people changed
	theirs  forms.Answers // what the other saved
}

// manyOptions is from how many answers on a choice folds into a list.
const manyOptions = 12

// parts returns the sections that the reader may read. Questions that are not
// asked by the answers so far stand there hidden: what was typed into them stays,
// and a page with scripts shows them at once when they are needed.
func (b *formView) parts() []FormPart {
	var out []FormPart
	for i := range b.f.Sections {
		s := &b.f.Sections[i]
		if !s.MayRead(b.role) {
			continue
		}
		part := FormPart{
			ID: s.ID, Title: s.Title.In(b.v.l.Code()), Help: s.Help.In(b.v.l.Code()), Hidden: !b.look.Shown(s.ID),
		}
		if !s.MayWrite(b.role) {
			part.Read = b.v.readLines(b.f, s, b.look, b.files)
		} else {
			for j := range s.Fields {
				q := &s.Fields[j]
				part.Fields = append(part.Fields, b.field(q, placeMark+q.ID, b.look.Shown(q.ID)))
			}
		}
		if len(part.Fields)+len(part.Read) > 0 {
			out = append(out, part)
		}
	}
	return out
}

// field prepares one question.
func (b *formView) field(q *forms.Field, at string, shown bool) FormField {
	in := b.input(q, at)
	out := FormField{Kind: q.Kind, At: at, Hidden: !shown && in.Error == ""}
	switch q.Kind {
	case forms.KindNote:
		in.Error, in.Describe = "", ""
	case forms.KindCalculated:
		in.Value = b.v.answerText(q, b.look.Answers[q.ID], b.files)
	case forms.KindAnswer:
		b.oneOf(&in, append(Options(b.v.l, "answer", forms.Yes, forms.No), b.states()...))
	case forms.KindChoice:
		b.oneOf(&in, append(b.v.choiceOptions(q), b.states()...))
	case forms.KindChoices:
		in.Type, in.Options = "checkbox", b.chosen(at, b.v.choiceOptions(q))
		in.Stacked = len(in.Options) > 4
	case forms.KindNumber, forms.KindDecimal:
		in.Mode, in.Dir, in.Size, in.Max = "decimal", "ltr", "short", 20
	case forms.KindPhone:
		in.Mode, in.Dir, in.Size, in.Max = "tel", "ltr", "short", 40
	case forms.KindTime:
		in.Type, in.Dir, in.Size, in.Max = "time", "ltr", "short", 0
	case forms.KindWords:
		in.Rows = 4
		out.Carried = b.carried(at + endDirection)
	case forms.KindPlace:
		out.Extra = []Input{b.extra(at, endRegion, "forms.region", b.v.options(orList(q.List, "region")))}
	case forms.KindDate, forms.KindUncertainDate:
		in.Max = 0
		in.Parts = dateParts(b.v.l, b.page, in)
		if q.Kind == forms.KindUncertainDate {
			out.Extra = []Input{b.extra(at, endSure, "forms.sure", b.v.options("certainty"))}
		}
	case forms.KindPerson:
		out.Extra, out.Carried = b.person(q, at), b.carried(at+endPerson)
	case forms.KindFile:
		in.Options = b.chosen(at, b.files)
	case forms.KindGroup:
		in.Max = 0
		b.rows(q, at, &out)
	}
	out.Input = in
	out.Aside = b.aside(q, at)
	out.Theirs = b.other(q, at)
	return out
}

// input is what questions of all kinds have.
func (b *formView) input(q *forms.Field, at string) Input {
	l := b.v.l
	label := q.Label.In(l.Code())
	b.asked[at] = label
	in := Input{
		Name: at, ID: "f-" + at, Label: label, Hint: q.Help.In(l.Code()), Value: b.page.Value(at),
		Type: "text", Dir: "auto", Capital: "sentences", Rows: 3, Blank: l.T("form.choose"), Max: q.Most,
	}
	if q.Need == forms.NeedSave {
		in.Label = l.T("forms.needed", "question", label)
	}
	if code := b.page.Error(at); code != "" {
		in.Error = l.Error(code)
	}
	in.Describe = describe(in)
	return in
}

// oneOf makes a question one of which one answer is chosen: in sight where there
// are few, a list where there are many. A radio button cannot be let go of without
// a script, so a chosen one offers the way back to none.
func (b *formView) oneOf(in *Input, options []Option) {
	in.Options = b.chosen(in.Name, options)
	if len(options) > manyOptions {
		in.Size = "long"
		return
	}
	in.Type, in.Stacked = "radio", len(options) > 7
	if in.Value != "" {
		in.Options = append(in.Options, Choice{Label: b.v.l.T("forms.none")})
	}
}

// states are the ways to have no answer, among the answers of one choice.
func (b *formView) states() []Option {
	out := make([]Option, 0, 3)
	for _, s := range forms.States() {
		out = append(out, Option{Value: statePrefix + string(s), Label: b.v.l.Word("answer", string(s))})
	}
	return out
}

// aside is what is asked of an answer more seldom, nil for none.
func (b *formView) aside(q *forms.Field, at string) *Aside {
	switch q.Kind {
	case forms.KindNote, forms.KindCalculated, forms.KindAnswer, forms.KindChoice:
		return nil
	}
	out := &Aside{Title: b.v.l.Word("formaside", "state"), Open: b.page.Value(at+endState) != ""}
	if q.Kind == forms.KindWords {
		out.Title = b.v.l.Word("formaside", "words")
		out.Inputs = []Input{b.extra(at, endLanguage, "forms.language", b.languages(b.page.Value(at+endLanguage)))}
	}
	out.Inputs = append(out.Inputs, b.extra(at, endState, "forms.state", b.reasons))
	return out
}

// languages offers the languages that words on this page are likely in: a list of
// all of them beside each answer would be most of the page.
func (b *formView) languages(now string) []Option {
	var out []Option
	add := func(code string) {
		known := slices.ContainsFunc(out, func(o Option) bool { return o.Value == code })
		if code != "" && !known {
			out = append(out, Option{Value: code, Label: b.v.label("language", code)})
		}
	}
	add(now)
	for _, code := range b.tongue {
		add(code)
	}
	for _, l := range locale.Languages() {
		add(l.Code())
	}
	return out
}

// other is what somebody else answered meanwhile, where both changed it.
func (b *formView) other(q *forms.Field, at string) *Theirs {
	if !slices.Contains(b.clash, q.ID) || at != placeMark+q.ID {
		return nil
	}
	name := at + endKeep
	out := &Theirs{Text: b.v.answerText(q, b.theirs[q.ID], b.files)}
	out.Keep = Input{
		Name: name, ID: "f-" + name, Label: b.v.l.T("forms.keep"), Type: "radio", Capital: "none",
		Options: b.chosen(name, Options(b.v.l, "formkeep", "mine", "theirs")),
	}
	b.asked[name] = q.Label.In(b.v.l.Code())
	if code := b.page.Error(name); code != "" {
		out.Keep.Error = b.v.l.Error(code)
		out.Keep.Describe = describe(out.Keep)
	}
	return out
}

// chosen marks what was chosen.
func (b *formView) chosen(at string, options []Option) []Choice {
	out := make([]Choice, len(options), len(options)+1)
	for i, o := range options {
		out[i] = choice(o, b.page.Chosen(at, o.Value))
	}
	return out
}

// extra is a list beside the question it belongs to.
func (b *formView) extra(at, end, key string, options []Option) Input {
	name := at + end
	return Input{
		Name: name, ID: "f-" + name, Label: b.v.l.T(key), Capital: "none", Size: "short",
		Blank: b.v.l.T("forms.none"), Options: b.chosen(name, options),
	}
}

func (b *formView) carried(name string) []Hidden {
	if s := b.page.Value(name); s != "" {
		return []Hidden{{name, s}}
	}
	return nil
}

func (b *formView) person(q *forms.Field, at string) []Input {
	safe := b.extra(at, endSafe, "forms.safe", Options(b.v.l, "answer", forms.Yes, forms.No, string(forms.Unknown)))
	if q.List == "" {
		return []Input{safe}
	}
	return []Input{b.extra(at, endRelation, "forms.relation", b.v.options(q.List)), safe}
}

// rows adds the repetitions of a group: those with an answer, one to begin with,
// and one more where it was asked for.
func (b *formView) rows(q *forms.Field, at string, out *FormField) {
	most := mostRepeats
	if q.Most > 0 {
		most = q.Most
	}
	filled := rowsOf(b.page.Values, q, at)
	n := max(filled, 1)
	if filled > 0 && b.page.Value(nameMore) == at {
		n = filled + 1
	}
	n = min(n, most)
	for i := range n {
		row := FormRow{Title: b.v.l.T("forms.row", "n", i+1)}
		before := rowAt(at, i)
		if i < filled {
			row.Drop = Input{Name: before + endDrop, ID: "f-" + before + endDrop, Label: b.v.l.T("forms.drop")}
		}
		for j := range q.Fields {
			inner := &q.Fields[j]
			name := before + inner.ID
			row.Fields = append(row.Fields, b.field(inner, name, b.shownInside(inner, name)))
		}
		out.Rows = append(out.Rows, row)
	}
	if n < most {
		out.Another = b.v.l.T("forms.more")
	}
}

// shownInside reports whether a question of a repetition is asked. A repetition in
// which nothing was answered yet is not worked out: it asks what has no condition.
func (b *formView) shownInside(q *forms.Field, name string) bool {
	return b.look.Shown(name[len(placeMark):]) || q.Show == nil && q.Kind != forms.KindCalculated
}

func orList(list, other string) string {
	if list == "" {
		return other
	}
	return list
}
