package web

import (
	"net/http"
	"slices"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/protocol/handover"
)

// approvalRoutes are the pages of what waits for a second person.
func (s *Server) approvalRoutes() {
	s.page("GET /child/{case}/approvals", s.approvals)
	s.form("/child/{case}/approvals/{approval}", s.approvalForm())
}

// ApprovalAnswers are what a second person can say.
func ApprovalAnswers(l *locale.Locale) []Option {
	return Options(l, "approvalanswer", "approve", "return")
}

// approvalList opens what waits in the case of the address.
func (v *visit) approvalList() (*casework.ApprovalList, error) {
	id, err := v.caseID()
	if err != nil {
		id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
	}
	return v.s.Cases.Approvals(v.r.Context(), v.caller, id)
}

func (s *Server) approvals(v *visit) error {
	list, err := v.approvalList()
	if err != nil {
		return err
	}
	view := Approvals{Frame: v.frame("children"), Child: v.childRow(&list.Case, &list.Person.Details)}
	for _, a := range list.Approvals {
		view.Rows = append(view.Rows, v.approval(a, view.Child.Href, list.May["case.approve"]))
	}
	seconds, err := v.secondLooks(list.Case.ID)
	if err != nil {
		return err
	}
	view.Rows = append(seconds, view.Rows...)
	view.Stamp = v.stamp(list.Entry)
	return v.write(http.StatusOK, view)
}

// secondLooks are the looks of a second person at what goes to another country.
func (v *visit) secondLooks(of ident.Case) (out []ApprovalRow, err error) {
	if v.s.Referrals == nil || !v.s.Referrals.Joined() {
		return nil, nil
	}
	all, err := v.s.Referrals.Seconds(v.r.Context(), v.caller, of)
	for _, l := range all {
		href := "/referral/" + l.Thread.Case.String() + "/" + l.Thread.ID.String()
		row := ApprovalRow{
			Title: v.joined(v.s.Pack.AbroadLabel(l.Thread.About, v.l.Code()), v.unitName(l.Partner)), Href: href, State: casework.ApprovalApproved,
			Asker: v.name(l.Asker), Asked: v.day(l.Asked), Decided: v.day(l.Approved),
		}
		if !l.Approver.IsZero() {
			row.Decider = v.name(l.Approver)
		}
		switch {
		case l.Waits():
			row.State, row.Due = casework.ApprovalAsked, DueOn(v.day(l.By), v.today())
		case l.Returned:
			row.State = casework.ApprovalReturned
		}
		if l.May {
			row.DecideAt = href + "/" + string(l.Event)
		}
		out = append(out, row)
	}
	return out, err
}

// secondsWait are the looks at what goes to other countries on the page of the day. A page
// does not fail because they could not be read.
func (v *visit) secondsWait() (mine, asked []ReferralRow) {
	if v.s.Referrals == nil {
		return nil, nil
	}
	ours, theirs, err := v.s.Referrals.SecondsWait(v.r.Context(), v.caller)
	if err != nil {
		return nil, nil
	}
	for _, l := range ours {
		mine = append(mine, v.referralRow(l.Thread, handover.Sender, l.Number))
	}
	for _, l := range theirs {
		asked = append(asked, v.referralRow(l.Thread, handover.Sender, l.Number))
	}
	return mine, asked
}

// approval builds one line.
func (v *visit) approval(a *casework.Approval, child string, may bool) ApprovalRow {
	row := ApprovalRow{
		Title: v.approvedWhat(a.What, a.Code), State: a.State, Asker: v.name(a.Asker), Asked: v.day(a.Asked), Decided: v.day(a.Decided),
		Comment: a.Comment.Reveal(),
	}
	if a.What == pack.ApproveRecord {
		row.Href = recordHref(child, ident.Record(a.About))
	}
	if !a.Decider.IsZero() {
		row.Decider = v.name(a.Decider)
	}
	if a.Waits() {
		row.Due = DueOn(v.day(a.Due), v.today())
		if may && a.Asker != v.session.Staff {
			row.DecideAt = child + "/approvals/" + a.ID.String()
		}
	}
	return row
}

// recordHref is where a record is read.
func recordHref(child string, record ident.Record) string { return child + "/forms/" + record.String() }

// approvedWhat says in words what an approval is about.
func (v *visit) approvedWhat(what, code string) string {
	if what == pack.ApproveAct {
		return v.label("act_kind", code)
	}
	return v.formTitle(code)
}

// formTitle is the title of a form in force, its code where there is none any more.
func (v *visit) formTitle(code string) string {
	if room := v.s.Cases.Forms(); room != nil {
		if f := room.Library().Form(code, 0); f != nil {
			return f.Title.In(v.l.Code())
		}
	}
	return code
}

func (s *Server) approvalForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			list, err := v.approvalList()
			if err != nil {
				return nil, err
			}
			id, err := ident.Parse[ident.Approval](v.r.PathValue("approval"))
			i := slices.IndexFunc(list.Approvals, func(a *casework.Approval) bool { return a.ID == id })
			if err != nil || i < 0 || !list.May["case.approve"] {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			a := list.Approvals[i]
			if (!a.Waits() || a.Asker == v.session.Staff) && f.Fault == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			child := v.childRow(&list.Case, &list.Person.Details)
			view := ApprovalForm{Frame: v.frame("children"), Child: child, Row: v.approval(a, child.Href, false), Form: f, Answers: ApprovalAnswers(v.l)}
			for _, before := range list.Before(a) {
				view.Before = append(view.Before, v.approval(before, child.Href, false))
			}
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			id, err := v.caseID()
			if err != nil {
				return "", "", err
			}
			approval, err := ident.Parse[ident.Approval](v.r.PathValue("approval"))
			if err != nil {
				return "", "", fault.New(fault.NotFound, "no-such-page")
			}
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			answer := v.value("approval_answer")
			if answer != "approve" && answer != "return" {
				return "", "", fault.InvalidField("approval_answer", "required")
			}
			err = s.Cases.Decide(v.r.Context(), v.caller, cmd, id, approval, casework.Answer{
				Approve: answer == "approve", Comment: v.text("comment"),
			})
			return "/child/" + id.String() + "/approvals", "approval-" + answer, err
		},
	}
}

// awaited lists approvals on the page of the day.
func (v *visit) awaited(list []casework.Awaited, may bool) []Await {
	out := make([]Await, len(list))
	for i := range list {
		child := v.childRow(&list[i].Case, &list[i].Person.Details)
		out[i] = Await{child, v.approval(list[i].Approval, child.Href, may)}
	}
	return out
}

// approvalEvent says on the timeline what a second person said.
func (v *visit) approvalEvent(out *Event, e *casework.Event) {
	out.Tone, out.To = "done", v.approvedWhat(e.From, e.To)
	if e.Kind == casework.KindApprovalReturned {
		out.Tone = "late"
	}
}
