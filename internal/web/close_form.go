package web

import (
	"slices"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/protocol/handover"
)

// closeForm closes a case. What cannot wait and stands against it is named on the
// page before anything is typed, with the way to what can be done about it.
func (s *Server) closeForm() formPage {
	p := s.childForm("case.close", nil, func(v *visit, id ident.Case, cmd ident.Command) (string, error) {
		return "closed", s.Cases.Close(v.r.Context(), v.caller, cmd, id, casework.Closing{
			Decision: v.decision("close_reason"), LastWord: v.text("last_word"), Declined: v.value("declined_by"),
			Ends: v.text("ends"), Continues: v.text("continues"),
		})
	})
	p.show = func(v *visit, f Form) (any, error) {
		id, err := v.caseID()
		if err != nil {
			id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
		}
		c, err := s.Cases.ToClose(v.r.Context(), v.caller, id)
		if err != nil {
			return nil, err
		}
		if !c.May["case.close"] {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		handed := v.handedAbroad(c.Events)
		if _, typed := f.Values["close_reason"]; !typed && handed != "" {
			f.Values = map[string][]string{"close_reason": {handedAbroad}, "continues": {handed}}
		}
		view := Close{
			Handed: handed,
			Frame:  v.frame("children"), Child: v.childRow(&c.Case, &c.Person.Details),
			Form: v.withSeen(f, c.Case.Version), Reasons: v.options("close_reason"), Declined: DeclinedBy(v.l),
		}
		for i := range c.Against {
			view.Against = append(view.Against, v.against(c, &c.Against[i]))
		}
		if len(view.Against) > 0 {
			view.Anyway = v.closesAnyway()
		}
		return view, nil
	}
	return p
}

// handedAbroad is the reason to close a case for which an office of another country answers
// (code list close_reason).
const handedAbroad = "handed_abroad"

// handedAbroad says which office of another country answers for the child, and since when;
// "" where none does. Events are newest first.
func (v *visit) handedAbroad(events []casework.Event) string {
	for i := range events {
		e := &events[i]
		if e.Kind != casework.KindReferral || e.To != string(handover.Assume) || len(e.Who) != 16 {
			continue
		}
		if office := v.officeName(ident.Unit(e.Who)); office != "" {
			return v.l.T("close.handed", "office", office, "date", v.l.Date(v.day(e.At)))
		}
	}
	return ""
}

// closesAnyway names the reasons for which a case is closed whatever stands that
// cannot wait, as the pack has them.
func (v *visit) closesAnyway() []string {
	var out []string
	for _, reason := range v.s.Pack.Codes(pack.CloseReasons) {
		if !slices.Contains(v.s.Pack.CloseGate(reason).Needs, pack.NeedNoUrgent) {
			out = append(out, v.label(pack.CloseReasons, reason))
		}
	}
	return out
}

// against puts what stands against closing into words.
func (v *visit) against(c *casework.ClosePage, a *casework.Against) Against {
	id := c.Case.ID.String()
	child := "/child/" + id
	switch q := a.Answer; {
	case a.Flag != nil:
		out := Against{Code: a.Code, Kind: "flag", Text: a.Flag.Text.Reveal()}
		if c.May["case.flag"] {
			out.End = child + "/flags/" + a.Flag.ID.String()
		}
		return out
	case q != nil:
		out := Against{Code: a.Code, Kind: "hidden", At: q.At.In(v.s.Zone), Acting: a.Acting}
		if q.Form == nil {
			return out
		}
		out.Form = q.Form.Title.In(v.l.Code())
		if q.Field == nil {
			return out
		}
		out.Kind, out.Question, out.Answer = "answer", q.Field.Label.In(v.l.Code()), v.answerText(q.Field, q.Answer, nil)
		role := v.caller.Role()
		if n, ok := v.s.Cases.Forms().Library().Version(q.Form.ID, 0); ok && n.State == forms.Published && n.Form.MayWrite(role) && c.May["record.save"] {
			out.Anew = child + "/form/" + q.Form.ID
		}
		if q.Form.MayWrite(role) && c.May["record.save"] {
			out.Correct = child + "/forms/" + q.Record.String() + "/edit"
		}
		return out
	}
	out := Against{Code: a.Code, Kind: "action", Due: a.Due.In(v.s.Zone), Late: a.Late}
	if c.May["check.seeto"] {
		out.End = "/check/" + id + "/urgent/" + a.Code
	}
	return out
}
