package web_test

import "causeway/internal/web"

func conferencePreviews(s scene) []preview {
	f := s.frame("children")
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	c := s.child(0)
	held := web.Conference{
		Href: c.Href + "/conference/x", On: day(-3), Place: "Town hall, room 4", TookPart: "asked", View: "أريد أن أبقى مع صديقتي", By: "Hana T.", At: previewNow,
		People: []web.Attendee{{Name: "Hana Tesfaye", Sector: s.p.Label("sector", "child_protection", s.l.Code())}, {Name: "Dr. Amara", Sector: s.p.Label("sector", "health", s.l.Code()), Absent: true}},
		Points: []web.AgendaPoint{
			{Topic: "School", Said: "The school has a place from Monday.", Decision: "She starts on Monday.", Task: &web.Item{For: "Hana T.", State: "open", Text: "Take her there.", By: "Hana T.", At: previewNow, Due: web.DueOn(day(4), previewToday)}},
			{Topic: "Safety at the gate"},
		},
	}
	people := []web.Option{{Value: "1", Label: "Lidya G."}}
	return []preview{
		{"conferences", web.Conferences{Frame: f, Child: c, CanAdd: true, Rows: []web.Conference{held}}},
		{"conferences-none", web.Conferences{Frame: f, Child: c}},
		{"conference", web.ConferencePage{Frame: f, Child: c, Conference: held}},
		{"conferenceform", web.ConferenceForm{
			Frame: f, Child: c, People: []int{0, 1}, Points: []int{0, 1}, Staff: people, Circle: people, Sectors: s.options("sector"), For: web.TaskFor(s.l), TookPart: web.TookPart(s.l),
			Absent: web.Options(s.l, "absent", "yes"), Tasks: true,
			Form: form(c.Href+"/conference/new", map[string][]string{"contact_on": {"2026-11-21"}, "point_topic_0": {"School"}}, web.FieldError{Name: "took_part", Code: "required"}, web.FieldError{Name: "task_day_0", Code: "required"}).Ask("contact_on", s.l.T("conference.on")),
		}},
	}
}
