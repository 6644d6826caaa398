package intake

import (
	"time"

	"causeway/internal/casework"
	"causeway/internal/forms"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// Whole is a case as it goes out to another program: what stands in the record
// now, and what the file said that it came from, if it came from one.
type Whole struct {
	Number  string
	Person  person.Details
	Place   sealed.Text
	Region  string
	Stage   string
	Risk    string
	Opened  time.Time
	Answers map[string]forms.Answers // of the newest record of each form
	Pieces  []Piece                  // what entries of sub-forms can hold
	Source  *casework.Source         // in the profile that is written; nil for none
}

// WholeOf returns a case as it stands in the record, for a profile.
func WholeOf(l *casework.RecordList, profile string) *Whole {
	c := &l.Case
	w := &Whole{
		Number: c.Number.String(), Person: l.Person.Details, Stage: c.Stage, Risk: c.Risk, Opened: c.OpenedAt,
		Answers: map[string]forms.Answers{}, Source: l.ImportedFrom(profile), Pieces: piecesOf(l, profile),
	}
	if c.Region != "unknown" {
		w.Region = c.Region
	}
	for i := range l.Events {
		if e := &l.Events[i]; !e.Place.IsZero() && e.Kind == casework.KindRegistered {
			w.Place = e.Place
		}
	}
	for _, r := range l.Records { // newest first
		if _, newer := w.Answers[r.Form.ID]; !newer {
			w.Answers[r.Form.ID] = r.Answers
		}
	}
	return w
}

// Whole returns the case that a row describes, before anything happens in it.
func (r *Row) Whole() (*Whole, error) {
	g, err := registration(r)
	if err != nil {
		return nil, err
	}
	w := &Whole{Person: g.Person, Place: g.Place, Region: g.Region, Stage: g.Stage, Risk: g.Risk, Opened: g.OpenedAt, Answers: r.Answers, Pieces: piecesOfRow(r)}
	if s, ok := source(r); ok {
		w.Source = &s
	}
	return w, nil
}
