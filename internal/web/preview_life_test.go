package web_test

import (
	"time"

	"causeway/internal/pack"
	"causeway/internal/web"
)

func lifePreviews(s scene) []preview {
	f := s.frame("children")
	c, at, lang := s.child(0), "/child/x", s.l.Code()
	state := func(code string) string { return s.p.Label(pack.StatusStates, code, lang) }
	status := web.StatusLine{
		Kind: s.p.Label(pack.StatusKinds, "age", lang), State: state("age_doubt"), From: day(-20), Appeal: day(10), Body: "Harbour Town youth office",
		Grounds: "Two talks; the papers name two different years.", Method: s.p.Label(pack.AgeMethods, "interview", lang), Doubt: "yes", Paper: "A 12/26", By: "Hana T.", At: previewNow,
	}
	kinds := []web.StandingKind{}
	for _, code := range s.p.Codes(pack.StatusKinds) {
		k := web.StandingKind{Label: s.p.Label(pack.StatusKinds, code, lang), Href: at + "/status/" + code}
		if code == "age" {
			k.Now = []web.StatusLine{status}
		}
		if code == "reflection" {
			k.Now = []web.StatusLine{{State: state("reflection_granted"), From: day(-2), Until: day(28), Body: "Ministry of the Interior", By: "Hana T.", At: previewNow}}
		}
		kinds = append(kinds, k)
	}
	decision := web.GateNeed{Label: s.l.T("gate.decision"), Href: at + "/status/decision"}
	gates := []web.Gate{
		{Code: "placement", Label: s.p.Label(pack.ActKinds, "placement", lang), Open: true, Has: state("bia_short"), From: "UNHCR best interests procedure guidelines 2021", Sure: "guidance"},
		{Code: "removal", Label: s.p.Label(pack.ActKinds, "removal", lang), Needs: []web.GateNeed{{Label: state("bid")}, decision}, From: "Convention on the Rights of the Child, article 9(1)", Sure: "law"},
		{Code: "return", Label: s.p.Label(pack.ActKinds, "return", lang), Has: state("bid"), Shut: []string{state("reflection_granted")}, From: "Council of Europe Convention, article 13", Sure: "law"},
	}
	breach := web.ActLine{
		Kind: s.p.Label(pack.ActKinds, "removal", lang), State: "breach", Tone: "late", Happened: previewNow.Add(-3 * time.Hour), Recorder: "Hana T.", Review: at + "/acts/1/review",
	}
	planned := web.ActLine{
		Kind: s.p.Label(pack.ActKinds, "placement", lang), State: "authorised", Tone: "sky", Planned: previewNow.AddDate(0, 0, -1), Planner: "عمر السيد",
		Basis: state("bia_short"), Record: at + "/acts/record?act=1", Drop: at + "/acts/1/drop",
	}
	reviewed := breach
	reviewed.State, reviewed.Tone, reviewed.Review, reviewed.Reviewed, reviewed.Reviewer = "reviewed", "soon", "", previewNow, "عمر السيد"
	emergency, done, dropped := breach, planned, planned
	emergency.State, done.State, dropped.State = "emergency", "done", "dropped"
	what := web.Event{Kind: "act-breach", Tone: "late", At: previewNow, By: "Hana T.", To: breach.Kind, Emergency: true, Lines: []web.Line{{Label: "reason", Text: "The landlord stood at the door with two men."}}}
	gone := web.MissingLine{Since: previewNow.Add(-5 * time.Hour)}
	told := web.MissingLine{Since: previewNow.AddDate(0, -2, 0), Told: previewNow.AddDate(0, -2, 0), Reviewed: previewNow.AddDate(0, -1, 0)}
	back := web.MissingLine{Since: told.Since, Told: told.Told, Found: previewNow.AddDate(0, 0, -2), Talked: previewNow.AddDate(0, 0, -1)}
	missing, returned, grown := s.childPage(), s.childPage(), s.childPage()
	missing.Missing, missing.Life = true, web.Life{Untold: true, Search: at + "/missing", Breaches: []web.ActLine{breach, emergency}}
	returned.Life = web.Life{TalkDue: true, Search: at + "/missing", Presumed: true}
	returned.Events = []web.Event{
		{Kind: "found", Tone: "done", At: previewNow, By: "Hana T.", To: s.p.Label("stage", "planned", lang), Lines: []web.Line{{Label: "found_at", Text: s.l.DateTime(previewNow)}}},
		{Kind: "missing-search", At: previewNow, By: "Hana T."},
		{Kind: "missing-told", At: previewNow, By: "Hana T.", Lines: []web.Line{{Label: "told", Text: "Police, night desk"}, {Label: "reference", Text: "M-41"}}},
		{Kind: "missing", Tone: "late", At: previewNow, By: "Hana T."},
		what,
		{Kind: "status", At: previewNow, By: "Hana T.", To: status.State},
	}
	grown.Life.Grown, grown.Child.Age = true, web.Age{From: 19, To: 19, Known: true}
	formAt := func(path string, values map[string][]string, errors ...web.FieldError) web.Form {
		return form(at+path, values, errors...)
	}
	out := []preview{
		{"child-missing", missing},
		{"child-returned", returned},
		{"child-grown", grown},
		{"stage-shut", web.Stage{Frame: f, Child: c, Form: formAt("/stage", nil), Path: s.path("registered"), Shut: gates[1:2]}},
		{"stage-missing", web.Stage{Frame: f, Child: c, Form: formAt("/stage", nil), Missing: true}},
		{"status", web.Statuses{Frame: f, Child: c, Kinds: kinds, Before: []web.StatusLine{status}, ChildRules: true}},
		{"status-age", web.StatusForm{
			Frame: f, Child: c, Kind: status.Kind, Form: formAt("/status/age", map[string][]string{"status_from": {"2026-11-24"}},
				web.FieldError{Name: "age_doubt", Code: "doubt-means-child"}), States: s.options(pack.StatusStates)[3:7], Methods: s.options(pack.AgeMethods),
			Doubts: web.Options(s.l, "answer", "yes", "no", "unknown"), Appeals: true, Body: true, Grounds: true,
		}},
		{"status-reflection", web.StatusForm{
			Frame: f, Child: c, Kind: s.p.Label(pack.StatusKinds, "reflection", lang), Form: formAt("/status/reflection", nil), States: s.options(pack.StatusStates)[11:14],
			Ends: true, Body: true, Grounds: true, Least: &web.Number{Label: "Time to recover", Value: "30", From: "Council of Europe Convention, article 13(1)", Sure: "law"},
		}},
		{"status-filed", web.StatusForm{Frame: f, Child: c, Kind: s.p.Label(pack.StatusKinds, "filed", lang), Form: formAt("/status/filed", nil), States: s.options(pack.StatusStates)[34:]}},
		{"acts", web.Acts{Frame: f, Child: c, Gates: gates, Acts: []web.ActLine{breach, emergency, planned, done, dropped, reviewed}, Plan: true, Record: true}},
		{"acts-empty", web.Acts{Frame: f, Child: c, Gates: gates}},
		{"acts-plan", web.ActPlan{Frame: f, Child: c, Form: formAt("/acts/plan", nil).Ask("reason", s.l.T("acts.plan.why")), Kinds: []web.Option{{Value: "placement", Label: gates[0].Label, Hint: gates[0].Has}}, Shut: gates[1:]}},
		{"acts-plan-none", web.ActPlan{Frame: f, Child: c, Form: web.Form{Action: at + "/acts/plan", Fault: "gate-needs"}, Shut: gates[1:]}},
		{"acts-record", web.ActRecord{
			Frame: f, Child: c, Form: formAt("/acts/record", map[string][]string{"happened": {"2026-11-24T09:40"}}), Kinds: s.options(pack.ActKinds),
			Planned: []web.Option{{Value: "1", Label: planned.Kind}, {Value: "none", Label: s.l.T("acts.unplanned")}}, Emergency: web.EmergencyAct(s.l),
		}},
		{"acts-review", web.ActReview{Frame: f, Child: c, Form: formAt("/acts/1/review", nil).Ask("reason", s.l.T("acts.review.why")), Act: breach, What: &what, Outcomes: web.Outcomes(s.l)}},
		{"acts-drop", web.ActDrop{Frame: f, Child: c, Form: formAt("/acts/1/drop", nil, web.FieldError{Name: "reason", Code: "required"}), Act: planned}},
		{"missing-now", web.Missing{Frame: f, Child: c, Now: &gone, Before: []web.MissingLine{back}, May: true}},
		{"missing-told", web.Missing{Frame: f, Child: c, Now: &told, May: true}},
		{"missing-back", web.Missing{Frame: f, Child: c, TalkDue: true, Before: []web.MissingLine{back}, May: true}},
		{"missing-not", web.Missing{Frame: f, Child: c, May: true}},
	}
	for _, step := range []string{"report", "told", "search", "found", "talk"} {
		out = append(out, preview{"missing-" + step + "-form", web.MissingForm{
			Frame: f, Child: c, Step: step, Form: formAt("/missing/"+step, map[string][]string{"missing_since": {"2026-11-24T09:40"}, "found_at": {"2026-11-24T09:40"}}),
			Languages: s.options("language"), Alone: web.Alone(s.l),
		}})
	}
	return out
}
