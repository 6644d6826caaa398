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
				Interpreters: v.options("interpreter"), Present: v.options("present"), With: v.groupOf(c),
			}
			if !c.Case.Closed() {
				view.When = NextContacts(v.l)
			}
			return view
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			note, err := v.note()
			var c fault.Check
			for _, f := range fault.FieldsOf(err) {
				c.Reject(f.Name, f.Code)
			}
			// Who interpreted is part of every talk; other notes may leave it open.
			c.Require(!casework.Contact(note.Kind) || note.Interpreter != "", "interpreter", "required")
			if err := c.Err(); err != nil {
				return "", err
			}
			with, err := v.with()
			if err != nil {
				return "", err
			}
			return "note", s.Cases.AddNotes(v.r.Context(), v.caller, cmd, id, with, note)
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
		Interpreter: v.value("interpreter"), InterpreterName: v.text("interpreter_name"), Present: v.r.PostForm["present"],
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

// groupOf returns the children of the child's group whom the worker reaches: a
// visit may be written for them at once.
func (v *visit) groupOf(c *casework.Child) []Option {
	if !c.InGroup() {
		return nil
	}
	page, err := v.s.Cases.People(v.r.Context(), v.caller, c.Case.ID)
	if err != nil || page.Group == nil {
		return nil // the note itself does not wait for the others
	}
	var out []Option
	for i := range page.Group.Members {
		out = append(out, v.groupOption(&page.Group.Members[i]))
	}
	return out
}
