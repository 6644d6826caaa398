package web

import (
	"net/url"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/sealed"
)

// Alone returns the answers to whether the child was seen alone.
func Alone(l *locale.Locale) []Option { return Options(l, "answer", casework.AloneAnswers()...) }

// noteForm writes a note. The day of the contact is today's until somebody
// changes it; whether the child was seen alone has no answer until one is given.
func (s *Server) noteForm() formPage {
	return s.childForm("case.note",
		func(v *visit, c *casework.Child, f Form) any {
			if f.Values == nil {
				f.Values = url.Values{"contact_on": {v.today().ISO()}}
			}
			view := Note{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f.Ask("language", v.l.T("note.language")),
				Kinds: v.options("note_kind"), Languages: v.options("language"), Alone: Alone(v.l),
			}
			if !c.Case.Closed() {
				view.When = NextContacts(v.l)
			}
			return view
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			note, err := v.note()
			if err != nil {
				return "", err
			}
			return "note", s.Cases.AddNote(v.r.Context(), v.caller, cmd, id, note)
		})
}

// note reads the form.
func (v *visit) note() (casework.Note, error) {
	var c fault.Check
	on, code := v.contactDay("contact_on")
	c.Require(code == "", "contact_on", code)
	next, err := v.when()
	for _, f := range fault.FieldsOf(err) {
		c.Reject(f.Name, f.Code)
	}
	return casework.Note{
		Kind: v.value("kind"), On: on, Alone: v.value("seen_alone"), Question: v.text("question"), Words: v.text("words"),
		Language: v.value("language"), Seen: v.text("seen"), Thought: v.text("thought"), NextContact: next,
	}, c.Err()
}

// contactDay reads the day of a contact, and returns the code of what is wrong
// with it.
func (v *visit) contactDay(field string) (sealed.Date, string) {
	typed := locale.PlainDigits(strings.TrimSpace(v.value(field)))
	if typed == "" {
		return sealed.Date{}, "required"
	}
	day, ok := locale.ParseDay(typed)
	if !ok {
		return sealed.Date{}, "bad-date"
	}
	if v.today().Until(day) > 0 {
		return sealed.Date{}, "in-the-future"
	}
	d, err := sealed.NewDate(day.Year, int(day.Month), day.Dom)
	if err != nil {
		return sealed.Date{}, "bad-date"
	}
	return d, ""
}
