package web

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/staff"
)

// Browsers offer passkeys to scripts only. A ceremony is two requests of
// passkey.js, begin and finish; its token stays in a cookie that scripts cannot
// read.

// maxPasskey bounds the answer of a browser.
const maxPasskey = 64 << 10

// ceremony registers the two requests of one kind of ceremony. begin returns
// what the browser is asked; finish takes the answer and returns where to go,
// "" for where the page says.
func (s *Server) ceremony(kind string, begin func(*visit) (staff.Ceremony, error), finish func(v *visit, token staff.Secret, answer []byte) (next string, err error)) {
	s.mux.HandleFunc("POST /passkey/"+kind+"/begin", func(w http.ResponseWriter, r *http.Request) {
		v := s.visitor(w, r)
		c, err := begin(v)
		if err != nil {
			s.failScript(v, err)
			return
		}
		v.setStep(stepCeremony, c.Token, briefly)
		s.answer(v, http.StatusOK, json.RawMessage(c.Options))
	})
	s.mux.HandleFunc("POST /passkey/"+kind+"/finish", func(w http.ResponseWriter, r *http.Request) {
		v := s.visitor(w, r)
		answer, err := v.scriptBody()
		next := ""
		if err == nil {
			next, err = finish(v, v.step(stepCeremony), answer)
		}
		v.endStep(stepCeremony)
		if err != nil {
			s.failScript(v, err)
			return
		}
		s.answer(v, http.StatusOK, scriptAnswer{Next: next})
	})
}

// passkeyRoutes are the ceremonies: to sign in, to prove once more who it is, to
// make a passkey on one's own page, and to make the first with an invitation.
func (s *Server) passkeyRoutes() {
	s.ceremony("get", func(v *visit) (staff.Ceremony, error) {
		return s.Office.BeginPasskeySignIn(v.r.Context(), v.source())
	}, s.passkeySignIn)
	s.ceremony("confirm", func(v *visit) (staff.Ceremony, error) {
		return s.Office.BeginPasskeyConfirm(v.r.Context(), v.token, v.source())
	}, func(v *visit, token staff.Secret, answer []byte) (string, error) {
		_, err := s.Office.PasskeyConfirm(v.r.Context(), v.token, token, answer, v.source())
		return "", err
	})
	s.ceremony("create", func(v *visit) (staff.Ceremony, error) {
		if err := v.enter(); err != nil {
			return staff.Ceremony{}, err
		}
		return s.Office.BeginPasskey(v.r.Context(), v.session, v.source())
	}, s.passkeyMade)
	s.ceremony("welcome", func(v *visit) (staff.Ceremony, error) {
		return s.Office.BeginInvitedPasskey(v.r.Context(), v.step(stepAdmission), v.source())
	}, s.passkeyWelcome)
}

func (s *Server) passkeySignIn(v *visit, token staff.Secret, answer []byte) (string, error) {
	in, err := s.Office.PasskeySignIn(v.r.Context(), token, answer, v.device(), v.source())
	if err != nil {
		return "", err
	}
	if next := v.admit(in); next != "/" {
		return next, nil
	}
	return "", nil
}

func (s *Server) passkeyMade(v *visit, token staff.Secret, answer []byte) (string, error) {
	if err := v.enter(); err != nil {
		return "", err
	}
	err := s.Office.AddPasskey(v.r.Context(), v.session, staff.NewPasskey{Token: token, Response: answer, Label: staff.Secret(v.device())})
	return "/account?done=passkey", err
}

func (s *Server) passkeyWelcome(v *visit, token staff.Secret, answer []byte) (string, error) {
	err := s.Office.Accept(v.r.Context(), staff.Acceptance{
		Admission: v.step(stepAdmission), Device: v.device(), Source: v.source(),
		Passkey: &staff.NewPasskey{Token: token, Response: answer, Label: staff.Secret(v.device())},
	})
	if err != nil {
		return "", err
	}
	v.endWelcome()
	return "/signin?done=welcome", nil
}

// scriptAnswer is what passkey.js is told.
type scriptAnswer struct {
	Next string `json:"next,omitempty"`
	Code string `json:"code,omitempty"`
}

// scriptBody reads a small JSON body. Anything else cannot come from our script.
func (v *visit) scriptBody() ([]byte, error) {
	if kind, _, _ := strings.Cut(v.r.Header.Get("Content-Type"), ";"); kind != "application/json" {
		return nil, fault.New(fault.Invalid, "form-unreadable")
	}
	body, err := io.ReadAll(http.MaxBytesReader(v.w, v.r.Body, maxPasskey))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, fault.Wrap(fault.Invalid, "form-too-large", err)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "form-unreadable", err)
	}
	return body, nil
}

// answer writes JSON for a script.
func (s *Server) answer(v *visit, status int, body any) {
	h := v.w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	v.w.WriteHeader(status)
	_ = json.NewEncoder(v.w).Encode(body) // the browser went away
}

// failScript tells a script that a ceremony failed: with the fault's code, which
// says nothing about anybody, and where to go on where that helps.
func (s *Server) failScript(v *visit, err error) {
	status, out := statusOf(err), scriptAnswer{Code: fault.CodeOf(err)}
	switch out.Code {
	case "fresh-check":
		out.Next = "/confirm?next=/account"
	case "session-ended", "session-locked":
		out.Next = "/signin"
	}
	if status == http.StatusInternalServerError {
		out.Code = ""
		s.Log.ErrorContext(v.r.Context(), "passkey", slog.String("kind", fault.KindOf(err).String()), slog.Any("err", err))
	}
	s.answer(v, status, out)
}
