package forms

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// Pressing is what a finished record answers to a question of which some answer
// cannot wait, whether this one can or not.
type Pressing struct {
	// Question names the question. Questions of the same name ask the same, in
	// whatever form they stand; inside a group it is "group.question".
	Question string
	Actions  []string // what the answer asks for at once ([UrgentActions]); none: it can wait
	Record   ident.Record
	Said     int64     // the revision since which the record answers so
	Counts   int64     // the revision since which that counts: said, and the record finished
	At       time.Time // of the revision that counts
	// Form, Field and Answer are what the reader may know of it: nil and nothing
	// for what their role may not read.
	Form   *Form
	Field  *Field
	Answer Answer

	codes []string // all that was answered
}

// FetchAll reads all revisions of all records of the pass's case.
func (r *Room) FetchAll(ctx context.Context, p *access.Pass) (*Fetched, error) {
	rows, err := readRevisions(ctx, p.Tx(), sqlSelectCase, p.Case())
	return &Fetched{r, rows}, err
}

// Pressing returns what the finished records say now to questions that may not be
// able to wait. "Not known" and the like say nothing and are left out. f holds all
// revisions of the case.
func (f *Fetched) Pressing(p *access.Pass) ([]Pressing, error) {
	all, err := f.open(p)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Form = all[i].Form.hiding(p, false)
	}
	var out []Pressing
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].Record == all[from].Record {
			to++
		}
		out = append(out, pressingOf(all[from:to], p.Caller().Role())...)
		from = to
	}
	return out, nil
}

// pressingOf returns what one record says, of which all are the revisions.
func pressingOf(all []Revision, role string) []Pressing {
	last := &all[len(all)-1]
	if !last.Finished {
		return nil
	}
	finished := slices.IndexFunc(all, func(v Revision) bool { return v.Finished })
	out := last.Form.pressing(last.Answers)
	for i := range out {
		q := &out[i]
		said := len(all) - 1
		for said > 0 && all[said-1].says(q) {
			said--
		}
		counts := &all[max(said, finished)]
		q.Record, q.Said, q.Counts, q.At = last.Record, all[said].Number, counts.Number, counts.At
		q.Form = last.Form
		if s := last.Form.SectionOf(q.Question); s == nil || !s.MayRead(role) {
			q.Field, q.Answer = nil, Answer{}
		}
		if !last.Form.MayRead(role) {
			q.Form = nil
		}
	}
	return out
}

// says reports whether a revision answers a question as q does.
func (v *Revision) says(q *Pressing) bool {
	return slices.ContainsFunc(v.Form.pressing(v.Answers), func(o Pressing) bool {
		return o.Question == q.Question && slices.Equal(o.codes, q.codes)
	})
}

// pressing returns the given answers to the form's questions that may not be able
// to wait, in the order of the form.
func (f *Form) pressing(as Answers) []Pressing {
	var out []Pressing
	for i := range f.Sections {
		for j := range f.Sections[i].Fields {
			q := &f.Sections[i].Fields[j]
			out = press(out, q.ID, q, as[q.ID])
			for k := range q.Fields {
				inner := &q.Fields[k]
				var rows []Answer
				for _, row := range as[q.ID].Groups {
					rows = append(rows, row[inner.ID])
				}
				out = press(out, q.ID+"."+inner.ID, inner, rows...)
			}
		}
	}
	return out
}

// press adds a question with what was answered to it, once or in each repetition
// of a group; of those the first that cannot wait is shown.
func press(to []Pressing, name string, q *Field, answers ...Answer) []Pressing {
	if len(q.Urgent) == 0 {
		return to
	}
	p := Pressing{Question: name, Field: q}
	for _, a := range answers {
		if a.state() != Given {
			continue
		}
		waits := len(p.Actions) == 0
		for _, code := range append([]string{a.Code}, a.Codes...) {
			if code == "" {
				continue
			}
			p.codes = append(p.codes, code)
			if action := q.Urgent[code]; action != "" && !slices.Contains(p.Actions, action) {
				p.Actions = append(p.Actions, action)
			}
		}
		if waits && len(p.Actions) > 0 || p.Answer.State == Blank {
			p.Answer = a
		}
	}
	if len(p.codes) == 0 {
		return to
	}
	return append(to, p)
}

// newlyUrgent returns the actions that an answer asks for and that the same
// question did not ask for before: a second danger opens an action of its own,
// although the record knew of one already.
func (f *Form) newlyUrgent(before, now Answers) []string {
	had := map[string][]string{}
	for _, p := range f.pressing(before) {
		had[p.Question] = p.Actions
	}
	var out []string
	for _, p := range f.pressing(now) {
		for _, action := range p.Actions {
			if !slices.Contains(had[p.Question], action) && !slices.Contains(out, action) {
				out = append(out, action)
			}
		}
	}
	return out
}
