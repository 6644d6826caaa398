package web_test

import (
	"time"

	"causeway/internal/pack"
	"causeway/internal/web"
)

func alarmPreviews(s scene) []preview {
	auditor := s.office("alarms", "auditor")
	auditor.Nav = append(auditor.Nav, web.NavItem{Tab: "alarms", Href: "/alarms"})
	row := web.AlarmRow{
		Who: "Rami Haddad", Unit: "Harbour Town team", Kind: "open", Span: "hour", At: previewNow.Add(-20 * time.Minute),
		Counted: 61, Bound: 60, Median: 9, Caseload: 30, Settle: "/alarms/x",
	}
	seen := row
	seen.Who, seen.Kind, seen.Span, seen.Counted, seen.Bound, seen.Settle = "نور حداد", "denial", "day", 31, 30, ""
	seen.Outcome, seen.By = s.p.Label(pack.AlarmOutcomes, "explained", s.l.Code()), "Omar S."
	return []preview{
		{"alarms", web.Alarms{Frame: auditor, Rows: []web.AlarmRow{row, seen}}},
		{"alarms-none", web.Alarms{Frame: auditor}},
		{"alarm", web.AlarmPage{Frame: auditor, Form: form("/alarms/x", nil), Row: row, Outcomes: s.options(pack.AlarmOutcomes)}},
	}
}
