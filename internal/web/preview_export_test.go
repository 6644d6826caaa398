package web_test

import "causeway/internal/web"

func exportPreviews(s scene) []preview {
	f := s.office("children", "supervisor")
	c := s.child(0)
	view := web.ExportForm{
		Frame: f, Chosen: 12, Cancel: "/children", Plain: true, Fields: web.ExportFields(s.l, false), Formats: web.ExportFormats(s.l, true), Ways: web.Protections(s.l, true),
		Sure: web.Options(s.l, "exportsure", "yes"),
		Form: form("/children/export", map[string][]string{"export_field": {"number", "name"}, "export_format": {"paper"}, "export_protect": {"passphrase"}}, web.FieldError{Name: "export_protect", Code: "paper-is-plain"}, web.FieldError{Name: "export_reason", Code: "required"}),
		Before: []web.Exported{
			{At: previewNow.AddDate(0, 0, -3), Cases: 212, Format: "xlsx", Reason: "Yearly report to the ministry.", Fetched: true},
			{At: previewNow.AddDate(0, 0, -30), Cases: 1, Format: "paper", Plain: true, Reason: "طلبته المحكمة"},
		},
	}
	one := view
	one.Frame, one.Child, one.Chosen, one.Plain, one.Before, one.Cancel = s.frame("children"), &c, 0, false, nil, c.Href
	one.Fields, one.Formats, one.Ways = web.ExportFields(s.l, true), web.ExportFormats(s.l, false), web.Protections(s.l, false)
	one.Form = form(c.Href+"/export", map[string][]string{"export_field": {"number", "events"}, "export_format": {"xlsx"}})
	paper := web.ExportPaper{
		Frame: f, Marks: []string{s.l.T("export.mark.secret"), s.l.T("stamp.by", "who", "Omar S.", "when", s.l.DateTime(previewNow), "code", "k3t92mxa")},
		Heads: web.ExportFields(s.l, false)[:6],
		Rows:  [][]string{{"7KQM-T3XA-R", "Selam", "Selam Bekele (document); ሰላም", "2012-01-01", "2012-12-31", "female"}, {"H4PW-9DCE-K", "نور الهدى", "", "", "", ""}},
	}
	paper.Stamp = &web.Stamp{Who: "Omar S.", When: previewNow, Code: "k3t92mxa"}
	return []preview{
		{"exportform", view},
		{"exportform-one", one},
		{"exportready", web.ExportReady{Frame: f, Form: form("/export/x", nil), Cases: 12, Format: "xlsx", Passphrase: "k3t92-mxa7q-0zz81-kd0w9-f2mqt"}},
		{"exportready-plain", web.ExportReady{Frame: f, Form: form("/export/x", nil), Cases: 1, Format: "paper", Plain: true}},
		{"exportready-key", web.ExportReady{Frame: f, Form: form("/export/x", nil), Cases: 0, Format: "csv", ForKey: true}},
		{"exportready-over", web.ExportReady{Frame: f, Over: true}},
		{"exportpaper", paper},
	}
}
