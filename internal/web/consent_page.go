package web

import (
	"net/http"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
)

// consentRoutes are the pages of what is permitted about a child.
func (s *Server) consentRoutes() {
	s.page("GET /child/{case}/consent", s.consents)
	for _, step := range []string{"record", "withdraw", "basis", "override", "passed"} {
		s.form("/child/{case}/consent/"+step, s.consentForm(step))
	}
	for _, step := range []string{"decide", "end", "told"} {
		s.form("/child/{case}/consent/{record}/"+step, s.consentForm(step))
	}
}

// consented opens the consents of the case of the address.
func (v *visit) consented() (*casework.ConsentPage, error) {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
	}
	return v.s.Cases.Consents(v.r.Context(), v.caller, id)
}

// consentHead is the head of the pages about consent: somebody of the child's circle
// reads the number of the case and no record.
func (v *visit) consentHead(c *casework.ConsentPage) Child {
	if c.Child != nil {
		return v.childRow(&c.Case, &c.Child.Person.Details)
	}
	return Child{Href: "/child/" + c.Case.ID.String() + "/consent", Name: c.Case.Number.String()}
}

// consents is the page.
func (s *Server) consents(v *visit) error {
	c, err := v.consented()
	if err != nil {
		return err
	}
	at := "/child/" + c.Case.ID.String() + "/consent"
	view := Consents{Frame: v.frame("children"), Child: v.consentHead(c), Circle: c.Child == nil, Unsafe: v.unsafePeople(c.Child)}
	link := func(action, step string) string {
		if !c.May[action] {
			return ""
		}
		return at + "/" + step
	}
	view.Record, view.Withdraw, view.Basis = link("consent.record", "record"), link("consent.withdraw", "withdraw"), link("consent.basis", "basis")
	if c.May["consent.notes"] {
		view.Notes = "/child/" + c.Case.ID.String() + "/privileged"
	}
	if !view.Circle {
		view.Override, view.Passed = link("consent.keep", "override"), link("consent.keep", "passed")
	}
	for _, code := range s.Pack.Codes(pack.ConsentPurposes) {
		view.Purposes = append(view.Purposes, v.consentPurpose(c, at, code))
	}
	waiting := c.Book.Waiting()
	for i := range waiting {
		line := v.consentLine(c, &waiting[i])
		if c.May["consent.approve"] && waiting[i].Author != v.caller.Staff() {
			line.Decide = at + "/" + waiting[i].ID.String() + "/decide"
		}
		view.Waiting = append(view.Waiting, line)
	}
	for i := range c.Book.Records {
		if c.Book.Records[i].Order != nil || c.Book.Records[i].Report != nil {
			continue // on a page of their own
		}
		view.History = append(view.History, v.consentLine(c, &c.Book.Records[i]))
	}
	view.Stamp = v.stamp(c.Entry)
	return v.write(http.StatusOK, view)
}

// unsafePeople names who around the child is not safe to contact.
func (v *visit) unsafePeople(c *casework.Child) (out []Option) {
	if c == nil {
		return nil
	}
	for _, k := range c.Others() {
		if k.Safe == "no" && !k.Ended() {
			o := Option{Label: k.Name.Reveal(), Hint: k.Why.Reveal()}
			if o.Label == "" {
				o.Label = v.l.T("family.anothercase")
			}
			out = append(out, o)
		}
	}
	return out
}

// consentPurpose puts what stands about one purpose into words.
func (v *visit) consentPurpose(c *casework.ConsentPage, at, code string) ConsentPurpose {
	out := ConsentPurpose{Code: code, Label: v.label(pack.ConsentPurposes, code)}
	withdrawn, given := false, false
	for _, r := range c.Book.Answers(code) {
		out.Answers = append(out.Answers, v.consentLine(c, &r))
		withdrawn = withdrawn || r.State == consent.Withdrawn
		given = given || r.State == consent.Given
	}
	for _, r := range c.Book.Bases(code) {
		if r.State == consent.Proposed {
			continue // waits above
		}
		line := v.consentLine(c, &r)
		if c.May["consent.basis"] {
			line.End = at + "/" + r.ID.String() + "/end"
		}
		out.Bases = append(out.Bases, line)
	}
	for _, p := range c.Book.InForce(code) {
		out.Open = true
		out.Continues = out.Continues || withdrawn && p.Basis != consent.BasisConsent
	}
	for _, t := range c.Book.ToTell(code) {
		out.Tell = append(out.Tell, v.consentTell(c, at, &t))
	}
	if c.May["consent.record"] {
		out.Ask = at + "/record?purpose=" + code
	}
	if c.May["consent.withdraw"] && given {
		out.Withdraw = at + "/withdraw?purpose=" + code
	}
	return out
}

