package web_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"causeway/internal/node"
	"causeway/internal/sso/ssotest"
	"causeway/internal/web"
)

// signOn is a door of the rig's node that trusts a provider inside the test.
type signOn struct {
	*ssotest.Provider
	srv *httptest.Server
	r   *rig
}

func newSignOn(t *testing.T, r *rig, groups ...node.SSOGroup) *signOn {
	t.Helper()
	p := ssotest.New(t, r.node.Clock.Now)
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(ssotest.Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := *r.node.Config
	config.SSO = &node.SSO{
		Issuer: p.Issuer(), Client: ssotest.Client, Credential: file, Label: "the ministry", Groups: groups, StrongAMR: []string{"hwk"},
	}
	if err := config.Check(); err != nil {
		t.Fatal(err)
	}
	before := r.node.Config
	r.node.Config = &config
	deps, err := r.node.Door()
	r.node.Config = before
	if err != nil {
		t.Fatal(err)
	}
	h, err := web.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	s := &signOn{p, httptest.NewServer(h), r}
	t.Cleanup(s.srv.Close)
	return s
}

// browser is one of this door, signed in nowhere.
func (s *signOn) browser(t *testing.T) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	at := &rig{node: s.r.node, srv: s.srv, deps: s.r.deps, logins: s.r.logins, people: map[string]*person{}, secrets: s.r.secrets}
	return &person{t: t, r: at, client: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// back is where the provider sends the browser.
func back(state, code string) string {
	return "/signin/sso/back?" + url.Values{"state": {state}, "code": {code}}.Encode()
}

// TestSingleSignOnPages goes through the provider and back, well and badly.
func TestSingleSignOnPages(t *testing.T) {
	r := newRig(t)
	worker := r.signedIn(t, "case_worker")
	account := r.logins["case_worker"].Name
	_, rest, _ := strings.Cut(worker.get("/account").body, `class="lead"`)
	parts := strings.Split(rest, "<bdi>")
	unit, _, _ := strings.Cut(parts[2], "</bdi>")
	s := newSignOn(t, r, node.SSOGroup{Group: "carers", Role: "case_worker", Unit: unit}, node.SSOGroup{Group: "heads", Role: "supervisor", Unit: unit})
	claims := func(more ssotest.Claims) ssotest.Claims {
		all := ssotest.Claims{"sub": "s-1", "preferred_username": account, "groups": []string{"carers"}, "amr": []string{"hwk"}}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	begin := func(p *person) string {
		t.Helper()
		a := p.get("/signin/sso?next=%2Fchildren")
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), s.Issuer()+"/auth?") {
			t.Fatalf("to the provider: got %d", a.status)
		}
		return a.header.Get("Location")
	}
	refused := func(what string, p *person, at, code string) {
		t.Helper()
		a := p.get(at)
		if a.status != http.StatusUnprocessableEntity || !a.says(words("error."+code)) || !strings.Contains(a.body, `name="password"`) {
			t.Errorf("%s: got %d, want the door with %s", what, a.status, code)
		}
		if a := p.get("/children"); a.status != http.StatusSeeOther {
			t.Errorf("%s: signed in all the same", what)
		}
	}
	s.browser(t).get("/signin").has(t, "the door", `href="/signin/sso"`, "the ministry")

	for what, tt := range map[string]struct {
		change ssotest.Claims
		code   string
	}{
		"an unmapped group": {ssotest.Claims{"groups": []string{"choir"}}, "sso-no-role"},
		"no group":          {ssotest.Claims{"groups": nil}, "sso-no-role"},
		"another post":      {ssotest.Claims{"groups": []string{"heads"}}, "sso-other-post"},
		"nobody here":       {ssotest.Claims{"preferred_username": "nobody.here"}, "sso-no-account"},
		"a wrong nonce":     {ssotest.Claims{"nonce": "x"}, "sso-refused"},
	} {
		p := s.browser(t)
		state, code := s.Login(t, begin(p), claims(tt.change))
		refused(what, p, back(state, code), tt.code)
	}
	p := s.browser(t)
	state, code := s.Login(t, begin(p), claims(nil))
	refused("a wrong state", p, back("x", code), "sso-refused")
	refused("after a wrong state", p, back(state, code), "sso-ended")
	state, code = s.Login(t, begin(p), claims(nil))
	refused("another browser", s.browser(t), back(state, code), "sso-ended")

	p = s.browser(t)
	state, code = s.Login(t, begin(p), claims(nil))
	a := p.get(back(state, code))
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/account") { // told that the account was linked
		t.Fatalf("signed in: got %d to %q\n%s", a.status, a.header.Get("Location"), errorsOn(a.body))
	}
	told := p.get("/account")
	told.has(t, "what is told", words("told.linked"))
	p.post("/account/notices/dismiss", told.form(t, "/account/notices/dismiss")).wants(t, http.StatusSeeOther, "/account")
	if a := p.get("/children"); a.status != http.StatusOK {
		t.Errorf("the list: got %d, want 200", a.status)
	}
	p.get("/confirm?next=%2Fjournal").has(t, "the fresh check", `href="/signin/sso?again=1`)
	p.post("/signout", nil)
	refused("the code again", p, back(state, code), "sso-ended")

	s.Down(true)
	down := newSignOn(t, r, node.SSOGroup{Group: "carers", Role: "case_worker", Unit: unit})
	down.Down(true)
	p = down.browser(t)
	if a := p.get("/signin/sso"); a.status != http.StatusServiceUnavailable || !a.says(words("error.sso-unavailable")) {
		t.Errorf("the provider is down: got %d, want 503 and the door", a.status)
	}
	l := r.logins["case_worker"]
	if a := p.post("/signin", url.Values{"account": {l.Name}, "password": {l.Password}}); a.status != http.StatusSeeOther {
		t.Errorf("signing in here meanwhile: got %d, want 303", a.status)
	}
}
