package web

import (
	"fmt"
	"strconv"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/locale"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// mostRows is how many rows of one kind the form reads.
const mostRows = 20

// personForm shows and replaces everything known about the child. Rows are
// added by a button that posts the form without saving, so that it works
// without JavaScript.
func (s *Server) personForm() formPage {
	page := formPage{}
	page.show = func(v *visit, f Form) (any, error) {
		c, err := v.opened()
		if err != nil {
			return nil, err
		}
		if !c.May["case.update"] {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		if f.Values == nil {
			f.Values = personValues(&c.Person.Details)
		}
		f = v.withSeen(f, c.Case.PersonVersion)
		return v.personView(c, f), nil
	}
	page.do = func(v *visit) (string, string, error) {
		id, err := v.caseID()
		if err != nil {
			return "", "", err
		}
		if v.value("add") != "" { // one more row, nothing saved
			return "", "", fault.New(fault.Invalid, "")
		}
		cmd, err := v.command()
		if err != nil {
			return "", "", err
		}
		d, err := v.details()
		if err != nil {
			return "", "", err
		}
		err = s.Cases.UpdatePerson(v.r.Context(), v.caller, cmd, id, v.seen(), d)
		return "/child/" + id.String(), "person", err
	}
	return page
}

// personView builds the form's page; each group has a row for each value and at
// least one empty one.
func (v *visit) personView(c *casework.Child, f Form) Person {
	rows := func(group string, least int) []int {
		n := least
		for i := range mostRows {
			if f.Value(fmt.Sprintf("%s_%d", group, i)) != "" {
				n = max(n, i+1)
			}
		}
		if f.Value("add") == group && n < mostRows {
			n++
		}
		out := make([]int, n)
		for i := range out {
			out[i] = i
		}
		return out
	}
	return Person{
		Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f,
		Names: rows("name", 1), Identifiers: rows("identifier", 1), Restrictions: rows("restriction_kind", 1),
		Nationalities: rows("nationality", 1), Tongues: rows("language", 1),
		NameKinds: v.options("name_kind"), Scripts: v.options("script"), Sources: v.options("birth_source"),
		Sure: v.options("certainty"), Sexes: v.options("sex_recorded"), Genders: v.options("gender_told"),
		Countries: v.options("nationality"), Languages: v.options("language"), IDKinds: v.options("identifier_kind"),
		Restrict: v.options("contact_restriction"), Presumed: Presumed(v.l), Sent: v.sentRows(f),
	}
}

// sentRows shows the codes of another country that the form carries along, each with a
// box that takes it out.
func (v *visit) sentRows(f Form) (out []SentRow) {
	for i := range mostRows {
		if code := f.Value(fmt.Sprintf("sent_%d", i)); code != "" {
			label := v.l.T("person.sent.known", "what", labelOf(v.l, sentLabels[f.Value(fmt.Sprintf("sent_list_%d", i))]), "code", isolated(code))
			out = append(out, SentRow{i, []Option{{Value: "yes", Label: label}}})
		}
	}
	return out
}

// personValues writes the record into the form's fields.
func personValues(d *person.Details) map[string][]string {
	m := map[string][]string{}
	set := func(value, name string, i ...any) {
		if value != "" {
			m[fmt.Sprintf(name, i...)] = []string{value}
		}
	}
	for i, n := range d.Names {
		set(n.Text.Reveal(), "name_%d", i)
		set(n.Kind, "name_kind_%d", i)
		set(n.Script, "name_script_%d", i)
	}
	for i, x := range d.Identifiers {
		set(x.Value.Reveal(), "identifier_%d", i)
		set(x.Kind, "identifier_kind_%d", i)
	}
	for i, x := range d.Restrictions {
		set(x.Kind, "restriction_kind_%d", i)
		set(x.Note.Reveal(), "restriction_note_%d", i)
	}
	for i, x := range d.Nationalities {
		set(x, "nationality_%d", i)
	}
	for i, x := range d.Languages {
		set(x, "language_%d", i)
	}
	for i, x := range d.Sent {
		set(x.List, "sent_list_%d", i)
		set(x.Code, "sent_%d", i)
	}
	date := func(prefix string, d sealed.Date) {
		if d.IsZero() {
			return
		}
		year, month, day := d.RevealParts()
		set(strconv.Itoa(year), "%s_year", prefix)
		if month > 0 {
			set(strconv.Itoa(month), "%s_month", prefix)
		}
		if day > 0 {
			set(strconv.Itoa(day), "%s_day", prefix)
		}
	}
	date("birth_from", d.Birth.Earliest)
	date("birth_to", d.Birth.Latest)
	set(d.Birth.Source, "birth_source")
	set(d.Birth.Certainty, "birth_certainty")
	if d.Birth.PresumedChild {
		set("yes", "presumed")
	}
	set(d.SexRecorded, "sex")
	set(d.GenderTold, "gender")
	return m
}

// details reads the form back. Empty rows vanish.
func (v *visit) details() (person.Details, error) {
	var c fault.Check
	d := person.Details{
		SexRecorded: v.value("sex"), GenderTold: v.value("gender"),
		Birth: person.Birth{Source: v.value("birth_source"), Certainty: v.value("birth_certainty"), PresumedChild: v.value("presumed") == "yes"},
	}
	for i := range mostRows {
		at := func(name string) string { return fmt.Sprintf("%s_%d", name, i) }
		v.rowText(&c, at("name"), mostRowText)
		v.rowText(&c, at("identifier"), mostRowText)
		v.rowText(&c, at("restriction_note"), mostRowNote)
		for field, list := range rowLists {
			code := v.value(at(field))
			c.Require(code == "" || v.s.Pack.Valid(list, code), at(field), "not-in-list")
		}
		if t := v.text(at("name")); !t.IsZero() {
			d.Names = append(d.Names, person.Name{Text: t, Kind: v.value(at("name_kind")), Script: v.value(at("name_script"))})
		}
		if t := v.text(at("identifier")); !t.IsZero() {
			c.Require(v.value(at("identifier_kind")) != "", at("identifier_kind"), "required")
			d.Identifiers = append(d.Identifiers, person.Identifier{Value: t, Kind: v.value(at("identifier_kind"))})
		}
		if k := v.value(at("restriction_kind")); k != "" {
			d.Restrictions = append(d.Restrictions, person.Restriction{Kind: k, Note: v.text(at("restriction_note"))})
		} else if !v.text(at("restriction_note")).IsZero() {
			c.Reject(at("restriction_kind"), "required")
		}
		if n := v.value(at("nationality")); n != "" {
			d.Nationalities = append(d.Nationalities, n)
		}
		if n := v.value(at("language")); n != "" {
			d.Languages = append(d.Languages, n)
		}
		if n := v.value(at("sent")); n != "" && v.value(at("sent_known")) == "" {
			d.Sent = append(d.Sent, person.SentCode{List: v.value(at("sent_list")), Code: n})
		}
	}
	c.Require(len(d.Names) > 0, "name_0", "required")
	var ok1, ok2 bool
	d.Birth.Earliest, ok1 = v.partialDate("birth_from")
	d.Birth.Latest, ok2 = v.partialDate("birth_to")
	c.Require(ok1, "birth_from", "bad-date")
	c.Require(ok2, "birth_to", "bad-date")
	if d.Birth.Latest.IsZero() && !d.Birth.Earliest.IsZero() {
		d.Birth.Latest = d.Birth.Earliest
	}
	if d.Birth.Earliest.IsZero() && !d.Birth.Latest.IsZero() {
		c.Reject("birth_from", "half-interval")
	}
	if err := c.Err(); err != nil {
		return d, err
	}
	return d, renamed(d.Check(v.s.Pack))
}

// Bounds of texts in rows, as in package person.
const (
	mostRowText = 200
	mostRowNote = 2000
)

// rowLists are the code lists of the fields that come in rows.
var rowLists = map[string]string{
	"name_kind": "name_kind", "name_script": "script", "identifier_kind": "identifier_kind",
	"restriction_kind": "contact_restriction", "nationality": "nationality", "language": "language",
}

// rowText refuses a text of a row at its own field.
func (v *visit) rowText(c *fault.Check, field string, most int) {
	if code := person.TextFault(v.value(field), most); code != "" {
		c.Reject(field, code)
	}
}

// renamed maps the room's field names to the form's.
func renamed(err error) error {
	names := map[string]string{
		"birth_year": "birth_from", "name": "name_0", "name_kind": "name_kind_0", "name_script": "name_script_0",
		"identifier": "identifier_0", "identifier_kind": "identifier_kind_0", "restriction_kind": "restriction_kind_0",
		"restriction_note": "restriction_note_0", "nationality": "nationality_0", "language": "language_0",
	}
	fields := fault.FieldsOf(err)
	for i := range fields {
		if n, ok := names[fields[i].Name]; ok {
			fields[i].Name = n
		}
	}
	return err
}

// partialDate reads three boxes; ok is false for what is not a date.
func (v *visit) partialDate(prefix string) (d sealed.Date, ok bool) {
	part := func(name string) (int, bool) {
		s := locale.PlainDigits(strings.TrimSpace(v.value(prefix + "_" + name)))
		if s == "" {
			return 0, true
		}
		n, err := strconv.Atoi(s)
		return n, err == nil && n > 0
	}
	year, ok1 := part("year")
	month, ok2 := part("month")
	day, ok3 := part("day")
	switch {
	case !ok1 || !ok2 || !ok3:
		return d, false
	case year == 0:
		return d, month == 0 && day == 0
	case month == 0 && day != 0:
		return d, false
	}
	d, err := sealed.NewDate(year, month, day)
	return d, err == nil
}
