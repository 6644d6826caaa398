package web

import (
	"net/url"
	"strconv"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// A form that is data is posted by the places of its questions behind a mark, so
// that no question can be called as one of the page's own fields: "a.question",
// and "a.group.0.question" for the first repetition of a group. What a question
// needs besides its value stands under the same name with one of these endings,
// which no question can have.
const (
	placeMark = "a."

	endState     = ":state" // why there is no answer
	endLanguage  = ":language"
	endDirection = ":direction"
	endRegion    = ":region"
	endRelation  = ":relation"
	endSafe      = ":safe"
	endPerson    = ":person"
	endSure      = ":sure"
	endDrop      = ":drop" // of a repetition: take it out
	endKeep      = ":keep" // after two people changed it: "mine" or "theirs"
)

// The page's own fields.
const (
	nameBase    = "base"    // revision the page was made from
	nameVersion = "version" // of the form, where the record is not begun yet
	nameThen    = "then"    // which button
	nameMore    = "more"    // the group that one more repetition was asked of
	nameClash   = "clash"   // questions that two people changed
)

// statePrefix marks a state among the codes of one choice.
const statePrefix = ":"

// answerReader reads posted answers. What cannot be read is rejected at its name;
// what an answer means is judged by the form itself.
type answerReader struct {
	values url.Values
	check  fault.Check
}

// answersOf reads the answers to the questions that a role may write, those
// without an answer too.
func answersOf(f *forms.Form, values url.Values, role string) (forms.Answers, error) {
	r := answerReader{values: values}
	out := forms.Answers{}
	for i := range f.Sections {
		if !f.Sections[i].MayWrite(role) {
			continue
		}
		for j := range f.Sections[i].Fields {
			if q := &f.Sections[i].Fields[j]; q.Asks() {
				out[q.ID] = r.answer(q, placeMark+q.ID)
			}
		}
	}
	return out, r.check.Err()
}

func (r *answerReader) value(name string) string { return strings.TrimSpace(r.values.Get(name)) }

func (r *answerReader) text(name string) sealed.Text {
	s := person.Clean(r.values.Get(name))
	if s == "" {
		return sealed.Text{}
	}
	return sealed.NewText(s)
}

// answer reads one answer. A state that was chosen beside an answer is kept with
// it: the form refuses the two together, and the person chooses.
func (r *answerReader) answer(q *forms.Field, at string) forms.Answer {
	a := forms.Answer{State: forms.State(r.value(at + endState))}
	switch q.Kind {
	case forms.KindAnswer, forms.KindChoice:
		if code, state := strings.CutPrefix(r.value(at), statePrefix); state {
			a.State = forms.State(code)
		} else {
			a.Code = code
		}
	case forms.KindChoices:
		a.Codes = r.values[at]
	case forms.KindText, forms.KindPhone, forms.KindTime:
		a.Text = r.text(at)
	case forms.KindWords:
		if a.Text = r.text(at); !a.Text.IsZero() {
			a.Language, a.Direction = r.value(at+endLanguage), r.value(at+endDirection)
		}
	case forms.KindPlace:
		a.Text, a.Code = r.text(at), r.value(at+endRegion)
	case forms.KindNumber, forms.KindDecimal:
		a.Number, a.HasNumber = r.number(at)
	case forms.KindDate, forms.KindUncertainDate:
		if a.Date = r.date(at); !a.Date.IsZero() {
			a.Sure = r.value(at + endSure)
		}
	case forms.KindPerson:
		a.Person = r.link(at)
	case forms.KindFile:
		a.Document = r.document(at)
	case forms.KindGroup:
		for n := range rowsOf(r.values, q, at) {
			a.Groups = append(a.Groups, r.row(q, rowAt(at, n)))
		}
	}
	return a
}

func (r *answerReader) row(q *forms.Field, at string) forms.Answers {
	row := forms.Answers{}
	for i := range q.Fields {
		if q.Fields[i].Asks() {
			row[q.Fields[i].ID] = r.answer(&q.Fields[i], at+q.Fields[i].ID)
		}
	}
	return row.Clean()
}

func (r *answerReader) number(at string) (float64, bool) {
	s := strings.ReplaceAll(locale.PlainDigits(r.value(at)), "٫", ".") // the Arabic decimal sign
	if s == "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil {
		r.check.Reject(at, "not-a-number")
		return 0, false
	}
	return n, true
}

func (r *answerReader) date(at string) sealed.Date {
	var parts [3]int
	typed := false
	for i, part := range []string{"year", "month", "day"} {
		s := locale.PlainDigits(r.value(at + "_" + part))
		if s == "" {
			continue
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			r.check.Reject(at, "bad-date")
			return sealed.Date{}
		}
		parts[i], typed = n, true
	}
	if !typed {
		return sealed.Date{}
	}
	d, err := sealed.NewDate(parts[0], parts[1], parts[2])
	if err != nil {
		r.check.Reject(at, "bad-date")
	}
	return d
}

func (r *answerReader) link(at string) *forms.Link {
	l := forms.Link{Name: r.text(at), Relation: r.value(at + endRelation), Safe: r.value(at + endSafe)}
	l.Person, _ = ident.Parse[ident.Person](r.value(at + endPerson)) // one that is none is no link
	if l.Name.IsZero() && l.Relation == "" && l.Safe == "" && l.Person.IsZero() {
		return nil
	}
	return &l
}

