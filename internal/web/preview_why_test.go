package web_test

import (
	"causeway/internal/access"
	"causeway/internal/web"
)

// whyPreviews are the page that explains what is possible.
func whyPreviews(s scene) []preview {
	by := access.Ground{
		ID: "case-worker-works-on-own-case", Says: "A case worker may open and work on a case they lead, stand in for or help with.",
		Law: "Palermo Protocol, article 6(1): the privacy and identity of a victim are protected; only who works on the case reads it",
	}
	other := access.Ground{ID: "supervisor-works-in-own-unit", Says: "A supervisor may open and work on every case of their unit.", Basis: "a supervisor answers for every case of the unit"}
	acts := web.Options(s.l, "what", "case.open", "case.close", "staff.invite")
	ask := web.WhyPage{Frame: s.frame("menu"), Form: web.Form{Action: "/why"}, Acts: acts}
	yes := ask
	yes.Form = web.Form{Action: "/why", Values: map[string][]string{"act": {"case.open"}}, Hidden: []web.Hidden{{Name: "case", Value: "x"}}}
	yes.Case, yes.Act = "/child/x", "case.open"
	yes.Why = &access.Why{Role: "case_worker", Relation: "lead", Answer: access.WhyYes, By: by}
	no := yes
	no.Who, no.People = "عمر السيد", []web.Option{{Value: "x", Label: "عمر السيد"}, {Value: "y", Label: "Lidya G."}}
	no.Why = &access.Why{
		Role: "case_worker", Relation: "none", Answer: access.WhyNo, Reason: "no-policy",
		With: []string{"lead", "deputy", "helper"}, Roles: []string{"case_worker", "supervisor"}, Rules: []access.Ground{by, other},
	}
	wall := yes
	wall.Why = &access.Why{Role: "investigator", Relation: "none", Answer: access.WhyNo, Reason: "floor-care-wall", Rules: []access.Ground{by}}
	return []preview{{"why", ask}, {"why-yes", yes}, {"why-no", no}, {"why-wall", wall}}
}
