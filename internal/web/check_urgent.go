package web

import (
	"slices"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// pressing shows what cannot wait in a case; with all, what was seen to as well.
func (v *visit) pressing(list []casework.Urgent, id ident.Case, may, all bool) []Pressing {
	var out []Pressing
	for _, u := range list {
		if !u.Open && !all {
			continue
		}
		p := Pressing{Code: u.Code, Due: u.Due.In(v.s.Zone), Open: u.Open, Late: u.Late}
		if may && u.Open {
			p.Href = "/check/" + id.String() + "/urgent/" + u.Code
		}
		out = append(out, p)
	}
	return out
}

// seenToForm says what was done about something that could not wait.
func (s *Server) seenToForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			c, err := v.checked()
			if err != nil {
				return nil, err
			}
			code := v.r.PathValue("urgent")
			i := slices.IndexFunc(c.Urgent, func(u casework.Urgent) bool { return u.Code == code })
			if i < 0 || !c.May["check.seeto"] || !c.Urgent[i].Open && f.Fault == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			f.Action = v.r.URL.Path
			view := SeenTo{
				Frame: v.frame("check"), Form: f.Ask("reason", v.l.T("seento.why")), Back: "/check/" + c.Check.Case.String(),
				Urgent: v.pressing(c.Urgent[i:i+1], c.Check.Case, false, true)[0], Outcomes: v.options(pack.UrgentOutcomes),
			}
			view.Stamp = v.stamp(c.Entry)
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			id, err := v.caseID()
			if err != nil {
				return "", "", err
			}
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			err = s.Cases.SeeToUrgent(v.r.Context(), v.caller, cmd, id, v.r.PathValue("urgent"), v.value("urgent_outcome"), v.text("reason"))
			return "/check/" + id.String(), "seento", err
		},
	}
}
