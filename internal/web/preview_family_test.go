package web_test

import (
	"slices"
	"time"

	"causeway/internal/casework"
	"causeway/internal/web"
)

func (s scene) lists(list string, codes ...string) (out []string) {
	for _, c := range codes {
		out = append(out, s.p.Label(list, c, s.l.Code()))
	}
	return out
}

func (s scene) others() web.Others {
	f, c := s.frame("children"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	brother := s.child(2)
	past := []web.OtherPast{
		{Kind: "other-changed", At: previewNow.AddDate(0, 0, -2), By: "Hana T.", Lines: []web.Line{{Label: "safe_contact", Text: s.l.T("safe.no")}, {Label: "safe_why", Text: "He asked twice where she sleeps."}, {Label: "suspected", Text: s.l.T("family.suspected")}}},
		{Kind: "other-added", At: previewNow.AddDate(0, 0, -9), By: "عمر السيد", Lines: []web.Line{{Label: "safe_contact", Text: s.l.T("safe.unknown")}}},
	}
	rel := func(code string) string { return s.p.Label("relation", code, s.l.Code()) }
	return web.Others{
		Frame: f, Child: c, Can: true, Join: true,
		Group: &web.GroupView{Kind: s.p.Label("group_kind", "siblings", s.l.Code()), Since: day(-7), Members: []web.Child{brother}, Elsewhere: true},
		Rows: []web.OtherRow{
			{Href: "/child/x/people/1", Name: "Mirembe Bekele", Relation: rel("aunt_uncle"), Safe: "yes", Phone: "+999 55 01 23", Address: "Above the bakery, Lantern Street", Language: s.p.Label("language", "am", s.l.Code()), Note: "Calls on Sundays.", In: []web.Child{brother}, Elsewhere: true, Share: true, History: past[1:]},
			{Href: "/child/x/people/2", Name: "عم الطفلة", Relation: rel("aunt_uncle"), Safe: "no", Why: "He asked twice where she sleeps.", Suspected: true, Share: true, History: past},
			{Href: "/child/x/people/3", Relation: rel("brother_sister"), Reverse: true, Safe: "unknown", Linked: true, Own: &brother, History: past[1:]},
			{Href: "/child/x/people/4", Relation: rel("cousin"), Safe: "unknown", Linked: true, Elsewhere: true, History: past[1:]},
		},
		Past: []web.OtherRow{{Href: "/child/x/people/5", Name: "Jonas", Relation: rel("travelled_with"), Safe: "unknown", Until: day(-3), History: past[1:]}},
	}
}

func familyPreviews(s scene) []preview {
	f, c, at := s.frame("children"), s.child(0), "/child/x/people"
	empty := web.Others{Frame: f, Child: c, Can: true, Join: true}
	other := func(step string, values map[string][]string, errors ...web.FieldError) web.OtherForm {
		return web.OtherForm{
			Frame: f, Child: c, Step: step, Form: form(at+"/"+step, values, errors...).Ask("language", s.l.T("family.language")), Relations: s.options("relation"),
			Reverse: web.OneBox(s.l, "family.reverse"), Safe: web.Options(s.l, "safe", casework.SafeAnswers()...),
			Suspect: web.OneBox(s.l, "family.suspected"), Languages: s.options("language"),
		}
	}
	change, end := other("change", map[string][]string{"other_name": {"Mirembe"}, "relation_to": {"aunt_uncle"}, "safe_contact": {"no"}, "suspected": {"yes"}}, web.FieldError{Name: "safe_why", Code: "required"}), other("end", nil)
	change.Who, end.Who = "Mirembe", "Mirembe"
	share := other("share", nil, web.FieldError{Name: "number", Code: "no-such-number"})
	with := []web.Option{{Value: "1", Label: "Little Captain", Hint: "QT6X-MAJ7-C"}}
	group := web.GroupForm{Frame: f, Child: c, Step: "join", Form: blank(at + "/group"), Kinds: s.options("group_kind"), With: with}
	apart := web.GroupForm{Frame: f, Child: c, Step: "apart", Form: blank(at + "/apart"), Names: []web.Child{s.child(2)}}
	together := s.childPage()
	together.Unsafe = []web.Option{{Label: "عم الطفلة", Hint: "He asked twice where she sleeps."}}
	together.Events = append([]web.Event{{
		Kind: "note", Tone: "care", At: previewNow.Add(-2 * time.Hour), By: "Hana T.", On: day(0), To: s.p.Label("note_kind", "home_visit", s.l.Code()), Together: 2,
		Interpreter: s.p.Label("interpreter", "missing", s.l.Code()), NoInterpreter: true, Present: s.lists("present", "carer", "other_child"),
		Lines: []web.Line{{Label: "seen", Text: "One bed for three."}},
	}}, together.Events...)
	return slices.Concat(carePreviews(s), arrivalPreviews(s), tracingPreviews(s), []preview{
		{"others", s.others()},
		{"others-empty", empty},
		{"other-add", other("add", nil)},
		{"other-change", change},
		{"other-link", other("link", nil)},
		{"other-share", share},
		{"other-end", end},
		{"group-join", group},
		{"group-apart", apart},
		{"child-together", together},
	})
}

func blank(action string) web.Form { return form(action, nil) }

func carePreviews(s scene) []preview {
	f, c, at := s.frame("children"), s.child(0), "/child/x/care"
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	kind := func(code string) string { return s.p.Label("care_arrangement", code, s.l.Code()) }
	cell := web.CareRow{Kind: kind("police_cell"), Unsafe: true, Now: true, From: day(-2), Where: "Harbour Town station", Decided: "Border police", By: "Hana T.", At: previewNow, Href: at + "/1/change"}
	history := web.CareHistory{Frame: f, Child: c, Can: true, Rows: []web.CareRow{
		cell,
		{Kind: kind("street"), Unsafe: true, From: day(-30), Until: day(-2), Note: "Slept behind the fish market, says he.", By: "عمر السيد", At: previewNow, Href: at + "/2/change"},
		{Gap: true, From: day(-90), Until: day(-30)},
		{Kind: kind("kinship"), From: day(-400), Until: day(-90), Where: "Mirembe Bekele, Lantern Street", By: "Hana T.", At: previewNow, Href: at + "/3/change"},
	}}
	lost := web.CareHistory{Frame: f, Child: c, Can: true, Rows: []web.CareRow{{Gap: true, From: day(-2)}, history.Rows[3]}}
	change := web.CareForm{Frame: f, Child: c, Change: true, Kinds: s.options("care_arrangement"), Form: form(at+"/1/change",
		map[string][]string{"care_kind": {"street"}, "care_from": {"2026-11-20"}, "care_until": {"2026-11-01"}}, web.FieldError{Name: "care_until", Code: "ends-before"})}
	page := s.childPage()
	page.Lives = &cell
	today := web.Today{
		Frame: s.frame("today"), Part: "morning", First: "Hana", Children: 3, Register: true,
		Unsafe: []web.UnsafeChild{{Child: s.child(2), Place: kind("police_cell"), Since: previewNow.AddDate(0, 0, -2)}, {Child: s.child(0), Place: kind("street"), Since: previewNow}},
	}
	return []preview{
		{"care", history},
		{"care-gap", lost},
		{"care-none", web.CareHistory{Frame: f, Child: c, Can: true}},
		{"care-add", web.CareForm{Frame: f, Child: c, Kinds: s.options("care_arrangement"), Form: blank(at + "/add")}},
		{"care-change", change},
		{"child-unsafe", page},
		{"today-unsafe", today},
	}
}

func arrivalPreviews(s scene) []preview {
	f := s.frame("register")
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	start := func(values map[string][]string, errors ...web.FieldError) web.IntakeStart {
		return web.IntakeStart{
			Frame: f, Form: form("/intake/group", values, errors...).Ask("region", s.l.T("register.region")).Ask("risk", s.l.T("arrivals.risk")),
			Regions: s.options("region"), Risks: s.options("risk"), Basis: s.options("legal_basis"),
		}
	}
	var families []web.Option
	for _, mark := range casework.FamilyMarks() {
		families = append(families, web.Option{Value: mark, Label: mark})
	}
	table := web.Arrivals{
		Frame: f, Place: "Lorry park by the bridge", On: day(0), Hour: "04:30", FoundBy: "Harbour patrol", Sexes: s.options("sex_recorded"),
		Languages: s.options("language"), Families: families,
		Progress: []web.Progress{{Key: "child_name", Done: 2, Of: 4}, {Key: "age", Done: 1, Of: 4}, {Key: "sex", Done: 2, Of: 4}, {Key: "language", Done: 4, Of: 4}, {Key: "bed", Done: 3, Of: 4}, {Key: "transport", Of: 4}, {Key: "worker", Of: 4}},
		Form:     form("/intake/group/x", map[string][]string{"child_name_0": {"سلمى"}, "age_0": {"11"}, "language_0": {"am"}, "urgent_0": {"Insulin"}, "age_1": {"200"}, "family_0": {"A"}}, web.FieldError{Name: "age_1", Code: "out-of-range"}),
	}
	for i := range 4 {
		line := web.ArrivalLine{N: i, Child: s.child(i), Label: "Blue " + string(rune('1'+i)), Named: i < 2, Case: "x", Seen: "1", Open: i == 1}
		if i == 0 {
			line.Urgent, line.Open = "Insulin", true
		}
		table.Rows = append(table.Rows, line)
	}
	given := table
	given.Form, given.Workers = blank("/intake/group/x"), []web.Option{{Value: "1", Label: "Lidya G.", Hint: "12"}, {Value: "2", Label: "عمر السيد"}}
	given.Rows = slices.Clone(table.Rows)
	for i := range given.Rows {
		given.Rows[i].Open = false
	}
	return []preview{
		{"intake", start(map[string][]string{"intake_on": {"2026-11-24"}})},
		{"intake-wrong", start(map[string][]string{"intake_count": {"99"}, "intake_label": {"Blue"}}, web.FieldError{Name: "intake_count", Code: "out-of-range"}, web.FieldError{Name: "risk", Code: "required"})},
		{"arrivals", table},
		{"arrivals-give", given},
	}
}

func tracingPreviews(s scene) []preview {
	f, c, at := s.frame("children"), s.child(0), "/child/x/tracing"
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	label := func(list, code string) string { return s.p.Label(list, code, s.l.Code()) }
	steps := []web.SearchStep{
		{Kind: "question", On: day(-1), At: previewNow, By: "Hana T.", Match: "yes", Lines: []web.Line{{Label: "step_question", Text: "What was the goat called?"}, {Label: "step_expected", Text: "Button"}, {Label: "step_said", Text: "Button, after her coat."}}},
		{Kind: "action", What: label("tracing_action", "visit_address"), On: day(-4), At: previewNow, By: "عمر السيد", Lines: []web.Line{{Label: "step_outcome", Text: "The baker knows the aunt."}}},
	}
	search := web.SearchRow{
		Href: at + "/1", Who: "Mirembe Bekele", Relation: label("relation", "aunt_uncle"), By: "child", State: "matched", Last: "Sold bread by the old gate.",
		Consent: "Selam, and her guardian", On: day(-6), Fears: "yes", Safety: "The uncle moved away. Only the aunt is asked, at work.", Words: "I want to know if she is well.",
		Steps: steps, Next: casework.TracingSteps("matched"),
	}
	over := search
	over.Ended, over.State, over.Next, over.By, over.Fears, over.Safety = true, "reunified", nil, "relative", "no", ""
	start := func(values map[string][]string, errors ...web.FieldError) web.TracingStart {
		return web.TracingStart{
			Frame: f, Child: c, Form: form(at+"/start", values, errors...), By: web.Options(s.l, "soughtby", casework.SoughtBy()...),
			Relations: s.options("relation"), Consent: web.OneBox(s.l, "tracing.consent"), Fears: web.Options(s.l, "answer", casework.FearAnswers()...),
		}
	}
	out := []preview{
		{"tracing", web.Tracing{Frame: f, Child: c, Can: true, Rows: []web.SearchRow{search, over}}},
		{"tracing-none", web.Tracing{Frame: f, Child: c, Can: true}},
		{"tracing-start", start(map[string][]string{"consent_on": {"2026-11-24"}})},
		{"tracing-start-wrong", start(map[string][]string{"fears": {"yes"}}, web.FieldError{Name: "consent", Code: "consent-needed"}, web.FieldError{Name: "search_safety", Code: "required"})},
	}
	for step, list := range map[string]string{"action": "tracing_action", "question": "", "result": "tracing_result", "reunified": "", "followup": "", "stop": "tracing_stop"} {
		view := web.TracingStepForm{Frame: f, Child: c, Form: form(at+"/1/"+step, map[string][]string{"step_on": {"2026-11-24"}}), Step: step, Who: "Mirembe Bekele", Match: web.Options(s.l, "match", casework.MatchAnswers()...)}
		if list != "" {
			view.Whats = s.options(list)
		}
		if step == "result" {
			view.Form.Fault = "verify-first"
		}
		out = append(out, preview{"tracing-" + step, view})
	}
	return out
}
