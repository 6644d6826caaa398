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

// acts is the page of the acts that need a basis.
func (s *Server) acts(v *visit) error {
	c, err := v.opened()
	if err != nil {
		return err
	}
	view := Acts{
		Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Gates: v.gates(c, pack.ActKinds, c.Acting),
		Plan: c.May["case.authorise"] && !c.Case.Closed(), Record: c.May["case.happened"],
	}
	view.Stamp = v.stamp(c.Entry)
	for i := range c.Acts {
		view.Acts = append(view.Acts, v.actLine(c, &c.Acts[i]))
	}
	return v.write(http.StatusOK, view)
}

// actLine puts an act into words.
func (v *visit) actLine(c *casework.Child, a *casework.Act) ActLine {
	out := ActLine{
		Kind: v.actKind(a.Kind), Planned: a.Asked.In(v.s.Zone), Planner: v.name(a.Planner),
		Happened: a.Happened.In(v.s.Zone), Recorder: v.name(a.Recorder), Reviewed: a.Reviewed.In(v.s.Zone), Reviewer: v.name(a.Reviewer),
	}
	if i := slices.IndexFunc(c.Statuses, func(t casework.Status) bool { return t.ID == a.Basis }); i >= 0 {
		out.Basis = v.state(c.Statuses[i].State)
	}
	at := "/child/" + c.Case.ID.String() + "/acts/"
	switch {
	case a.Unreviewed():
		out.State, out.Tone = "breach", "late"
		if a.Emergency {
			out.State = "emergency"
		}
		if c.May["case.review"] && a.Recorder != v.session.Staff && a.Planner != v.session.Staff {
			out.Review = at + a.ID.String() + "/review"
		}
	case a.Breach:
		out.State, out.Tone = "reviewed", "soon"
	case !a.Happened.IsZero():
		out.State, out.Tone = "done", "leaf"
	case !a.Ended.IsZero():
		out.State = "dropped"
	case a.Planned.IsZero():
		out.State, out.Tone = "asked", "due"
		if c.May["case.authorise"] {
			out.Drop = at + a.ID.String() + "/drop"
		}
	default:
		out.State, out.Tone = "authorised", "sky"
		if c.May["case.happened"] {
			out.Record = at + "record?act=" + a.ID.String()
		}
		if c.May["case.authorise"] {
			out.Drop = at + a.ID.String() + "/drop"
		}
	}
	return out
}

// actPlanForm authorises an act.
func (s *Server) actPlanForm() formPage {
	return s.actForm("case.authorise", func(v *visit, c *casework.Child, f Form) any {
		view := ActPlan{
			Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details),
			Form: v.withSeen(f.Ask("reason", v.l.T("acts.plan.why")), c.Case.Version),
		}
		view.Kinds, view.Shut = split(v.gates(c, pack.ActKinds, c.Acting))
		return view
	}, func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
		return "act-planned", s.Cases.PlanAct(v.r.Context(), v.caller, cmd, id, v.value("act_kind"), v.text("reason"), v.seen())
	})
}

// actRecordForm writes down that an act happened.
func (s *Server) actRecordForm() formPage {
	return s.actForm("case.happened", func(v *visit, c *casework.Child, f Form) any {
		if f.Values == nil {
			f.Values = url.Values{"happened": {v.momentNow()}}
			for i := range c.Acts {
				if id := c.Acts[i].ID.String(); id == v.r.URL.Query().Get("act") {
					f.Values["planned_act"], f.Values["act_kind"] = []string{id}, []string{c.Acts[i].Kind}
				}
			}
		}
		view := ActRecord{
			Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details),
			Form: f, Kinds: v.options(pack.ActKinds), Emergency: EmergencyAct(v.l),
		}
		for i := range c.Acts {
			if a := &c.Acts[i]; a.Waits() {
				view.Planned = append(view.Planned, Option{
					Value: a.ID.String(), Label: v.label(pack.ActKinds, a.Kind), Hint: v.l.T("acts.since", "date", v.l.Date(v.day(a.Planned))),
				})
			}
		}
		if len(view.Planned) > 0 {
			view.Planned = append(view.Planned, Option{Value: "none", Label: v.l.T("acts.unplanned")})
		}
		return view
	}, func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
		var c fault.Check
		d := casework.Done{
			Kind: v.value("act_kind"), Happened: v.moment(&c, "happened"), Place: v.text("place"), Text: v.text("what_happened"),
			Words: v.text("words"), Emergency: v.value("emergency_act") == "yes",
		}
		if planned := v.value("planned_act"); planned != "" && planned != "none" {
			act, err := ident.Parse[casework.ActID](planned)
			if err != nil {
				c.Reject("planned_act", "not-in-list")
			}
			d.Planned = act
		}
		if err := c.Err(); err != nil {
			return "", err
		}
		return "act-done", s.Cases.RecordAct(v.r.Context(), v.caller, cmd, id, d)
	})
}

