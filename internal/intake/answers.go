package intake

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/intake/calendar"
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// Book is the codes of a pack with the forms in force beside them, so that columns
// can be answers.
type Book struct {
	Codes
	Forms interface {
		Form(id string, version int) *forms.Form
	}
}

// formOf returns a form in force, nil where there is none or no forms are known.
func formOf(codes Codes, id string) *forms.Form {
	b, ok := codes.(Book)
	if !ok || b.Forms == nil {
		return nil
	}
	return b.Forms.Form(id, 0)
}

// questionOf returns the question that "plan.aim" or "plan.goals.area" names.
func questionOf(codes Codes, kind string) *forms.Field {
	id, field, _ := strings.Cut(kind, ".")
	f := formOf(codes, id)
	if f == nil {
		return nil
	}
	q := f.Field(field)
	if q == nil || !q.Asks() || q.Kind == forms.KindGroup || q.Kind == forms.KindFile {
		return nil
	}
	return q
}

// Why an answer was not taken, beside NotInList and the codes of package calendar.
const (
	NotANumber   = "not-a-number"
	NotAnAnswer  = "not-an-answer"  // neither yes nor no
	NotTaken     = "answer-refused" // the form does not take it
	formNeedMore = "form-incomplete"
)

// answer takes in a cell that answers a question of a form.
func (b *builder) answer(i int, col Column, text string) {
	q := questionOf(b.t.codes, col.Kind)
	if q == nil { // the form was retired since the columns were chosen
		b.keep(i, col, NotTaken, text)
		return
	}
	a, code := answerOf(b.t.codes, q, col, text, b.t.today)
	if code != "" {
		b.keep(i, col, code, text)
	}
	if a.State == forms.Blank {
		return
	}
	id, field, _ := strings.Cut(col.Kind, ".")
	if b.row.Answers == nil {
		b.row.Answers = map[string]forms.Answers{}
	}
	in := b.row.Answers[id]
	if in == nil {
		in = forms.Answers{}
		b.row.Answers[id] = in
	}
	group, inner, grouped := strings.Cut(field, ".")
	if !grouped {
		in[field] = a
		return
	}
	g := in[group]
	if g.State, g.Groups = forms.Given, append(g.Groups, nil)[:1]; g.Groups[0] == nil {
		g.Groups[0] = forms.Answers{}
	}
	g.Groups[0][inner] = a
	in[group] = g
}

// answerOf reads a text as the answer to a question; code says what was not
// understood of it.
func answerOf(codes Codes, q *forms.Field, col Column, text string, today calendar.Day) (a forms.Answer, code string) {
	if saysUnknown(anyField, text) && q.Kind != forms.KindWords {
		return forms.Answer{State: forms.Unknown}, ""
	}
	a.State = forms.Given
	switch q.Kind {
	case forms.KindText, forms.KindPhone:
		a.Text = sealed.NewText(oneLine(text))
	case forms.KindWords, forms.KindPlace:
		a.Text = sealed.NewText(text)
	case forms.KindPerson:
		a.Person = &forms.Link{Name: sealed.NewText(oneLine(text))}
	case forms.KindNumber, forms.KindDecimal:
		n, err := strconv.ParseFloat(strings.TrimSpace(locale.PlainDigits(text)), 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return forms.Answer{}, NotANumber
		}
		a.Number, a.HasNumber = n, true
	case forms.KindAnswer:
		yes, ok := yesNo(text)
		if !ok {
			return forms.Answer{}, NotAnAnswer
		}
		a.Code = yes
	case forms.KindDate, forms.KindUncertainDate:
		return dateAnswer(q, col, text, today)
	case forms.KindChoice:
		c, ok := optionOf(codes, q, col.Kind, text)
		if !ok {
			return forms.Answer{}, NotInList
		}
		a.Code = c
	case forms.KindChoices:
		return choices(codes, q, col.Kind, text)
	default:
		return forms.Answer{}, NotTaken
	}
	return a, ""
}

// choices reads several answers in one cell; those it does not know are told once.
func choices(codes Codes, q *forms.Field, kind, text string) (a forms.Answer, code string) {
	a.State = forms.Given
	parts := []string{text}
	if _, whole := optionOf(codes, q, kind, text); !whole {
		parts = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";|\n؛", r) })
	}
	for _, part := range parts {
		part = strings.TrimSpace(part)
		c, ok := optionOf(codes, q, kind, part)
		switch {
		case part == "":
		case !ok:
			code = NotInList
		case !slices.Contains(a.Codes, c):
			a.Codes = append(a.Codes, c)
		}
	}
	if len(a.Codes) == 0 {
		return forms.Answer{}, code
	}
	return a, code
}

