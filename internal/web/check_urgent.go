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

// seenToForm says what was done about something that could not wait. Afterwards it
// leads back to the check, or to the child's page where there was none.
func (s *Server) seenToForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			id, err := v.caseID()
			if err != nil {
				id = ident.New[ident.Case]() // a forged address takes the way of an unknown one
			}
			c, err := s.Cases.UrgentIn(v.r.Context(), v.caller, id)
			if err != nil {
				return nil, err
			}
			code := v.r.PathValue("urgent")
			i := slices.IndexFunc(c.Urgent, func(u casework.Urgent) bool { return u.Code == code && u.Open })
			if i < 0 { // ended meanwhile
				i = slices.IndexFunc(c.Urgent, func(u casework.Urgent) bool { return u.Code == code })
			}
			if i < 0 || !c.May["check.seeto"] || !c.Urgent[i].Open && f.Fault == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			f.Action = v.r.URL.Path
			view := SeenTo{
				Frame: v.frame("check"), Back: "/check/" + c.Case.String(),
				Urgent: v.pressing(c.Urgent[i:i+1], c.Case, false, true)[0], Outcomes: v.options(pack.UrgentOutcomes),
			}
			if !c.Checked {
				view.Frame, view.Back = v.frame("children"), "/child/"+c.Case.String()
				f.Hidden = append(f.Hidden, Hidden{nameFrom, fromChild})
			}
			view.Form = f.Ask("reason", v.l.T("seento.why"))
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
			back := "/check/"
			if v.value(nameFrom) == fromChild {
				back = "/child/"
			}
			err = s.Cases.SeeToUrgent(v.r.Context(), v.caller, cmd, id, v.r.PathValue("urgent"), v.value("urgent_outcome"), v.text("reason"))
			return back + id.String(), "seento", err
		},
	}
}

// nameFrom is the field that says from which page somebody came.
const (
	nameFrom  = "from"
	fromChild = "child"
)
