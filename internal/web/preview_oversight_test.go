package web_test

import (
	"time"

	"causeway/internal/pack"
	"causeway/internal/web"
)

func oversightPreviews(s scene) []preview {
	worker, overseer := s.frame("complaints"), s.office("complaints", "auditor")
	worker.Nav = append(worker.Nav, web.NavItem{Tab: "complaints", Href: "/complaints"})
	overseer.Nav = append(overseer.Nav, web.NavItem{Tab: "complaints", Href: "/complaints"}, web.NavItem{Tab: "inquiries", Href: "/inquiries"})
	inquiring, led := overseer, s.office("recommendations", "supervisor")
	inquiring.Tab = "inquiries"
	led.Nav = append(led.Nav, web.NavItem{Tab: "recommendations", Href: "/recommendations"})
	label := func(list, code string) string { return s.p.Label(list, code, s.l.Code()) }

	late := web.ComplaintRow{
		Href: "/complaints/x/desk", Receipt: "k3t92mxa", Matter: label(pack.ComplaintMatters, "slow_help"), By: label(pack.ComplaintBy, "child"),
		About: "Rami Haddad", State: "received", Received: day(-9), Due: web.DueOn(day(-2), previewToday), Danger: true,
	}
	again := late
	again.Matter, again.State, again.Danger, again.Reopened, again.Due = label(pack.ComplaintMatters, "no_language"), "looked_into", false, true, web.DueOn(day(12), previewToday)
	done := again
	done.Href, done.State, done.Due, done.Outcome, done.About = "/complaints/x", "answered", nil, label(pack.ComplaintOutcomes, "partly"), "نور حداد"
	filed := web.Said{Kind: "filed", Who: "Hana Tesfaye", At: previewNow.Add(-9 * 24 * time.Hour), Text: "Nobody came for ten days, and nobody said why."}
	answer := web.Said{Kind: "answer", Who: "عمر السيد", At: previewNow, Text: "You are right: the visit came too late.", Code: done.Outcome}
	change := web.Said{Kind: "change", Who: answer.Who, At: previewNow, Text: "Every child is visited within two days."}
	note := web.Said{Kind: "note", Who: answer.Who, At: previewNow, Text: "The team had one worker that week."}

	desk := web.ComplaintPage{
		Frame: overseer, Row: late, Desk: true, How: label(pack.ReceivedHow, "phone"), Language: label(pack.Languages, "ar"), Safe: label(pack.ComplaintSafe, "in_danger"),
		Number: "7KQM-T3XA-R", Said: []web.Said{filed}, Inside: true, Acknowledge: day(-2), Answer: day(21), Ways: []web.Way{{Href: "/complaints/x/acknowledge", Step: "acknowledge"}},
	}
	looked := desk
	looked.Row, looked.Inside, looked.Handler, looked.Said = again, false, answer.Who, []web.Said{filed, note}
	looked.Ways = []web.Way{{Href: "/complaints/x/answer", Step: "answer"}, {Href: "/complaints/x/note", Step: "note"}}
	mine := looked
	mine.Frame, mine.Row, mine.Desk, mine.Said = worker, done, false, []web.Said{filed, change, answer}
	mine.ChangeUnit, mine.ChangeBy, mine.Heard, mine.ToldHow = "Harbour Town team", day(30), day(0), label(pack.ReceivedHow, "in_person")
	mine.Ways = []web.Way{{Href: "/complaints/x/reopen", Step: "reopen"}}
	erased := looked
	erased.Number, erased.Said, erased.Erased, erased.Nobody, erased.Ways = "", nil, true, true, nil

	staff := []web.Option{{Value: "a", Label: "Rami Haddad"}, {Value: "b", Label: "نور حداد"}}
	agencies := []web.Option{{Value: "a", Label: "Child Protection of Azora"}, {Value: "b", Label: "House of the Heron"}}
	units := []web.Option{{Value: "a", Label: "Harbour Town team"}, {Value: "b", Label: "National office"}}
	new := web.ComplaintForm{
		Frame: worker, Form: form("/complaints/new", map[string][]string{"complaint_words": {filed.Text}}, web.FieldError{Name: "complaint_matter", Code: "required"}), Step: "new",
		Back: "/complaints", About: web.ComplaintTargets(s.l), Staff: staff, Agencies: agencies, Matters: s.options(pack.ComplaintMatters), By: s.options(pack.ComplaintBy),
		How: s.options(pack.ReceivedHow), Languages: s.options(pack.Languages), Safe: s.options(pack.ComplaintSafe),
	}
	step := func(name string, with web.ComplaintForm) preview {
		with.Frame, with.Form, with.Step, with.Row, with.Back = overseer, form("/complaints/x/"+name, nil), name, late, "/complaints/x/desk"
		return preview{"complaintform-" + name, with}
	}

	person := web.InquiryRow{Href: "/inquiries/x", About: "staff", Of: "Rami Haddad", From: day(-60), Until: day(-1), Opened: day(-5), By: "Omar S."}
	child := web.InquiryRow{Href: "/inquiries/y", About: "case", Of: "7KQM-T3XA-R", Opened: day(-40), Closed: day(-3), By: "نور حداد"}
	entry := web.Look{At: previewNow.Add(-50 * time.Hour), Who: "Rami Haddad", Role: "case_worker", Action: "EXPORT", What: "case.export", Outcome: "denied", Code: "p2m8x0qd"}
	asked := web.RecommendationRow{
		Reply: "/recommendations/x", Unit: "Harbour Town team", State: "asked", Due: web.DueOn(day(-1), previewToday),
		Said: []web.Said{{Kind: "recommendation", Who: "Omar S.", At: previewNow, Text: "Export only what a court asked for."}},
	}
	refused := asked
	refused.Reply, refused.State, refused.Due = "", "refused", nil
	refused.Said = append(refused.Said, web.Said{Kind: "reply", Who: "Lidya G.", At: previewNow, Text: "The law asks for more.", Code: s.l.T("recommendation.refused")})
	inquiry := web.InquiryPage{
		Frame: inquiring, Row: person, Journal: "/journal?inquiry=x", Recommendations: []web.RecommendationRow{asked, refused},
		Said: []web.Said{
			{Kind: "reason", Who: "Omar S.", At: previewNow, Text: "Forty exports in a week."},
			{Kind: "mark", Who: "Omar S.", At: previewNow, Text: "At night.", Entry: &entry},
			{Kind: "finding", Who: "Omar S.", At: previewNow, Text: "Thirty had no reason that fits."},
		},
		Ways: []web.Way{{Href: "/inquiries/x/find", Step: "find"}, {Href: "/inquiries/x/recommend", Step: "recommend"}, {Href: "/inquiries/x/close", Step: "close"}},
	}
	gone := web.InquiryPage{Frame: inquiring, Row: child, Journal: "/journal", Erased: true}
	within := func(name string, with web.InquiryForm) preview {
		with.Frame, with.Form, with.Step, with.Row, with.Back = inquiring, form("/inquiries/x/"+name, nil), name, person, "/inquiries/x"
		return preview{"inquiryform-" + name, with}
	}
	return []preview{
		{"complaints", web.Complaints{Frame: overseer, Handles: true, Desk: []web.ComplaintRow{late, again}, Mine: []web.ComplaintRow{done}}},
		{"complaints-none", web.Complaints{Frame: worker}},
		{"complaint-desk", desk},
		{"complaint-looked", looked},
		{"complaint-mine", mine},
		{"complaint-erased", erased},
		{"complaintform-new", new},
		step("acknowledge", web.ComplaintForm{About: new.About, Staff: staff, Agencies: agencies}),
		step("note", web.ComplaintForm{}),
		step("answer", web.ComplaintForm{Outcomes: s.options(pack.ComplaintOutcomes), Units: units, How: new.How}),
		step("tell", web.ComplaintForm{How: new.How}),
		step("reopen", web.ComplaintForm{}),
		{"inquiries", web.Inquiries{Frame: inquiring, Rows: []web.InquiryRow{person, child}}},
		{"inquiries-none", web.Inquiries{Frame: inquiring}},
		{"inquiry", inquiry},
		{"inquiry-erased", gone},
		{"inquiryform-new", web.InquiryForm{
			Frame: inquiring, Form: form("/inquiries/new", nil, web.FieldError{Name: "inquiry_reason", Code: "required"}), Step: "new", Back: "/inquiries",
			About: web.InquirySubjects(s.l), Staff: staff, Agencies: agencies, Acts: web.JournalViews(s.l),
		}},
		within("mark", web.InquiryForm{Entry: &entry}),
		within("find", web.InquiryForm{}),
		within("recommend", web.InquiryForm{Units: units}),
		within("close", web.InquiryForm{}),
		{"recommendations", web.Recommendations{Frame: led, Rows: []web.RecommendationRow{asked, refused}}},
		{"recommendations-none", web.Recommendations{Frame: led}},
		{"replyform", web.ReplyForm{Frame: led, Form: form("/recommendations/x", nil), Row: asked, States: web.Options(s.l, "recommendation", "accepted", "done", "refused")}},
	}
}
