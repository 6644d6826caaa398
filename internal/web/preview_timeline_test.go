package web_test

import "causeway/internal/web"

func timelinePreviews(s scene) []preview {
	page := s.childPage()
	f, c := page.Frame, page.Child
	events := append([]web.Event{{
		Kind: "corrected", Tone: "care", At: previewNow, By: "Hana T.", ID: "e-9", Corrects: &web.EventLink{At: previewNow.AddDate(0, 0, -2), By: "Hana T.", Href: "#e-5"},
		Lines: []web.Line{{Label: "reason", Text: "I mixed up two girls."}},
	}}, page.Events...)
	note := &events[1]
	note.ID, note.Correct = "e-5", "/child/x/note/y"
	note.Origin = &web.OriginLine{Profile: "primero", By: "worker_one"}
	note.Corrected = []web.EventLink{{At: previewNow, By: "Hana T.", Href: "#e-9"}}
	past, unknown := page, web.ChildPage{Frame: f, Child: web.Child{Href: c.Href, Number: c.Number}, Past: &web.PastDay{On: day(-90), Unknown: true, Today: c.Href}}
	past.Past, past.Can, past.Menu, past.Timeline, past.Older = &web.PastDay{On: day(-4), Today: c.Href}, web.Can{}, nil, "", ""
	return []preview{
		{"timeline", web.Timeline{Frame: f, Child: c, Events: events, Kinds: []web.Option{{Value: "note", Label: s.l.Word("event", "note")}, {Value: "risk", Label: s.l.Word("event", "risk")}}, Kind: "note", From: "2026-11-01", Begin: "2026-01-01", End: "2026-11-24", Next: "/child/x/timeline?before=4"}},
		{"timeline-none", web.Timeline{Frame: f, Child: c}},
		{"history", web.History{Frame: f, Child: c, First: previewNow.AddDate(0, -1, 0), FirstBy: "Hana T.", Changes: []web.Change{
			{At: previewNow, By: "عمر السيد", Fields: []web.FieldChange{{Label: "name", From: "Selam (known as)", To: "Selam (known as); ሰላም (birth)"}, {Label: "restriction_note", To: "No contact with family"}}},
			{At: previewNow.AddDate(0, 0, -3), By: "Hana T."},
		}}},
		{"correct", web.Correct{Frame: f, Child: c, Note: events[1], Languages: s.options("language"), Form: form("/child/x/note/y", map[string][]string{"words": {"I want to go to school."}}, web.FieldError{Name: "reason", Code: "required"}).Ask("language", s.l.T("note.language")).Ask("reason", s.l.T("correct.why"))}},
		{"child-past", past},
		{"child-past-unknown", unknown},
	}
}
