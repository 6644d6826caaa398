package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"causeway/internal/fault"
	"causeway/internal/locale"
	"causeway/internal/staff"
)

// showSignIn is the door, or the lock screen of a locked session.
func (s *Server) showSignIn(v *visit) error {
	err := v.enter()
	switch code := fault.CodeOf(err); {
	case err == nil:
		return v.redirect(v.asked(), "")
	case code != "session-ended" && code != "session-locked":
		return err
	}
	return v.write(http.StatusOK, v.signInPage(Form{}))
}

// asked returns where the person wanted to go.
func (v *visit) asked() string { return localPath(v.r.FormValue("next")) }

// signInPage builds the door around a form. A locked session says whose it is.
func (v *visit) signInPage(f Form) SignIn {
	f.Action = "/signin"
	view := SignIn{
		Frame: v.doorFrame("/signin"), Form: f, Next: v.asked(), Passkeys: v.s.Office.Passkeys(), Demo: v.s.Demo,
	}
	view.SSO, view.SSOHref = v.sso(false)
	if !v.session.Locked {
		return view
	}
	view.Locked, view.Name, view.Frame.Path = true, v.s.nameBehind(v), "/signin?locked=1"
	view.NeedsCode = v.session.Strength != staff.ByPassword || f.Fault == "code-refused"
	return view
}

// nameBehind returns the name of a locked session's person.
func (s *Server) nameBehind(v *visit) string {
	people, err := s.Office.Directory(v.r.Context())
	if err != nil {
		return ""
	}
	a, _ := people.Person(v.session.Staff)
	return a.Name.Reveal()
}

// signIn checks name and password, or unlocks a locked session.
func (s *Server) signIn(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.enter(); fault.CodeOf(err) == "session-locked" && v.value("account") == "" {
		return s.unlock(v)
	}
	v.caller = nil
	v.session = staff.Session{}
	in, err := s.Office.SignIn(v.r.Context(), staff.Attempt{
		Name: v.secretValue("account"), Password: v.secretValue("password"), Device: v.device(), Source: v.source(),
	})
	switch {
	case err != nil:
		return v.refusedAtDoor(err)
	case in.Passkey:
		return v.refusedAtDoor(fault.New(fault.Denied, "passkey-needed"))
	case in.Second != "":
		v.setStep(stepSecond, in.Second, briefly)
		return v.redirect("/signin/code"+v.carryOn(), "")
	}
	return v.redirect(v.admit(in), "")
}

// carryOn carries the address asked for over to the next step.
func (v *visit) carryOn() string {
	if next := v.asked(); next != "/" {
		return "?next=" + url.QueryEscape(next)
	}
	return ""
}

// admit gives the browser its session and returns where to go: where the person
// wanted to, or first to what they must be told about their account, or to the code of
// conduct that they have not signed.
func (v *visit) admit(in staff.SignedIn) string {
	v.endStep(stepSecond)
	if v.token != "" { // whoever was signed in here before is not any more
		if err := v.s.Office.SignOut(v.r.Context(), v.token); err != nil {
			v.s.Log.WarnContext(v.r.Context(), "end the session before", slog.String("kind", fault.KindOf(err).String()), slog.Any("err", err))
		}
	}
	v.setCookie(v.s.sessionCookie(), in.Token)
	if len(in.Notices) > 0 {
		return "/account" + v.carryOn()
	}
	if people, err := v.s.Office.Directory(v.r.Context()); err == nil { // one that cannot be read now is asked at the next sign-in
		if _, signed := people.Signed(in.Session.Staff); !signed {
			return "/conduct" + v.carryOn()
		}
	}
	return v.asked()
}

// refusedAtDoor shows the door again. The name stays as it was typed, the
// password never does; an unknown name and a wrong password read the same.
func (v *visit) refusedAtDoor(err error) error {
	status, f, wait, ok := v.refusal(err)
	if !ok {
		return err
	}
	if name := v.value("account"); name != "" && len(name) <= 256 {
		f.Values = url.Values{"account": {name}}
	}
	view := v.signInPage(f)
	view.Wait = wait
	return v.write(status, view)
}

