package web

import (
	"net/http"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
)

// account is a person's own page: what they must be told, how they sign in, and
// where they are signed in.
func (s *Server) account(v *visit) error {
	view, err := s.accountPage(v, Form{})
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, view)
}

func (s *Server) accountPage(v *visit, f Form) (Account, error) {
	ctx := v.r.Context()
	f.Action = "/account"
	view := Account{Frame: v.frame("account"), Form: f, CanPasskey: s.Office.Passkeys()}
	view.Frame.Path = "/account"
	if next := localPath(v.r.URL.Query().Get("next")); next != "/" {
		view.Next = next
	}
	if me, ok := v.people.Person(v.session.Staff); ok {
		view.Account = me.SignIn.Reveal()
	}
	notices, err := s.Office.Notices(ctx, v.session)
	if err != nil {
		return view, err
	}
	for _, n := range notices {
		view.Notices = append(view.Notices, NoticeLine{ID: n.Entry.String(), Kind: string(n.Kind), Who: v.name(n.Actor), At: n.At.In(s.Zone), Code: n.Entry.Short()})
	}
	if s.Office.SendsMail() {
		own, err := s.Office.OwnMail(ctx, v.session)
		if err != nil {
			return view, err
		}
		view.Mail = &OwnMail{Address: string(own.Address), Asked: string(own.Asked)}
	}
	has, err := s.Office.Credentials(ctx, v.session)
	if err != nil {
		return view, err
	}
	v.credentials(&view, has)
	open, err := s.Office.Sessions(ctx, v.session)
	if err != nil {
		return view, err
	}
	for _, o := range open {
		view.Sessions = append(view.Sessions, SessionRow{
			ID: o.ID.String(), Browser: o.Device, Current: o.ID == v.session.ID, Since: o.Since.In(s.Zone), Seen: o.Seen.In(s.Zone),
		})
	}
	return view, nil
}

// credentials puts onto the page what the person can prove themselves with.
func (v *visit) credentials(view *Account, has []staff.Credential) {
	for _, c := range has {
		switch c.Kind {
		case staff.ByPassword:
			view.HasPassword = true
		case staff.ByTOTP:
			view.Authenticator, view.AppID = true, c.ID.String()
		case staff.ByPasskey:
			row := PasskeyRow{ID: c.ID.String(), Name: c.Label.Reveal(), Made: c.Made.In(v.s.Zone)}
			if !c.Used.IsZero() {
				row.Used = c.Used.In(v.s.Zone)
			}
			view.Passkeys = append(view.Passkeys, row)
		}
	}
}

// own registers one small form of the person's own page. A refused one comes
// back on that page.
func (s *Server) own(path, done string, do func(*visit) error) {
	s.page("POST "+path, func(v *visit) error {
		if err := v.parse(); err != nil {
			return err
		}
		err := do(v)
		if err == nil {
			return v.redirect("/account", done)
		}
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
			return err
		}
		view, verr := s.accountPage(v, Form{Fault: fault.CodeOf(err)})
		if verr != nil {
			return verr
		}
		return v.write(statusOf(err), view)
	})
}

// accountRoutes are the person's own page and its forms.
func (s *Server) accountRoutes() {
	s.page("GET /confirm", s.showConfirm)
	s.page("POST /confirm", s.confirm)
	s.page("GET /account", s.account)
	s.page("GET /conduct", s.showConduct)
	s.page("POST /conduct", s.signConduct)
	s.own("/account/notices/dismiss", "", func(v *visit) error {
		id, err := ident.Parse[ident.Entry](v.value("id"))
		if err != nil {
			return err
		}
		return s.Office.Dismiss(v.r.Context(), v.session, id)
	})
	s.own("/account/sessions/end", "session-ended", func(v *visit) error {
		id, err := ident.Parse[ident.Session](v.value("id"))
		if err != nil {
			return err
		}
		return s.Office.End(v.r.Context(), v.session, id)
	})
	s.own("/account/sessions/end-others", "session-ended", func(v *visit) error {
		_, err := s.Office.EndOthers(v.r.Context(), v.session)
		return err
	})
	s.own("/account/credentials/remove", "credential-removed", func(v *visit) error {
		id, err := ident.Parse[ident.Credential](v.value("id"))
		if err != nil {
			return err
		}
		return s.Office.Remove(v.r.Context(), v.session, id)
	})
	s.form("/account/password", s.passwordForm())
	s.form("/account/mail", s.mailForm())
	s.form("/account/mail/code", s.mailCodeForm())
	s.own("/account/mail/end", "mail-ended", func(v *visit) error { return s.Office.EndMail(v.r.Context(), v.session) })
	s.page("GET /account/authenticator", s.showAuthenticator)
	s.page("POST /account/authenticator", s.authenticator)
}

// passwordForm changes the password. Whoever comes here proved within minutes
// that it is them, so the old password is not asked for again.
func (s *Server) passwordForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if err := v.fresh(); err != nil && !f.Wrong() {
				return nil, err
			}
			f.Values = nil
			view := Password{Frame: v.frame("account"), Form: f}
			view.Frame.Path = "/account/password"
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			password, err := v.newPassword()
			if err == nil {
				err = s.Office.SetPassword(v.r.Context(), v.session, v.source(), password)
			}
			return "/account", "password", err
		},
	}
}

// showAuthenticator begins the setting up of an authenticator app. The one in
// use stays until the first code of the new one is right.
func (s *Server) showAuthenticator(v *visit) error {
	if err := v.fresh(); err != nil {
		return err
	}
	e, err := s.Office.BeginTOTP(v.r.Context(), v.session, v.source())
	if err != nil {
		return err
	}
	v.setStep(stepEnrolment, e.Token, admission)
	view := v.appPage(Form{})
	view.show(e)
	return v.write(http.StatusOK, view)
}

func (v *visit) appPage(f Form) AuthenticatorSetup {
	f.Action = "/account/authenticator"
	view := AuthenticatorSetup{Frame: v.frame("account"), Form: f, Back: "/account"}
	view.Frame.Path = "/account"
	return view
}

// authenticator finishes with the app's first code. After a wrong one the page
// comes back without the secret: the app has it already.
func (s *Server) authenticator(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	err := s.Office.SetTOTP(v.r.Context(), v.session, v.step(stepEnrolment), v.secretValue("code"))
	switch {
	case err == nil:
		v.endStep(stepEnrolment)
		return v.redirect("/account", "authenticator")
	case fault.CodeOf(err) == "ceremony-ended":
		return v.redirect("/account/authenticator", "")
	case fault.Is(err, fault.Invalid):
		f := v.typed(err)
		f.Values = nil
		return v.write(statusOf(err), v.appPage(f))
	}
	return err
}
