package web_test

import "causeway/internal/web"

func needPreviews(s scene) []preview {
	lang := s.l.Code()
	f, c := s.frame("children"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	at := c.Href + "/needs"
	step := func(name string) web.NeedStep { return web.NeedStep{Step: name, Href: at + "/x/" + name} }
	row := func(service, state string, next string, more ...string) web.NeedRow {
		r := web.NeedRow{Service: s.p.Label("service", service, lang), State: state, Asked: day(-12), Waits: -1, Find: "/services?age_band=12-14&language=ar&service=" + service}
		if next != "" {
			n := step(next)
			r.Next = &n
		}
		for _, m := range more {
			r.Steps = append(r.Steps, step(m))
		}
		return r
	}
	needed := row("psychosocial", "needed", "request", "deliver", "unmet", "end")
	needed.Waits, needed.Words = 12, "I cannot sleep when it is dark."
	asked := row("emergency_shelter", "requested", "deliver", "request", "unmet", "end")
	asked.Waits, asked.By, asked.Due, asked.Note = 2, "The house by the river", web.DueOn(day(-1), previewToday), "A bed in a small room, with the light on."
	given := row("helpline", "delivered", "end", "unmet")
	given.By = "عمر السيد"
	unmet := row("secret_placement", "unmet", "request", "deliver", "end")
	unmet.Waits, unmet.Ending = 12, s.p.Label("unmet_reason", "no_place", lang)
	ended := row("information", "ended", "")
	ended.Ending, ended.Words = s.p.Label("need_outcome", "met", lang), "Now I know whom to call."
	form2 := func(name string, values map[string][]string, errs ...web.FieldError) web.NeedForm {
		return web.NeedForm{Frame: f, Child: c, Form: form(at+"/x/"+name, values, errs...), Step: name, Service: needed.Service}
	}
	ask, end, gap := form2("request", map[string][]string{"provider": {"The house by the river"}}, web.FieldError{Name: "service_due", Code: "bad-date"}), form2("end", nil), form2("unmet", nil)
	ask.Staff = []web.Option{{Value: "1", Label: "Lidya G."}, {Value: "2", Label: "Omar S."}}
	end.Outcomes, gap.Reasons = s.options("need_outcome"), s.options("unmet_reason")
	return []preview{
		{"needs", web.Needs{Frame: f, Child: c, Add: at + "/new", Open: []web.NeedRow{needed, asked, given}, Unmet: []web.NeedRow{unmet}, Ended: []web.NeedRow{ended}}},
		{"needs-none", web.Needs{Frame: f, Child: c, Add: at + "/new"}},
		{"neednew", web.NeedNew{Frame: f, Child: c, Form: form(at+"/new", nil), Services: s.options("service")}},
		{"needform-request", ask},
		{"needform-deliver", form2("deliver", nil)},
		{"needform-end", end},
		{"needform-unmet", gap},
	}
}
