package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/staff"
)

// whyRoutes are the page that explains what is possible.
func (s *Server) whyRoutes() { s.page("GET /why", s.why) }

// actsOfPaths says what a refused page was about, by its address alone: the first
// part, or what follows the child.
var actsOfPaths = map[string]string{
	"children": "case.list", "team": "team.view", "journal": "journal.view", "people": "staff.list", "import": "import.run",
	"forms": "form.edit", "health": "health.view", "check": "check.make", "duty": "check.duty", "capture": "capture.begin",
	"search": "case.search", "rules": "policy.view", "inquiries": "inquiry.list", "recommendations": "inquiry.asked",
	"contacts": "contact.view", "focal": "contact.edit", "flows": "flow.view",
	"partners": "peer.view",

	"child/": "case.open", "child/note": "case.note", "child/contact": "case.contact", "child/risk": "case.risk",
	"child/stage": "case.stage", "child/assign": "case.assign", "child/close": "case.close", "child/reopen": "case.reopen",
	"child/print": "case.print", "child/person": "case.update", "child/looked": "case.wholooked", "child/documents": "document.open",
	"child/export": "case.export", "child/plan": "case.plan", "child/needs": "case.need", "child/forms": "record.save",
	"child/confirm": "case.confirm", "child/tasks": "case.task", "child/conferences": "case.confer", "child/acts": "case.authorise",
	"child/missing": "case.missing", "child/care": "case.care", "child/tracing": "case.tracing", "child/others": "case.people",
	"child/consent": "consent.view", "child/withheld": "consent.withheld", "child/compelled": "consent.disclose",
	"child/privileged": "consent.notes",
}

// whyLink returns the address that explains a refused one. It rests on the address
// alone, so that it is the same for what does not exist and what is not the reader's.
func whyLink(path string) string {
	part := strings.Split(strings.Trim(path, "/"), "/")
	values := url.Values{}
	key := part[0]
	if key == "child" && len(part) > 1 {
		id, err := ident.Parse[ident.Case](part[1])
		if err != nil {
			id = ident.New[ident.Case]() // a forged address reads like an unknown one
		}
		values.Set("case", id.String())
		key = "child/"
		if len(part) > 2 {
			key += part[2]
		}
	}
	if action := actsOfPaths[key]; action != "" {
		values.Set("act", action)
	}
	if len(values) == 0 {
		return "/why"
	}
	return "/why?" + values.Encode()
}

// why explains whether somebody may do something.
func (s *Server) why(v *visit) error {
	asked := v.r.URL.Query()
	view := WhyPage{Frame: v.frame("menu"), Acts: v.acts(), Form: Form{Action: "/why", Values: asked}}
	q := access.Asked{Action: asked.Get("act")}
	var err error
	if q.Case, err = ident.Parse[ident.Case](asked.Get("case")); err == nil && !q.Case.IsZero() {
		view.Form.Hidden = []Hidden{{Name: "case", Value: q.Case.String()}}
		view.Case = "/child/" + q.Case.String()
	}
	if s.Gate.May(v.caller, "why.colleague") {
		units := v.mine()
		view.People = v.colleagues(func(a staff.Account) bool {
			return a.ID != v.session.Staff && a.State == staff.Active && (units == nil || slices.Contains(units, a.Unit))
		})
		if q.Staff, err = ident.Parse[ident.Staff](asked.Get("colleague")); err == nil && !q.Staff.IsZero() {
			view.Who = v.name(q.Staff)
		}
	}
	if q.Action == "" {
		return v.write(http.StatusOK, view)
	}
	w, err := s.People.Why(v.r.Context(), v.caller, q)
	if err != nil {
		return err
	}
	view.Act, view.Why = q.Action, &w
	return v.write(http.StatusOK, view)
}

// acts lists what people do, in the words of the journal.
func (v *visit) acts() []Option {
	var out []Option
	for _, action := range access.Actions() {
		if v.l.Has("what." + action) {
			out = append(out, Option{Value: action, Label: v.l.T("what." + action)})
		}
	}
	slices.SortFunc(out, func(a, b Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}
