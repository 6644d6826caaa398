package web_test

import "causeway/internal/web"

// dues are children with what is to be done for them.
func (s scene) dues(from, to int, kinds ...string) []web.DueChild {
	var out []web.DueChild
	for i, c := range s.children(from, to) {
		d := web.DueChild{Child: c}
		for j, kind := range kinds {
			due := web.DueOn(day(previewChildren[(from+i)%len(previewChildren)].due+j), previewToday)
			d.Dues = append(d.Dues, web.DueItem{Kind: kind, Due: due, Late: due.In < 0, Href: c.Href, Spoken: web.Spoken{Reminded: i%2 == 0}})
		}
		out = append(out, d)
	}
	return out
}

// others are the same as somebody else's.
func (s scene) dueElsewhere(from, to int, who string, kinds ...string) []web.DueChild {
	out := s.dues(from, to, kinds...)
	for i := range out {
		for j := range out[i].Dues {
			out[i].Dues[j].Who, out[i].Dues[j].Spoken = who, web.Spoken{Escalated: out[i].Dues[j].Late}
		}
	}
	return out
}

func teamPreviews(s scene) []preview {
	today := web.Today{
		Frame: s.frame("today"), Part: "day", First: "Omar", Register: true, Children: 3, Supervises: true, MoreEscalated: true, More: 2,
		Late: s.dues(0, 1, "next_contact", "assessment", "plan"), Due: s.dues(2, 3, "review"),
		Escalated: s.dueElsewhere(0, 2, "Hana T.", "next_contact", "assessment"),
		Waiting:   s.dueElsewhere(3, 5, s.l.T("due.supervisor", "unit", "Harbour Town team"), "approval"),
	}
	team := web.Team{
		Frame: s.frame("team"), Most: 50, Open: 61, Late: 9, Nobody: s.dueElsewhere(4, 6, s.l.T("due.supervisor", "unit", "Harbour Town team"), "approval", "emergency_confirm"), More: true,
		Workers: []web.TeamWorker{
			{Name: "Lidya G.", Unit: "Harbour Town team", Href: "/team/x", Gone: true, Open: 4, Points: 9, Late: 2, Escalated: 1, Full: 18},
			{Name: "عمر السيد", Unit: "Harbour Town team", Href: "/team/y", Open: 31, Points: 64, Late: 7, Full: 128},
			{Name: "Hana T.", Unit: "River team", Href: "/team/z", Open: 26, Points: 50, Full: 100},
		},
		Units: []web.TeamUnit{{Name: "Hill team", Href: "/team?unit=x"}}, Referrals: true,
	}
	none := web.Team{Frame: s.frame("team"), Most: 50, Up: "/team"}
	cases := web.TeamCases{
		Frame: s.frame("team"), Name: "Lidya G.", Gone: true, More: true, Form: form("/team/x", nil),
		Workers: []web.Option{{Value: "y", Label: "Hana T.", Hint: "Harbour Town team"}, {Value: "z", Label: "Omar S.", Hint: "Harbour Town team"}},
	}
	moved := web.TeamMoved{Frame: s.frame("team"), Name: "Hana T.", Away: 1}
	for i, c := range s.children(0, 4) {
		c.Worker = "Hana T."
		cases.Rows = append(cases.Rows, web.TeamCase{Child: c, ID: c.Number})
		moved.Rows = append(moved.Rows, web.TeamResult{Child: c, Moved: i != 2})
	}
	wrong, empty := cases, web.TeamCases{Frame: s.frame("team"), Name: "Hana T.", Form: form("/team/y", nil)}
	wrong.Form = form("/team/x", map[string][]string{"case": {cases.Rows[1].ID}}, web.FieldError{Name: "case", Code: "choose-one"},
		web.FieldError{Name: "worker", Code: "required"}, web.FieldError{Name: "reason", Code: "required"})
	waits := web.TeamReferrals{
		Frame: s.frame("team"), More: true,
		Own: []web.TeamWait{
			{Name: "عمر السيد", Unit: "Harbour Town team", Agency: "Child Protection Authority", Sector: "Child protection", Waiting: 4, Late: 2, Days: 3},
			{Unit: "River team", Waiting: 2, Missed: 1},
		},
		Asked: []web.TeamWait{{Unit: "Night shelter", Agency: "Harbour Shelters", Sector: "Shelter", Waiting: 3, Late: 1, Missed: 5}},
		Rows:  []web.ReferralRow{{Href: "/referral/x/y", Kind: "referral", State: "offered", Tone: "due", Service: "Shelter", Urgency: "At once", Other: "Night shelter", Late: true, Due: previewNow, Number: "K7M2-9QTX-4", Offered: day(-1)}},
	}
	return []preview{
		{"teamreferrals", waits},
		{"teamreferrals-none", web.TeamReferrals{Frame: s.frame("team")}},
		{"today-supervisor", today},
		{"team", team},
		{"team-none", none},
		{"teamcases", cases},
		{"teamcases-wrong", wrong},
		{"teamcases-empty", empty},
		{"teammoved", moved},
	}
}
