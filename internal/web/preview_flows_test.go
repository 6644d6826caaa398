package web_test

import (
	"time"

	"causeway/internal/facts"
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
	return []preview{{"flows", flows}, {"flows-none", web.Flows{Frame: s.frame("flows"), AsOf: previewNow, Least: 5}}}
}
