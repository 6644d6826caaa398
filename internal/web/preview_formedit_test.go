package web_test

import (
	"causeway/internal/locale"
	"causeway/internal/web"
)

// formEditPreviews are the pages on which forms are made and changed.
func formEditPreviews(s scene) []preview {
	f := s.office("forms", "supervisor")
	titles, labels, helps := s.tongues("form_title"), s.tongues("q_label"), s.tongues("q_help")
	wrong := []web.WrongPlace{{Where: "Why not?", Part: s.l.T("field.q_show"), Path: "sections[0].fields[1].show", Problem: s.l.T("formfault.no-field", "field", "safe")}}
	rows := []web.ListedForm{
		{ID: "visit", Title: "Visit", Form: form("/forms/visit/draft", nil), Draft: true, Versions: []web.FormVersion{
			{Href: "/forms/visit/1", Version: 1, State: "published"},
			{Href: "/forms/visit/1000", Version: 1000, State: "draft", At: previewNow, By: "عمر السيد", Own: true},
		}},
		{ID: "old", Title: "Vulnérabilité", Form: form("/forms/old/draft", nil), Versions: []web.FormVersion{{Href: "/forms/old/1000", Version: 1000, State: "retired", At: previewNow, By: "Hana T.", Own: true}}},
	}
	outline := web.FormOutline{
		Frame: f, Title: "Visit", ID: "visit", At: previewNow, By: "Hana T.", Href: "/forms/visit/draft", Preview: "/forms/visit/1000", Form: form("/forms/visit/draft/move", nil),
		Parts: []web.OutlinePart{
			{At: "0", Title: "Is the child safe?", First: true, Rows: []web.OutlineRow{
				{At: "0.0", Label: "Is the child safe now?", Kind: "answer", Need: "save", First: true},
				{At: "0.1", Label: "Why not?", Kind: "words", Shown: `safe_now == "no"`, Last: true},
			}},
			{At: "1", Title: "الأسرة", Last: true, Rows: []web.OutlineRow{
				{At: "1.0", Label: "Members of the family", Kind: "group", Group: true, First: true, Last: true},
				{At: "1.0.0", Label: "Who?", Kind: "person", Inner: true, First: true, Last: true},
			}},
		},
	}
	question := web.FormQuestion{
		Frame: f, Back: "/forms/visit/draft", Labels: labels, Helps: helps, Problems: wrong,
		Kinds: web.Options(s.l, "fieldkind", "answer", "choice", "group"), Needs: web.Options(s.l, "fieldneed", "save", "finish"),
		Lists: []web.Option{{Value: "risk", Label: "risk"}},
		Form: s.askedIn(form("/forms/visit/draft/question", map[string][]string{
			"q_id": {"why"}, "q_kind": {"choice"}, "q_options": {"home | Home | Maison | البيت"}, "q_show": {`safe == "no"`},
		}), labels, helps),
	}
	question.Form.Fault = "form-wrong"
	return []preview{
		{"formlist", web.FormList{Frame: f, Rows: rows}},
		{"formoutline", outline},
		{"formhead", web.FormHead{
			Frame: f, Title: "Visit", Back: "/forms/visit/draft", Titles: titles, Helps: s.tongues("form_help"), Steps: web.Options(s.l, "formstep", "plan", "other"),
			Form: s.askedIn(form("/forms/visit/draft/head", map[string][]string{"form_title_en": {"Visit"}}), titles, s.tongues("form_help")),
		}},
		{"formhead-new", web.FormHead{
			Frame: f, New: true, Back: "/forms", Titles: titles, Helps: s.tongues("form_help"), Steps: web.Options(s.l, "formstep", "plan", "other"),
			Form: s.askedIn(form("/forms/new", nil, web.FieldError{Name: "form_id", Code: "form-there"}), titles, s.tongues("form_help")),
		}},
		{"formsection", web.FormSection{
			Frame: f, Back: "/forms/visit/draft", Roles: web.Roles(s.l, "case_worker", "supervisor"), Titles: s.tongues("part_title"), Helps: s.tongues("part_help"),
			Form: s.askedIn(form("/forms/visit/draft/section", map[string][]string{"part_id": {"danger"}}), s.tongues("part_title"), s.tongues("part_help")),
		}},
		{"formquestion", question},
		{"formwrong", web.FormWrong{Frame: f, Back: "/forms/visit/draft", Problems: wrong, Form: web.Form{Fault: "form-wrong"}}},
		{"formpreview", web.FormPreview{
			Frame: f, Title: "Visit", Help: "Ask only what you need to know now.", Version: 1000, State: "draft", At: previewNow, By: "Hana T.",
			Source: "made here", Confidence: "house choice", Edit: "/forms/visit/draft", Publish: "/forms/visit/1000/publish", Workbook: "/forms/visit/1000/xlsx",
			Parts: []web.FormPart{{ID: "danger", Title: "Is the child safe?"}},
			Lost:  []web.LostLine{{Text: s.l.T("xlsform.states")}, {Text: s.l.T("xlsform.kind", "what", s.l.T("fieldkind.person")), Where: "من؟"}},
		}},
		{"formstate", web.FormState{Frame: f, Form: form("/forms/visit/1000/publish", nil), Title: "Visit", Back: "/forms/visit/1000", To: "publish"}},
		{"formimport", web.FormImport{Frame: f, Form: form("/forms/import", nil, web.FieldError{Name: "file", Code: "no-xlsform"})}},
		{"formimport-draft", web.FormImport{
			Frame: f, Form: form("/forms/import", nil, web.FieldError{Name: "form_replace", Code: "draft-there"}),
			Replace: web.Options(s.l, "formreplace", "yes"),
		}},
		{"formimport-lost", web.FormImport{Frame: f, Form: form("/forms/import", nil), Draft: "/forms/visit/draft", Lost: []web.LostLine{
			{Text: s.l.T("xlsform.type", "what", "geopoint"), Where: s.l.T("formimport.row", "n", 12)}, {Text: s.l.T("xlsform.language", "what", "العربية")},
		}}},
	}
}

func (s scene) tongues(name string) []web.Tongue {
	var out []web.Tongue
	for _, l := range locale.Languages() {
		out = append(out, web.Tongue{Name: name + "_" + l.Code(), Dir: l.Dir()})
	}
	return out
}

// askedIn puts the questions of texts in several languages.
func (s scene) askedIn(f web.Form, of ...[]web.Tongue) web.Form {
	for _, list := range of {
		for i, one := range list {
			f = f.Ask(one.Name, s.l.T("formedit.in", "what", s.l.T("formedit.title"), "language", locale.Languages()[i].Name()))
		}
	}
	return f
}
