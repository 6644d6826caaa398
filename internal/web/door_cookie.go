package web

import (
	"net/http"
	"strings"
	"time"

	"causeway/internal/fault"
	"causeway/internal/staff"
)

// Steps that need two requests keep their token in a cookie of a few minutes,
// never in an address: addresses stay in histories and logs.
const (
	stepSecond    = "causeway-step"      // password was right, the code is asked for
	stepCeremony  = "causeway-ceremony"  // a passkey is being asked for or made
	stepEnrolment = "causeway-enrolment" // an authenticator app is being set up
	stepInvited   = "causeway-invited"   // the link of an invitation, for its welcome page
	stepAdmission = "causeway-admission" // the code told by voice was right
	stepOnce      = "causeway-once"      // an invitation to be shown once, sealed
)

// How long these cookies live; the node refuses their tokens no later.
const (
	briefly   = 5 * time.Minute
	admission = 30 * time.Minute
)

// mostCookie bounds a step's cookie.
const mostCookie = 2048

// stepName returns a step's cookie name; see [Server.sessionCookie].
func (s *Server) stepName(step string) string {
	if s.Secure {
		return "__Host-" + step
	}
	return step
}

// setStep keeps a step's token in the browser for a while. No other site's
// request carries it, not even a link.
func (v *visit) setStep(step string, value staff.Secret, lasts time.Duration) {
	http.SetCookie(v.w, &http.Cookie{
		Name: v.s.stepName(step), Value: string(value), Path: "/", HttpOnly: true, Secure: v.s.Secure,
		SameSite: http.SameSiteStrictMode, MaxAge: int(lasts.Seconds()),
	})
}

// step returns a step's token, "" when there is none.
func (v *visit) step(step string) staff.Secret {
	c, err := v.r.Cookie(v.s.stepName(step))
	if err != nil || len(c.Value) > mostCookie {
		return ""
	}
	return staff.Secret(c.Value)
}

func (v *visit) endStep(step string) {
	if v.step(step) != "" {
		v.dropCookie(v.s.stepName(step))
	}
}

// secretValue returns a posted field that must not be printed.
func (v *visit) secretValue(name string) staff.Secret { return staff.Secret(v.value(name)) }

// newPassword reads a new password and its repetition.
func (v *visit) newPassword() (staff.Secret, error) {
	if v.value("new_password") == "" {
		return "", fault.InvalidField("new_password", "required")
	}
	if v.value("new_password") != v.value("new_password_again") {
		return "", fault.InvalidField("new_password_again", "password-differs")
	}
	return v.secretValue("new_password"), nil
}

// doorFrame stands around a page for somebody who is not signed in.
func (v *visit) doorFrame(path string) Frame {
	f := Frame{Path: path}
	if done := v.r.URL.Query().Get("done"); done != "" && v.l.Has("notice."+done) {
		f.Notice = &Notice{Key: done, Kind: "done"}
	}
	return f
}

// device names the browser and the system, so that people know their sessions
// again: "Chrome, Android". It is taken from a fixed list; what a browser
// announces beyond it is not kept.
func (v *visit) device() string {
	announced := v.r.UserAgent()
	pick := func(list [][2]string) string {
		for _, x := range list {
			if strings.Contains(announced, x[0]) {
				return x[1]
			}
		}
		return ""
	}
	browser := pick([][2]string{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser", "Samsung Internet"},
		{"Firefox", "Firefox"},
		{"FxiOS", "Firefox"},
		{"CriOS", "Chrome"},
		{"Chrome", "Chrome"},
		{"Safari", "Safari"},
	})
	system := pick([][2]string{
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Windows", "Windows"},
		{"CrOS", "ChromeOS"},
		{"Mac OS", "Mac"},
		{"Linux", "Linux"},
	})
	switch {
	case browser == "" && system == "":
		return "?"
	case browser == "" || system == "":
		return browser + system
	}
	return browser + ", " + system
}
