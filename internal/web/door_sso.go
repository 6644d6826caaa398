package web

import (
	"context"
	"net/http"
	"net/url"

	"causeway/internal/fault"
	"causeway/internal/staff"
)

// Signing in through the provider of the organisation. The local form stays: for
// emergencies, and for whoever has no account there.

// SSODesk speaks with the provider; package node implements it.
type SSODesk interface {
	// Label names the provider on the sign-in page.
	Label() string
	// Begin returns where the browser goes, and what must be kept until it is back.
	Begin(ctx context.Context, next string, again bool) (to string, kept []byte, err error)
	// Finish verifies what came back, and returns for whom the provider vouches and
	// where they were going.
	Finish(ctx context.Context, kept []byte, state, code string) (v staff.Vouched, next string, err error)
}

const ssoPath = "/signin/sso"

// stepSSO is the cookie of a browser that was sent to the provider.
const stepSSO = "causeway-sso"

// ssoRoutes are the two halves of it.
func (s *Server) ssoRoutes() {
	if s.SSO == nil {
		return
	}
	s.open("GET "+ssoPath, s.ssoBegin)
	s.open("GET "+ssoPath+"/back", s.ssoBack)
}

// sso returns the name of the provider and where to go there; with again it asks
// the person anew.
func (v *visit) sso(again bool) (label, href string) {
	if v.s.SSO == nil {
		return "", ""
	}
	q := url.Values{}
	if next := v.asked(); next != "/" {
		q.Set("next", next)
	}
	if again {
		q.Set("again", "1")
	}
	href = ssoPath
	if len(q) > 0 {
		href += "?" + q.Encode()
	}
	return v.s.SSO.Label(), href
}

// ssoBegin sends the browser to the provider.
func (s *Server) ssoBegin(v *visit) error {
	ctx := v.r.Context()
	to, kept, err := s.SSO.Begin(ctx, v.asked(), v.r.URL.Query().Get("again") == "1")
	if err != nil {
		return v.refusedSSO(err)
	}
	token, err := s.Office.BeginSSO(ctx, kept, v.source())
	if err != nil {
		return err
	}
	// Lax: the browser comes back from another site, by a link.
	http.SetCookie(v.w, &http.Cookie{
		Name: s.stepName(stepSSO), Value: string(token), Path: "/", HttpOnly: true, Secure: s.Secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(briefly.Seconds()),
	})
	return v.redirect(to, "")
}

// ssoBack signs in whom the provider vouches for.
func (s *Server) ssoBack(v *visit) error {
	ctx := v.r.Context()
	token, q := v.step(stepSSO), v.r.URL.Query()
	v.endStep(stepSSO)
	kept, err := s.Office.TakeSSO(ctx, token)
	if fault.Is(err, fault.Expired) {
		return v.refusedSSO(fault.New(fault.Denied, "sso-ended"))
	}
	if err != nil {
		return err
	}
	vouched, next, err := s.SSO.Finish(ctx, kept, q.Get("state"), q.Get("code"))
	if err != nil {
		if fault.CodeOf(err) == "sso-refused" {
			if err := s.Office.SSORefused(ctx, v.source()); err != nil {
				return err
			}
		}
		return v.refusedSSO(err)
	}
	in, err := s.Office.SSOSignIn(ctx, vouched, v.device(), v.source())
	v.r.Form = map[string][]string{"next": {next}}
	switch {
	case err != nil:
		return v.refusedSSO(err)
	case in.Passkey:
		return v.refusedSSO(fault.New(fault.Denied, "passkey-needed"))
	case in.Second != "":
		v.setStep(stepSecond, in.Second, briefly)
		return v.redirect("/signin/code"+v.carryOn(), "")
	}
	return v.redirect(v.admit(in), "")
}

// refusedSSO shows the door again and says what happened: the local form is on it.
func (v *visit) refusedSSO(err error) error {
	code := fault.CodeOf(err)
	switch code {
	case "sso-unavailable", "sso-refused", "sso-ended", "sso-no-role", "sso-no-account", "sso-other-post", "second-factor-missing", "passkey-needed":
	default:
		return err
	}
	status := http.StatusUnprocessableEntity
	if fault.Is(err, fault.Unavailable) {
		status = http.StatusServiceUnavailable
	}
	v.caller = nil
	v.session = staff.Session{}
	return v.write(status, v.signInPage(Form{Fault: code}))
}