// actReviewForm is a supervisor's look at an act without a basis.
func (s *Server) actReviewForm() formPage {
	return s.oneActForm("case.review", func(v *visit, c *casework.Child, a *casework.Act, f Form) (any, bool) {
		view := ActReview{
			Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Act: v.actLine(c, a),
			Form: f.Ask("reason", v.l.T("acts.review.why")), Outcomes: Outcomes(v.l),
		}
		for i := range c.Events {
			if e := &c.Events[i]; e.Kind == casework.KindActBreach && slices.Equal(e.About, a.ID[:]) {
				what := v.event(e)
				view.What = &what
			}
		}
		return view, view.Act.Review != ""
	}, func(v *visit, id ident.Case, act casework.ActID, cmd ident.Command) (string, error) {
		return "act-reviewed", s.Cases.ReviewBreach(v.r.Context(), v.caller, cmd, id, act, v.value("review_outcome"), v.text("reason"))
	})
}

// actDropForm takes an authorisation back.
func (s *Server) actDropForm() formPage {
	return s.oneActForm("case.authorise", func(v *visit, c *casework.Child, a *casework.Act, f Form) (any, bool) {
		view := ActDrop{Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Act: v.actLine(c, a), Form: f}
		return view, view.Act.Drop != ""
	}, func(v *visit, id ident.Case, act casework.ActID, cmd ident.Command) (string, error) {
		return "act-dropped", s.Cases.DropAct(v.r.Context(), v.caller, cmd, id, act, v.text("reason"))
	})
}

// actForm is a form about acts, which leads back to their page.
func (s *Server) actForm(action string, view func(*visit, *casework.Child, Form) any,
	do func(*visit, ident.Case, ident.Command) (string, error),
) formPage {
	p := s.childForm(action, view, do)
	back := p.do
	p.do = func(v *visit) (string, string, error) {
		next, done, err := back(v)
		return next + "/acts", done, err
	}
	return p
}

// oneActForm is a form about the act of the address, for whoever is offered it. It
// shows itself again after a conflict, although it is not offered any more.
func (s *Server) oneActForm(action string, view func(*visit, *casework.Child, *casework.Act, Form) (any, bool),
	do func(*visit, ident.Case, casework.ActID, ident.Command) (string, error),
) formPage {
	act := func(v *visit) casework.ActID {
		id, err := ident.Parse[casework.ActID](v.r.PathValue("act"))
		if err != nil {
			return ident.New[casework.ActID]() // a forged address takes the way of an unknown one
		}
		return id
	}
	p := s.actForm(action, nil, func(v *visit, id ident.Case, cmd ident.Command) (string, error) { return do(v, id, act(v), cmd) })
	p.show = func(v *visit, f Form) (any, error) {
		c, err := v.opened()
		if err != nil {
			return nil, err
		}
		id := act(v)
		for i := range c.Acts {
			if c.Acts[i].ID != id || !c.May[action] {
				continue
			}
			if page, offered := view(v, c, &c.Acts[i], f); offered || f.Fault != "" {
				return page, nil
			}
		}
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return p
}
