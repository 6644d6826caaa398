package web_test

import (
	"causeway/internal/match"
	"causeway/internal/web"
)

// knownPreviews are the pages of questions between countries about a child.
func knownPreviews(s scene) []preview {
	lang := s.l.Code()
	f, own := s.frame("children"), s.child(0)
	office := "وزارة النهر · " + s.p.Label("nationality", "XB", lang)
	asked := web.KnownQuestion{
		Office: office, Why: "family", Reason: "Her aunt was registered on the other bank in spring.", State: "asked", Tone: "due", Urgent: true,
		Asked: previewNow, By: "Hana T.", Look: own.Href + "/known/second/x",
	}
	silent := asked
	silent.State, silent.Tone, silent.Urgent, silent.Look, silent.Second, silent.Sent = "sent", "sky", false, "", "Omar S.", previewNow.AddDate(0, 0, -3)
	came := silent
	came.Answer, came.Contact, came.Go = "came", "Focal point, +999 5550 123", own.Href+"/known/accept/x"
	compared := silent
	compared.Answer, compared.Contact, compared.Compared, compared.Agreed, compared.Refer = "compared", came.Contact, true, []string{"date", "mother"}, own.Href+"/abroad"
	hit := web.KnownHit{
		Office: office, Why: "missing", State: "open", Tone: "due", Urgent: true, Consent: true, At: previewNow, Due: previewNow.Add(3600e9),
		Kinds: []string{"2n+y", "n+d", "2n3+yr"}, Officer: "4f0a9c21", Decide: "/questions/x/y",
	}
	told := hit
	told.State, told.Tone, told.Urgent, told.Decide, told.Answer, told.Contact, told.Compared = "answered", "leaf", false, "", true, came.Contact, true
	page := web.KnownPage{
		Frame: f, Child: own, Ask: own.Href + "/known/ask", Questions: []web.KnownQuestion{asked, silent, came, compared}, Hits: []web.KnownHit{hit, told},
		Ways: []web.KnownWay{{Office: office}, {Office: "Foyer Valombre", Unmet: []string{"hidden-from-country", "protection-first", "no-consent-for-country"}}},
	}
	why, urgent := web.Options(s.l, "knownwhy", match.Whys()...), web.Options(s.l, "knownurgent", "yes")
	ask := web.KnownAsk{
		Frame: f, Child: own, Form: form(own.Href+"/known/ask", map[string][]string{"match_why": {"family"}}), Whys: why, Urgent: urgent,
		Countries: []web.Option{{Value: "x", Label: office}},
	}
	wrong := ask
	wrong.Form = form(own.Href+"/known/ask", nil, web.FieldError{Name: "match_country", Code: "required"}, web.FieldError{Name: "match_reason", Code: "required"})
	step := func(step string, q *web.KnownQuestion, h *web.KnownHit, options []web.Option) web.KnownStep {
		return web.KnownStep{Frame: f, Form: form("/x", nil), Step: step, Choices: options, Question: q, Hit: h, Back: own.Href + "/known"}
	}
	return []preview{
		{"knownpage", page},
		{"knownpage-none", web.KnownPage{Frame: f, Child: own}},
		{"knownask", ask},
		{"knownask-wrong", wrong},
		{"knownstep-second", step("second", &asked, nil, web.Options(s.l, "knownsecond", "yes", "no"))},
		{"knownstep-accept", step("accept", &came, nil, web.Options(s.l, "knownaccept", "yes", "no"))},
		{"knownstep-decide", step("decide", nil, &hit, web.Options(s.l, "knowndecide", match.Choices()...))},
		{"knowndesk", web.KnownDesk{Frame: f, Tasks: []web.KnownTask{
			{Href: "/questions/x/y", Office: office, Urgent: true, Late: true, At: previewNow, Due: previewNow}, {Href: "/questions/x/z", Office: office, At: previewNow.AddDate(0, 0, -1), Due: previewNow.AddDate(0, 0, 6)},
		}, Months: []web.KnownMonth{{Office: office, Month: "2026-10", Rows: []web.KnownCount{{What: "questions", Ours: 31, Theirs: 30}, {What: "answers", Ours: 2, Theirs: 2}}}}}},
		{"knowndesk-none", web.KnownDesk{Frame: f}},
	}
}
