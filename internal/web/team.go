package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
)

// teamRoutes are a supervisor's pages about who carries what.
func (s *Server) teamRoutes() {
	s.page("GET /team", s.team)
	s.page("GET /team/moved", s.teamMoved)
	s.form("/team/{staff}", formPage{show: (*visit).teamCases, do: (*visit).teamAssign})
}

// team is the page of the units that somebody supervises.
func (s *Server) team(v *visit) error {
	unit, err := v.optUnit()
	if err != nil {
		return err
	}
	t, err := s.Cases.Team(v.r.Context(), v.caller, unit)
	if err != nil {
		return err
	}
	view := Team{Frame: v.frame("team"), Most: t.Most, More: t.MoreNobody, Nobody: v.dueChildren(t.Nobody, true), Referrals: s.Referrals != nil}
	if !unit.IsZero() {
		view.Up = "/team"
	}
	for _, u := range t.Others {
		view.Units = append(view.Units, TeamUnit{v.unitName(u), "/team?unit=" + u.String()})
	}
	for _, l := range t.Workers {
		view.Workers = append(view.Workers, TeamWorker{
			Name: v.name(l.Staff), Unit: v.unitName(l.Unit), Href: "/team/" + l.Staff.String(), Gone: l.Gone, Open: l.Open,
			Points: l.Points, Late: l.Late, Escalated: l.Escalated, Full: 100 * l.Points / max(t.Most, 1),
		})
		view.Open += l.Open
		view.Late += l.Late
	}
	slices.SortStableFunc(view.Workers, func(a, b TeamWorker) int { // where help is needed first
		return cmp.Or(boolCompare(b.Gone, a.Gone), cmp.Compare(b.Escalated, a.Escalated), cmp.Compare(b.Late, a.Late),
			cmp.Compare(b.Points, a.Points), strings.Compare(a.Name, b.Name))
	})
	view.Frame.Stamp = v.stamp(t.Entry)
	return v.write(http.StatusOK, view)
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// optUnit reads the unit of the address, none where there is none.
func (v *visit) optUnit() (unit ident.Unit, err error) {
	text := v.r.URL.Query().Get("unit")
	if text == "" {
		return unit, nil
	}
	if unit, err = ident.Parse[ident.Unit](text); err != nil {
		return unit, fault.New(fault.NotFound, "no-such-page")
	}
	return unit, nil
}

// colleague reads the person of the address.
func (v *visit) colleague() (ident.Staff, error) {
	id, err := ident.Parse[ident.Staff](v.r.PathValue("staff"))
	if err == nil {
		if _, ok := v.people.Person(id); ok {
			return id, nil
		}
	}
	return id, fault.New(fault.NotFound, "no-such-page")
}

// teamCases shows the children in somebody's care.
func (v *visit) teamCases(f Form) (any, error) {
	who, err := v.colleague()
	if err != nil {
		return nil, err
	}
	c, err := v.s.Cases.Carries(v.r.Context(), v.caller, who)
	if err != nil {
		return nil, err
	}
	account, _ := v.people.Person(who)
	view := TeamCases{Frame: v.frame("team"), Name: v.name(who), Form: f, More: c.More, Gone: !canLead(&account) || account.State == staff.Disabled}
	for i := range c.Rows {
		row := &c.Rows[i]
		view.Rows = append(view.Rows, TeamCase{v.childRow(&row.Case, &row.Person.Details), row.Case.ID.String()})
	}
	view.Workers = v.team(who)
	view.Frame.Stamp = v.stamp(c.Entry)
	return view, nil
}

// team lists who could take over from somebody: the others of the units that the
// reader supervises. To give a child to further people, each child's page has a form.
func (v *visit) team(but ident.Staff) []Option {
	var units []ident.Unit
	for _, u := range v.caller.Supervises() {
		units = append(units, v.people.Below(u)...)
	}
	var out []Option
	people := v.people.People()
	for i := range people {
		a := &people[i]
		if canLead(a) && a.State != staff.Disabled && a.ID != but && slices.Contains(units, a.Unit) {
			out = append(out, v.worker(a))
		}
	}
	return byLabel(out)
}

// teamAssign gives the children that were chosen to somebody else.
func (v *visit) teamAssign() (next, done string, err error) {
	if _, err := v.colleague(); err != nil {
		return "", "", err
	}
	cmd, err := v.command()
	if err != nil {
		return "", "", err
	}
	var ids []ident.Case
	for _, text := range v.r.PostForm["case"] {
		id, err := ident.Parse[ident.Case](text)
		if err != nil {
			return "", "", fault.New(fault.Invalid, "form-unreadable")
		}
		ids = append(ids, id)
	}
	var unit ident.Unit
	worker, err := ident.Parse[ident.Staff](v.value("worker"))
	if err == nil {
		account, _ := v.people.Person(worker)
		unit = account.Unit
	}
	results, err := v.s.Cases.AssignMany(v.r.Context(), v.caller, cmd, ids, worker, unit, v.text("reason"))
	if err != nil {
		return "", "", err
	}
	return "/team/moved?" + moved(worker, results), "", nil
}

// moved names the children of an assignment for the page that says what became of
// each. The page looks again: it can be opened twice.
func moved(worker ident.Staff, results []casework.Assigned) string {
	q := url.Values{"to": {worker.String()}}
	for _, r := range results {
		q.Add("case", r.Case.String())
	}
	return q.Encode()
}

// teamMoved says of each child whether it is in the new person's care now.
func (s *Server) teamMoved(v *visit) error {
	q := v.r.URL.Query()
	to, err := ident.Parse[ident.Staff](q.Get("to"))
	if err != nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	var ids []ident.Case
	for _, text := range q["case"] {
		id, err := ident.Parse[ident.Case](text)
		if err != nil {
			return fault.New(fault.NotFound, "no-such-page")
		}
		ids = append(ids, id)
	}
	c, err := s.Cases.Moved(v.r.Context(), v.caller, ids)
	if err != nil {
		return err
	}
	view := TeamMoved{Frame: v.frame("team"), Name: v.name(to), Away: len(ids) - len(c.Rows)}
	for i := range c.Rows {
		row := &c.Rows[i]
		view.Rows = append(view.Rows, TeamResult{v.childRow(&row.Case, &row.Person.Details), row.Case.Worker == to})
	}
	view.Frame.Stamp = v.stamp(c.Entry)
	return v.write(http.StatusOK, view)
}
