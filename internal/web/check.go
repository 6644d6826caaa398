package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
)

// checkRoutes are the pages of checks, for everybody who meets children first.
func (s *Server) checkRoutes() {
	s.page("GET /check", s.checkStart)
	s.form("/check/new", s.checkForm())
	s.page("GET /check/{case}", s.checkResult)
	s.page("GET /check/{case}/receipt", s.checkReceipt)
	s.page("POST /check/{case}/help", s.checkAct("helped", (*casework.Room).HandOver))
	s.page("POST /check/{case}/accept", s.checkAct("accepted", (*casework.Room).Accept))
	s.form("/check/{case}/urgent/{urgent}", s.seenToForm())
	s.form("/check/{case}/register", s.checkFindForm())
	s.form("/check/{case}/register/form", s.checkRegisterForm())
	s.page("GET /duty", s.duty)
	s.form(reportPath, s.reportForm())
}

// adults is the age band for which no check is made.
const adults = "18+"

// checkStart is the first step, with the receipts of the checks made before.
func (s *Server) checkStart(v *visit) error {
	view, err := v.checkStart(Form{})
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, *view)
}

// checkStart asks what decides which questions there are.
func (v *visit) checkStart(f Form) (*CheckStart, error) {
	if !v.s.Gate.May(v.caller, "check.make") {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	made, err := v.s.Cases.Receipts(v.r.Context(), v.caller)
	if err != nil {
		return nil, err
	}
	f.Action = "/check/new"
	view := &CheckStart{
		Frame: v.frame("check"), Form: f, Ages: v.options(pack.AgeBands, adults),
		Places: Options(v.l, "metat", v.s.Pack.Screening().Places()...), Report: v.mayReport(),
	}
	for i := range made {
		view.Receipts = append(view.Receipts, v.receipt(&made[i]))
	}
	return view, nil
}

// checkSetting returns the two answers that decide which questions a check has,
// and a fault for each that is missing.
func (v *visit) checkSetting(f Form) (age, place string, wrong []FieldError) {
	if age, place = f.Value("age_about"), f.Value("place_met"); age == "" && place == "" {
		q := v.r.URL.Query()
		age, place = q.Get("age_about"), q.Get("place_met")
	}
	if !v.s.Pack.Valid(pack.AgeBands, age) || age == adults {
		age, wrong = "", append(wrong, FieldError{"age_about", "required"})
	}
	if !slices.Contains(v.s.Pack.Screening().Places(), place) {
		place, wrong = "", append(wrong, FieldError{"place_met", "required"})
	}
	return age, place, wrong
}

// checkForm is the check itself. Without an age and a place it is the first step
// again.
func (s *Server) checkForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Gate.May(v.caller, "check.make") {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			age, place, wrong := v.checkSetting(f)
			if wrong != nil {
				view, err := v.checkStart(Form{Values: url.Values{"age_about": {age}, "place_met": {place}}, Errors: wrong})
				if err != nil {
					return nil, err
				}
				return *view, nil
			}
			f.Hidden = append(f.Hidden, Hidden{"age_about", age}, Hidden{"place_met", place})
			return AskCheck(v.l, s.Pack, CheckForm{Frame: v.frame("check"), Form: f}, age, place), nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			in := v.screened()
			id, err := s.Cases.MakeCheck(v.r.Context(), v.caller, cmd, in)
			done := ""
			if in.HandOver {
				done = "helped"
			}
			return "/check/" + id.String(), done, err
		},
	}
}

// AskCheck fills in what a check asks somebody who looks to be of an age, at a
// place.
func AskCheck(l *locale.Locale, p *pack.Pack, view CheckForm, age, place string) CheckForm {
	rules, code := p.Screening(), l.Code()
	first, cards := rules.First(), rules.Cards(age, place)
	view.Form = view.Form.Ask("language", l.T("check.language"))
	for _, q := range append(slices.Clone(first), cards...) {
		view.Form = view.Form.Ask(casework.AnswerField(q.Code), rules.Asked(q, code))
	}
	for i, q := range append(first, cards...) {
		card := CheckCard{view.Form, casework.AnswerField(q.Code), Answers(l), q.Urgent, q.UrgentOn}
		if i < len(first) {
			view.First = append(view.First, card)
		} else {
			view.Cards = append(view.Cards, card)
		}
	}
	for _, c := range append(p.Languages(), noLanguage) {
		view.Spoken = append(view.Spoken, Option{Value: c, Label: p.Label(pack.Languages, c, code)})
	}
	for _, c := range p.Choices(pack.Languages, code) {
		if !slices.ContainsFunc(view.Spoken, func(o Option) bool { return o.Value == c.Code }) {
			view.Languages = append(view.Languages, Option{Value: c.Code, Label: c.Label})
		}
	}
	for _, c := range p.Choices(pack.Regions, code) {
		view.Regions = append(view.Regions, Option{Value: c.Code, Label: c.Label})
	}
	return view
}

