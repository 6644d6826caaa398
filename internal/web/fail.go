package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"strconv"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
)

// statusOf is the one place where kinds of faults become status codes. Denied
// looks like NotFound.
func statusOf(err error) int {
	switch fault.KindOf(err) {
	case fault.Invalid:
		if fault.CodeOf(err) == "form-too-large" {
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusUnprocessableEntity
	case fault.NotFound, fault.Denied:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Expired:
		return http.StatusUnauthorized
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// problemKinds are the words of the problem page for each status.
var problemKinds = map[int]string{
	http.StatusNotFound:              "missing",
	http.StatusConflict:              "conflict",
	http.StatusUnauthorized:          "expired",
	http.StatusServiceUnavailable:    "unavailable",
	http.StatusUnprocessableEntity:   "invalid",
	http.StatusRequestEntityTooLarge: "toobig",
	http.StatusInternalServerError:   "internal",
}

// fail answers a request that did not work out.
func (s *Server) fail(v *visit, err error) {
	switch fault.CodeOf(err) {
	case "fresh-check", "strong-check":
		s.askAgain(v)
		return
	case "session-ended", "session-locked":
		s.toSignIn(v, fault.CodeOf(err) == "session-locked")
		return
	}
	status := statusOf(err)
	reference := ""
	if wait, ok := staff.WaitOf(err); ok {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
	}
	if status == http.StatusInternalServerError || status == http.StatusServiceUnavailable {
		reference = ident.New[ident.Command]().Short()
		s.Log.ErrorContext(v.r.Context(), "request", slog.String("ref", reference), slog.String("kind", fault.KindOf(err).String()), slog.String("code", fault.CodeOf(err)), slog.Any("err", err))
	}
	code := fault.CodeOf(err)
	if fields := fault.FieldsOf(err); len(fields) > 0 {
		code = fields[0].Code
	}
	if status == http.StatusNotFound || status == http.StatusInternalServerError {
		code = "" // what does not exist and what is not yours read the same
	}
	s.problem(v, status, problemKinds[status], code, reference)
}

// problemFor answers before anybody's session was looked at.
func (s *Server) problemFor(v *visit, status int, kind, code string) {
	if err := v.enter(); err != nil {
		v.caller = nil
	}
	s.problem(v, status, kind, code, "")
}

// problem shows a problem page with what was typed, so that nothing is lost.
func (s *Server) problem(v *visit, status int, kind, code, reference string) {
	view := Problem{Frame: v.frame(""), Status: status, Kind: kind, Code: code, Reference: reference, Back: "/"}
	if v.r.Method == http.MethodPost && status != http.StatusNotFound {
		view.keep(v.r.PostForm, v.r.URL.Path)
	}
	if code != "" && !v.l.Has("error."+code) {
		view.Code = ""
	}
	if status == http.StatusNotFound && v.caller != nil {
		view.Why = whyLink(v.r.URL.Path)
	}
	if err := v.write(status, view); err != nil {
		s.Log.ErrorContext(v.r.Context(), "problem page", slog.Any("err", err))
		http.Error(v.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// secretFields are never shown back.
var secretFields = map[string]bool{
	"password": true, "new_password": true, "new_password_again": true, "code": true, "voice_code": true, "response": true,
}

// keep puts what was typed onto the page, and a form that posts it again.
func (p *Problem) keep(values url.Values, action string) {
	again := &Form{Action: action}
	for name, list := range values {
		if secretFields[name] {
			p.Kept = nil
			return // nothing of a form with a secret stays on a page
		}
		for _, value := range list {
			p.Kept = append(p.Kept, Kept{Name: name, Value: value, Hide: name == "command" || name == "seen_version"})
		}
	}
	if len(p.Kept) > 0 {
		p.Again = again
	}
}

// toSignIn sends a person without a session to the door, and back here after.
func (s *Server) toSignIn(v *visit, locked bool) {
	if v.r.Method != http.MethodGet {
		v.caller = nil
		s.problem(v, http.StatusUnauthorized, "expired", "", "")
		return
	}
	to := "/signin"
	if locked {
		to += "?locked=1"
	}
	if next := v.r.URL.RequestURI(); next != "/" {
		sep := "?"
		if locked {
			sep = "&"
		}
		to += sep + "next=" + url.QueryEscape(next)
	}
	if err := v.redirect(to, ""); err != nil {
		s.Log.ErrorContext(v.r.Context(), "redirect", slog.Any("err", err))
	}
}

// askAgain asks the person to prove that it is still them. A form that was
// posted is kept in the page, sealed in nothing: it is posted again from there.
func (s *Server) askAgain(v *visit) {
	next := "/"
	if v.r.Method == http.MethodGet {
		next = v.r.URL.RequestURI()
	} else if ref, err := url.Parse(v.r.Header.Get("Referer")); err == nil && ref.Host == v.r.Host {
		next = ref.RequestURI()
	}
	if err := v.redirect("/confirm?next="+url.QueryEscape(next), ""); err != nil {
		s.Log.ErrorContext(v.r.Context(), "redirect", slog.Any("err", err))
	}
}

// localPath returns a path of this site, "/" for anything else: an address
// that leads away must not ride on a sign-in.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || len(next) > 512 || len(next) == 0 || next[0] != '/' ||
		len(next) > 1 && (next[1] == '/' || next[1] == '\\') {
		return "/"
	}
	return next
}
