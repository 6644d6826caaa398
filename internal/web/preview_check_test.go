package web_test

import (
	"time"

	"causeway/internal/pack"
	"causeway/internal/screening"
	"causeway/internal/web"
)

// answering is the check of somebody in a place, as far as it was answered.
func (s scene) answering(age, place string, values map[string][]string, errors ...web.FieldError) web.CheckForm {
	f := form("/check/new", values, errors...)
	return web.AskCheck(s.l, s.p, web.CheckForm{Frame: s.frame("check"), Form: f}, age, place)
}

// judged is the result of a check as its page shows it.
func (s scene) judged(a screening.Answers) web.CheckResult {
	said := screening.Judge(s.p.Screening(), a)
	lang := s.l.Code()
	out := web.CheckResult{
		Frame: s.frame("check"), Form: form("/check/x/help", nil), Level: string(said.Level), Risk: said.Risk,
		Number: "7KQM-T3XA-R", Age: s.p.Label(pack.AgeBands, "12-14", lang), Place: "street", Region: s.p.Label(pack.Regions, "XA-01", lang),
		Language: s.p.Label(pack.Languages, "am", lang), Receipt: s.receipt("yours"), Help: true,
	}
	for i, u := range said.Urgent {
		out.Urgent = append(out.Urgent, web.Pressing{Code: u, Due: previewNow.Add(time.Duration(2*i-1) * time.Hour), Open: i < 2, Late: i == 0, Href: "/check/x/urgent/" + u})
		if i > 1 {
			out.Urgent[i].Href = ""
		}
	}
	for _, w := range said.Why {
		reason := web.CheckReason{Rule: w.Rule}
		for _, sign := range w.Signs {
			reason.Signs = append(reason.Signs, s.p.Screening().Says(sign, lang))
		}
		out.Why = append(out.Why, reason)
	}
	return out
}

// receipt is one in a state.
func (s scene) receipt(step string) web.Receipt {
	r := web.Receipt{Href: "/check/x/receipt", Code: "k3t92mxa", Made: previewNow.Add(-5 * time.Hour), Step: step}
	if step != "yours" {
		r.Due = previewNow.Add(-time.Hour)
	}
	if step == "taken" || step == "registered" {
		r.Taken, r.Role, r.Unit = previewNow.Add(-3*time.Hour), "case_worker", "Harbour Town team"
	}
	return r
}

