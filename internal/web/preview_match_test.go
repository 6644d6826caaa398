package web_test

import (
	"causeway/internal/web"
)

// matchPreviews are the pages on which officers agree to look for the same child with a
// partner.
func matchPreviews(s scene) []preview {
	lang := s.l.Code()
	f := s.office("partners", "supervisor")
	row := web.PartnerRow{
		Href: "/partners/at/xb.moi", Node: "xb.moi", Name: "وزارة النهر", Country: s.p.Label("nationality", "XB", lang), State: "ok", Tone: "leaf", Next: "nothing",
	}
	terms := func(side string) web.MatchTerms {
		return web.MatchTerms{
			Purpose: s.l.Word("matchpurpose", "child"), Side: s.l.Word("matchside", side), Basis: "Treaty of the River on children who cross it, article 4(2)",
			Size: 10_000, Day: 50, Officer: 10, Urgent: 5, Epoch: 30, Asks: side == "asker",
		}
	}
	const at = "/partners/at/xb.moi/match/"
	noor, omar := web.PartnerAct{Name: "Noor", At: previewNow.AddDate(0, 0, -40)}, web.PartnerAct{Name: "Omar S.", At: previewNow.AddDate(0, 0, -39)}
	end := web.Way{Href: at + "one/end", Step: "end"}
	page := web.MatchPage{Frame: f, Row: row, Propose: at + "propose", Rows: []web.MatchRow{
		{Href: at + "two", State: "taken", Tone: "due", Next: "agree", Terms: terms("asker"), First: noor, Ways: []web.Way{{Href: at + "two/agree", Step: "agree"}, end}},
		{
			Href: at + "one", State: "force", Tone: "leaf", Next: "force", Terms: terms("holder"), First: noor, Second: omar, From: omar.At, Ways: []web.Way{end},
			Tables: []web.MatchTable{
				{Epoch: 2, State: "ready", Tone: "leaf", Children: 8_214, Changed: previewNow.AddDate(0, 0, -9)},
				{Epoch: 3, State: "sending", Children: 8_377, Done: 71_000, Of: 150_786, Changed: previewNow},
				{Epoch: 4, State: "full", Tone: "late", Children: 10_377, Changed: previewNow},
			},
		},
		{Href: at + "old", State: "ended", Next: "ended", Terms: terms("asker"), First: omar, Second: noor, From: noor.At, Ended: previewNow, EndedBy: "there"},
	}}
	form0 := web.MatchForm{
		Frame: f, Row: row, Purposes: web.Options(s.l, "matchpurpose", "child"), Sides: web.Options(s.l, "matchside", "asker", "holder"), Sizes: web.MatchSizes(s.l.Number),
		Form: form(at+"propose", map[string][]string{
			"match_purpose": {"child"}, "match_side": {"asker"}, "match_size": {"1000"}, "match_day": {"50"}, "match_officer": {"10"}, "match_urgent": {"5"}, "match_epoch": {"30"},
		}),
	}
	wrong := form0
	wrong.Form = form(at+"propose", map[string][]string{"match_purpose": {"child"}, "match_side": {"holder"}, "match_day": {"5"}, "match_officer": {"10"}},
		web.FieldError{Name: "match_basis", Code: "required"}, web.FieldError{Name: "match_size", Code: "not-in-list"}, web.FieldError{Name: "match_officer", Code: "out-of-range"})
	return []preview{
		{"matchpage", page},
		{"matchpage-none", web.MatchPage{Frame: f, Row: row}},
		{"matchform", form0},
		{"matchform-wrong", wrong},
		{"matchstep-agree", web.MatchStep{Frame: f, Row: row, Step: "agree", Terms: terms("asker"), Form: form(at+"two/agree", nil)}},
		{"matchstep-end", web.MatchStep{Frame: f, Row: row, Step: "end", Terms: terms("holder"), Form: form(at+"one/end", nil), Stops: true}},
	}
}
