package web

import (
	"net/http"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/staff"
)

// showConfirm asks the person to prove again that it is them, before something
// that matters.
func (s *Server) showConfirm(v *visit) error {
	view, err := s.confirmPage(v, Form{})
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, view)
}

func (s *Server) confirmPage(v *visit, f Form) (Confirm, error) {
	next := v.asked()
	f.Action = "/confirm"
	view := Confirm{Frame: v.frame(""), Form: f, Next: next, Reason: confirmReason(next)}
	has, err := s.Office.Credentials(v.r.Context(), v.session)
	if err != nil {
		return view, err
	}
	for _, c := range has {
		switch c.Kind {
		case staff.ByPassword:
			view.HasPassword = true
		case staff.ByTOTP:
			view.NeedsCode = true
		case staff.ByPasskey:
			view.Passkeys = s.Office.Passkeys()
		}
	}
	if v.session.Strength == staff.BySSOStrong {
		view.SSO, view.SSOHref = v.sso(true)
	}
	if view.Reason == "glass" { // a password alone does not do
		view.HasPassword = view.HasPassword && view.NeedsCode
		view.None = !view.HasPassword && !view.Passkeys && view.SSO == ""
	}
	return view, nil
}

// confirmReason says why the person is asked, from where they are going.
func confirmReason(next string) string {
	switch {
	case strings.HasPrefix(next, "/people"):
		return "people"
	case strings.HasPrefix(next, "/account"):
		return "credential"
	case strings.HasPrefix(next, "/journal"):
		return "export"
	case strings.HasPrefix(next, glassPath):
		return "glass"
	case strings.HasPrefix(next, "/health"):
		return "backup"
	}
	return "other"
}

// confirm checks the proof and goes back to what the person was doing.
func (s *Server) confirm(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	_, err := s.Office.Confirm(v.r.Context(), v.token, staff.Proof{
		Password: v.secretValue("password"), Code: v.secretValue("code"), Source: v.source(),
	})
	if err == nil {
		return v.redirect(v.asked(), "")
	}
	status, f, wait, ok := v.refusal(err)
	if !ok {
		return err
	}
	view, verr := s.confirmPage(v, f)
	if verr != nil {
		return verr
	}
	view.Wait = wait
	return v.write(status, view)
}

// fresh asks for a new proof before a page whose form needs one, unless there is
// time enough left to fill it in.
func (v *visit) fresh() error {
	if v.s.Office.Fresh(v.session, v.s.Office.FreshFor()/2) {
		return nil
	}
	return fault.New(fault.Expired, "fresh-check")
}
