package web

import (
	"causeway/internal/fault"
	"causeway/internal/staff"
)

// mailForm asks for the address at which the person is told that something waits. Whoever
// comes here proved within minutes that it is them.
func (s *Server) mailForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Office.SendsMail() {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			if err := v.fresh(); err != nil && !f.Wrong() {
				return nil, err
			}
			view := MailForm{Frame: v.frame("account"), Form: f}
			view.Frame.Path, view.Form.Action = "/account/mail", "/account/mail"
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			return "/account/mail/code", "", s.Office.AskMail(v.r.Context(), v.session, staff.Secret(v.value("mail_address")))
		},
	}
}

// mailCodeForm asks for the code that was sent to the address.
func (s *Server) mailCodeForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			own, err := s.Office.OwnMail(v.r.Context(), v.session)
			if err != nil {
				return nil, err
			}
			if own.Asked == "" && !f.Wrong() {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			f.Values = nil
			view := MailForm{Frame: v.frame("account"), Form: f, Asked: string(own.Asked)}
			view.Frame.Path, view.Form.Action = "/account", "/account/mail/code"
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			return "/account", "mail-confirmed", s.Office.ConfirmMail(v.r.Context(), v.session, v.secretValue("mail_code"))
		},
	}
}
