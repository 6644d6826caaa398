package web_test

import (
	"causeway/internal/directory"
	"causeway/internal/web"
)

// contactPreviews are the pages of the focal point and of contacts abroad.
func contactPreviews(s scene) []preview {
	lang := s.l.Code()
	f, desk := s.office("contacts", "focal_point"), s.office("focal", "focal_point")
	row := web.ReferralRow{
		Href: "/referral/x/y", Kind: "referral", State: "offered", Tone: "due", Service: s.p.Label("service", "legal_aid", lang),
		Urgency: s.p.Label("referral_urgency", "at_once", lang), Other: "بيت النهر", Due: previewNow, Offered: day(-1), Turn: true,
	}
	taken := row
	taken.State, taken.Tone, taken.Turn = "active", "soon", false
	full := web.ContactRow{
		Country: s.p.Label("nationality", "XB", lang), Authority: "وزارة النهر", Office: "Office for children", Phone: "+999 55 0202", Email: "children@example.org",
		Channel: "Sealed post", Languages: []string{s.p.Label("language", "ar", lang), s.p.Label("language", "fr", lang)}, Hours: "8–16", For: "Family tracing",
		At: previewNow, By: "Omar S.", Edit: "/contacts/change/x",
	}
	stale := web.ContactRow{Country: full.Country, Authority: "Border authority", Office: "Night desk", Phone: "+999 55 0203", For: "Missing children", At: previewNow.AddDate(0, -8, 0), By: "Omar S.", Stale: true}
	edit := web.ContactForm{
		Frame: f, Countries: s.options("nationality"), Langs: s.options("language"), LangRows: []int{0, 1, 2}, Ended: web.Options(s.l, "contactended", "yes"),
		Form: form("/contacts/change/x", map[string][]string{"contact_country": {"XB"}, "contact_authority": {full.Authority}, "contact_office": {full.Office}, "service_languages_0": {"ar"}, "contact_for": {full.For}}),
	}
	wrong := edit
	wrong.New = true
	wrong.Form = form("/contacts/new", nil, web.FieldError{Name: "contact_country", Code: "not-in-list"}, web.FieldError{Name: "service_phone", Code: "required"})
	files := web.ContactFiles{Frame: f, Form: form("/contacts/files", nil), Max: 4 << 20, Columns: directory.ContactColumns()}
	bad := files
	bad.Form.Errors = []web.FieldError{{Name: "file", Code: "no-such-column"}}
	return []preview{
		{"focaldesk", web.FocalDesk{Frame: desk, Waiting: []web.ReferralRow{row}, Accepted: []web.ReferralRow{taken}, More: true, Contacts: 2, Stale: 1}},
		{"focaldesk-none", web.FocalDesk{Frame: desk}},
		{"contactlist", web.ContactList{Frame: f, Rows: []web.ContactRow{full, stale}, MayEdit: true}},
		{"contactlist-none", web.ContactList{Frame: f}},
		{"contactform", edit},
		{"contactform-wrong", wrong},
		{"contactfiles", files},
		{"contactfiles-wrong", bad},
	}
}
