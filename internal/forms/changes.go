package forms

// AnswerChange is one answer that differs between two revisions of a record.
type AnswerChange struct {
	Field    *Field // of a group: the question inside it
	Row      int    // of a group: which repetition, from 0; -1 outside
	From, To Answer
}

// Changes returns the answers that differ, in the order of the form; inside a
// group, question by question.
func Changes(f *Form, from, to Answers) []AnswerChange {
	var out []AnswerChange
	for i := range f.Sections {
		for j := range f.Sections[i].Fields {
			q := &f.Sections[i].Fields[j]
			if q.Kind == KindGroup {
				out = append(out, changesInside(q, from[q.ID], to[q.ID])...)
			} else if q.Kind != KindCalculated && !from[q.ID].Equal(to[q.ID]) {
				out = append(out, AnswerChange{q, -1, from[q.ID], to[q.ID]})
			}
		}
	}
	return out
}

func changesInside(q *Field, from, to Answer) []AnswerChange {
	var out []AnswerChange
	if was, is := reason(from), reason(to); was != is {
		out = append(out, AnswerChange{q, -1, Answer{State: was}, Answer{State: is}})
	}
	for n := range max(len(from.Groups), len(to.Groups)) {
		for k := range q.Fields {
			inner := &q.Fields[k]
			a, b := rowOf(from, n)[inner.ID], rowOf(to, n)[inner.ID]
			if inner.Kind != KindCalculated && !a.Equal(b) {
				out = append(out, AnswerChange{inner, n, a, b})
			}
		}
	}
	return out
}

// reason returns why a group has no answer, blank where it has one.
func reason(a Answer) State {
	if s := a.state(); s != Given {
		return s
	}
	return Blank
}

func rowOf(a Answer, n int) Answers {
	if n < len(a.Groups) {
		return a.Groups[n]
	}
	return nil
}