func (r *answerReader) document(at string) ident.Document {
	s := r.value(at)
	if s == "" {
		return ident.Document{}
	}
	id, err := ident.Parse[ident.Document](s)
	if err != nil {
		r.check.Reject(at, "not-in-list")
	}
	return id
}

// rowAt is the name before the questions of a repetition.
func rowAt(group string, n int) string { return group + "." + strconv.Itoa(n) + "." }

// mostRepeats bounds how many repetitions a page carries where the form names no
// bound.
const mostRepeats = 50

// rowsOf returns how many repetitions of a group were on the page: up to the last
// that has a value.
func rowsOf(values url.Values, q *forms.Field, group string) int {
	most := mostRepeats
	if q.Most > 0 {
		most = q.Most
	}
	n := 0
	for name, v := range values {
		rest, ok := strings.CutPrefix(name, group+".")
		if !ok || len(v) == 0 || v[0] == "" {
			continue
		}
		digits, _, _ := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(digits); err == nil && i >= 0 && i < most {
			n = max(n, i+1)
		}
	}
	return n
}

// compact takes the repetitions out in which nothing was answered, or which the
// person wants out, and moves the others up: places on the page are then those of
// the answers.
func compact(f *forms.Form, values url.Values) url.Values {
	out := make(url.Values, len(values))
	for name, v := range values {
		out[name] = v
	}
	for i := range f.Sections {
		for j := range f.Sections[i].Fields {
			if q := &f.Sections[i].Fields[j]; q.Kind == forms.KindGroup {
				compactGroup(q, values, out)
			}
		}
	}
	return out
}

func compactGroup(q *forms.Field, values, out url.Values) {
	group, kept := placeMark+q.ID, 0
	for n := range rowsOf(values, q, group) {
		from := rowAt(group, n)
		r := answerReader{values: values}
		keep := values.Get(from+endDrop) == "" && (len(r.row(q, from)) > 0 || r.check.Err() != nil)
		for name, v := range values {
			rest, ok := strings.CutPrefix(name, from)
			if !ok {
				continue
			}
			if keep {
				out[rowAt(group, kept)+rest] = v
			}
			if !keep || kept != n {
				delete(out, name)
			}
		}
		if keep {
			kept++
		}
	}
}

// valuesOf writes answers as they would be posted, so that a record and a refused
// form are shown in one way.
func valuesOf(f *forms.Form, as forms.Answers) url.Values {
	out := url.Values{}
	for i := range f.Sections {
		for j := range f.Sections[i].Fields {
			q := &f.Sections[i].Fields[j]
			writeAnswer(out, q, placeMark+q.ID, as[q.ID])
		}
	}
	return out
}

func writeAnswer(out url.Values, q *forms.Field, at string, a forms.Answer) {
	set := func(name, value string) {
		if value != "" {
			out.Set(name, value)
		}
	}
	oneChoice := q.Kind == forms.KindAnswer || q.Kind == forms.KindChoice
	if a.State != forms.Given && a.State != forms.Blank {
		if oneChoice {
			set(at, statePrefix+string(a.State))
		} else {
			set(at+endState, string(a.State))
		}
	}
	switch q.Kind {
	case forms.KindAnswer, forms.KindChoice:
		set(at, a.Code)
	case forms.KindChoices:
		if len(a.Codes) > 0 {
			out[at] = a.Codes
		}
	case forms.KindText, forms.KindPhone, forms.KindTime, forms.KindWords, forms.KindPlace:
		set(at, a.Text.Reveal())
		set(at+endLanguage, a.Language)
		set(at+endDirection, a.Direction)
		set(at+endRegion, a.Code)
	case forms.KindNumber, forms.KindDecimal:
		if a.HasNumber {
			set(at, strconv.FormatFloat(a.Number, 'f', -1, 64))
		}
	case forms.KindDate, forms.KindUncertainDate:
		writeDate(set, at, a)
	case forms.KindPerson:
		if a.Person != nil {
			set(at, a.Person.Name.Reveal())
			set(at+endRelation, a.Person.Relation)
			set(at+endSafe, a.Person.Safe)
			if !a.Person.Person.IsZero() {
				set(at+endPerson, a.Person.Person.String())
			}
		}
	case forms.KindFile:
		if !a.Document.IsZero() {
			set(at, a.Document.String())
		}
	case forms.KindGroup:
		for n, row := range a.Groups {
			for i := range q.Fields {
				writeAnswer(out, &q.Fields[i], rowAt(at, n)+q.Fields[i].ID, row[q.Fields[i].ID])
			}
		}
	}
}

func writeDate(set func(name, value string), at string, a forms.Answer) {
	if a.Date.IsZero() {
		return
	}
	year, month, day := a.Date.RevealParts()
	for i, part := range []string{"year", "month", "day"} {
		if n := [3]int{year, month, day}[i]; n > 0 {
			set(at+"_"+part, strconv.Itoa(n))
		}
	}
	set(at+endSure, a.Sure)
}
