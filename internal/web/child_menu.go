package web

import "causeway/internal/casework"

// childMenu names the pages below a child's page, in the order of its menu. Each
// is offered to whoever may do its action; its words are "childmenu.<key>", its
// address is the child's, a slash and the key.
var childMenu = []struct{ key, icon, action string }{
	{"tasks", "flag", "case.task"},
	{"conference", "people", "case.confer"},
	{"circle", "team", "circle.sent"},
	{"forms", "note", "record.save"},
	{"consent", "check", "consent.view"},
	{"withheld", "shield", "consent.withheld"},
	{"compelled", "out", "consent.disclose"},
	{"bestinterests", "shield", "case.open"},
	{"plan", "path", "case.open"},
	{"needs", "check", "case.need"},
	{"referrals", "to", "referral.sent"},
	{"abroad", "out", "referral.send"},
	{"known", "search", "match.asked"},
	{"people", "people", "case.people"},
	{"care", "home", "case.care"},
	{"tracing", "search", "case.tracing"},
	{"approvals", "shield", "case.open"},
	{"reintegration", "home", "case.open"},
	{"documents", "document", "document.open"},
	{"stage", "path", "case.stage"},
	{"status", "shield", "case.status"},
	{"acts", "home", "case.happened"},
	{"missing", "search", "case.missing"},
	{"risk", "alert", "case.risk"},
	{"assign", "people", "case.assign"},
	{"close", "close", "case.close"},
	{"rights", "talk", "case.open"},
	{"keeping", "shield", "case.open"},
	{"print", "note", "case.print"},
	{"export", "out", "case.export"},
}

// whileOpen are the pages that make no sense for a closed case.
var whileOpen = map[string]bool{"abroad": true, "stage": true, "risk": true, "close": true, "missing": true}

// MenuLink is one page below a child's page.
type MenuLink struct{ Key, Icon, Href string }

// menuOf returns what the menu of a child's page offers its reader.
func menuOf(href string, c *casework.Child) []MenuLink {
	var out []MenuLink
	for _, m := range childMenu {
		if c.May[m.action] && !(c.Case.Closed() && whileOpen[m.key]) {
			out = append(out, MenuLink{m.key, m.icon, href + "/" + m.key})
		}
	}
	if c.ImportedFrom("") != nil {
		out = append(out, MenuLink{"source", "note", href + "/source"})
	}
	return out
}
