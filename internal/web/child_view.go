package web

import (
	"slices"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/person"
)

// options returns the choices of a code list in the reader's language.
func (v *visit) options(list string, but ...string) []Option {
	choices := v.s.Pack.Choices(list, v.l.Code())
	out := make([]Option, 0, len(choices))
	for _, c := range choices {
		if !slices.Contains(but, c.Code) {
			out = append(out, Option{Value: c.Code, Label: c.Label})
		}
	}
	return out
}

// label returns the words of a code.
func (v *visit) label(list, code string) string {
	if code == "" {
		return ""
	}
	return v.s.Pack.Label(list, code, v.l.Code())
}

// labels returns the words of several codes.
func (v *visit) labels(list string, codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = v.label(list, c)
	}
	return out
}

// day returns the calendar day of a time where the people are, none for none.
func (v *visit) day(t time.Time) locale.Day {
	if t.IsZero() {
		return locale.Day{}
	}
	return locale.DayOf(t.In(v.s.Zone))
}

// childRow is the head of a page about a child, and a row of a list.
func (v *visit) childRow(c *casework.Case, d *person.Details) Child {
	return Child{
		Href: "/child/" + c.ID.String(), Number: c.Number.String(), Name: d.Called().Reveal(), Age: v.age(d.Birth),
		Risk: c.Risk, Stage: c.Stage, Region: v.label("region", c.Region), Unit: v.unitName(c.Unit),
		Worker: v.name(c.Worker), Next: DueOn(v.day(c.NextContact), v.today()), Closed: c.Closed(),
	}
}

func (v *visit) rows(list []casework.Row) []Child {
	out := make([]Child, len(list))
	for i := range list {
		out[i] = v.childRow(&list[i].Case, &list[i].Person.Details)
		out[i].Flagged = list[i].Flagged
	}
	return out
}

// age returns how old a person may be today.
func (v *visit) age(b person.Birth) Age {
	young, old, ok := b.Years(v.now())
	return Age{From: young, To: old, Known: ok, Presumed: ok && b.PresumedChild}
}

// wayStages are the stones of the path; the missing stage stands outside it.
var wayStages = []string{"screened", "identified", "registered", "assessed", "planned", "in_services", "solution", "followup", "closed"}

// stones returns the path as far as the child has come.
func stones(stage string) []Stone {
	at := slices.Index(wayStages, stage)
	out := make([]Stone, len(wayStages))
	for i, s := range wayStages {
		out[i] = Stone{Stage: s, State: "ahead"}
		switch {
		case i < at:
			out[i].State = "done"
		case i == at:
			out[i].State = "now"
		}
	}
	return out
}

// childPage builds the page of a child.
func (v *visit) childPage(c *casework.Child) ChildPage {
	d := &c.Person.Details
	view := ChildPage{
		Frame: v.frame("children"), Child: v.childRow(&c.Case, d), Since: v.day(c.Case.OpenedAt),
		Path: stones(c.Case.Stage), Missing: c.Case.Stage == casework.StageMissing,
		Details: v.facts(c), Can: Can{
			Note: c.May["case.note"], Contact: c.May["case.contact"] && !c.Case.Closed(),
			Reopen: c.May["case.reopen"] && c.Case.Closed(), Details: c.May["case.update"], Looked: c.May["case.wholooked"],
			Emergency: c.MayReopenInEmergency, Confirm: c.May["case.confirm"] && !c.Unconfirmed.IsZero(),
		},
		Waiting: v.waiting(c),
	}
	view.Life = v.life(c)
	view.Menu = menuOf(view.Child.Href, c)
	if tie := c.Intake(); !tie.IsZero() {
		view.Menu = append(view.Menu, MenuLink{"intake", "children", "/intake/group/" + tie.String()})
	}
	view.Stamp = v.stamp(c.Entry)
	view.Flags, view.Urgent = v.flagged(c), v.pressing(c.Urgent, c.Case.ID, c.May["check.seeto"], false)
	for i := range c.Tasks {
		if c.Tasks[i].Open() {
			view.Tasks++
		}
	}
	for i := range c.Events {
		e := v.event(&c.Events[i])
		if e.Words != nil && view.Words == nil {
			view.Words = e.Words
		}
		view.Events = append(view.Events, e)
	}
	v.tieCorrections(c.Events, c.Events, view.Events, view.Child.Href, view.Can.Note)
	for _, r := range d.Restrictions {
		view.Warnings = append(view.Warnings, Option{Label: v.label("contact_restriction", r.Kind), Hint: r.Note.Reveal()})
	}
	view.Lives, view.Uses = v.livesNow(view.Child.Href, c), v.dataUse(view.Child.Href, c)
	view.Unsafe = v.unsafePeople(c)
	for i := range c.People {
		if h, ok := v.helper(&c.People[i]); ok {
			view.People = append(view.People, h)
		}
	}
	slices.SortStableFunc(view.People, func(a, b Helper) int { return strings.Compare(a.Relation, b.Relation) })
	return view
}

