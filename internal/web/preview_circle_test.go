package web_test

import (
	"strings"

	"causeway/internal/web"
)

func circlePreviews(s scene) []preview {
	lang := s.l.Code()
	f, mine, c := s.frame("children"), s.frame("helped"), s.child(0)
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	mine.Stamp = f.Stamp
	mine.Nav, mine.Search = []web.NavItem{{Tab: "helped", Href: "/helped"}}, false
	part := func(code string) string { return s.p.Label("disclosure_part", code, lang) }
	role := func(code string) string { return s.p.Label("circle_role", code, lang) }
	purpose, basis := s.p.Label("consent_purpose", "services", lang), s.p.Label("legal_basis", "consent", lang)
	step := func(name string) web.CircleStep {
		return web.CircleStep{Step: name, Href: c.Href + "/circle/x/" + name}
	}
	people := []web.Option{{Value: "1", Label: "Nadia Haddad · Guardian"}, {Value: "2", Label: "عمر السيد"}}

	asked := web.CircleRequest{
		By: "Tarek Mansour", Purpose: s.p.Label("consent_purpose", "justice", lang), Law: "Criminal code, article 12", File: "XA-2026/417",
		Want: "Age of the child, for the charge.", At: previewNow, State: "asked", Steps: []web.CircleStep{step("answer"), step("refuse")},
	}
	refused := asked
	refused.State, refused.Reason, refused.Steps = "refused", "too_much", nil
	guardian := web.CircleMember{
		Name: "Nadia Haddad", Role: role("guardian"), Does: "Goes with her to the court.", Since: day(-30), Wanted: "wanted", Words: "She listens.",
		Steps: []web.CircleStep{step("wish"), step("leave")},
	}
	interpreter := web.CircleMember{
		Name: "عمر السيد", Role: role("interpreter"), Since: day(-9), Conflict: "Comes from the same village.", Wanted: "not_wanted",
		Steps: []web.CircleStep{step("wish"), step("leave")},
	}
	left := web.CircleMember{Name: "Jonas Berg", Role: role("school"), Since: day(-90), Until: day(-20)}
	row := web.GivenRow{
		Href: c.Href + "/disclosures/x", To: "Tarek Mansour", Purpose: purpose, Basis: basis, Number: 12, At: day(-2),
		Parts: []string{part("identity"), part("age"), part("needs")}, State: "open",
	}
	tell, ended, withdrawn := row, row, row
	tell.TellBy = web.DueOn(day(2), previewToday)
	ended.State, ended.Number = "ended", 11
	withdrawn.State, withdrawn.Href, withdrawn.To = "withdrawn", "", ""
	parts := []web.SharedPart{
		{Title: part("identity"), Lines: []web.SharedLine{{Label: s.l.Word("shown", "name"), Text: "Selam · " + s.p.Label("name_kind", "known_as", lang)}, {Label: s.l.Word("shown", "name"), Text: "سلام"}}},
		{Title: part("age"), Lines: []web.SharedLine{{Label: s.l.Word("shown", "presumed_child")}}},
		{Title: part("school")},
	}
	letter := web.Letter{
		Number: 12, CaseNumber: c.Number, At: previewNow, By: "Hana Tesfaye", To: "Tarek Mansour", Purpose: purpose, Basis: basis,
		Norm: "Act 7, section 3", Ask: "Say when you have a place.", Told: true, Parts: parts, Digest: strings.Repeat("3fa9c1e07b24d685", 4), State: "open",
	}
	later := letter
	later.Told, later.TellBy, later.Untold, later.State = false, day(3), "Danger until Friday.", "ended"

	share := web.Disclose{
		Frame: f, Child: c, People: people, Purposes: s.options("consent_purpose"), Bases: s.options("legal_basis"), Parts: s.options("disclosure_part"),
		Told: web.ChildTold(s.l), Form: form(c.Href+"/disclose", map[string][]string{"disclosure_part": {"identity", "care_notes"}}, web.FieldError{Name: "disclosure_part", Code: "care-notes-wall"}),
	}
	seen := share
	seen.Preview, seen.To, seen.Asked = parts, "Tarek Mansour", &refused
	seen.Form = form(c.Href+"/disclose", map[string][]string{"share_to": {"1"}, "disclosure_part": {"identity", "age", "school"}})
	act := func(name, about string) web.CircleAct {
		return web.CircleAct{Frame: f, Child: c, Form: form(c.Href+"/circle/x/"+name, nil), Step: name, About: about, Back: c.Href + "/circle"}
	}
	wish, refuse := act("wish", "Nadia Haddad"), act("refuse", "Tarek Mansour")
	wish.Wishes, refuse.Refusals = web.CircleWishes(s.l), web.Refusals(s.l)
	return []preview{
		{"circle", web.CirclePage{
			Frame: f, Child: c, Invite: c.Href + "/circle/invite", Disclose: c.Href + "/disclose", Requests: []web.CircleRequest{asked, refused},
			ToTell: []web.GivenRow{tell}, Members: []web.CircleMember{guardian, interpreter}, Left: []web.CircleMember{left}, Given: []web.GivenRow{tell, ended},
		}},
		{"desk", web.Desk{Frame: mine, Places: []web.NavItem{{Tab: "refer", Href: "/referrals", Count: 3}, {Tab: "flows", Href: "/flows"}, {Tab: "services", Href: "/services"}}}},
		{"desk-none", web.Desk{Frame: mine}},
		{"circle-none", web.CirclePage{Frame: f, Child: c}},
		{"circleinvite", web.CircleInvite{
			Frame: f, Child: c, People: people, Roles: s.options("circle_role"), Wishes: web.CircleWishes(s.l), Conflict: web.CircleConflicts(s.l),
			Form: form(c.Href+"/circle/invite", nil, web.FieldError{Name: "circle_conflict", Code: "required"}),
		}},
		{"circlegroup", web.CircleGroup{Frame: f, Child: c, Form: form(c.Href+"/circle/group", nil), Groups: []web.Option{{Value: "1", Label: "Night duty"}}, Roles: s.options("circle_role")}},
		{"circlegroup-done", web.CircleGroup{
			Frame: f, Child: c, Done: true, Group: "Night duty", Invited: []string{"Nadia Haddad"}, Refused: []web.Option{{Label: "عمر السيد", Hint: s.l.Error("in-the-circle")}},
		}},
		{"circleact-wish", wish},
		{"circleact-leave", act("leave", "Nadia Haddad")},
		{"circleact-recall", act("recall", "Nadia Haddad")},
		{"circleact-told", act("told", "Nadia Haddad")},
		{"circleact-later", act("later", "Nadia Haddad")},
		{"circleact-refuse", refuse},
		{"disclose", share},
		{"disclose-preview", seen},
		{"givenpage", web.GivenPage{Frame: f, Child: c, Letter: later, Steps: []web.CircleStep{step("told"), step("later"), step("recall")}}},
		{"letterpage", web.LetterPage{Frame: mine, Letter: letter, Back: "/helped/x", Print: "/helped/x/y/print"}},
		{"helped", web.Helped{
			Frame: mine, Ask: "/helped/ask", Refer: &web.NavItem{Tab: "refer", Href: "/referrals", Count: 2}, Rows: []web.HelpedRow{{
				Href: "/helped/x", Number: c.Number, Unit: c.Unit, Roles: []string{role("guardian"), role("other")}, Letters: 2, Newest: day(-3), Unanswered: 4,
				Consent: c.Href + "/consent", Notes: c.Href + "/privileged",
			}, {Href: "/helped/y", Number: "H4PW-9DCE-K", Unit: c.Unit}},
			Answers: []web.HelpedAnswer{{Number: c.Number, Purpose: purpose, State: "refused", Reason: "too_much", At: day(-1)}, {Number: c.Number, Purpose: purpose, State: "granted", At: day(-1)}},
		}},
		{"helped-none", web.Helped{Frame: mine}},
		{"helpedchild", web.HelpedChild{
			Frame: mine, Number: c.Number, Unit: c.Unit, Worker: c.Worker, Roles: []string{role("guardian")}, Letters: []web.GivenRow{row, withdrawn}, Report: "/helped/x/report",
			Meetings: []web.HelpedMeeting{{On: day(-4), Place: "Town hall", Absent: true, Topics: []string{"School", "السلامة"}, Agreed: []string{"Enrol on Monday"}}},
			Reports:  []web.HelpedReport{{At: previewNow, Text: "School starts on Monday."}},
		}},
		{"helpedchild-none", web.HelpedChild{Frame: mine, Number: c.Number, Unit: c.Unit, Worker: c.Worker}},
		{"reportback", web.ReportBack{Frame: mine, Number: c.Number, Form: form("/helped/x/report", nil, web.FieldError{Name: "circle_report", Code: "required"}), Back: "/helped/x"}},
		{"askform", web.AskForm{Frame: mine, Purposes: s.options("consent_purpose"), Form: form("/helped/ask", nil, web.FieldError{Name: "ask_law", Code: "required"})}},
	}
}
