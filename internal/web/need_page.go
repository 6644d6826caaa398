package web

import (
	"net/http"
	"net/url"
	"slices"

	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// needRoutes are the pages of what a child needs.
func (s *Server) needRoutes() {
	s.page("GET /child/{case}/needs", s.needs)
	s.form("/child/{case}/needs/new", s.needNewForm())
	s.form("/child/{case}/needs/{need}/{step}", s.needForm())
}

// The steps with a need, as they stand in addresses.
const (
	stepRequest = "request"
	stepDeliver = "deliver"
	stepEnd     = "end"
	stepUnmet   = "unmet"
)

// needSteps are the steps that can be taken at each state, the next one first.
var needSteps = map[string][]string{
	casework.NeedNeeded:    {stepRequest, stepDeliver, stepUnmet, stepEnd},
	casework.NeedRequested: {stepDeliver, stepRequest, stepUnmet, stepEnd},
	casework.NeedDelivered: {stepEnd, stepUnmet},
	casework.NeedUnmet:     {stepRequest, stepDeliver, stepEnd},
}

// listed opens the needs of the case of the address.
func (v *visit) listed() (*casework.NeedList, error) {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
	}
	return v.s.Cases.Needs(v.r.Context(), v.caller, id)
}

func (s *Server) needs(v *visit) error {
	list, err := v.listed()
	if err != nil {
		return err
	}
	view := Needs{Frame: v.frame("children"), Child: v.childRow(&list.Case, &list.Person.Details)}
	may := list.May["case.need"] && !list.Case.Closed()
	if may {
		view.Add = view.Child.Href + "/needs/new"
	}
	for _, n := range list.Needs {
		row := v.need(n, view.Child.Href, may)
		if n.State != casework.NeedEnded && s.Gate.May(v.caller, "directory.view") {
			row.Find = findService(n.Service, list.Case.AgeBand, list.Person.Details.Languages)
		}
		switch n.State {
		case casework.NeedEnded:
			view.Ended = append(view.Ended, row)
		case casework.NeedUnmet:
			view.Unmet = append(view.Unmet, row)
		default:
			view.Open = append(view.Open, row)
		}
	}
	slices.Reverse(view.Ended)
	view.Stamp = v.stamp(list.Entry)
	return v.write(http.StatusOK, view)
}

// findService is the address of the search for a service that answers a need: codes,
// and nothing that says which child it is.
func findService(service, band string, languages []string) string {
	u := url.Values{"service": {service}}
	if band != "" && band != "unknown" {
		u.Set("age_band", band)
	}
	if len(languages) > 0 && languages[0] != "und" {
		u.Set("language", languages[0])
	}
	return "/services?" + u.Encode()
}

// need builds one line of the list.
func (v *visit) need(n *casework.Need, child string, may bool) NeedRow {
	row := NeedRow{
		Service: v.label("service", n.Service), State: n.State, Asked: v.day(n.Asked), Waits: -1,
		By: n.Provider.Reveal(), Note: n.Note.Reveal(), Words: n.Words.Reveal(),
	}
	if !n.Staff.IsZero() {
		row.By = v.name(n.Staff)
	}
	switch n.State {
	case casework.NeedEnded:
		row.Ending = v.label("need_outcome", n.Outcome)
	case casework.NeedUnmet:
		row.Ending = v.label("unmet_reason", n.Unmet)
	}
	if n.Open() && n.Delivered.IsZero() && n.State != casework.NeedDelivered {
		row.Waits = max(row.Asked.Until(v.today()), 0)
	}
	if n.State == casework.NeedRequested && !n.Due.IsZero() {
		row.Due = DueOn(v.day(n.Due), v.today())
	}
	if !may {
		return row
	}
	for i, step := range needSteps[n.State] {
		s := NeedStep{step, child + "/needs/" + n.ID.String() + "/" + step}
		if i == 0 {
			row.Next = &s
		} else {
			row.Steps = append(row.Steps, s)
		}
	}
	return row
}

func (s *Server) needNewForm() formPage {
	return s.childForm("case.need",
		func(v *visit, c *casework.Child, f Form) any {
			return NeedNew{
				Frame: v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details), Form: f, Services: v.options("service"),
			}
		},
		func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
			return "need-added", s.Cases.AddNeed(v.r.Context(), v.caller, cmd, id, casework.NewNeed{
				Service: v.value("service"), Words: v.text("need_words"), Note: v.text("need_note"),
			})
		}).to("/needs")
}

// to sends whoever carried out a form about a child on to a page below the child's.
func (p formPage) to(below string) formPage {
	do := p.do
	p.do = func(v *visit) (string, string, error) {
		next, done, err := do(v)
		return next + below, done, err
	}
	return p
}

