package web_test

import "causeway/internal/web"

func interestPreviews(s scene) []preview {
	f, c := s.frame("children"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	cells := func(a, b string) []web.Cell {
		return []web.Cell{{Option: "With her aunt", Text: a}, {Option: "دار النهر", Text: b}}
	}
	begin := []web.Option{{Value: c.Href + "/form/bia_short", Label: "Best-interests assessment, short"}, {Value: c.Href + "/form/bid", Label: "Best-interests determination"}}
	full := web.BestInterests{
		Frame: f, Child: c, Title: "Best-interests determination", Href: c.Href + "/forms/x", Question: "Where does she live until she is 18?", Begin: begin,
		Options: []string{"With her aunt", "دار النهر"}, Small: true,
		Factors: []web.Factor{
			{Label: "What the child thinks of it", Cells: cells("I want this.", "Only if I may go to school.")},
			{Label: "Safety: trafficking again, violence, threats", Cells: cells("The uncle knows the street.\nHe came once.", "Nobody knows the place.")},
			{Label: "On balance", Cells: cells("Possible", "")},
		},
		Said:    []web.ReadLine{{Label: "Who heard the child? Name and role", Text: "Hana, case worker"}, {Label: "What does the child want? The child’s words", Text: "I want to live with my aunt.", Lang: "en"}},
		Agenda:  []web.AgendaPoint{{Topic: "Where she lives", Said: "The aunt is near her school.", Decision: "With the aunt."}, {Topic: "من يرافقها؟"}},
		Sectors: 1, SectorsLeast: 2, Few: true,
		Panel:    []web.SeatRow{{Name: "Ana Tor", From: "Court", Sector: s.p.Label("panel_sector", "justice", s.l.Code()), Undertaking: "yes", Interest: "no", Agrees: "yes", Sits: true, Href: c.Href + "/forms/y"}, {Name: "بن تور", From: "School", Sector: s.p.Label("panel_sector", "school", s.l.Code()), Undertaking: "yes", Interest: "yes", Chair: s.l.Word("chair", "no_vote")}, {Name: "Cia Tor"}},
		Decided:  []web.ReadLine{{Label: "Decision", Text: "As recommended"}, {Label: "Reasons", Text: "Safe, and her wish."}},
		Dissents: []web.Dissent{{Who: "بن تور", Why: "The street is known."}}, Review: web.DueOn(day(20), previewToday),
	}
	return []preview{
		{"bestinterests", full},
		{"bestinterests-none", web.BestInterests{Frame: f, Child: c, Begin: begin}},
	}
}
