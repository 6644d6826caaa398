package web

import (
	"net/http"

	"causeway/internal/locale"
)

// purposeRun is the purpose of keeping the machine running.
const purposeRun = "maintenance"

// health is the operator's page. It never names a child.
func (s *Server) health(v *visit) error {
	if err := s.Gate.Permit(v.r.Context(), v.caller, "health.view", purposeRun); err != nil {
		return err
	}
	view := Health{Frame: v.frame("health"), State: "watch"}
	if s.Health != nil {
		report := s.Health.Checks(v.r.Context())
		view.State, view.Version = report.State, report.Version
		if !report.Started.IsZero() {
			view.Started = report.Started.In(s.Zone)
		}
		for _, c := range report.Checks {
			view.Checks = append(view.Checks, v.check(c))
		}
		for _, j := range report.Jobs {
			if !j.Last.IsZero() {
				j.Last = j.Last.In(s.Zone)
			}
			view.Jobs = append(view.Jobs, j)
		}
	}
	return v.write(http.StatusOK, view)
}

// check writes the figures of a line in the reader's language.
func (v *visit) check(c Check) Check {
	switch {
	case c.Value != "":
	case !c.At.IsZero():
		c.Value = v.l.DateTime(c.At.In(v.s.Zone))
		if days := -v.today().Until(locale.DayOf(c.At.In(v.s.Zone))); days > 0 {
			c.Value = v.l.Ago(days)
		}
	case c.Bytes > 0:
		c.Value = v.l.Bytes(c.Bytes)
	}
	return c
}