// needForm takes one step with a need.
func (s *Server) needForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			list, err := v.listed()
			if err != nil {
				return nil, err
			}
			step := v.r.PathValue("step")
			n, ok := v.needOf(list)
			if !ok || !list.May["case.need"] || !slices.Contains(needSteps[n.State], step) && f.Fault == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			view := NeedForm{
				Frame: v.frame("children"), Child: v.childRow(&list.Case, &list.Person.Details), Form: f, Step: step,
				Service: v.label("service", n.Service),
			}
			switch step {
			case stepRequest:
				view.Staff = v.workers()
			case stepEnd:
				view.Outcomes = v.options("need_outcome")
			case stepUnmet:
				view.Reasons = v.options("unmet_reason")
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			id, err := v.caseID()
			if err != nil {
				return "", "", err
			}
			need, err := ident.Parse[ident.Need](v.r.PathValue("need"))
			if err != nil {
				return "", "", fault.New(fault.NotFound, "no-such-page")
			}
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			step := v.r.PathValue("step")
			return "/child/" + id.String() + "/needs", "need-" + step, s.takeStep(v, id, cmd, need, step)
		},
	}
}

// needOf finds the need of the address in the list.
func (v *visit) needOf(list *casework.NeedList) (*casework.Need, bool) {
	id, err := ident.Parse[ident.Need](v.r.PathValue("need"))
	i := slices.IndexFunc(list.Needs, func(n *casework.Need) bool { return n.ID == id })
	if err != nil || i < 0 {
		return nil, false
	}
	return list.Needs[i], true
}

func (s *Server) takeStep(v *visit, id ident.Case, cmd ident.Command, need ident.Need, step string) error {
	ctx, note := v.r.Context(), v.text("need_note")
	switch step {
	case stepRequest:
		q := casework.Request{Provider: v.text("provider"), Note: note}
		if typed := v.value("need_staff"); typed != "" {
			var err error
			if q.Staff, err = ident.Parse[ident.Staff](typed); err != nil {
				return fault.InvalidField("need_staff", "not-in-list")
			}
			if _, ok := v.people.Person(q.Staff); !ok {
				return fault.InvalidField("need_staff", "not-in-list")
			}
		}
		due, code := v.dueDay("service_due")
		if code != "" {
			return fault.InvalidField("service_due", code)
		}
		q.Due = due
		return s.Cases.RequestService(ctx, v.caller, cmd, id, need, q)
	case stepDeliver:
		return s.Cases.DeliverService(ctx, v.caller, cmd, id, need, note)
	case stepEnd:
		return s.Cases.CloseNeed(ctx, v.caller, cmd, id, need, casework.Outcome{
			Code: v.value("need_outcome"), Words: v.text("need_words"), Note: note,
		})
	case stepUnmet:
		return s.Cases.MarkUnmet(ctx, v.caller, cmd, id, need, v.value("unmet_reason"), note)
	}
	return fault.New(fault.NotFound, "no-such-page")
}

// needEvent says on the timeline what happened with a need.
func (v *visit) needEvent(out *Event, e *casework.Event) {
	out.To = v.label("service", e.Service)
	switch e.Kind {
	case casework.KindNeedAdded:
		v.pastNeed(out, e)
	case casework.KindNeedRequested:
		by := e.Whom.Reveal()
		if len(e.Who) == 16 {
			by = v.name(ident.Staff(e.Who))
		}
		if by != "" {
			out.Lines = append(out.Lines, Line{Label: "provider", Text: by})
		}
		out.Lines = append(out.Lines, Line{Label: "service_due", Text: v.l.Date(v.day(clock.FromMicros(e.Due)))})
	case casework.KindNeedDelivered:
		out.Tone = "done"
	case casework.KindNeedEnded:
		out.Tone, out.Reasons = "done", v.labels("need_outcome", []string{e.To})
	case casework.KindNeedUnmet:
		out.Tone, out.Reasons = "late", v.labels("unmet_reason", []string{e.To})
	}
}

// pastNeed says what had become of a need before it came here.
func (v *visit) pastNeed(out *Event, e *casework.Event) {
	if e.Past == nil {
		return
	}
	add := func(label, text string) {
		if text != "" {
			out.Lines = append(out.Lines, Line{Label: label, Text: text})
		}
	}
	on := func(label string, at int64) {
		if at != 0 {
			add(label, v.l.Date(v.day(clock.FromMicros(at))))
		}
	}
	add("need_state", v.l.Word("needstate", e.Past.State))
	add("provider", e.Past.Provider.Reveal())
	on("need_asked", e.Past.Asked)
	on("service_due", e.Past.Due)
	on("need_delivered", e.Past.Delivered)
	on("need_ended", e.Past.Ended)
	out.Reasons = slices.Concat(v.labels("need_outcome", some(e.Past.Outcome)), v.labels("unmet_reason", some(e.Past.Unmet)))
}

// some is a list of what is there.
func some(code string) []string {
	if code == "" {
		return nil
	}
	return []string{code}
}
