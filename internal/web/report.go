package web

import (
	"net/url"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/locale"
	"causeway/internal/pack"
)

// Somebody on duty writes down what they did to keep a child safe whose page they
// do not see. The answer is the same whether there is such a child or not.

const reportPath = "/duty/emergency"

// mayReport returns where an emergency is written down, "" for who may not.
func (v *visit) mayReport() string {
	if v.s.Gate.May(v.caller, "check.report") {
		return reportPath
	}
	return ""
}

// reportForm writes down what was done in an emergency by the number of a case.
func (s *Server) reportForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if v.mayReport() == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			if f.Values == nil {
				f.Values = url.Values{"happened": {v.momentNow()}}
			}
			return AskReport(v.l, Report{Frame: v.frame("duty"), Form: f, Kinds: v.options(pack.ActKinds)}), nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			var c fault.Check
			happened := v.moment(&c, "happened")
			if err := c.Err(); err != nil && v.value("happened") != "" {
				return "", "", err // where nothing was typed, the room says so with all else
			}
			err = s.Cases.ReportEmergency(v.r.Context(), v.caller, cmd, v.value("number"), casework.Done{
				Kind: v.value("act_kind"), Happened: happened, Text: v.text("what_happened"), Why: v.text("why_at_once"), Told: v.text("told"),
			})
			return reportPath, "reported", err
		},
	}
}

// AskReport fills in what is asked about an emergency.
func AskReport(l *locale.Locale, view Report) Report {
	view.Form = view.Form.Ask("act_kind", l.T("report.kind")).Ask("happened", l.T("report.when"))
	view.Form = view.Form.Ask("what_happened", l.T("report.what")).Ask("told", l.T("report.told"))
	view.Kinds = append(view.Kinds, Option{Value: casework.ActOther, Label: l.T("acts.other")})
	return view
}
