package e2e_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"causeway/internal/demo"
)

// client is a browser without a screen: it keeps cookies and follows nothing.
type client struct {
	t    testing.TB
	http *http.Client
	as   string // for the golden files
}

// reply is an answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
	took   time.Duration
}

func newClient(t testing.TB) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, as: "nobody", http: &http.Client{
		Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// signedIn returns a client with a session of its own, ended with the test.
func signedIn(t testing.TB, who demo.Login) *client {
	t.Helper()
	c := enter(t, who)
	t.Cleanup(func() { c.post("/signout", url.Values{"command": {newCommand()}}) })
	return c
}

// enter signs somebody in.
func enter(t testing.TB, who demo.Login) *client {
	t.Helper()
	c := newClient(t)
	c.as = who.Role
	r := c.submit("/signin", "/signin", url.Values{"account": {who.Name}, "password": {who.Password}})
	if r.status != http.StatusSeeOther {
		t.Fatalf("sign in as %s: status %d, want 303\n%s", who.Role, r.status, parsePage(t, r.body).Words)
	}
	return c
}

// known holds the sessions that tests share: signing in costs a password hash.
var known struct {
	mu   sync.Mutex // guards by
	by   map[string]*http.Client
	from map[string]time.Time
}

// freshFor is how long a shared session lasts here: acts that need a fresh check
// must still find one.
const freshFor = time.Minute

// as returns a client of somebody who is signed in. Others may share the session:
// a test that ends, locks or counts sessions asks [signedIn] for one of its own.
func as(t testing.TB, who demo.Login) *client {
	t.Helper()
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.by == nil {
		known.by, known.from = map[string]*http.Client{}, map[string]time.Time{}
	}
	if time.Since(known.from[who.Name]) > freshFor {
		c := enter(t, who)
		known.by[who.Name], known.from[who.Name] = c.http, time.Now()
	}
	return &client{t: t, http: known.by[who.Name], as: who.Role}
}

func (c *client) do(req *http.Request) reply {
	c.t.Helper()
	start := time.Now()
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	r := reply{res.StatusCode, res.Header, body, time.Since(start)}
	if req.Method == http.MethodPost && r.status == http.StatusSeeOther && strings.Contains(r.location(), "again=") {
		return c.get(r.location()) // a refused form is shown again by GET
	}
	return r
}

func (c *client) request(method, path string, body io.Reader) *http.Request {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, site.base+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", "en")
	return req
}

func (c *client) get(path string) reply {
	c.t.Helper()
	return c.do(c.request(http.MethodGet, path, nil))
}

func (c *client) post(path string, values url.Values) reply {
	c.t.Helper()
	req, err := http.NewRequest(http.MethodPost, site.base+path, strings.NewReader(values.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept-Language", "en")
	return c.do(req)
}

// page opens a page that must be there.
func (c *client) page(path string) seen {
	c.t.Helper()
	r := c.get(path)
	if r.status != http.StatusOK {
		c.t.Fatalf("GET %s as %s: status %d, want 200\n%s", path, c.as, r.status, parsePage(c.t, r.body).Words)
	}
	return parsePage(c.t, r.body)
}

// filled returns the form of a page as a browser would send it, with values
// typed over it. A nil value takes the field out.
func (c *client) filled(path, action string, typed url.Values) url.Values {
	c.t.Helper()
	values := url.Values(maps.Clone(c.page(path).form(c.t, action).fields))
	for name, list := range typed {
		values[name] = list
		if list == nil {
			delete(values, name)
		}
	}
	return values
}

// submit opens a page, types into its form and sends it.
func (c *client) submit(path, action string, typed url.Values) reply {
	c.t.Helper()
	return c.post(action, c.filled(path, action, typed))
}

// location returns where a reply leads.
func (r reply) location() string { return r.header.Get("Location") }

// registration is what the tests register: the eight answers.
func registration(name string) url.Values {
	return url.Values{
		"name": {name}, "age": {"12"}, "birth_certainty": {"probable"}, "sex": {"female"}, "language": {"en"}, "region": {"XA-01"},
		"risk": {"medium"}, "when": {"3"}, "basis": {"vital_interest"},
	}
}

// registered registers a child and returns its address.
func (c *client) registered(name string) string {
	c.t.Helper()
	r := c.submit("/children/new/form", "/children/new/form", registration(marked(name)))
	path, _, _ := strings.Cut(r.location(), "?")
	if r.status != http.StatusSeeOther || !strings.HasPrefix(path, "/child/") {
		c.t.Fatalf("register: status %d to %q\n%v", r.status, r.location(), parsePage(c.t, r.body).Summary)
	}
	return path
}