// noLanguage says that nobody knows yet what the child speaks (ISO 639-2).
const noLanguage = "und"

// checkResult shows a check's result to whoever is responsible for it.
func (s *Server) checkResult(v *visit) error {
	c, err := v.checked()
	if err != nil {
		return err
	}
	at := "/check/" + c.Check.Case.String()
	view := CheckResult{
		Frame: v.frame("check"), Level: c.Said.Level, Risk: c.Risk, Number: c.Number.String(),
		Age: v.label(pack.AgeBands, c.AgeBand), Place: c.Said.Place, Region: v.label(pack.Regions, c.Region),
		Language: v.label(pack.Languages, c.Language), Receipt: v.receipt(&c.Check),
		Help: c.May["check.handover"] && c.Check.HandedAt.IsZero(), Accept: c.May["check.accept"] && c.Check.Waits(),
	}
	view.Form.Action = at + "/help"
	if view.Accept && !view.Help {
		view.Form.Action = at + "/accept"
	}
	if c.May["check.register"] && c.Check.RegisteredAt.IsZero() {
		find := Form{Action: at + "/register"}.Ask("query", v.l.T("check.called"))
		view.Find = &find
	}
	if c.May["case.open"] {
		view.Child = "/child/" + c.Check.Case.String()
	}
	view.Urgent = v.pressing(c.Urgent, c.Check.Case, c.May["check.seeto"], true)
	if c.Report != nil {
		e := v.event(c.Report)
		view.Report = &e
	}
	for _, w := range c.Said.Why() {
		reason := CheckReason{Rule: w.Rule}
		for _, sign := range w.Signs {
			reason.Signs = append(reason.Signs, s.Pack.Screening().Says(sign, v.l.Code()))
		}
		view.Why = append(view.Why, reason)
	}
	view.Stamp = v.stamp(c.Entry)
	return v.write(http.StatusOK, view)
}

// checked opens the check of the address.
func (v *visit) checked() (*casework.CheckPage, error) {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
	}
	return v.s.Cases.CheckResult(v.r.Context(), v.caller, id)
}

// checkAct is a button on a check. Who cannot see the result afterwards sees the
// receipt.
func (s *Server) checkAct(done string, act func(*casework.Room, context.Context, *access.Caller, ident.Command, ident.Case) error) handler {
	return func(v *visit) error {
		if err := v.parse(); err != nil {
			return err
		}
		id, err := v.caseID()
		if err != nil {
			return err
		}
		cmd, err := v.command()
		if err != nil {
			return err
		}
		if err := act(s.Cases, v.r.Context(), v.caller, cmd, id); err != nil {
			return err
		}
		return v.redirect("/check/"+id.String(), done)
	}
}

// receipt shows who took a check over.
func (v *visit) receipt(k *casework.Check) Receipt {
	out := Receipt{
		Href: "/check/" + k.Case.String() + "/receipt", Code: k.Case.Short(), Made: k.MadeAt.In(v.s.Zone),
		Step: k.NextStep(v.s.Clock.Now()), Role: k.TakenRole, Unit: v.unitName(k.TakenUnit),
	}
	if !k.DueAt.IsZero() {
		out.Due = k.DueAt.In(v.s.Zone)
	}
	if !k.TakenAt.IsZero() {
		out.Taken = k.TakenAt.In(v.s.Zone)
	} else if out.Step == "yours" {
		out.Href = "/check/" + k.Case.String() // nobody else has it: the result is theirs to see
	}
	return out
}

// checkReceipt is the page of one receipt.
func (s *Server) checkReceipt(v *visit) error {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]()
	}
	k, err := s.Cases.Receipt(v.r.Context(), v.caller, id)
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, CheckReceipt{Frame: v.frame("check"), Receipt: v.receipt(k)})
}

// duty is the list of checks that wait for somebody of the unit.
func (s *Server) duty(v *visit) error {
	list, entry, err := s.Cases.Duty(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := Duty{Frame: v.frame("duty"), Report: v.mayReport()}
	for i := range list {
		w := &list[i]
		view.Rows = append(view.Rows, DutyRow{
			Form: Form{Action: "/check/" + w.Check.Case.String() + "/accept"}, Number: w.Number.String(), Level: w.Said.Level,
			Urgent: w.Said.Urgent, Risk: w.Risk, Age: v.label(pack.AgeBands, w.AgeBand), Region: v.label(pack.Regions, w.Region),
			Unit: v.unitName(w.Unit), Since: w.HandedAt.In(v.s.Zone), Due: w.DueAt.In(v.s.Zone), Late: w.Late,
		})
	}
	view.Stamp = v.stamp(entry)
	return v.write(http.StatusOK, view)
}
