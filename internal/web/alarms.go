package web

import (
	"net/http"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// Alarms about how much somebody opened, searched, took out or was refused.

const alarmsPath = "/alarms"

// alarmRoutes are their pages.
func (s *Server) alarmRoutes() {
	s.page("GET "+alarmsPath, s.alarms)
	s.form("/alarms/{alarm}", s.alarmForm())
}

func (s *Server) alarms(v *visit) error {
	all, err := s.People.Alarms(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := Alarms{Frame: v.frame("alarms")}
	for i := range all {
		view.Rows = append(view.Rows, v.alarmRow(&all[i]))
	}
	return v.write(http.StatusOK, view)
}

func (v *visit) alarmRow(a *access.Alarm) AlarmRow {
	row := AlarmRow{
		Who: v.name(a.Staff), Kind: a.Kind, Span: a.Span, At: a.At.In(v.s.Zone), Counted: int(a.Counted), Bound: int(a.Bound),
		Median: int(a.Median), Caseload: int(a.Caseload), Outcome: v.label(pack.AlarmOutcomes, a.Outcome), By: v.name(a.By),
	}
	if account, ok := v.people.Person(a.Staff); ok {
		row.Unit = v.unitName(account.Unit)
	}
	if a.Settled.IsZero() && a.Staff != v.caller.Staff() {
		row.Settle = alarmsPath + "/" + a.ID.String()
	}
	return row
}

// alarmForm says what was found about one.
func (s *Server) alarmForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			all, err := s.People.Alarms(v.r.Context(), v.caller)
			if err != nil {
				return nil, err
			}
			for i := range all {
				row := v.alarmRow(&all[i])
				if row.Settle == v.r.URL.Path {
					return AlarmPage{Frame: v.frame("alarms"), Form: f, Row: row, Outcomes: v.options(pack.AlarmOutcomes)}, nil
				}
			}
			return nil, fault.New(fault.NotFound, "no-such-page")
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id, err := ident.Parse[ident.Alarm](v.r.PathValue("alarm"))
			if err != nil {
				return "", "", fault.New(fault.NotFound, "no-such-page")
			}
			outcome := v.value("alarm_outcome")
			if !s.Pack.Valid(pack.AlarmOutcomes, outcome) {
				return "", "", fault.InvalidField("alarm_outcome", "required")
			}
			return alarmsPath, "alarm", s.People.SettleAlarm(v.r.Context(), v.caller, cmd, id, outcome)
		},
	}
}
