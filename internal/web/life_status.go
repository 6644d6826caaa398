package web

import (
	"net/http"
	"net/url"
	"slices"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// lifeRoutes are the pages about where a child stands, the acts of a case and the
// times a child is missing.
func (s *Server) lifeRoutes() {
	s.page("GET /child/{case}/status", s.statuses)
	s.form("/child/{case}/status/{kind}", s.statusForm())
	s.page("GET /child/{case}/acts", s.acts)
	s.form("/child/{case}/acts/plan", s.actPlanForm())
	s.form("/child/{case}/acts/record", s.actRecordForm())
	s.form("/child/{case}/acts/{act}/review", s.actReviewForm())
	s.form("/child/{case}/acts/{act}/drop", s.actDropForm())
	s.page("GET /child/{case}/missing", s.missing)
	for _, step := range []string{"report", "told", "search", "found", "talk"} {
		s.form("/child/{case}/missing/"+step, s.missingForm(step))
	}
}

// statuses is the page of where the child stands.
func (s *Server) statuses(v *visit) error {
	c, err := v.opened()
	if err != nil {
		return err
	}
	view := Statuses{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), ChildRules: c.ChildRules}
	view.Stamp = v.stamp(c.Entry)
	for _, kind := range s.Pack.Codes(pack.StatusKinds) {
		k := StandingKind{Label: v.label(pack.StatusKinds, kind)}
		if c.May["case.status"] {
			k.Href = view.Child.Href + "/status/" + kind
		}
		for i := range c.Standing {
			if c.Standing[i].Kind == kind {
				k.Now = append(k.Now, v.statusLine(&c.Standing[i]))
			}
		}
		view.Kinds = append(view.Kinds, k)
	}
	for i := range c.Statuses {
		view.Before = append(view.Before, v.statusLine(&c.Statuses[i]))
	}
	return v.write(http.StatusOK, view)
}

// endingKinds are the kinds of status that can have an end, appealedKinds those
// that can be appealed.
var (
	endingKinds   = []string{"reflection", "residence", "guardian", casework.StatusDecision}
	appealedKinds = []string{casework.StatusAge, casework.StatusIdentification, "residence", casework.StatusDecision}
)

// statusForm writes down one fact of the kind in the address.
func (s *Server) statusForm() formPage {
	p := s.childForm("case.status",
		func(v *visit, c *casework.Child, f Form) any {
			kind := v.r.PathValue("kind")
			if f.Values == nil {
				f.Values = url.Values{"status_from": {v.today().ISO()}, "status_state": {v.r.URL.Query().Get("state")}}
			}
			view := StatusForm{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f,
				Kind: v.label(pack.StatusKinds, kind), Body: kind != casework.StatusFiled, Grounds: kind != casework.StatusFiled,
				Ends: slices.Contains(endingKinds, kind), Appeals: slices.Contains(appealedKinds, kind),
			}
			for _, o := range v.options(pack.StatusStates) {
				if s.Pack.Parent(pack.StatusStates, o.Value) == kind {
					view.States = append(view.States, o)
				}
			}
			switch kind {
			case casework.StatusAge:
				view.Methods, view.Doubts = v.options(pack.AgeMethods), Options(v.l, "answer", casework.Doubts()...)
			case "reflection":
				view.Least = v.number(pack.ReflectionPeriod)
			case "guardian":
				view.Least = v.number(pack.GuardianNamed)
			}
			return view
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			var c fault.Check
			t := casework.Status{
				State: v.value("status_state"), From: v.begins(&c, "status_from"), Until: v.ends(&c, "status_until"), Appeal: v.ends(&c, "appeal_until"),
				StatusDetails: casework.StatusDetails{
					Body: v.text("body"), Grounds: v.text("grounds"), Method: v.value("age_method"), Doubt: v.value("age_doubt"), Reference: v.text("paper"),
				},
			}
			if t.State != "" && s.Pack.Parent(pack.StatusStates, t.State) != v.r.PathValue("kind") {
				c.Reject("status_state", "not-in-list")
			}
			if err := c.Err(); err != nil {
				return "", err
			}
			return "status", s.Cases.RecordStatus(v.r.Context(), v.caller, cmd, id, t)
		})
	show, do := p.show, p.do
	known := func(v *visit) error {
		if !s.Pack.Valid(pack.StatusKinds, v.r.PathValue("kind")) {
			return fault.New(fault.NotFound, "no-such-page")
		}
		return nil
	}
	p.show = func(v *visit, f Form) (any, error) {
		if err := known(v); err != nil {
			return nil, err
		}
		return show(v, f)
	}
	p.do = func(v *visit) (string, string, error) {
		if err := known(v); err != nil {
			return "", "", err
		}
		next, done, err := do(v)
		return next + "/status", done, err
	}
	return p
}
