package web

import (
	"net/http"

	"causeway/internal/fault"
	"causeway/internal/staff"
)

// An invitation is a link and a code told by voice. Opening the link changes
// nothing: mail programs open links before people do. The address holds a
// secret; Referrer-Policy "same-origin" keeps it from every other site, and the
// page does not repeat it.

// showInvite greets the person whose invitation it is.
func (s *Server) showInvite(v *visit) error {
	guest, err := s.Office.Peek(v.r.Context(), staff.Secret(v.r.PathValue("token")))
	if err != nil {
		return s.over(v, err)
	}
	return v.write(http.StatusOK, s.invitePage(v, guest, Form{}))
}

// over says that an invitation has ended, was used or never was: one answer.
func (s *Server) over(v *visit, err error) error {
	if fault.CodeOf(err) != "invitation-ended" && fault.CodeOf(err) != "ceremony-ended" {
		return err
	}
	v.endWelcome()
	v.r.URL.Path = "/" // the problem page does not repeat the address
	s.problem(v, http.StatusGone, "ended", "", "")
	return nil
}

func (s *Server) invitePage(v *visit, g staff.Guest, f Form) Invite {
	f.Action = "?" // this address, without writing it into the page
	view := Invite{Frame: v.doorFrame(""), Form: f, Name: g.Name.Reveal(), Role: string(g.Role), Ends: g.Until.In(s.Zone)}
	if people, err := s.Office.Directory(v.r.Context()); err == nil {
		if u, ok := people.Unit(g.Unit); ok {
			view.Unit = u.Name
		}
	}
	return view
}

// invite checks the code told by voice.
func (s *Server) invite(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	token := staff.Secret(v.r.PathValue("token"))
	admitted, _, err := s.Office.Admit(v.r.Context(), token, v.secretValue("voice_code"), v.source())
	if fields := fault.FieldsOf(err); len(fields) > 0 {
		guest, perr := s.Office.Peek(v.r.Context(), token)
		if perr != nil { // that was the last try
			return s.over(v, perr)
		}
		return v.write(http.StatusUnprocessableEntity, s.invitePage(v, guest, Form{Errors: []FieldError{{fields[0].Name, fields[0].Code}}}))
	}
	if err != nil {
		return s.over(v, err)
	}
	v.setStep(stepInvited, token, admission)
	v.setStep(stepAdmission, admitted, admission)
	return v.redirect("/welcome", "")
}

// guest returns who is being welcomed.
func (v *visit) guest() (staff.Guest, error) {
	if v.step(stepAdmission) == "" {
		return staff.Guest{}, fault.New(fault.Expired, "invitation-ended")
	}
	return v.s.Office.Peek(v.r.Context(), v.step(stepInvited))
}

// endWelcome forgets the invitation in this browser.
func (v *visit) endWelcome() {
	v.endStep(stepAdmission)
	v.endStep(stepInvited)
	v.endStep(stepEnrolment)
}

// showWelcome offers the ways to sign in.
func (s *Server) showWelcome(v *visit) error {
	guest, err := v.guest()
	if err != nil {
		return s.over(v, err)
	}
	return v.write(http.StatusOK, s.welcomePage(v, guest, Form{}))
}

func (s *Server) welcomePage(v *visit, g staff.Guest, f Form) Welcome {
	f.Action = "/welcome"
	return Welcome{
		Frame: v.doorFrame("/welcome"), Form: f, Name: g.Name.Reveal(), Account: g.SignIn.Reveal(),
		Passkeys: s.Office.Passkeys(), Strict: g.Rule != staff.PasswordEnough,
	}
}

// welcome makes the first credential: a password alone, where the role's rule
// lets it be enough.
func (s *Server) welcome(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	return s.accept(v, false)
}

// accept makes the credentials that were typed and ends the invitation.
func (s *Server) accept(v *visit, app bool) error {
	guest, err := v.guest()
	if err != nil {
		return s.over(v, err)
	}
	in := staff.Acceptance{Admission: v.step(stepAdmission), Device: v.device(), Source: v.source()}
	if app {
		in.TOTP, in.Code = v.step(stepEnrolment), v.secretValue("code")
	}
	if in.Password, err = v.newPassword(); err == nil {
		err = s.Office.Accept(v.r.Context(), in)
	}
	switch {
	case err == nil:
		v.endWelcome()
		return v.redirect("/signin", "welcome")
	case fault.CodeOf(err) == "busy":
		v.w.Header().Set("Retry-After", "5")
	case !fault.Is(err, fault.Invalid):
		return s.over(v, err)
	}
	f := v.typed(err)
	f.Values = nil // secrets only
	if app {
		return v.write(statusOf(err), s.welcomeApp(v, guest, f, staff.Enrolment{}))
	}
	return v.write(statusOf(err), s.welcomePage(v, guest, f))
}

// showWelcomeAuthenticator offers a password together with an authenticator app.
func (s *Server) showWelcomeAuthenticator(v *visit) error {
	guest, err := v.guest()
	if err != nil {
		return s.over(v, err)
	}
	e, err := s.Office.BeginInvitedTOTP(v.r.Context(), v.step(stepAdmission), v.source())
	if err != nil {
		return s.over(v, err)
	}
	v.setStep(stepEnrolment, e.Token, admission)
	return v.write(http.StatusOK, s.welcomeApp(v, guest, Form{}, e))
}

// welcomeApp is the page of the authenticator app. After a wrong code it comes
// back without the secret, which is shown once: the app has it already.
func (s *Server) welcomeApp(v *visit, g staff.Guest, f Form, e staff.Enrolment) AuthenticatorSetup {
	f.Action = "/welcome/authenticator"
	view := AuthenticatorSetup{Frame: v.doorFrame("/welcome/authenticator"), Form: f, First: true, Back: "/welcome"}
	view.show(e)
	return view
}

// show puts the secret of a new authenticator app onto its page.
func (a *AuthenticatorSetup) show(e staff.Enrolment) {
	if e.URL == "" {
		return
	}
	a.Secret = string(e.Secret)
	if qr, err := NewQR(string(e.URL)); err == nil { // without the square, the key can be typed
		a.QR = qr
	}
}

// welcomeAuthenticator makes password and authenticator app together.
func (s *Server) welcomeAuthenticator(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	return s.accept(v, true)
}