// refusal turns the fault of a proof into a form and its status. ok is false for
// faults that are not about the proof.
func (v *visit) refusal(err error) (status int, f Form, wait string, ok bool) {
	f.Fault = fault.CodeOf(err)
	if pause, slow := staff.WaitOf(err); slow {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(pause.Seconds())+1))
		return http.StatusTooManyRequests, Form{}, waitWords(v.l, pause), true
	}
	switch f.Fault {
	case "sign-in-refused", "passkey-needed", "code-refused", "second-factor-missing":
		return http.StatusUnprocessableEntity, f, "", true
	case "busy":
		v.w.Header().Set("Retry-After", "5")
		return http.StatusServiceUnavailable, f, "", true
	}
	return 0, f, "", false
}

// waitWords says how long to wait.
func waitWords(l *locale.Locale, d time.Duration) string {
	if d <= time.Minute {
		return l.T("wait.seconds", "n", int(d.Seconds())+1)
	}
	return l.T("wait.minutes", "n", int((d+time.Minute-1)/time.Minute))
}

// unlock proves that the person of a locked session is back.
func (s *Server) unlock(v *visit) error {
	_, err := s.Office.Confirm(v.r.Context(), v.token, staff.Proof{
		Password: v.secretValue("password"), Code: v.secretValue("code"), Source: v.source(),
	})
	if fault.CodeOf(err) == "session-ended" {
		v.session = staff.Session{}
		return v.write(http.StatusUnprocessableEntity, v.signInPage(Form{Fault: "session-ended"}))
	}
	if err != nil {
		return v.refusedAtDoor(err)
	}
	return v.redirect(v.asked(), "")
}

// showSecond asks for the code of the authenticator app.
func (s *Server) showSecond(v *visit) error {
	if v.step(stepSecond) == "" {
		return v.redirect("/signin"+v.carryOn(), "")
	}
	return v.write(http.StatusOK, v.secondPage(Form{}))
}

func (v *visit) secondPage(f Form) SecondStep {
	f.Action = "/signin/code" + v.carryOn()
	return SecondStep{Frame: v.doorFrame("/signin/code" + v.carryOn()), Form: f}
}

// second finishes a sign-in with that code.
func (s *Server) second(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	in, err := s.Office.SecondStep(v.r.Context(), v.step(stepSecond), v.secretValue("code"), v.device(), v.source())
	if err == nil {
		return v.redirect(v.admit(in), "")
	}
	if code := fault.CodeOf(err); code == "ceremony-ended" || code == "sign-in-refused" {
		v.endStep(stepSecond)
		return v.refusedAtDoor(fault.New(fault.Denied, "sign-in-refused"))
	}
	status, f, wait, ok := v.refusal(err)
	if !ok {
		return err
	}
	view := v.secondPage(f)
	view.Wait = wait
	return v.write(status, view)
}

// signOut ends the session and tells the browser to forget what it kept: pages
// and pictures, not the sealed forms that this phone has still to send.
func (s *Server) signOut(v *visit) error {
	if err := s.Office.SignOut(v.r.Context(), v.token); err != nil {
		return err
	}
	v.dropCookie(s.sessionCookie())
	v.w.Header().Set("Clear-Site-Data", `"cache"`)
	return v.redirect("/signin", "signed-out")
}

// lock makes the session useless until its person is back.
func (s *Server) lock(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := s.Office.Lock(v.r.Context(), v.token); err != nil {
		return err
	}
	to := "/signin?locked=1"
	if next := v.asked(); next != "/" {
		to += "&next=" + url.QueryEscape(next)
	}
	return v.redirect(to, "")
}

// languageFor is how long a browser remembers the language of the door.
const languageFor = 365 * 24 * time.Hour

// language changes the language of this browser, and of the person who is
// signed in.
func (s *Server) language(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	chosen := v.value("language")
	if !locale.Known(chosen) {
		return fault.InvalidField("language", "not-in-list")
	}
	if err := v.enter(); err == nil {
		if err := s.Office.SetLanguage(v.r.Context(), v.session, chosen); err != nil {
			return err
		}
	}
	http.SetCookie(v.w, &http.Cookie{
		Name: locale.CookieName, Value: chosen, Path: "/", HttpOnly: true, Secure: s.Secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(languageFor.Seconds()),
	})
	next := v.value("next")
	if next == "" { // a page whose address is a secret does not repeat it
		next = v.cameFrom()
	}
	return v.redirect(localPath(next), "")
}

// cameFrom returns the page of this site that the request came from.
func (v *visit) cameFrom() string {
	if ref, err := url.Parse(v.r.Referer()); err == nil && ref.Host == v.r.Host {
		return ref.RequestURI()
	}
	return "/"
}
