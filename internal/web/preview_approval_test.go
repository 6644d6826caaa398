package web_test

import (
	"causeway/internal/web"
)

func approvalPreviews(s scene) []preview {
	f, c := s.frame("children"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	at := c.Href + "/approvals"
	waits := web.ApprovalRow{Title: "Case plan", Href: c.Href + "/forms/x", State: "asked", Asker: "Hana T.", Asked: day(-1), Due: web.DueOn(day(1), previewToday)}
	mine := waits
	mine.DecideAt = at + "/x"
	back := web.ApprovalRow{Title: "Case plan", Href: c.Href + "/forms/x", State: "returned", Asker: "Hana T.", Asked: day(-6), Decider: "عمر السيد", Decided: day(-4), Comment: "Who brings her to school in the morning?"}
	good := web.ApprovalRow{Title: "Placement in care", State: "approved", Asker: "Lidya G.", Asked: day(-20), Decider: "عمر السيد", Decided: day(-19)}
	before := back
	before.State = "replaced"
	today := web.Today{
		Frame: s.frame("today"), Part: "morning", First: "Omar", Supervises: true, CanOpen: true,
		Approvals: []web.Await{{Child: c, Row: mine}}, Asked: []web.Await{{Child: s.child(1), Row: back}, {Child: s.child(2), Row: waits}},
	}
	abroad := web.ReferralRow{
		Href: "/referral/x/y", Kind: "transfer", State: "draft", Tone: "soon", Number: c.Number, About: s.p.AbroadLabel("transfer", s.l.Code()),
		Urgency: s.p.Label("referral_urgency", "soon", s.l.Code()), Other: "Foyer Valombre", Turn: true, Due: previewNow.AddDate(0, 0, 1),
	}
	today.Seconds, today.SecondsAsked = []web.ReferralRow{abroad}, []web.ReferralRow{abroad}
	second := web.ApprovalRow{Title: abroad.About + " · Foyer Valombre", Href: abroad.Href, State: "asked", Asker: "Hana T.", Asked: day(-1), Due: web.DueOn(day(1), previewToday), DecideAt: "/referral/x/y/proposed"}
	return []preview{
		{"approvals", web.Approvals{Frame: f, Child: c, Rows: []web.ApprovalRow{second, mine, back, good}}},
		{"approvals-none", web.Approvals{Frame: f, Child: c}},
		{"approvalform", web.ApprovalForm{Frame: f, Child: c, Row: waits, Before: []web.ApprovalRow{before}, Form: form(at+"/x", nil, web.FieldError{Name: "comment", Code: "required"}), Answers: web.ApprovalAnswers(s.l)}},
		{"today-approvals", today},
	}
}
