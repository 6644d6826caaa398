package web

import (
	"context"
	"crypto/sha256"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
)

// visitForm is the form of the pack that a phone can fill in.
const visitForm = "visit"

// A phone asks the questions of a form that are answered by a choice, a text, a
// number or a day; the others wait for the page. It follows conditions that compare
// one question with codes; where it cannot tell, it asks, and the node decides.
var simpleCondition = regexp.MustCompile(`^([a-z0-9_]+) == "([A-Za-z0-9_+-]+)"$`)

// condition reads when a question is shown, as a field and its codes; ok is false
// for what a phone does not work out.
func condition(e *forms.Expr) (c BlankIf, ok bool) {
	for part := range strings.SplitSeq(e.String(), " || ") {
		m := simpleCondition.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil || c.Name != "" && c.Name != placeMark+m[1] {
			return BlankIf{}, false
		}
		c.Name, c.Codes = placeMark+m[1], append(c.Codes, m[2])
	}
	return c, true
}

// visit adds the visit, nil for a node without forms.
func (b *blank) visit(f *forms.Form) {
	if f == nil {
		return
	}
	code := b.l.Code()
	out := BlankForm{Kind: "visit", Title: f.Title.In(code), Hint: f.Help.In(code), Number: true, Version: strconv.Itoa(f.Version)}
	out.Fields = append(out.Fields, b.field("text", "!number", ""))
	states := append(Options(b.l, "answer", forms.Yes, forms.No), b.states()...)
	for i := range f.Sections {
		s := &f.Sections[i]
		var shown []BlankIf
		if c, ok := condition(s.Show); ok {
			shown = append(shown, c)
		}
		for j := range s.Fields {
			q := &s.Fields[j]
			field := BlankField{Name: placeMark + q.ID, Label: q.Label.In(code), Hint: q.Help.In(code), Must: q.Need == forms.NeedSave, Urgent: q.Urgent, If: shown}
			if c, ok := condition(q.Show); ok {
				field.If = append(shown[:len(shown):len(shown)], c)
			}
			for _, u := range q.Urgent {
				b.urgentWords(u)
			}
			if field.Type, field.List = b.kind(q, states); field.Type != "" {
				out.Fields = append(out.Fields, field)
			}
		}
	}
	b.Forms = append(b.Forms, out)
}

// states are why there may be no answer.
func (b *blank) states() []Option {
	var out []Option
	for _, s := range forms.States() {
		out = append(out, Option{Value: statePrefix + string(s), Label: b.l.Word("answer", string(s))})
	}
	return out
}

// kind returns how a phone asks a question, "" where it does not.
func (b *blank) kind(q *forms.Field, states []Option) (kind, list string) {
	choices := func() string {
		if q.List != "" {
			return b.list(q.List)
		}
		name := visitForm + "." + q.ID
		for _, o := range q.Options {
			b.Lists[name] = append(b.Lists[name], [2]string{o.Code, o.Label.In(b.l.Code())})
		}
		return name
	}
	switch q.Kind {
	case forms.KindAnswer:
		if b.Lists["states"] == nil {
			b.ours("states", states)
		}
		return "pick", "states"
	case forms.KindChoice:
		list := choices()
		if len(b.Lists[list]) > manyOptions {
			return "list", list
		}
		return "pick", list
	case forms.KindChoices:
		return "many", choices()
	case forms.KindWords:
		return "area", ""
	case forms.KindText, forms.KindPhone, forms.KindTime:
		return "text", ""
	case forms.KindNumber, forms.KindDecimal:
		return "digits", ""
	case forms.KindDate, forms.KindUncertainDate:
		return "date", ""
	}
	return "", ""
}

// visitValues writes the days of a visit, which a phone sends in one piece, as the
// boxes of the page.
func visitValues(f *forms.Form, fields url.Values) url.Values {
	out := url.Values{}
	for name, list := range fields {
		out[name] = list
		q := f.Field(strings.TrimPrefix(name, placeMark))
		if q == nil || q.Kind != forms.KindDate && q.Kind != forms.KindUncertainDate || len(list) == 0 {
			continue
		}
		if parts := strings.Split(list[0], "-"); len(parts) == 3 {
			out.Set(name+"_year", parts[0])
			out.Set(name+"_month", strings.TrimLeft(parts[1], "0"))
			out.Set(name+"_day", strings.TrimLeft(parts[2], "0"))
		}
	}
	return out
}

// visitOf returns the form under the version that the phone asked it in.
func visitOf(cases *casework.Room, fields url.Values) (*forms.Form, error) {
	room := cases.Forms()
	if room == nil {
		return nil, fault.New(fault.Invalid, "capture-kind")
	}
	version, _ := strconv.Atoi(fields.Get(nameVersion)) // none: the one in force
	f := room.Library().Form(visitForm, version)
	if f == nil || f.For != forms.ForCase {
		return nil, fault.New(fault.Invalid, "capture-kind")
	}
	return f, nil
}

// fileVisit saves a visit as a record of its own: finished where everything needed
// is answered, begun where something is open. It changes no other record.
func (f *Filing) fileVisit(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, v *visit) error {
	form, err := visitOf(f.cases, v.r.PostForm)
	if err != nil {
		return err
	}
	answers, err := answersOf(form, visitValues(form, v.r.PostForm), c.Role())
	if err != nil {
		return err
	}
	in := casework.RecordInput{Form: form.ID, Version: form.Version, Answers: answers, Finish: true, Today: v.now()}
	_, err = f.cases.SaveRecord(ctx, c, cmd, id, in)
	if fault.KindOf(err) == fault.Invalid {
		in.Finish = false
		_, err = f.cases.SaveRecord(ctx, c, begun(cmd), id, in)
	}
	return err
}

// begun is the command under which what could not be finished is begun: the same
// form again takes the same two steps.
func begun(cmd ident.Command) ident.Command {
	sum := sha256.Sum256(append([]byte("causeway/capture-begun/1"), cmd[:]...))
	return ident.Command(sum[:16])
}
