package web_test

import "causeway/internal/web"

func compelledPreviews(s scene) []preview {
	f, c := s.frame("children"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	at, lang := c.Href+"/compelled", s.l.Code()
	purpose := s.p.Label("consent_purpose", "justice", lang)
	order := web.ConsentLine{
		Kind: "ordered", Purpose: purpose, Basis: s.p.Label("legal_basis", "court_order", lang), To: "District court", At: previewNow, By: "Hana T.", On: day(-1),
		Lines: []web.Line{{Label: "order_court", Text: "District court"}, {Label: "order_finding", Text: "Valid; the notes are not covered."}, {Label: "order_forbids", Text: s.l.Word("answer", "no")}},
	}
	report := web.ConsentLine{
		Kind: "reported", Purpose: purpose, Basis: s.p.Label("legal_basis", "legal_obligation", lang), To: "Police", At: previewNow, By: "عمر السيد", On: day(-1),
		Lines: []web.Line{{Label: "report_why", Text: s.l.Word("reportwhy", "danger")}},
	}
	with := func(v web.CompelledForm) web.CompelledForm {
		v.Frame, v.Child, v.Purposes, v.Recipients = f, c, s.options("consent_purpose"), []web.Option{{Value: "1", Label: "Harbour Town team"}}
		return v
	}
	return []preview{
		{"compelled", web.Compelled{Frame: f, Child: c, Rows: []web.ConsentLine{order, report}, Order: at + "/order", Report: at + "/report"}},
		{"compelled-none", web.Compelled{Frame: f, Child: c}},
		{"compelled-order", with(web.CompelledForm{
			Form: form(at+"/order", nil, web.FieldError{Name: "order_child", Code: "told-first"}), Order: true,
			Forbids: web.Options(s.l, "answer", "no", "yes"), Objections: web.Options(s.l, "objection", "none", "objected", "not_able"),
		})},
		{"compelled-report", with(web.CompelledForm{
			Form: form(at+"/report", nil), Reasons: web.Options(s.l, "reportwhy", "duty", "danger"), First: web.Options(s.l, "toldfirst", "yes", "after", "unsafe"),
		})},
	}
}
