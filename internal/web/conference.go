package web

import (
	"fmt"
	"net/http"
	"net/url"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
)

// conferenceRoutes are the pages of case conferences.
func (s *Server) conferenceRoutes() {
	s.page("GET /child/{case}/conference", s.conferences)
	s.form("/child/{case}/conference/new", s.conferenceForm())
	s.page("GET /child/{case}/conference/{event}", s.conference)
}

// conferences lists the conferences about a child.
func (s *Server) conferences(v *visit) error {
	c, err := v.opened()
	if err != nil {
		return err
	}
	view := Conferences{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), CanAdd: c.May["case.confer"]}
	for i := range c.Events {
		if e := &c.Events[i]; e.Kind == casework.KindConference && e.Conference != nil {
			view.Rows = append(view.Rows, v.conferenceOf(view.Child.Href, e, nil))
		}
	}
	view.Stamp = v.stamp(c.Entry)
	return v.write(http.StatusOK, view)
}

// conference is one conference, made to be printed.
func (s *Server) conference(v *visit) error {
	c, err := v.opened()
	if err != nil {
		return err
	}
	id, err := ident.Parse[ident.Event](v.r.PathValue("event"))
	if err != nil {
		return err
	}
	for i := range c.Events {
		if e := &c.Events[i]; e.ID == id && e.Conference != nil {
			child := v.childRow(&c.Case, &c.Person.Details)
			view := ConferencePage{Frame: v.frame("children"), Child: child, Conference: v.conferenceOf(child.Href, e, c.Tasks)}
			view.Stamp = v.stamp(c.Entry)
			return v.write(http.StatusOK, view)
		}
	}
	return fault.New(fault.NotFound, "no-such-page")
}

// conferenceOf builds a conference; tasks are those of the case, as far as they are
// shown with its points.
func (v *visit) conferenceOf(href string, e *casework.Event, tasks []casework.Item) Conference {
	h := e.Conference
	out := Conference{
		Href: href + "/conference/" + e.ID.String(), Place: h.Place.Reveal(), View: h.View.Reveal(), TookPart: h.TookPart,
		By: v.name(e.Author), At: e.At.In(v.s.Zone),
	}
	out.On, _ = locale.ParseDay(h.Day.Reveal())
	for _, a := range h.Attended {
		one := Attendee{Name: a.Name.Reveal(), Sector: v.label("sector", a.Sector), Absent: a.Absent}
		if len(a.Staff) == 16 {
			one.Name = v.name(ident.Staff(a.Staff))
		}
		out.People = append(out.People, one)
	}
	for _, p := range h.Points {
		point := AgendaPoint{Topic: p.Topic.Reveal(), Said: p.Said.Reveal(), Decision: p.Decision.Reveal()}
		for i := range tasks {
			if len(p.Task) == 16 && string(tasks[i].ID[:]) == string(p.Task) {
				task := v.item(&tasks[i])
				point.Task = &task
			}
		}
		out.Points = append(out.Points, point)
	}
	return out
}

// TookPart returns the answers to how a child took part.
func TookPart(l *locale.Locale) []Option { return Options(l, "tookpart", casework.TookPart()...) }

// formRows numbers the rows of a group: one for each that was filled in, at least so
// many, and one more where it was asked for.
func formRows(f Form, group string, least, most int) []int {
	n := least
	for i := range most {
		if f.Value(fmt.Sprintf("%s_%d", group, i)) != "" {
			n = max(n, i+1)
		}
	}
	if f.Value("add") == group && n < most {
		n++
	}
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func (s *Server) conferenceForm() formPage {
	p := s.childForm("case.confer",
		func(v *visit, c *casework.Child, f Form) any {
			if f.Values == nil {
				f.Values = url.Values{"contact_on": {v.today().ISO()}}
			}
			return ConferenceForm{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f.Ask("contact_on", v.l.T("conference.on")),
				People: formRows(f, "attend_sector", 3, casework.MostAttendees), Points: formRows(f, "point_topic", 2, casework.MostPoints),
				Staff: append(v.workers(), v.inCircle(c.People)...), Circle: v.inCircle(c.People), Sectors: v.options("sector"), For: v.takers(c.People), TookPart: TookPart(v.l), Absent: Options(v.l, "absent", "yes"),
				Tasks: !c.Case.Closed(),
			}
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			if v.value("add") != "" { // one more row, nothing saved
				return "", fault.New(fault.Invalid, "")
			}
			h, err := v.held()
			if err != nil {
				return "", err
			}
			return "conference", s.Cases.Confer(v.r.Context(), v.caller, cmd, id, h)
		})
	do := p.do
	p.do = func(v *visit) (string, string, error) {
		next, done, err := do(v)
		return next + "/conference", done, err
	}
	return p
}

// inCircle offers the people of the child's circle.
func (v *visit) inCircle(people []access.Reached) []Option {
	var out []Option
	for _, p := range people {
		if p.Relation == access.RelationCircle && !p.Altered {
			id := ident.Staff(p.Holder)
			out = append(out, Option{Value: id.String(), Label: v.name(id)})
		}
	}
	return byLabel(out)
}

// held reads the form. Rows of which nothing was filled in are left out.
func (v *visit) held() (casework.Held, error) {
	var c fault.Check
	on, code := v.contactDay("contact_on")
	c.Require(code == "", "contact_on", code)
	h := casework.Held{Conference: casework.Conference{
		Day: on, Place: v.text("conference_place"), TookPart: v.value("took_part"), View: v.text("child_view"),
	}}
	for i := range casework.MostAttendees {
		end := fmt.Sprintf("_%d", i)
		a := casework.Attendee{Name: v.text("attend_name" + end), Sector: v.value("attend_sector" + end), Absent: v.value("attend_absent"+end) == "yes"}
		if id, err := ident.Parse[ident.Staff](v.value("attend_staff" + end)); err == nil {
			a.Staff = id[:]
		}
		if len(a.Staff) > 0 || !a.Name.IsZero() || a.Sector != "" {
			h.Attended = append(h.Attended, a)
		}
	}
	for i := range casework.MostPoints {
		end := fmt.Sprintf("_%d", i)
		p := casework.Point{Topic: v.text("point_topic" + end), Said: v.text("point_said" + end), Decision: v.text("point_decision" + end)}
		if p.Topic.IsZero() && p.Said.IsZero() && p.Decision.IsZero() && v.value("task_text"+end) == "" {
			continue
		}
		if who := v.value("agreed_who" + end); who != "" {
			id, err := ident.Parse[ident.Staff](who)
			c.Require(err == nil, "agreed_who"+end, "not-in-list")
			h.Agreed = append(h.Agreed, casework.Agreed{Point: int64(len(h.Points)), Staff: id[:]})
		}
		h.Points = append(h.Points, p)
		if v.value("task_text"+end) == "" {
			h.Tasks = append(h.Tasks, nil)
			continue
		}
		t, check := v.task(end)
		for _, f := range fault.FieldsOf(check.Err()) {
			c.Reject(f.Name, f.Code)
		}
		h.Tasks = append(h.Tasks, &t)
	}
	return h, c.Err()
}
