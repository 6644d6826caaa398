package web_test

import "causeway/internal/web"

func withholdPreviews(s scene) []preview {
	f, c := s.frame("children"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	at := c.Href + "/withheld"
	people := []web.Option{{Value: "1", Label: "Lidya G."}, {Value: "2", Label: "عمر السيد"}}
	part := web.WithheldRow{What: "Full assessment · Home · Where does the child live?", From: "Lidya G.", Since: previewNow, Altered: true}
	person := web.WithheldRow{From: "عمر السيد", Since: previewNow}
	past := web.WithheldRow{From: "عمر السيد", Since: previewNow, Decided: "The child", Why: "He is her uncle.", By: "Hana T."}
	whole := web.WithholdForm{
		Frame: f, Child: c, Form: form(at+"/person", nil, web.FieldError{Name: "from_person", Code: "assign-first"}), People: people,
		Units: []web.Option{{Value: "1", Label: "Harbour Town team"}},
	}
	some := web.WithholdForm{
		Frame: f, Child: c, Form: form(at+"/part", nil), Part: true, People: people, Roles: web.Options(s.l, "role", "case_worker", "supervisor"),
		Parts: []web.Option{{Value: "1", Label: "Full assessment · Home"}, {Value: "2", Label: part.What}},
	}
	person.Lift, person.Href = "ask", at+"/1/lift"
	part.Asked, part.Why, part.By, part.Lift, part.Href = true, "The carer may know it now.", "Omar E.", "agree", at+"/2/lift"
	past.Kind, past.Safety = "withheld", true
	whole.Safety, some.Safety = web.Options(s.l, "withheldfor", "yes", "no"), web.Options(s.l, "withheldfor", "yes", "no")
	return []preview{
		{"withheld-lift", web.LiftForm{Frame: f, Child: c, Form: form(at+"/1/lift", nil), Row: person}},
		{"withheld-agree", web.LiftForm{Frame: f, Child: c, Form: form(at+"/2/lift", nil), Row: part}},
		{"withheld", web.Withheld{Frame: f, Child: c, Whole: []web.WithheldRow{person}, Parts: []web.WithheldRow{part}, Past: []web.WithheldRow{past}, Person: at + "/person", Part: at + "/part"}},
		{"withheld-none", web.Withheld{Frame: f, Child: c}},
		{"withhold-person", whole},
		{"withhold-part", some},
	}
}
