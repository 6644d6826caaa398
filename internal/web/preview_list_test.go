package web_test

import (
	"time"

	"causeway/internal/web"
)

func listPreviews(s scene) []preview {
	today := web.Today{
		NotThere: 1, Unkept: 2,
		Frame: s.frame("today"), Part: "morning", First: "Hana", Register: true, Children: 14,
		Late: s.dues(0, 2, "next_contact"), Due: s.dues(2, 4, "assessment"), Coming: s.dues(4, 8, "plan", "review"),
	}
	clear, none := today, today
	clear.Late, clear.Due, clear.Coming, clear.Part = nil, nil, nil, "evening"
	none.Late, none.Due, none.Coming, none.Children, none.Part = nil, nil, nil, 0, "day"
	urgent, calm := today, none
	soon, over := previewNow.Add(20*time.Hour), previewNow.Add(-time.Hour)
	urgent.Urgent = []web.Urgent{
		{Child: s.child(3), Waiting: web.Waiting{Since: over.AddDate(0, 0, -1), Until: over, Late: true}},
		{Child: s.child(5), Waiting: web.Waiting{Since: soon.AddDate(0, 0, -1), Until: soon}},
		{Child: s.child(6), Waiting: web.Waiting{Since: soon.AddDate(0, 0, -1), Until: soon}, What: s.l.T("acts.other"), By: "Rami Haddad", Look: "/child/x/acts"},
	}
	calm.Urgent, calm.Supervises = urgent.Urgent, true
	return []preview{
		{"today-urgent", urgent},
		{"today-urgent-only", calm},
		{"today", today},
		{"today-clear", clear},
		{"today-empty", none},
		{"children", s.list(nil)},
		{"children-filtered", s.list([]web.Chip{{Name: "stage", Label: s.p.Label("stage", "assessed", s.l.Code()), Href: "/children"}, {Name: "risk", Label: s.p.Label("risk", "high", s.l.Code()), Href: "/children"}})},
		{"children-none", web.Children{Frame: s.frame("children"), Filters: s.filters(), Views: views, Clear: "/children", Add: true, On: []web.Chip{{Name: "region", Label: "X", Href: "/children"}}}},
		{"children-empty", web.Children{Frame: s.frame("children"), Empty: true, Add: true, Import: true}},
		{"search", web.Search{Frame: s.frame("search"), Form: form("/search", map[string][]string{"query": {"7KQM-T3XA-R"}}), Tried: true, Rows: s.children(0, 1), Add: true}},
		{"search-like", web.Search{Frame: s.frame("search"), Form: form("/search", map[string][]string{"query": {"Mariam Haddad 2011"}}), Tried: true, Rows: s.alike(0, 2), Add: true}},
		{"search-none", web.Search{Frame: s.frame("search"), Form: form("/search", map[string][]string{"query": {"7KQM-T3XA-Q"}}, web.FieldError{Name: "query", Code: "case-number-check"}), Tried: true, Add: true}},
		{"find", web.Find{Frame: s.frame("register"), Form: form("/children/new", nil), On: "/children/new/form"}},
		{"find-same", web.Find{Frame: s.frame("register"), Form: form("/children/new", map[string][]string{"query": {"P1234567"}}), Tried: true, Rows: s.children(1, 2), On: "/children/new/form"}},
		{"register", s.register(form("/children/new/form", nil))},
		{"register-wrong", s.register(form("/children/new/form", map[string][]string{
			"name": {"سلام"}, "age": {"400"}, "sex": {"female"}, "risk_reason": {"threats", "no_safe_place"}, "when": {"date"}, "next_contact": {"2026-11-20"},
		}, web.FieldError{Name: "age", Code: "out-of-range"}, web.FieldError{Name: "birth", Code: "date"}, web.FieldError{Name: "risk", Code: "choose-one"}, web.FieldError{Name: "next_contact", Code: "date-past"}))},
	}
}

var views = []web.ViewLink{
	{Key: "all", Href: "/children?state=open", Current: true},
	{Key: "high", Href: "/children?risk=high"},
	{Key: "closed", Href: "/children?state=closed"},
	{Key: "every", Href: "/children?state=every"},
	{Label: "Harbour girls 12-14", Href: "/children?sex=female"},
	{Label: "أطفال الميناء", Keeper: "عمر السيد", Href: "/children?region=XA-01"},
}

func (s scene) filters() []web.Filter {
	return []web.Filter{
		{Name: "stage", Options: s.options("stage")},
		{Name: "risk", Options: s.options("risk")},
		{Name: "sex", Options: s.options("sex_recorded")},
		{Name: "age_band", Options: s.options("age_band")},
		{Name: "region", Options: s.options("region")},
		{Name: "unit"},
		{Name: "worker"},
		{Name: "state", All: "every", Options: web.OpenOrClosed(s.l)},
	}
}

func (s scene) list(on []web.Chip) web.Children {
	rows := s.children(0, 16)
	rows[5].Closed, rows[5].Next = true, nil
	for i := range rows {
		rows[i].Pick, rows[i].Flagged = "x", i == 2
	}
	return web.Children{
		Ways: web.Options(s.l, "many", "flag", "contact", "assign", "export"), Export: "/children/export",
		Frame: s.frame("children"), Filters: s.filters(), Views: views, Further: 9, On: on, Rows: rows, Total: 1000, Capped: true, First: 1,
		Next: "/children?after=x", Prev: "/children?before=x", Clear: "/children", Add: true, CanSave: on != nil, Form: form("/children/views", nil),
		Keep: []web.Option{{Value: "x", Label: "Harbour girls 12-14"}}, All: "/children?state=every",
	}
}

func (s scene) when() []web.Option { return web.NextContacts(s.l) }

func (s scene) register(f web.Form) web.Register {
	return web.Register{
		Frame: s.frame("register"), Form: web.AskToRegister(s.l, f), Sexes: s.options("sex_recorded"), Sure: s.options("certainty"), Kinds: s.options("name_kind"),
		Scripts: s.options("script"), Languages: s.options("language"), Regions: s.options("region"), Risks: s.options("risk"),
		Reasons: s.options("risk_reason"), Safe: web.Answers(s.l), When: s.when(),
	}
}

// alike are children that a search found by name, with why.
func (s scene) alike(from, to int) []web.Child {
	out := s.children(from, to)
	for i := range out {
		out[i].Like = s.l.Word("like", []string{"same-child", "possibly-family"}[i%2])
		out[i].Why = []web.Why{
			{Field: s.l.Word("likefield", "given"), Level: s.l.Word("likelevel", []string{"code", "else"}[i%2]), Agrees: i%2 == 0},
			{Field: s.l.Word("likefield", "family"), Level: s.l.Word("likelevel", "exact"), Agrees: true},
			{Field: s.l.Word("likefield", "birth"), Level: s.l.Word("likelevel", "birth-close"), Agrees: true},
		}
	}
	return out
}
