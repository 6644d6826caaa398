package web

import (
	"net/http"
	"slices"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/deadline"
)

// dueAhead is how many days the first page looks ahead.
const dueAhead = 7

// today is the first page.
func (s *Server) today(v *visit) error {
	if !s.Gate.May(v.caller, "case.list") {
		return v.redirect(v.home(), "")
	}
	now := v.now()
	t, err := s.Cases.Today(v.r.Context(), v.caller, now.AddDate(0, 0, dueAhead))
	if err != nil {
		return err
	}
	view := Today{
		Frame: v.frame("today"), Part: partOfDay(now.Hour()), Children: t.Total, More: t.More,
		CanOpen: true, Register: s.Gate.May(v.caller, "case.register"),
	}
	view.Checks, view.UrgentChecks = t.Checks, t.UrgentChecks
	view.Approvals, view.Asked = v.awaited(t.Approvals, true), v.awaited(t.Asked, false)
	view.Seconds, view.SecondsAsked = v.secondsWait()
	view.Unsafe, view.NotThere, view.Unkept = v.unsafe(t.Unsafe), v.notThere(), v.unkept()
	view.Urgent, view.Supervises = v.urgent(t), v.supervises()
	if me, ok := v.people.Person(v.session.Staff); ok {
		view.First, _, _ = strings.Cut(me.Name.Reveal(), " ")
	}
	urgent := func(href string) bool {
		return slices.ContainsFunc(view.Urgent, func(u Urgent) bool { return u.Href == href })
	}
	for _, c := range v.dueChildren(t.Mine, false) {
		if urgent(c.Href) { // stands above already
			c.Dues = slices.DeleteFunc(c.Dues, func(d DueItem) bool { return d.Kind == casework.DueEmergencyConfirm })
		}
		switch {
		case len(c.Dues) == 0:
		case slices.ContainsFunc(c.Dues, func(d DueItem) bool { return d.Late }):
			view.Late = append(view.Late, c)
		case c.Dues[0].Due.In == 0 || slices.ContainsFunc(c.Dues, cannotWait):
			view.Due = append(view.Due, c)
		default:
			view.Coming = append(view.Coming, c)
		}
	}
	view.Escalated, view.MoreEscalated = v.dueChildren(t.Escalated, true), t.MoreEscalated
	view.Waiting = v.dueChildren(t.Waiting, true)
	view.Frame.Stamp = v.stamp(t.Entry)
	return v.write(http.StatusOK, view)
}

// cannotWait reports whether something is about an urgent answer of a check: it is for
// today whatever the last moment for it is.
func cannotWait(d DueItem) bool {
	_, urgent := casework.UrgentOf(d.Kind)
	return urgent
}

// dueChildren shows what is to be done, child by child.
func (v *visit) dueChildren(list []casework.DueChild, others bool) []DueChild {
	out := make([]DueChild, len(list))
	for i := range list {
		l := &list[i]
		out[i].Child = v.childRow(&l.Case, &l.Person.Details)
		for j := range l.Dues {
			out[i].Dues = append(out[i].Dues, v.dueItem(out[i].Href, &l.Dues[j], others))
		}
	}
	return out
}

func (v *visit) dueItem(child string, d *deadline.Deadline, others bool) DueItem {
	item := DueItem{
		Kind: d.Kind, Due: DueOn(v.day(d.Due), v.today()), Href: whereDone(child, d.Kind),
		Spoken: Spoken{Reminded: d.Level == deadline.Reminded, Escalated: d.Level >= deadline.Escalated},
	}
	item.Late = item.Due.In < 0 || d.Level >= deadline.Alerted
	if others {
		item.Href = child
		if item.Who = v.name(d.Owner); item.Who == "" {
			item.Who = v.l.T("due.supervisor", "unit", v.unitName(d.Unit))
		}
	}
	return item
}

// doneAt says on which page below the child's what is due is done; on the child's
// own where a kind has none.
var doneAt = map[string]string{
	casework.DueFirstContact: "/note", casework.DueNextContact: "/note", casework.DueEmergencyConfirm: "/confirm",
	casework.DueAssessment: "/form/full_assessment", casework.DueEmergencyAssessment: "/form/rapid_assessment",
	casework.DuePlan: "/form/plan", casework.DueReview: "/form/bid_review", "return_talk": "/note",
	"missing_report": "/missing", "missing_review": "/missing", "guardian": "/status", "reflection": "/status",
	"breach_review": "/acts", "approval": "/approvals", "service": "/needs", "task": "/tasks", "flag": "/tasks",
	"tell_unit": "/documents", casework.DueTellChild: "/circle", casework.DueReferralAnswer: "/referrals", casework.DueReferralTurn: "/referrals",
	casework.DueCloseHanded: "/close", casework.DueReportOwed: "/referrals", casework.DueReportAwaited: "/referrals",
	casework.DueMatch: "/known",
}

// whereDone returns the address at which something of a kind is done for a child.
func whereDone(child, kind string) string {
	switch kind {
	case casework.DueHandover:
		return "/duty"
	case casework.DueGlassReview:
		return reviewsPath
	}
	if code, ok := casework.UrgentOf(kind); ok {
		return "/check/" + strings.TrimPrefix(child, "/child/") + "/urgent/" + code
	}
	return child + doneAt[kind]
}

// spoken counts beside the day how many deadlines have spoken to this person. A page
// does not fail because they could not be counted.
func (v *visit) spoken(nav []NavItem) {
	i := slices.IndexFunc(nav, func(n NavItem) bool { return n.Tab == "today" })
	if i < 0 {
		return
	}
	n, err := v.s.Cases.Messages(v.r.Context(), v.caller)
	if err == nil {
		nav[i].Count = n
	}
}
