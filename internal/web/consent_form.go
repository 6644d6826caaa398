package web

import (
	"net/url"
	"slices"
	"time"

	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// consentSteps says which right each form of consent needs.
var consentSteps = map[string]string{
	"record": "consent.record", "withdraw": "consent.withdraw", "basis": "consent.basis", "override": "consent.keep",
	"passed": "consent.keep", "decide": "consent.approve", "end": "consent.basis", "told": "consent.keep",
}

// consentForm records one thing about consent.
func (s *Server) consentForm(step string) formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			c, err := v.consented()
			if err != nil {
				return nil, err
			}
			if !c.May[consentSteps[step]] || c.Child == nil && step != "record" && step != "withdraw" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			return v.consentView(c, f, step)
		},
		do: func(v *visit) (string, string, error) {
			id, err := v.caseID()
			if err != nil {
				return "", "", err
			}
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			return "/child/" + id.String() + "/consent", "consent-" + step, s.takeConsent(v, id, cmd, step)
		},
	}
}

// consentView builds the form of a step.
func (v *visit) consentView(c *casework.ConsentPage, f Form, step string) (any, error) {
	at := "/child/" + c.Case.ID.String() + "/consent"
	purpose := v.r.URL.Query().Get("purpose")
	if f.Values == nil {
		f.Values = url.Values{
			"consent_purpose": {purpose}, "explained_on": {v.today().ISO()}, "withdrawn_on": {v.today().ISO()}, "passed_on": {v.today().ISO()},
		}
		switch me := []string{v.name(v.session.Staff)}; {
		case c.Child == nil: // the guardian's own answer
			f.Values["consent_who"], f.Values["withdrawn_by"], f.Values["consent_guardian"] = []string{"guardian"}, []string{"guardian"}, me
		case step == "record":
			f.Values["explained_by"] = me
		}
	}
	view := ConsentForm{
		Frame: v.frame("children"), Child: v.consentHead(c), Form: f, Step: step, Back: at, Circle: c.Child == nil,
		Unsafe: v.unsafePeople(c.Child),
	}
	switch step {
	case "told", "decide", "end":
		return v.consentAbout(c, view, purpose)
	}
	view.Purposes, view.Recipients = v.options(pack.ConsentPurposes), v.recipients(c)
	switch step {
	case "record":
		view.States = Options(v.l, "consentstate", consent.Given, consent.Refused, consent.NotAsked)
		view.Who, view.Doubts, view.Assents = Options(v.l, "consenter", consent.Consenters()...), Options(v.l, "guardiandoubt", consent.Doubts()...), Options(v.l, "assent", consent.Assents()...)
		if view.Circle {
			view.States, view.Assents = view.States[:2], nil
			view.Who, view.Doubts = Options(v.l, "consenter", "guardian"), nil
		} else {
			view.Override = at + "/override?purpose=" + purpose
		}
		view.Languages, view.Interpreters, view.Present = v.options(pack.Languages), v.options(pack.Interpreters), v.options(pack.Present)
	case "withdraw":
		view.Who = Options(v.l, "consenter", consent.Consenters()...)
		if view.Circle {
			view.Who = Options(v.l, "consenter", "guardian")
		}
		for _, r := range c.Book.Bases(f.Value("consent_purpose")) {
			if r.State != consent.Proposed {
				view.Continues = append(view.Continues, v.consentLine(c, &r))
			}
		}
	case "basis":
		view.Bases = slices.DeleteFunc(v.options(pack.LegalBases), func(o Option) bool { return o.Value == consent.BasisConsent })
	}
	return view, nil
}

