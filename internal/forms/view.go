package forms

import (
	"fmt"
	"slices"
	"time"

	"causeway/internal/sealed"
)

// Env is what a form is worked out with besides its answers.
type Env struct {
	Today time.Time // the day where the people are
	// The age of the child in full years, as far as the record knows it.
	Youngest, Oldest int
	AgeKnown         bool
}

func (e Env) scope() *scope {
	s := &scope{answers: Answers{}, today: dayOf(e.Today), age: value{typ: tNumber}}
	if e.AgeKnown {
		s.age = number(float64(e.Youngest), float64(e.Oldest))
	}
	return s
}

// View is a form with answers, worked out. Places are named as [Form.Check]
// does: "field", "group.0.field".
type View struct {
	shown map[string]bool
	// Answers are those that count: of shown fields only, with what was calculated.
	Answers Answers
	// MissingToSave and MissingToFinish name the shown fields that still need an
	// answer, in the order of the form. What is missing to save is missing to
	// finish as well.
	MissingToSave, MissingToFinish []string
	// Urgent names the actions that an answer opens at once ([UrgentActions]).
	Urgent []string
}

// Shown reports whether a section or a field is shown.
func (v View) Shown(place string) bool { return v.shown[place] }

// Look works a form out: what is shown, what is calculated, what is missing.
// A field that is not shown counts as not given, whatever was typed into it
// before, and is never missing. It does not judge answers: see [Form.Check].
func (f *Form) Look(a Answers, env Env) View {
	s := env.scope()
	v := View{shown: make(map[string]bool, len(f.order)), Answers: s.answers}
	for _, n := range f.order {
		switch {
		case n.field == nil:
			v.shown[n.section.ID] = holdsTrue(n.section.Show, s)
		case n.group != nil:
			v.lookInside(n, a, s)
		default:
			v.lookAt(n, a, s)
		}
	}
	for i := range f.Sections {
		for j := range f.Sections[i].Fields {
			v.missing(&f.Sections[i].Fields[j])
		}
	}
	return v
}

// holdsTrue reports whether a condition is true; none is.
func holdsTrue(e *Expr, s *scope) bool {
	if e == nil {
		return true
	}
	v := e.eval(s)
	return v.known && v.b
}

// lookAt works out a field of a section.
func (v *View) lookAt(n node, a Answers, s *scope) {
	q := n.field
	if !v.shown[n.section.ID] || !holdsTrue(q.Show, s) {
		return
	}
	v.shown[q.ID] = true
	answer := a[q.ID]
	switch q.Kind {
	case KindNote:
		return
	case KindCalculated:
		answer = answerOf(q.Value.eval(s))
	case KindGroup:
		answer = beginGroup(answer)
	}
	if answer.State = answer.state(); answer.State != Blank {
		v.Answers[q.ID] = answer
	}
}

// beginGroup returns a group with as many repetitions as were answered, each
// empty: its fields are worked out one by one. A repetition in which nothing was
// answered stays empty and does not count.
func beginGroup(a Answer) Answer {
	out := Answer{State: a.State}
	filled := false
	for _, item := range a.Groups {
		filled = filled || len(item.Clean()) > 0
		out.Groups = append(out.Groups, Answers{})
	}
	if !filled {
		out.Groups = nil
	}
	return out
}

// lookInside works out a field of a group, in every repetition.
func (v *View) lookInside(n node, a Answers, s *scope) {
	q, typed := n.field, a[n.group.ID].Groups
	for i, item := range v.Answers[n.group.ID].Groups {
		s.item = item
		if blank := len(typed[i].Clean()) == 0; blank && q.Kind == KindCalculated || !holdsTrue(q.Show, s) {
			continue
		}
		v.shown[place(n.group.ID, i, q.ID)] = true
		if q.Kind == KindNote {
			continue
		}
		answer := typed[i][q.ID]
		if q.Kind == KindCalculated {
			answer = answerOf(q.Value.eval(s))
		}
		if answer.State = answer.state(); answer.State != Blank {
			item[q.ID] = answer
		}
	}
	s.item = nil
}

func place(group string, i int, field string) string { return fmt.Sprintf("%s.%d.%s", group, i, field) }

// answerOf makes a calculated value an answer; what is not known exactly is not
// given.
func answerOf(v value) Answer {
	if !v.known || (v.typ == tNumber || v.typ == tDate) && v.lo != v.hi {
		return Answer{}
	}
	a := Answer{State: Given}
	switch v.typ {
	case tNumber:
		a.Number, a.HasNumber = v.lo, true
	case tBool:
		a.Code = No
		if v.b {
			a.Code = Yes
		}
	case tDate:
		y, m, d := dayTime(v.lo).Date()
		on, err := sealed.NewDate(y, int(m), d)
		if err != nil {
			return Answer{} // before the year 1 or after 9999
		}
		a.Date = on
	case tText, tTime:
		a.Text = sealed.NewText(v.s)
	}
	return a
}

// missing notes what a field still needs, and what its answer opens.
func (v *View) missing(q *Field) {
	if !v.shown[q.ID] {
		return
	}
	a := v.Answers[q.ID]
	v.needs(q, q.ID, a)
	for i, item := range a.Groups {
		if len(item) == 0 {
			continue
		}
		for k := range q.Fields {
			inner := &q.Fields[k]
			if at := place(q.ID, i, inner.ID); v.shown[at] {
				v.needs(inner, at, item[inner.ID])
			}
		}
	}
}

func (v *View) needs(q *Field, at string, a Answer) {
	save := q.Need == NeedSave && a.State != Given
	if save {
		v.MissingToSave = append(v.MissingToSave, at)
	}
	if save || q.Need == NeedFinish && a.State == Blank {
		v.MissingToFinish = append(v.MissingToFinish, at)
	}
	if len(q.Urgent) == 0 || a.State != Given {
		return
	}
	for _, code := range append([]string{a.Code}, a.Codes...) {
		if action := q.Urgent[code]; action != "" && !slices.Contains(v.Urgent, action) {
			v.Urgent = append(v.Urgent, action)
		}
	}
}

// Finished returns the answers as a finished form keeps them: what is not shown
// is dropped, what was calculated is kept.
func (v View) Finished() Answers { return v.Answers.Clean() }