// helper is one line of who can open the page. Who is named by an altered row is
// shown even if nobody knows them: the row is what the auditor has to see.
func (v *visit) helper(p *access.Reached) (Helper, bool) {
	h := Helper{Relation: p.Relation, Altered: p.Altered}
	if p.UntilAt != 0 {
		h.Until = v.day(clock.FromMicros(p.UntilAt))
	}
	switch p.Relation {
	case access.RelationUnit:
		h.Name = v.unitName(ident.Unit(p.Holder))
	case access.RelationLead, access.RelationHelper, access.RelationGlass:
		a, ok := v.people.Person(ident.Staff(p.Holder))
		if !ok && !p.Altered {
			return h, false
		}
		if ok {
			h.Name, h.Unit = a.Name.Reveal(), v.unitName(a.Unit)
		}
	default:
		return h, false // whom a record is withheld from is nobody's reading here
	}
	if h.Name == "" && p.Altered {
		h.Name = v.l.T("staff.unknown")
	}
	return h, true
}

// stamp says on paper who printed it and when, and where the journal has it.
func (v *visit) stamp(entry ident.Entry) *Stamp {
	return &Stamp{Who: v.name(v.session.Staff), When: v.now(), Code: entry.Short()}
}

// sentLabels are the labels of the facts that a code of another country may be about.
var sentLabels = map[string]string{"sex_recorded": "sex", "gender_told": "gender", "nationality": "nationality", "language": "language"}

// facts says in short who the child is.
func (v *visit) facts(c *casework.Child) []Fact {
	d := &c.Person.Details
	var out []Fact
	add := func(label, text, note string) {
		if text != "" {
			out = append(out, Fact{Label: label, Text: text, Note: note})
		}
	}
	for i, n := range d.Names {
		if i < 4 {
			add("name", n.Text.Reveal(), v.label("name_kind", n.Kind))
		}
	}
	add("birth", v.span(d.Birth), v.label("birth_source", d.Birth.Source))
	add("sex", v.label("sex_recorded", d.SexRecorded), "")
	add("gender", v.label("gender_told", d.GenderTold), "")
	add("nationality", strings.Join(v.labels("nationality", d.Nationalities), ", "), "")
	add("language", strings.Join(v.labels("language", d.Languages), ", "), "")
	for _, i := range d.Identifiers {
		add("identifier", i.Value.Reveal(), v.label("identifier_kind", i.Kind))
	}
	for _, s := range d.Sent {
		add(sentLabels[s.List], v.unknownCode(s.Code), v.l.T("person.sent"))
	}
	add("region", v.label("region", c.Case.Region), "")
	return out
}

// span writes when a person was born, as far as it is known.
func (v *visit) span(b person.Birth) string {
	if b.Earliest.IsZero() || b.Latest.IsZero() {
		return ""
	}
	from, okFrom := locale.ParseDay(b.Earliest.Reveal())
	to, okTo := locale.ParseDay(b.Latest.Reveal())
	switch {
	case !okFrom || !okTo:
		return b.Earliest.Reveal()
	case from == to:
		return v.l.Date(from)
	}
	return v.l.T("birth.between", "from", v.l.Date(from), "to", v.l.Date(to))
}
