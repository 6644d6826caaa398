package web_test

import (
	"causeway/internal/access"
	"causeway/internal/web"
)

// rulesPreviews are the pages of the rules.
func rulesPreviews(s scene) []preview {
	one := access.Ground{ID: "supervisor-works-in-own-unit", Says: "A supervisor may open and work on every case of their unit.", Basis: "a supervisor answers for every case of the unit"}
	two := access.Ground{ID: "case-worker-searches-for-family", Says: "The lead worker of a case, or the deputy, may search for the child's family.", Law: "Council of Europe Convention on Action against Trafficking, article 10(4)(c)"}
	waits := web.RuleSetRow{Number: "2", Href: "/rules/2", State: access.RulesProposed, By: "عمر السيد", At: previewNow}
	former := web.RuleSetRow{Number: "1", Href: "/rules/1", State: access.RulesActive, By: "Lidya G.", At: previewNow, Decider: "عمر السيد", Decided: previewNow, Stale: true}
	fresh := web.RulesPage{Frame: s.frame("rules"), Number: "0", Rules: []access.Ground{one, two}, Propose: true}
	made := web.RulesPage{Frame: s.frame("rules"), Number: "1", Stale: true, Rules: []access.Ground{one}, Sets: []web.RuleSetRow{waits, former}}
	write := web.RulesPropose{Frame: s.frame("rules"), Form: form("/rules/propose", map[string][]string{"rules_text": {"@id(\"x\")"}}), Own: true}
	wrong := write
	wrong.Form = form("/rules/propose", map[string][]string{"rules_text": {"permit"}}, web.FieldError{Name: "rules_text", Code: "rules-unsound"})
	wrong.Problems = []string{"line 1, column 7: is not Cedar that can be read", `policy "x" would permit case.open, which the floor forbids: floor-care-wall (prosecutor)`}
	rights := []web.RightsOf{
		{Role: "case_worker", Lines: []web.RightLine{{Act: s.l.T("what.case.close"), Standings: []string{"lead", "deputy"}, Before: "always", After: "never"}}},
		{Role: "auditor", Lines: []web.RightLine{{Act: s.l.T("what.health.view"), Standings: []string{""}, Before: "never", After: "sometimes"}}},
	}
	proposal := web.RulesProposal{
		Frame: s.frame("rules"), Form: form("/rules/2", nil), Set: waits, InForce: "1", Gains: rights[1:], Losses: rights[:1],
		Added: []access.Ground{one}, Removed: []access.Ground{two}, Other: []access.Ground{one}, Waits: true, CanActivate: true, CanDrop: true,
	}
	own := web.RulesProposal{Frame: s.frame("rules"), Form: form("/rules/2", nil), Set: waits, InForce: "0", Waits: true, Own: true, CanDrop: true}
	return []preview{
		{"rules", fresh},
		{"rules-made", made},
		{"rules-propose", write},
		{"rules-propose-wrong", wrong},
		{"rules-proposal", proposal},
		{"rules-proposal-own", own},
	}
}
