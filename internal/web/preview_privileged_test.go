package web_test

import "causeway/internal/web"

func privilegedPreviews(s scene) []preview {
	f := s.frame("children")
	f.Viewer = &web.Viewer{Name: "Omar S.", Role: "case_worker", Unit: "Legal aid"}
	at := "/child/0000000000000000000000000c"
	c := web.Child{Href: at + "/consent", Name: "7KQM-T3XA-R"}
	return []preview{
		{"privileged", web.Privileged{
			Frame: f, Child: c, Form: form(at+"/privileged", nil, web.FieldError{Name: "privileged_text", Code: "required"}),
			Notes: []web.PrivilegedNote{{At: previewNow, Text: "She told me who drove the car."}},
		}},
		{"privileged-none", web.Privileged{Frame: f, Child: c, Form: form(at+"/privileged", nil)}},
	}
}
