package casework

import (
	"slices"

	"causeway/internal/forms"
	"causeway/internal/sealed"
)

// Flat is an answer of a form as it travels to another country, which may not have the
// form: codes, words, a day or a number.
type Flat struct {
	State     string
	Codes     []string
	Text      sealed.Text
	Language  string
	Date      sealed.Date
	Number    float64
	HasNumber bool
}

// Flat returns the answer of something shown; ok is false where it is none of a form.
// Repeated groups, documents and records of people do not travel with it.
func (s *Shown) Flat() (f Flat, ok bool) {
	a := s.Answer
	if a == nil {
		return f, false
	}
	f = Flat{
		State: string(a.State), Codes: slices.Clone(a.Codes), Text: a.Text, Language: a.Language, Date: a.Date,
		Number: a.Number, HasNumber: a.HasNumber,
	}
	if a.Code != "" {
		f.Codes = append([]string{a.Code}, f.Codes...)
	}
	if a.Person != nil && f.Text.IsZero() {
		f.Text = a.Person.Name
	}
	return f, true
}

// Unflat makes the answer of something shown from one that travelled.
func (s *Shown) Unflat(f Flat) {
	a := &forms.Answer{
		State: forms.State(f.State), Codes: f.Codes, Text: f.Text, Language: f.Language, Date: f.Date, Number: f.Number, HasNumber: f.HasNumber,
	}
	if len(f.Codes) == 1 {
		a.Code = f.Codes[0]
	}
	s.Answer = a
}