// consentAbout builds the forms that are about a record.
func (v *visit) consentAbout(c *casework.ConsentPage, view ConsentForm, purpose string) (any, error) {
	id, err := ident.Parse[consent.ID](v.r.PathValue("record"))
	if err != nil {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	if view.Step == "told" {
		if view.Form.Value("consent_purpose") != "" {
			purpose = view.Form.Value("consent_purpose")
		}
		for _, t := range c.Book.ToTell(purpose) {
			if t.ID == id {
				view.Told = v.recipient(c, t.To)
				view.Form.Hidden = append(view.Form.Hidden, Hidden{"consent_purpose", purpose})
				return view, nil
			}
		}
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	r := c.Book.Find(id)
	if r == nil || r.Kind != consent.KindOverride && (view.Step == "decide" || r.Kind != consent.KindBasis) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	line := v.consentLine(c, r)
	view.Line = &line
	if view.Step == "decide" {
		view.Decisions = Options(v.l, "overridedecision", "approve", "decline")
	}
	return view, nil
}

// recipients offers the units of this node, those outside whom records name, and the
// countries with which this node is paired.
func (v *visit) recipients(c *casework.ConsentPage) []Option {
	var out []Option
	for _, u := range v.people.Units() {
		out = append(out, Option{Value: u.ID.String(), Label: u.Name})
	}
	for _, r := range c.Book.Names() {
		out = append(out, Option{Value: r.Recipient.String(), Label: r.Name.Reveal()})
	}
	return append(out, v.lands()...)
}

// consentRecord reads what every form says: purpose, recipient, reason and words.
func (v *visit) consentRecord(chk *fault.Check) consent.Record {
	rec := consent.Record{Purpose: v.value("consent_purpose"), Details: consent.Details{
		Name: v.text("recipient_name"), Reason: v.text("reason"), Words: v.text("words"),
	}}
	if typed := v.value("recipient"); typed != "" {
		to, err := ident.Parse[consent.Recipient](typed)
		chk.Require(err == nil, "recipient", "not-in-list")
		rec.Recipient = to
	}
	return rec
}

// takeConsent carries a step out.
func (s *Server) takeConsent(v *visit, id ident.Case, cmd ident.Command, step string) error {
	var chk fault.Check
	ctx, rec := v.r.Context(), v.consentRecord(&chk)
	var which consent.ID
	var err error
	if path := v.r.PathValue("record"); path != "" {
		if which, err = ident.Parse[consent.ID](path); err != nil {
			return fault.New(fault.NotFound, "no-such-page")
		}
	}
	rec.Until = v.ends(&chk, "consent_until")
	switch step {
	case "record":
		rec.State = v.value("consent_state")
		v.answered(&chk, &rec)
	case "withdraw":
		rec.Who, rec.On, rec.Until = v.value("withdrawn_by"), v.dayField(&chk, "withdrawn_on"), time.Time{}
	case "basis":
		rec.Basis, rec.Norm, rec.Paper = v.value("other_basis"), v.text("norm"), v.text("basis_paper")
	case "passed":
		rec.What, rec.On = v.text("passed_what"), v.dayField(&chk, "passed_on")
	}
	if err := chk.Err(); err != nil {
		return err
	}
	switch step {
	case "record":
		return s.Cases.RecordAnswer(ctx, v.caller, cmd, id, rec)
	case "withdraw":
		return s.Cases.WithdrawConsent(ctx, v.caller, cmd, id, rec)
	case "basis":
		return s.Cases.StateBasis(ctx, v.caller, cmd, id, rec)
	case "override":
		return s.Cases.ProposeOverride(ctx, v.caller, cmd, id, rec)
	case "passed":
		return s.Cases.RecordPassed(ctx, v.caller, cmd, id, rec)
	case "decide":
		choice := v.value("override_decision")
		if choice != "approve" && choice != "decline" {
			return fault.InvalidField("override_decision", "required")
		}
		return s.Cases.DecideOverride(ctx, v.caller, cmd, id, which, choice == "approve", v.text("reason"))
	case "end":
		return s.Cases.EndBasis(ctx, v.caller, cmd, id, which, v.text("reason"))
	}
	return s.Cases.RecordTold(ctx, v.caller, cmd, id, rec.Purpose, which, v.text("told_how"))
}

// answered reads who answered, and how they were asked.
func (v *visit) answered(chk *fault.Check, rec *consent.Record) {
	rec.Who, rec.Guardian, rec.Unsafe = v.value("consent_who"), v.text("consent_guardian"), v.value("guardian_unsafe")
	rec.Assent, rec.AssentWhy = v.value("assent"), v.text("assent_why")
	rec.Version, rec.Language, rec.ExplainedBy = v.text("consent_text"), v.value("consent_language"), v.text("explained_by")
	rec.On = v.dayField(chk, "explained_on")
	rec.Present = v.r.PostForm["present"]
	rec.Interpreter, rec.Interpreted = v.value("interpreter"), v.text("interpreter_name")
}