// consentTell puts a recipient who must be told into words.
func (v *visit) consentTell(c *casework.ConsentPage, at string, t *consent.ToTell) ConsentTell {
	out := ConsentTell{To: v.recipient(c, t.To), On: v.day(t.At), Withdrawn: v.day(t.Withdrawn)}
	if r := c.Book.Find(t.ID); r != nil {
		out.What = r.What.Reveal()
	}
	if t.Told != nil {
		line := v.consentLine(c, t.Told)
		out.Told = &line
	} else if c.May["consent.keep"] {
		out.Href = at + "/" + t.ID.String() + "/told?purpose=" + t.Purpose
	}
	return out
}

// recipient names a unit of this node, or somebody outside.
func (v *visit) recipient(c *casework.ConsentPage, to consent.Recipient) string {
	if to.IsZero() {
		return ""
	}
	if name := v.unitName(ident.Unit(to)); name != "" {
		return name
	}
	if r, ok := c.Book.NameOf(to); ok {
		return r.Name.Reveal()
	}
	for _, land := range v.lands() {
		if land.Value == to.String() {
			return land.Label
		}
	}
	return v.l.T("consent.someone")
}

// consentTones are the colours of the states.
var consentTones = map[string]string{
	consent.Given: "leaf", consent.Stated: "leaf", consent.Refused: "late", consent.Withdrawn: "late",
	consent.NotAsked: "due", consent.Proposed: "soon",
}

// consentLine puts one record into words.
func (v *visit) consentLine(c *casework.ConsentPage, r *consent.Record) ConsentLine {
	out := ConsentLine{
		Kind: r.Kind, State: r.State, Tone: consentTones[r.State], Purpose: v.label(pack.ConsentPurposes, r.Purpose), To: v.recipient(c, r.Recipient),
		At: r.At.In(v.s.Zone), By: v.name(r.Author), Words: r.Words.Reveal(), Present: v.labels(pack.Present, r.Present),
	}
	out.On, _ = locale.ParseDay(r.On.Reveal())
	switch r.Kind {
	case consent.KindBasis:
		out.Basis = v.label(pack.LegalBases, r.Basis)
	case consent.KindOverride:
		out.Basis = v.l.T("consent.bestinterests")
	case consent.KindPassed:
		if out.Basis = v.label(pack.LegalBases, r.Basis); r.Basis == consent.BasisBestInterests {
			out.Basis = v.l.T("consent.bestinterests")
		}
	}
	if !r.Until.IsZero() {
		out.Until, out.Expired = v.day(r.Until.Add(-1)), c.Book.Expired(r)
	}
	out.Lost = (r.State == consent.Given || r.State == consent.Stated) && !out.Expired && !c.Book.Rests(r)
	out.Lines = v.consentLines(r)
	return out
}

// consentLines are the labelled texts of a record.
func (v *visit) consentLines(r *consent.Record) (out []Line) {
	add := func(label, text string) {
		if text != "" {
			out = append(out, Line{Label: label, Text: text})
		}
	}
	word := func(label, group, code string) {
		if code != "" {
			add(label, v.l.Word(group, code))
		}
	}
	who := "consent_who"
	if r.State == consent.Withdrawn {
		who = "withdrawn_by"
	}
	word(who, "consenter", r.Who)
	add("consent_guardian", r.Guardian.Reveal())
	word("guardian_unsafe", "guardiandoubt", r.Unsafe)
	word("assent", "assent", r.Assent)
	add("assent_why", r.AssentWhy.Reveal())
	add("consent_text", r.Version.Reveal())
	if r.Language != "" {
		add("consent_language", v.label(pack.Languages, r.Language))
	}
	add("explained_by", r.ExplainedBy.Reveal())
	if r.Interpreter != "" {
		add("interpreter", strings.TrimSpace(v.label(pack.Interpreters, r.Interpreter)))
		add("interpreter_name", r.Interpreted.Reveal())
	}
	add("norm", r.Norm.Reveal())
	add("basis_paper", r.Paper.Reveal())
	add("passed_what", r.What.Reveal())
	reason := "reason"
	if r.Kind == consent.KindTold {
		reason = "told_how"
	}
	add(reason, r.Reason.Reveal())
	return out
}

// consentEvent fills in a line of the timeline that is about consent: what it is for,
// and what was answered.
func (v *visit) consentEvent(out *Event, e *casework.Event) bool {
	switch e.Kind {
	case casework.KindConsentAnswer, casework.KindConsentOverride, casework.KindConsentBasis:
		out.To, out.Reasons = v.l.Word("consentstate", e.To), v.labels(pack.ConsentPurposes, some(e.From))
		if e.To == consent.Refused || e.To == consent.Withdrawn {
			out.Tone = "late"
		}
	case casework.KindConsentOrdered, casework.KindConsentReported:
		out.Tone, out.Reasons = "late", v.labels(pack.ConsentPurposes, some(e.From))
	case casework.KindConsentPassed, casework.KindConsentTold:
		out.Reasons = v.labels(pack.ConsentPurposes, some(e.From))
	default:
		return false
	}
	return true
}
