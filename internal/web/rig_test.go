package web_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"causeway/internal/demo"
	"causeway/internal/exchange"
	"causeway/internal/mail"
	"causeway/internal/node"
	"causeway/internal/web"
)

// The handlers are tried against a whole node with the demo's invented people.
// It is made once for all tests of the package.

type rig struct {
	node   *node.Node
	srv    *httptest.Server
	deps   web.Deps
	logins map[string]demo.Login // by role

	mu      sync.Mutex // guards the rest
	people  map[string]*person
	secrets map[string]string // what no answer may hold, and what it is
}

var (
	rigOnce sync.Once
	theRig  *rig
	rigErr  error
	rigDir  string
)

func TestMain(m *testing.M) {
	code := m.Run()
	stopChrome()
	if theRig != nil {
		theRig.srv.Close()
		if err := theRig.node.Close(); err != nil {
			os.Stderr.WriteString("close the node: " + err.Error() + "\n")
			code = 1
		}
		os.RemoveAll(rigDir)
	}
	os.Exit(code)
}

func newRig(t testing.TB) *rig {
	t.Helper()
	if testing.Short() {
		t.Skip("the demo's node takes some seconds")
	}
	rigOnce.Do(func() {
		if rigDir, rigErr = os.MkdirTemp("", "causeway-web-"); rigErr == nil {
			theRig, rigErr = makeRig(rigDir)
		}
	})
	if rigErr != nil {
		t.Fatalf("make the demo: %v", rigErr)
	}
	return theRig
}

func makeRig(dir string) (*rig, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return nil, err
	}
	n, logins, err := demo.Make(context.Background(), dir+"/node", "http://localhost:"+port, ln.Addr().String(), 8, nil)
	if err != nil {
		return nil, err
	}
	recovery, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	n.Config.Backup = node.Backup{Folder: backupFolder(), Recipients: []string{recovery.Recipient().String()}}
	n.Office.Mails(mail.Valid)
	r := &rig{node: n, logins: map[string]demo.Login{}, people: map[string]*person{}, secrets: map[string]string{}}
	for _, l := range logins {
		role := l.Role
		if _, known := r.logins[role]; known && role == "supervisor" {
			role = "head" // of the head office: the demo lists it last
		}
		if _, known := r.logins[role]; !known {
			r.logins[role] = l
		}
		r.secrets[l.Password] = "a password"
	}
	if r.deps, err = n.Door(); err != nil {
		return nil, err
	}
	// The demo has no partners; the pages of partners are tried on a node that has.
	r.deps.Exchange, err = exchange.New(exchange.Config{DB: n.DB, Gate: n.Gate, Key: n.Ring.Derive("exchange/row"), Keys: n.Ring, Node: "xa.demo"})
	if err != nil {
		return nil, err
	}
	r.deps.Bundles = &stick{gate: n.Gate}
	h, err := web.New(r.deps)
	if err != nil {
		return nil, err
	}
	r.srv = httptest.NewUnstartedServer(h)
	r.srv.Listener.Close()
	r.srv.Listener = ln
	r.srv.Start()
	r.srv.URL = "http://localhost:" + port
	return r, nil
}

// backupFolder is where the node keeps its backups.
func backupFolder() string { return filepath.Join(rigDir, "backups") }

// secret notes a text that no answer may hold from now on.
func (r *rig) secret(text, what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if text != "" {
		r.secrets[text] = what
	}
}

// person is one browser.
type person struct {
	t      testing.TB
	r      *rig
	client *http.Client
	since  time.Time // of the sign-in, where one was made
}

// stranger is a browser that nobody is signed in with.
func (r *rig) stranger(t testing.TB) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{t: t, r: r, client: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// sharedFor is how long tests share a session: acts that need a fresh check must
// still find one.
const sharedFor = time.Minute

// as is the browser of somebody with a role, which tests share: signing in costs a
// password hash. A test that ends, locks or counts sessions asks signedIn for one
// of its own.
func (r *rig) as(t testing.TB, role string) *person {
	t.Helper()
	r.mu.Lock()
	p := r.people[role]
	r.mu.Unlock()
	// Another test may have ended the session: a visitor has as many as are allowed.
	if p == nil || time.Since(p.since) > sharedFor || (&person{t: t, r: r, client: p.client}).get("/account").status != http.StatusOK {
		p = r.signedIn(t, role)
		r.mu.Lock()
		r.people[role] = p
		r.mu.Unlock()
	}
	return &person{t: t, r: r, client: p.client}
}

// signedIn is a browser of its own.
func (r *rig) signedIn(t testing.TB, role string) *person {
	t.Helper()
	p := r.stranger(t)
	l := r.logins[role]
	a := p.post("/signin", url.Values{"account": {l.Name}, "password": {l.Password}})
	if a.status != http.StatusSeeOther {
		t.Fatalf("sign in as %s: got %d, want 303", role, a.status)
	}
	p.since = time.Now()
	return p
}

// answer is what a browser got.
type answer struct {
	status int
	header http.Header
	body   string
}

func (p *person) get(path string) answer {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodGet, p.r.srv.URL+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.do(req)
}

// post sends a form of our own pages.
func (p *person) post(path string, form url.Values) answer {
	p.t.Helper()
	a := p.send(path, "application/x-www-form-urlencoded", form.Encode(), "same-origin")
	if to := a.header.Get("Location"); a.status == http.StatusSeeOther && strings.Contains(to, "again=") {
		return p.get(to) // a refused form is shown again by GET
	}
	return a
}

func (p *person) send(path, kind, body, site string) answer {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodPost, p.r.srv.URL+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Sec-Fetch-Site", site)
	return p.do(req)
}

func (p *person) do(req *http.Request) answer {
	p.t.Helper()
	req.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36")
	resp, err := p.client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	a := answer{resp.StatusCode, resp.Header, string(body)}
	if got := a.header.Get("Cache-Control"); got != "no-store" && !strings.HasPrefix(req.URL.Path, "/static/") && !blankPaths[req.URL.Path] {
		p.t.Errorf("%s %s: Cache-Control %q, want no-store", req.Method, req.URL.Path, got)
	}
	if !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
		p.t.Errorf("%s %s: no Content-Security-Policy", req.Method, req.URL.Path)
	}
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	for text, what := range p.r.secrets {
		if strings.Contains(a.body, text) || strings.Contains(a.header.Get("Location"), text) {
			p.t.Errorf("%s %s: the answer holds %s", req.Method, req.URL.Path, what)
		}
	}
	return a
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z0-9_]+)" value="([^"]*)"`)

// form returns the hidden fields of the form that is posted to an address.
func (a answer) form(t testing.TB, action string) url.Values {
	t.Helper()
	_, rest, ok := strings.Cut(a.body, `action="`+action+`"`)
	if !ok {
		t.Fatalf("the page has no form for %s", action)
	}
	body, _, _ := strings.Cut(rest, "</form>")
	values := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(body, -1) {
		values.Set(m[1], m[2])
	}
	return values
}

// with returns the form with more fields: name, value, name, value.
func with(form url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, x := range form {
		out[k] = x
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

func (a answer) wants(t *testing.T, status int, location string) {
	t.Helper()
	if a.status != status || a.header.Get("Location") != location {
		t.Fatalf("got %d %q, want %d %q", a.status, a.header.Get("Location"), status, location)
	}
}

var changing = regexp.MustCompile(`name="(command|next)" value="[^"]*"|/static/[^"]*|/why[^"]*`)

// plain is the page without what differs from one request to the next.
func (a answer) plain() string { return changing.ReplaceAllString(a.body, "") }
