package web_test

import (
	"time"

	"causeway/internal/pack"
	"causeway/internal/web"
)

func glassPreviews(s scene) []preview {
	worker, auditor := s.frame("glass"), s.office("reviews", "auditor")
	worker.Nav = append(worker.Nav, web.NavItem{Tab: "glass", Href: "/glass"})
	auditor.Nav = append(auditor.Nav, web.NavItem{Tab: "reviews", Href: "/glass/reviews"})
	told := worker
	told.Told = 2
	row := web.GlassRow{
		Href: "/glass/review/x", Number: "7KQM-T3XA-R", Who: "Rami Haddad", Unit: "Harbour Town team", Lead: "Hana Tesfaye",
		Reason: s.p.Label(pack.GlassReasons, "danger", s.l.Code()), Why: "She is at the station, alone, and afraid of the man who waits outside.",
		At: previewNow.Add(-80 * time.Hour), By: previewNow.Add(-8 * time.Hour), Late: true,
	}
	calm := row
	calm.Href, calm.Number, calm.Who, calm.Why, calm.Late, calm.By = "", "H4PW-9DCE-K", "نور حداد", "الطفل هنا ولا أحد يجيب.", false, previewNow.Add(60*time.Hour)
	done := calm
	done.Reviewed, done.Reviewer, done.Outcome, done.Review = previewNow.Add(-time.Hour), "Omar S.", s.p.Label(pack.GlassOutcomes, "justified", s.l.Code()), "Nobody of the case answered."
	reasons, outcomes := s.options(pack.GlassReasons), s.options(pack.GlassOutcomes)
	figures := web.GlassFigures{Frame: auditor, Back: "/glass/reviews", Opened: 14, All: 2310, Due: 12, InTime: 11, Waiting: 2}
	for i, o := range outcomes {
		figures.Outcomes = append(figures.Outcomes, web.GlassCount{Label: o.Label, N: 9 - 4*i})
	}
	confirm := web.Confirm{Frame: worker, Form: form("/confirm", nil), Next: "/glass", Reason: "glass", None: true}
	return []preview{
		{"glass", web.Glass{Frame: told, Form: form("/glass", nil), Reasons: reasons, Most: 3, Hours: 4}},
		{"glass-wrong", web.Glass{
			Frame: worker, Reasons: reasons, Most: 3, Hours: 4, Open: []web.GlassOpen{{Href: "/child/x", Number: "7KQM-T3XA-R", Until: previewNow.Add(3 * time.Hour)}},
			Form: form("/glass", map[string][]string{"number": {"7KQM-T3XA-S"}, "why_at_once": {"She called."}},
				web.FieldError{Name: "number", Code: "case-number-check"}, web.FieldError{Name: "glass_reason", Code: "required"}),
		}},
		{"glass-refused", web.Glass{Frame: worker, Reasons: reasons, Most: 3, Hours: 4, Form: web.Form{Action: "/glass", Fault: "glass-not-opened"}}},
		{"glassreviews", web.GlassReviews{Frame: auditor, Waiting: []web.GlassRow{row, calm}, Done: []web.GlassRow{done}, Figures: "/glass/figures"}},
		{"glassreviews-empty", web.GlassReviews{Frame: auditor, Figures: "/glass/figures"}},
		{"glassreview", web.GlassReview{Frame: auditor, Form: form("/glass/review/x", nil).Ask("reason", s.l.T("glass.review.why")), Row: row, Outcomes: outcomes}},
		{"glassfigures", figures},
		{"confirm-glass", confirm},
	}
}
