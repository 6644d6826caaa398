package web_test

import "causeway/internal/web"

func samePreviews(s scene) []preview {
	f, two := s.frame("children"), s.children(0, 2)
	side := func(n int) web.SameSide {
		return web.SameSide{Child: two[n], Names: []string{"Mariam Haddad", "مريم حداد"}, Born: "2011-03-04", Sex: s.p.Label("sex_recorded", "female", s.l.Code()), Numbers: []string{"P1234567"}, Opened: day(-9)}
	}
	why := []web.SameWhy{
		{Field: s.l.Word("likefield", "given"), Level: s.l.Word("likelevel", "code"), Says: s.l.Word("likesays", "strong-for"), Agrees: true},
		{Field: s.l.Word("likefield", "sex"), Level: s.l.Word("likelevel", "else"), Says: s.l.Word("likesays", "against")},
	}
	review := web.SameReview{
		Frame: f, Form: form(two[0].Href+"/same/2", nil, web.FieldError{Name: "same_answer", Code: "required"}), A: side(0), B: side(1), Like: s.l.Word("like", "same-child"), Why: why,
		Answers: web.Options(s.l, "samesaid", "other", "family"),
	}
	said := review
	said.Answers, said.Said, said.By, said.On, said.Reason = nil, s.l.Word("samesaid", "other"), "Hana T.", day(-1), "We met both."
	warned := s.register(form("/children/new/form", map[string][]string{"name": {"Mariam Haddad"}}, web.FieldError{Name: "another", Code: "alike"}))
	warned.Alike, warned.Another = s.alike(0, 2), web.Options(s.l, "another", "yes")
	rows := []web.SamePair{{A: two[0], B: two[1], Like: s.l.Word("like", "same-child"), Href: two[0].Href + "/same/2"}}
	return []preview{
		{"same", web.SamePairs{Frame: f, Rows: rows, More: true}},
		{"same-none", web.SamePairs{Frame: f, Family: true}},
		{"same-review", review},
		{"same-said", said},
		{"register-alike", warned},
	}
}
