package web_test

import (
	"time"

	"causeway/internal/facts"
	"causeway/internal/referral"
	"causeway/internal/web"
)

func flowPreviews(s scene) []preview {
	n := func(n int) facts.Cell { return facts.Safe(n, 5) }
	flows := web.Flows{
		Frame: s.frame("flows"), AsOf: previewNow, Least: 5,
		Units: []web.FlowDelay{
			{What: "Harbour Town team", Agency: "Child Protection Authority", Sector: "Child protection", Late: n(34), Escalated: n(12), Days: 41},
			{What: "وحدة الحدود", Agency: "Border Police", Sector: "Police", Late: n(3), Escalated: n(0), Days: 2},
		},
		Kinds:  []web.FlowDelay{{What: "Assessment", Late: n(21), Escalated: n(7), Days: 41}, {What: "First contact", Late: n(2)}},
		Stages: []web.FlowRow{{What: "Registered", N: n(120)}, {What: "Assessed", N: n(4)}},
		Risks:  []web.FlowRow{{What: "High", N: n(48)}},
		Months: []web.FlowRow{{What: s.l.Month(2026, time.October), N: n(17)}, {What: s.l.Month(2026, time.November), N: n(0)}},
	}
	row := func(what, to string, asked, in, late, never, declined, delivered int) web.FlowReferral {
		return web.FlowReferral{What: what, To: to, Flow: referral.Flow{
			Asked: n(asked), InTime: n(in), Late: n(late), Unanswered: n(never), Declined: n(declined), Delivered: n(delivered),
		}}
	}
	flows.Referrals = &web.FlowReferrals{
		Whole:    row(s.l.T("flows.whole"), "", 140, 90, 10, 25, 30, 60),
		Sectors:  []web.FlowReferral{row("Child protection", "Shelter", 90, 70, 4, 10, 20, 40), row("Police", "Child protection", 3, 0, 0, 0, 0, 0)},
		Regions:  []web.FlowReferral{row("ولاية النهر", "", 100, 80, 5, 10, 25, 50)},
		Months:   []web.FlowReferral{row(s.l.Month(2026, time.October), "", 20, 10, 0, 5, 5, 5), row(s.l.Month(2026, time.November), "", 0, 0, 0, 0, 0, 0)},
		Declined: []web.FlowRow{{What: "No place", N: n(22)}}, Outcomes: []web.FlowRow{{What: "Met", N: n(41)}},
		Late: []web.FlowDelay{{What: "Harbour Shelters", Sector: "Shelter", Late: n(17), Days: 9}},
	}
	return []preview{{"flows", flows}, {"flows-none", web.Flows{Frame: s.frame("flows"), AsOf: previewNow, Least: 5}}}
}
