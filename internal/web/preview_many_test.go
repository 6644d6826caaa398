package web_test

import "causeway/internal/web"

func manyPreviews(s scene) []preview {
	f := s.office("children", "supervisor")
	view := func(what string, fields map[string][]string, errors ...web.FieldError) web.Many {
		return web.Many{
			Frame: f, What: what, Rows: s.children(0, 4), Form: form("/children/many", fields, errors...), Reasons: s.options("flag_reason"), When: s.when(),
			Workers: []web.Option{{Value: "1", Label: "Lidya G."}},
		}
	}
	none := view("flag", nil)
	none.Rows = nil
	done := web.ManyDone{Frame: f, What: s.l.Word("many", "flag"), Done: 1, Rows: []web.ManyResult{{Child: s.child(0), Seen: true}, {Child: s.child(1), Seen: true, Why: "case-closed"}, {Why: "not-yours"}}}
	return []preview{
		{"many-flag", view("flag", nil, web.FieldError{Name: "flag_reason", Code: "required"})},
		{"many-contact", view("contact", nil)},
		{"many-assign", view("assign", nil)},
		{"many-export", view("export", nil)},
		{"many-none", none},
		{"manydone", done},
	}
}
