package web_test

import "causeway/internal/web"

func planPreviews(s scene) []preview {
	f, c := s.frame("children"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	at := c.Href + "/plan"
	said := &web.Words{Text: "I want to go to school here first, then see my aunt.", Lang: "en", On: day(-9), By: "Hana T."}
	goals := []web.PlanGoal{
		{What: "I go to school.", Area: "School and training", By: web.DueOn(day(60), previewToday), View: "wants", Words: said, At: at + "/goal/a"},
		{What: "Nobody finds me.", Area: "Safety and care", At: at + "/goal/b"},
	}
	steps := []web.PlanStep{
		{What: "Ask the school for a place.", Who: "Hana", By: web.DueOn(day(-2), previewToday), State: "begun", On: day(-3), At: at + "/step/a", Service: s.p.Label("service", "information", s.l.Code())},
		{What: "Change the telephone.", Who: "Selam", State: "impossible", On: day(-1), Note: "There is no money for a new one.", At: at + "/step/b"},
		{What: "Visit the house by the river.", Who: "عمر السيد", State: "done", On: day(-4), At: at + "/step/c"},
		{What: "Talk with the doctor.", Who: "Hana", By: web.DueOn(day(5), previewToday), State: "open", At: at + "/step/d"},
	}
	full := web.Plan{
		Frame: f, Child: c, Some: true, Finished: true, Form: c.Href + "/forms/x", Aim: "A safe place, and school.", Wish: said, Goals: goals, Steps: steps, Done: 1,
		Review: web.DueOn(day(20), previewToday), AgreeAt: at + "/agree",
		Agreed: &web.PlanAnswer{Answer: "partly", Words: &web.Words{Text: "School yes. But not the old telephone.", On: day(-2), By: "Hana T."}, By: "Hana T.", On: day(-2), Alone: "yes", Copy: true, Stale: true},
		Copies: []web.Option{{Value: at + "/copy?lang=en", Label: "English"}, {Value: at + "/copy?lang=ar", Label: "العربية"}},
	}
	draft := full
	draft.Finished, draft.Agreed, draft.AgreeAt, draft.Goals, draft.Steps, draft.Done, draft.Copies = false, nil, "", nil, nil, 0, nil
	back := full
	back.Agreed, back.AgreeAt = nil, ""
	back.Approval = &web.ApprovalRow{Title: "Case plan", State: "returned", Asker: "Hana T.", Asked: day(-6), Decider: "عمر السيد", Decided: day(-4), Comment: "Who brings her to school in the morning?"}
	waits := full
	waits.Agreed = nil
	waits.Approval = &web.ApprovalRow{Title: "Case plan", State: "asked", Asker: "Hana T.", Asked: day(-1), Due: web.DueOn(day(0), previewToday), DecideAt: c.Href + "/approvals/x"}
	return []preview{
		{"plan", full},
		{"plan-none", web.Plan{Frame: f, Child: c, Form: c.Href + "/forms"}},
		{"plan-draft", draft},
		{"plan-returned", back},
		{"plan-waits", waits},
		{"planagree", web.PlanAgree{Frame: f, Child: c, Form: form(at+"/agree", map[string][]string{"plan_agreed": {"partly"}}, web.FieldError{Name: "plan_words", Code: "required"}).Ask("language", s.l.T("note.language")), Aim: full.Aim, Answers: web.PlanAnswers(s.l), Languages: s.options("language"), Alone: web.Alone(s.l), Copies: web.YesOrNo(s.l)}},
		{"planitem-step", web.PlanItem{Frame: f, Child: c, Form: form(at+"/step/a", nil), What: steps[0].What, States: web.StepStates(s.l)}},
		{"planitem-goal", web.PlanItem{Frame: f, Child: c, Form: form(at+"/goal/a", nil), What: goals[0].What, Views: web.GoalViews(s.l), Alone: web.Alone(s.l)}},
		{"plancopy", web.PlanCopy{Frame: f, Child: c, Aim: full.Aim, Goals: goals, Steps: steps, Review: day(20), Worker: "Hana Tesfaye", Unsafe: true}},
	}
}
