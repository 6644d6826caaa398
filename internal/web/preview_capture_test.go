package web_test

import "causeway/internal/web"

func capturePreviews(s scene) []preview {
	f := s.frame("capture")
	f.Undecided = 3
	ways := []web.NavItem{{Tab: "check", Href: "/check"}, {Tab: "register", Href: "/children/new"}}
	row := web.CaptureRow{Href: "/capture/waiting/x", Kind: "note", Reason: "capture-closed", By: "Hana Tesfaye", Sent: "عمر السيد", Received: previewNow}
	other := row
	other.Kind, other.Reason = "registration", "capture-incomplete"
	open := web.CaptureOpen{
		Frame: f, Row: row, At: previewNow, Number: "7KQM-T3XA-R", Fill: form("/capture/waiting/x/fill", map[string][]string{"number": {"7KQM-T3XA-R"}}),
		Form:  form("/capture/waiting/x", nil).Ask("reason", s.l.T("capture.why")),
		Lines: []web.Line{{Label: s.l.T("field.words"), Text: "I like the school."}, {Label: s.l.T("field.seen"), Text: "هادئ"}},
	}
	refused := open
	refused.Form = form("/capture/waiting/x", nil, web.FieldError{Name: "reason", Code: "required"}).Ask("reason", s.l.T("capture.why"))
	return []preview{
		{"capturewaiting", web.CaptureWaiting{Frame: f, Rows: []web.CaptureRow{row, other}}},
		{"capturewaiting-none", web.CaptureWaiting{Frame: f}},
		{"captureopen", open},
		{"captureopen-refused", refused},
		{"capture", web.Capture{Frame: f, Key: "AAAAAQ", Ticket: "ticket", Until: 1_800_000_000_000, Who: "abc", Idle: 900, Ways: ways}},
		{"capture-shell", web.Capture{Frame: web.Frame{Path: "/capture"}, Idle: 900}},
	}
}
