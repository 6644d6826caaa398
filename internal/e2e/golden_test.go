package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"causeway/internal/ident"

	"github.com/google/go-cmp/cmp"
)

// newCommand returns the random identifier that every form carries.
func newCommand() string { return ident.New[ident.Command]().String() }

// exchange is one request and its answer as the golden files show it.
type exchange struct {
	What     string            `json:"what"`
	As       string            `json:"as"`
	Request  string            `json:"request"`
	Form     map[string]string `json:"form,omitempty"`
	Status   int               `json:"status"`
	Headers  map[string]string `json:"headers"`
	Title    string            `json:"title,omitempty"`
	Heading  string            `json:"heading,omitempty"`
	Notice   string            `json:"notice,omitempty"`
	Summary  []string          `json:"summary,omitempty"`
	AtFields map[string]string `json:"at_fields,omitempty"`
	Kept     map[string]string `json:"kept,omitempty"`
	Rows     map[string]int    `json:"rows,omitempty"` // what was added
}

// shownHeaders are those that a golden file shows; the policy headers are
// checked on every answer by sound instead.
var shownHeaders = []string{"Location", "Set-Cookie", "Content-Type", "Allow", "Retry-After", "Cache-Control"}

// masks hide what differs from run to run.
var masks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`((?:causeway|__Host-causeway)[a-z-]*)=[^;]+`), `$1={secret}`},
	{regexp.MustCompile(`\?q=[A-Za-z0-9_-]+`), `?q={sealed}`},
	{regexp.MustCompile(`\b[0-9a-hjkmnp-tv-z]{26}\b`), `{id}`},
	{regexp.MustCompile(`/invite/[A-Za-z0-9_-]+`), `/invite/{token}`},
	{regexp.MustCompile(`\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b`), `{number}`},
	{regexp.MustCompile(`localhost:\d+`), `{host}`},
	{regexp.MustCompile(`^20\d\d-\d\d-\d\d$`), `{day}`},
	{regexp.MustCompile(`/static/(app|passkey|icon)\.[0-9a-z]+\.`), `/static/$1.{hash}.`},
}

func masked(s string) string {
	for _, m := range masks {
		s = m.pattern.ReplaceAllString(s, m.with)
	}
	if n := utf8.RuneCountInString(s); n > 200 {
		s = fmt.Sprintf("%s… (%d characters)", string([]rune(s)[:20]), n)
	}
	return s
}

// script records the exchanges of a test and compares them with its file.
type script struct {
	t    *testing.T
	seen []exchange
}

// record starts the golden file testdata/NAME.json.
func record(t *testing.T) *script {
	s := &script{t: t}
	t.Cleanup(func() { s.compare() })
	return s
}

// send does a request and writes it down. It returns the answer.
func (s *script) send(what string, c *client, req *http.Request, form url.Values) reply {
	s.t.Helper()
	before := rows(s.t)
	r := c.do(req)
	sound(s.t, what, r)
	x := exchange{
		What: what, As: c.as, Request: req.Method + " " + masked(req.URL.RequestURI()), Status: r.status,
		Headers: map[string]string{}, Rows: grown(before, rows(s.t)),
	}
	for name, list := range form {
		if x.Form == nil {
			x.Form = map[string]string{}
		}
		x.Form[name] = masked(hideSecret(name, strings.Join(list, " | ")))
	}
	for _, name := range shownHeaders {
		if v := strings.Join(r.header.Values(name), " | "); v != "" {
			x.Headers[name] = masked(v)
		}
	}
	if strings.HasPrefix(r.header.Get("Content-Type"), "text/html") && r.status != http.StatusSeeOther {
		x.describe(parsePage(s.t, r.body))
	}
	s.seen = append(s.seen, x)
	return r
}

func hideSecret(name, value string) string {
	if (strings.Contains(name, "password") || name == "voice_code" && value != "WRONG") && value != "" {
		return "{secret}"
	}
	for _, l := range site.logins {
		value = strings.ReplaceAll(value, l.Name, "{"+l.Role+"}")
	}
	return value
}

func (x *exchange) describe(p seen) {
	x.Title, x.Heading, x.Notice, x.Summary, x.AtFields = masked(p.Title), masked(p.Heading), p.Notice, p.Summary, p.Errors
	if len(p.Summary) == 0 {
		return
	}
	x.Kept = map[string]string{}
	for name, value := range p.Values {
		if typed, ok := x.Form[name]; ok && typed != "" {
			x.Kept[name] = masked(hideSecret(name, value))
		}
	}
}

// post sends a form and writes it down.
func (s *script) post(what string, c *client, path string, values url.Values) reply {
	s.t.Helper()
	req := c.request(http.MethodPost, path, strings.NewReader(values.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(what, c, req, values)
}

// get opens an address and writes it down.
func (s *script) get(what string, c *client, path string) reply {
	s.t.Helper()
	return s.send(what, c, c.request(http.MethodGet, path, nil), nil)
}

func (s *script) compare() {
	path := filepath.Join("testdata", s.t.Name()+".json")
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(s.seen); err != nil {
		s.t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		s.t.Errorf("read golden file: %v (write it with -update, then read it)", err)
		return
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); d != "" {
		s.t.Errorf("answers differ from %s (-want +got):\n%s", path, d)
	}
}

// policy is what every page promises, see ui.md on content security.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; worker-src 'self'"

// sound checks what holds for every answer of this door.
func sound(t *testing.T, what string, r reply) {
	t.Helper()
	if got := r.header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("%s: Content-Security-Policy %q, want %q", what, got, policy)
	}
	if got := r.header.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("%s: X-Content-Type-Options %q, want nosniff", what, got)
	}
	if got := r.header.Get("Referrer-Policy"); got != "same-origin" {
		t.Errorf("%s: Referrer-Policy %q, want same-origin", what, got)
	}
	if got := r.header.Get("Cache-Control"); got != "no-store" && !strings.Contains(got, "immutable") {
		t.Errorf("%s: Cache-Control %q, want no-store", what, got)
	}
	for _, cookie := range r.header.Values("Set-Cookie") {
		for _, want := range []string{"; Path=/", "; HttpOnly", "; SameSite="} {
			if !strings.Contains(cookie, want) {
				t.Errorf("%s: cookie %s lacks %s", what, masked(cookie), want)
			}
		}
	}
	impersonal(t, what, r.header.Get("Location"))
}

// impersonal checks that an address holds nothing that names anybody.
func impersonal(t testing.TB, what, address string) {
	t.Helper()
	plain, err := url.QueryUnescape(address)
	if err != nil {
		t.Errorf("%s: address %q: %v", what, address, err)
	}
	markersMu.Lock()
	defer markersMu.Unlock()
	for _, m := range markers {
		if strings.Contains(plain, m) {
			t.Errorf("%s: the address %q holds %q", what, plain, m)
		}
	}
	for _, l := range site.logins {
		if strings.Contains(plain, l.Name) {
			t.Errorf("%s: the address %q holds a sign-in name", what, plain)
		}
	}
}
