package forms

import "slices"

// Equal reports whether two answers say the same.
func (a Answer) Equal(b Answer) bool {
	if a.state() != b.state() || a.Code != b.Code || !slices.Equal(a.Codes, b.Codes) || a.Language != b.Language ||
		a.Sure != b.Sure || a.Direction != b.Direction || a.Document != b.Document ||
		a.HasNumber != b.HasNumber || a.HasNumber && a.Number != b.Number {
		return false
	}
	if !(a.Text.Equal(b.Text) || emptyText(a.Text) && emptyText(b.Text)) || !a.Date.Equal(b.Date) || !a.Person.equal(b.Person) {
		return false
	}
	return slices.EqualFunc(filled(a.Groups), filled(b.Groups), Answers.Equal)
}

// filled returns the repetitions in which something was answered.
func filled(groups []Answers) []Answers {
	return slices.DeleteFunc(slices.Clone(groups), func(item Answers) bool { return len(item.Clean()) == 0 })
}

// Equal reports whether two sets of answers say the same: a blank answer is none.
func (as Answers) Equal(bs Answers) bool {
	as, bs = as.Clean(), bs.Clean()
	if len(as) != len(bs) {
		return false
	}
	for id, a := range as {
		if b, ok := bs[id]; !ok || !a.Equal(b) {
			return false
		}
	}
	return true
}

func (l *Link) equal(m *Link) bool {
	if l == nil || m == nil || emptyLink(l) || emptyLink(m) {
		return (l == nil || emptyLink(l)) && (m == nil || emptyLink(m))
	}
	same := l.Name.Equal(m.Name) || emptyText(l.Name) && emptyText(m.Name)
	return same && l.Relation == m.Relation && l.Safe == m.Safe && l.Person == m.Person
}