func checkPreviews(s scene) []preview {
	const yes = screening.Yes
	start := web.CheckStart{Frame: s.frame("check"), Report: "/duty/emergency", Form: web.Form{Action: "/check/new"}, Places: web.Options(s.l, "metat", s.p.Screening().Places()...)}
	for _, o := range s.options(pack.AgeBands) {
		if o.Value != "18+" {
			start.Ages = append(start.Ages, o)
		}
	}
	again := start
	again.Form.Values, again.Form.Errors = map[string][]string{"age_about": {"15-17"}}, []web.FieldError{{Name: "place_met", Code: "required"}}
	for _, step := range []string{"yours", "waits", "late", "taken", "registered"} {
		start.Receipts = append(start.Receipts, s.receipt(step))
	}
	first := web.Frame{
		Tab: "check", Path: "/check", Viewer: &web.Viewer{Name: "Omar S.", Role: "first_responder", Unit: "Harbour Town team"},
		Nav: []web.NavItem{{Tab: "check", Href: "/check"}}, Expiry: 600,
	}
	start.Frame = first
	presumed := s.judged(screening.Answers{"brought": yes, "set_sum": yes, "begs_for": yes, "sexual_recent": yes, "stands_by": yes, "safe_now": screening.No})
	refer := s.judged(screening.Answers{"set_sum": yes})
	refer.Notice, refer.Receipt, refer.Help, refer.Child = &web.Notice{Key: "helped", Kind: "done"}, s.receipt("waits"), false, "/child/x"
	find := web.Form{Action: "/check/x/register"}.Ask("query", s.l.T("check.called"))
	refer.Find = &find
	waiting := refer
	waiting.Notice, waiting.Accept, waiting.Form.Action = nil, true, "/check/x/accept"
	none := s.judged(screening.Answers{"safe_now": yes})
	row := web.DutyRow{
		Form: form("/check/x/accept", nil), Number: "7KQM-T3XA-R", Level: "presumed", Urgent: []string{"pep72", "ec120"}, Risk: "high",
		Age: s.p.Label(pack.AgeBands, "12-14", s.l.Code()), Region: s.p.Label(pack.Regions, "XA-01", s.l.Code()), Unit: "Harbour Town team",
		Since: previewNow.Add(-5 * time.Hour), Due: previewNow.Add(-4 * time.Hour), Late: true,
	}
	calm := row
	calm.Number, calm.Level, calm.Urgent, calm.Risk, calm.Due, calm.Late = "H4PW-9DCE-K", "refer", nil, "medium", previewNow.Add(3*time.Hour), false
	kept := row
	kept.Level, kept.Urgent, kept.Age, kept.Region, kept.Late, kept.Due = "report", nil, "", "", false, previewNow.Add(time.Hour)
	report := waiting
	report.Level, report.Find, report.Place, report.Why, report.Report = "report", nil, "", nil, &web.Event{
		Kind: "reported", At: previewNow, By: "Rami Haddad", Tone: "late", To: s.l.T("acts.other"), Emergency: true,
		Lines: []web.Line{
			{Label: "number", Text: "7KQM-T3XA-R"},
			{Label: "what_happened", Text: "Brought to the hospital by night."},
			{Label: "why_at_once", Text: "She did not wake."},
			{Label: "told", Text: "Night nurse, ward 4"},
		},
	}
	kinds := s.options(pack.ActKinds)
	pressing := s.childPage()
	pressing.Urgent = presumed.Urgent[:2]
	return []preview{
		{"checkstart", start},
		{"checkstart-wrong", again},
		{"check", s.answering("12-14", "street", nil)},
		{"check-answered", s.answering("0-4", "household", map[string][]string{"q_safe_now": {"no"}, "q_injury": {"yes"}, "q_stands_by": {"yes"}, "language_other": {"am"}},
			web.FieldError{Name: "q_sexual_recent", Code: "required"})},
		{"checkresult", presumed},
		{"checkresult-waits", refer},
		{"checkresult-accept", waiting},
		{"checkresult-none", none},
		{"checkreceipt", web.CheckReceipt{Frame: first, Receipt: s.receipt("taken")}},
		{"checkreceipt-late", web.CheckReceipt{Frame: first, Receipt: s.receipt("late")}},
		{"seento", web.SeenTo{
			Frame: s.frame("check"), Form: form("/check/x/urgent/pep72", map[string][]string{"urgent_outcome": {"not_possible"}}, web.FieldError{Name: "reason", Code: "required"}).Ask("reason", s.l.T("seento.why")),
			Back: "/check/x", Urgent: web.Pressing{Code: "pep72", Due: previewNow.Add(-time.Hour), Open: true, Late: true}, Outcomes: s.options(pack.UrgentOutcomes),
		}},
		{"child-pressing", pressing},
		{"duty", web.Duty{Frame: s.frame("duty"), Rows: []web.DutyRow{row, kept, calm}, Report: "/duty/emergency"}},
		{"checkresult-report", report},
		{"report", web.AskReport(s.l, web.Report{Frame: s.frame("duty"), Form: form("/duty/emergency", map[string][]string{"happened": {"2026-11-25T02:10"}}), Kinds: kinds})},
		{"report-wrong", web.AskReport(s.l, web.Report{Frame: s.frame("duty"), Kinds: kinds, Form: form("/duty/emergency", map[string][]string{"number": {"7KQM-T3XA-S"}, "act_kind": {"other"}},
			web.FieldError{Name: "number", Code: "case-number-check"}, web.FieldError{Name: "why_at_once", Code: "required"})})},
		{"duty-empty", web.Duty{Frame: s.frame("duty")}},
	}
}