// optionOf returns the code a text means as an answer to a question.
func optionOf(codes Codes, q *forms.Field, kind, text string) (string, bool) {
	folded := foldValue(text)
	if c, ok := valueTable()[kind][folded]; ok {
		return c, true
	}
	if q.List != "" {
		return resolve(codes, q.List, text)
	}
	for _, o := range q.Options {
		if foldValue(o.Code) == folded {
			return o.Code, true
		}
		for _, label := range o.Label {
			if foldValue(label) == folded {
				return o.Code, true
			}
		}
	}
	return "", false
}

// yesNo reads a tick box as programs write it.
func yesNo(text string) (string, bool) {
	switch foldValue(text) {
	case "true", "1", "yes", "y", "oui", "نعم", "x":
		return forms.Yes, true
	case "false", "0", "no", "n", "non", "لا":
		return forms.No, true
	}
	return "", false
}

func dateAnswer(q *forms.Field, col Column, text string, today calendar.Day) (forms.Answer, string) {
	order := col.Order
	if !order.Valid() {
		order = calendar.YMD
	}
	r := calendar.Parse(text, order, calendar.Bounds{First: firstDay, Last: today.Add(30, 0, 0)})
	switch {
	case !r.Known():
		return forms.Answer{}, orCode(r.Code, "date")
	case !r.Exact() && q.Kind == forms.KindDate:
		return forms.Answer{}, orCode(r.Code, "date")
	}
	month, day := int(r.From.Month), r.From.Day
	if !r.Exact() {
		day = 0
		if r.From.Month != r.To.Month {
			month = 0
		}
		if r.From.Year != r.To.Year {
			return forms.Answer{}, orCode(r.Code, "date")
		}
	}
	d, err := sealed.NewDate(r.From.Year, month, day)
	if err != nil {
		return forms.Answer{}, "date"
	}
	return forms.Answer{State: forms.Given, Date: d}, ""
}

func orCode(code, other string) string {
	if code == "" {
		return other
	}
	return code
}

// finishAnswers leaves out what the forms do not take, and says so: the cells stay
// with the case as they stood in the file.
func (b *builder) finishAnswers() {
	env := forms.Env{Today: b.t.today.Time()}
	for id, in := range b.row.Answers {
		f := formOf(b.t.codes, id)
		if f == nil {
			delete(b.row.Answers, id)
			continue
		}
		for _, wrong := range fault.FieldsOf(f.Check(in, env)) {
			name, _, _ := strings.Cut(wrong.Name, ".")
			if _, there := in[name]; !there { // needed to save, and not in the file
				b.row.Problems = append(b.row.Problems, Problem{Row: b.row.Number, Code: formNeedMore})
				delete(b.row.Answers, id)
				break
			}
			delete(in, name)
			b.row.Problems = append(b.row.Problems, Problem{Row: b.row.Number, Code: NotTaken})
		}
		if len(in) == 0 {
			delete(b.row.Answers, id)
		}
	}
}

// finishSource stops a row that says more than a case can keep of its source.
func (b *builder) finishSource() {
	size := 0
	for _, c := range b.row.Source {
		size += len(c.Name) + max(len(c.Text), len(c.Raw))
	}
	if size > casework.SourceMost {
		b.row.Problems = append(b.row.Problems, Problem{Row: b.row.Number, Code: TooLong, Stop: true})
	}
}

// The profiles: what describes whole cases, and is kept with the case as it stood.
const (
	HTCDS   = "htcds-2.0"
	Primero = "primero"
)

// Profiles returns the profiles there are.
func Profiles() []string { return []string{HTCDS, Primero} }

// profileOf recognises a profile by the headers: most of what was recognised is
// named as one of them names it.
func profileOf(headers []string) string {
	named := map[string]int{}
	for _, h := range headers {
		if s, ok := recognise(h); ok {
			named[s.source]++
		}
	}
	for source, profile := range map[string]string{"HTCDS 2.0": HTCDS, "Primero": Primero} {
		most := true
		for other, n := range named {
			most = most && (other == source || n < named[source])
		}
		if most && named[source] >= leastNamed {
			return profile
		}
	}
	return ""
}

// leastNamed is how many columns must be named as a profile names them.
const leastNamed = 3

var _ Codes = (*pack.Pack)(nil)
