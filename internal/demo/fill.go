package demo

import (
	"strings"

	"causeway/internal/forms"
	"causeway/internal/sealed"
)

// filled returns answers with which a form can be finished: those given, and for
// every other question that must be answered the plainest answer there is.
func filled(f *forms.Form, given forms.Answers, env forms.Env, codes func(list string) []string) forms.Answers {
	out := forms.Answers{}
	for id, a := range given {
		a.State = forms.Given
		out[id] = a
	}
	for range 20 { // an answer may bring up further questions
		missing := f.Look(out, env).MissingToFinish
		if len(missing) == 0 {
			break
		}
		for _, at := range missing {
			answerAt(f, out, at, env, codes)
		}
	}
	return out
}

// answerAt answers one question, "field" or "group.0.field".
func answerAt(f *forms.Form, out forms.Answers, at string, env forms.Env, codes func(list string) []string) {
	group, rest, inGroup := strings.Cut(at, ".")
	if !inGroup {
		q := f.Field(at)
		if q.Kind == forms.KindGroup {
			out[at] = forms.Answer{State: forms.Given, Groups: []forms.Answers{{q.Fields[0].ID: plainAnswer(&q.Fields[0], env, codes)}}}
			return
		}
		out[at] = plainAnswer(q, env, codes)
		return
	}
	_, inner, _ := strings.Cut(rest, ".")
	for _, item := range out[group].Groups {
		if _, there := item[inner]; !there {
			item[inner] = plainAnswer(f.Field(group+"."+inner), env, codes)
		}
	}
}

// plainAnswer is an answer that says little and is in order.
func plainAnswer(q *forms.Field, env forms.Env, codes func(list string) []string) forms.Answer {
	a := forms.Answer{State: forms.Given}
	first := func() string {
		if q.List != "" {
			return codes(q.List)[0]
		}
		return q.Options[0].Code
	}
	switch q.Kind {
	case forms.KindAnswer:
		a.Code = forms.Yes
		if q.Urgent[forms.Yes] != "" {
			a.Code = forms.No
		}
	case forms.KindChoice:
		a.Code = first()
	case forms.KindChoices:
		a.Codes = []string{first()}
	case forms.KindNumber, forms.KindDecimal:
		a.HasNumber = true
		if q.Min != nil {
			a.Number = *q.Min
		}
	case forms.KindDate, forms.KindUncertainDate:
		day := env.Today
		if strings.Contains(q.ID, "review") || strings.Contains(q.ID, "again") || strings.HasPrefix(q.ID, "next") {
			day = day.AddDate(0, 6, 0) // a day to come
		}
		d, err := sealed.NewDate(day.Year(), int(day.Month()), day.Day())
		if err != nil {
			return forms.Answer{State: forms.Unknown}
		}
		a.Date = d
	case forms.KindTime:
		a.Text = sealed.NewText("10:30")
	case forms.KindPerson:
		a.Person = &forms.Link{Name: sealed.NewText("The duty worker of the team")}
	case forms.KindPhone:
		a.Text = sealed.NewText("555 0100")
	case forms.KindFile:
		return forms.Answer{State: forms.Unknown}
	default:
		a.Text = sealed.NewText("As written in the notes of this week.")
	}
	return a
}
