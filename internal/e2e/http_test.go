package e2e_test

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/ident"
)

func TestSigningIn(t *testing.T) {
	s, who := record(t), frenchWorker(t)
	c := newClient(t)
	s.get("a page that needs a session leads to the door", c, "/children?risk=high")
	s.get("the door", c, "/signin")
	try := func(account, password string) url.Values {
		return c.filled("/signin", "/signin", url.Values{"account": {account}, "password": {password}, "next": {"/children?risk=high"}})
	}
	wrong := s.post("a wrong password", c, "/signin", try(who.Name, "lantern-orchard-97531"))
	unknown := s.post("an unknown name", c, "/signin", try(marked("nobody.of.this.name"), "lantern-orchard-97531"))
	if a, b := wipe(wrong.body, who.Name), wipe(unknown.body, "nobody.of.this.name"); !bytes.Equal(a, b) {
		t.Errorf("wrong password and unknown name read differently:\n%s\n%s", a, b)
	}
	t.Logf("time: wrong password %v, unknown name %v", wrong.took, unknown.took)
	s.post("nothing typed", c, "/signin", try("", ""))
	s.post("name and password", c, "/signin", try(who.Name, who.Password))
	s.get("and the page that was wanted", c, "/menu")
	s.post("signing out", c, "/signout", url.Values{"command": {newCommand()}})
	s.get("the session is over", c, "/")
}

// wipe takes out of a page what is random by design, and what was typed.
func wipe(body []byte, typed string) []byte {
	body = bytes.ReplaceAll(body, []byte(typed), nil)
	return masks[2].pattern.ReplaceAll(body, []byte("{id}"))
}

// ways are the addresses about a case, in groups: somebody who is refused too
// often is answered ever more slowly, so each group is asked by another person.
var ways = [][]string{
	{"", "/note", "/contact"},
	{"/risk", "/stage", "/assign"},
	{"/close", "/reopen", "/person"},
	{"/looked", "/print"},
	{"/emergency", "/confirm"},
	{"/status", "/status/filed", "/acts", "/acts/plan"},
	{"/acts/record", "/missing", "/missing/report"},
}

// TestUnknownAndForbiddenLookAlike asks for cases that do not exist and for one
// that is somebody else's, by every address about a case.
func TestUnknownAndForbiddenLookAlike(t *testing.T) {
	theirs := as(t, arabicWorker(t)).registered("Unseen Marigold")
	for _, role := range []string{"case_worker", "auditor", "node_operator"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			for _, group := range ways {
				c := signedIn(t, newPerson(t, role))
				for _, way := range group {
					if role != "auditor" || way != "/looked" { // an auditor sees who looked at any case
						c.alike(t, theirs, way)
					}
				}
			}
		})
	}
}

// alike compares the answers about somebody else's case and a forged one with
// that about an unknown one.
func (c *client) alike(t *testing.T, theirs, way string) {
	t.Helper()
	unknown := "/child/" + ident.New[ident.Case]().String() + way
	want := c.get(unknown)
	if want.status != http.StatusNotFound {
		t.Errorf("%s: unknown case %s: status %d, want 404", c.as, way, want.status)
	}
	same(t, c.as+" GET somebody else's case"+way, c.get(theirs+way), want)
	same(t, c.as+" GET a forged case"+way, c.get("/child/not-an-id"+way), want)
	if way == "" || way == "/looked" || way == "/print" {
		return
	}
	post := func(path string) reply {
		return c.post(path, url.Values{
			"command": {newCommand()}, "seen_version": {"1"}, "words": {"x"}, "kind": {"conversation"}, "risk": {"low"},
			"when": {"3"}, "contact_on": {time.Now().UTC().Format(time.DateOnly)}, "reason": {"x"}, "stage": {"identified"}, "close_reason": {"error"}, "reopen_reason": {"found"}, "name_0": {"X"},
			"act_kind": {"placement"}, "happened": {"2026-01-02T10:00"}, "missing_since": {"2026-01-02T10:00"}, "what_happened": {"x"},
			"status_state": {"plan"}, "status_from": {"2026-01-02"}, "paper": {"x"},
			"worker": {ident.New[ident.Staff]().String()},
		})
	}
	want = post(unknown)
	if want.status != http.StatusNotFound {
		t.Errorf("%s: POST unknown case %s: status %d, want 404", c.as, way, want.status)
	}
	same(t, c.as+" POST somebody else's case"+way, post(theirs+way), want)
	same(t, c.as+" POST a forged case"+way, post("/child/not-an-id"+way), want)
}

// same compares two answers in status, headers and body.
func same(t *testing.T, what string, got, want reply) {
	t.Helper()
	if got.status != want.status {
		t.Errorf("%s: status %d, want %d as for an unknown one", what, got.status, want.status)
	}
	plain := func(h http.Header) string {
		h = h.Clone()
		h.Del("Date")
		var b strings.Builder
		if err := h.Write(&b); err != nil {
			t.Fatal(err)
		}
		return masked(b.String())
	}
	if g, w := plain(got.header), plain(want.header); g != w {
		t.Errorf("%s: headers\n%s\nwant as for an unknown one\n%s", what, g, w)
	}
	if g, w := wipe(got.body, ""), wipe(want.body, ""); !bytes.Equal(g, w) {
		t.Errorf("%s: body\n%s\nwant as for an unknown one\n%s", what, g, w)
	}
}

// TestTimeOfUnknownAndForbidden logs how long both take. It asserts nothing: a
// shared machine is no clock.
func TestTimeOfUnknownAndForbidden(t *testing.T) {
	theirs := as(t, arabicWorker(t)).registered("Unseen Juniper")
	c := signedIn(t, newPerson(t, "case_worker"))
	var unknown, forbidden []time.Duration
	for range 10 { // later refusals are slowed on purpose
		unknown = append(unknown, c.get("/child/"+ident.New[ident.Case]().String()).took)
		forbidden = append(forbidden, c.get(theirs).took)
	}
	slices.Sort(unknown)
	slices.Sort(forbidden)
	t.Logf("median of 10: unknown %v, forbidden %v", unknown[5], forbidden[5])
}

func TestOtherSitesMayNotPost(t *testing.T) {
	s, c := record(t), as(t, worker(t))
	values := c.filled("/children/new/form", "/children/new/form", registration("Foreign Hand"))
	foreign := func(what, header, value string) {
		req := c.request(http.MethodPost, "/children/new/form", strings.NewReader(values.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set(header, value)
		if r := s.send(what, c, req, nil); r.status != http.StatusForbidden {
			t.Errorf("%s: status %d, want 403", what, r.status)
		}
	}
	foreign("a form of another site", "Sec-Fetch-Site", "cross-site")
	foreign("a form of a sister site", "Sec-Fetch-Site", "same-site")
	foreign("an older browser on another site", "Origin", "https://elsewhere.example")
	foreign("a page without an origin", "Origin", "null")
}

func TestFormSentTwice(t *testing.T) {
	s, c := record(t), as(t, worker(t))
	values := c.filled("/children/new/form", "/children/new/form", registration(marked("Twice Told")))
	first := s.post("the first time", c, "/children/new/form", values)
	again := s.post("the same form again", c, "/children/new/form", values)
	if first.location() != again.location() {
		t.Errorf("sent again, the form leads to %q, want %q", again.location(), first.location())
	}
	child, _, _ := strings.Cut(first.location(), "?")
	note := c.filled(child+"/note", child+"/note", url.Values{"kind": {"observation"}, "seen": {marked("calm today, Twicenote")}})
	s.post("a note", c, child+"/note", note)
	s.post("the same note again", c, child+"/note", note)
	note.Set("command", "")
	s.post("a form without its command", c, child+"/note", note)
	note.Set("command", "0000")
	s.post("a form with a forged command", c, child+"/note", note)
	other := as(t, supervisor(t))
	values.Set("name", marked("Stolen Command"))
	r := s.post("another person's command", other, "/children/new/form", values)
	if r.location() == first.location() {
		t.Errorf("a command of somebody else leads to their case %s", r.location())
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	s, c := record(t), as(t, worker(t))
	values := registration("Too Much")
	values.Set("command", newCommand())
	values.Set("place", strings.Repeat("x", 2<<20))
	if r := s.post("two megabytes", c, "/children/new/form", values); r.status != http.StatusRequestEntityTooLarge {
		t.Errorf("two megabytes: status %d, want 413", r.status)
	}
	req := c.request(http.MethodPost, "/children/new/form", strings.NewReader("name=%zz"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s.send("a body that is not a form", c, req, nil)
	s.get("an address of many kilobytes", c, "/children?region="+strings.Repeat("x", 20_000))
}

func TestMethodsAndPaths(t *testing.T) {
	s, c := record(t), as(t, worker(t))
	s.send("a method that is not offered", c, c.request(http.MethodDelete, "/children", nil), nil)
	s.send("a POST to a page", c, c.request(http.MethodPost, "/menu", nil), nil)
	s.send("OPTIONS", c, c.request(http.MethodOptions, "/children", nil), nil)
	s.get("a page that does not exist", c, "/nothing/here")
	for _, path := range []string{"/static/../go.mod", "/static/..%2f..%2fgo.mod", "/static/%2e%2e/node.json", "/static/", "/static/app.css", "/static/tokens.css"} {
		req := c.request(http.MethodGet, "/", nil)
		req.URL.Opaque = "//" + strings.TrimPrefix(site.base, "http://") + path
		r := c.do(req)
		sound(t, path, r)
		if r.status == http.StatusOK {
			t.Errorf("GET %s: status 200, want it refused\n%.200s", path, r.body)
		}
	}
	s.get("a page of the door, signed in", c, "/favicon.ico")
}

func TestEveryFilterIsRefusedWhenForged(t *testing.T) {
	s, c := record(t), as(t, supervisor(t))
	for _, filter := range []string{"stage=x", "risk='%20OR%201=1", "sex=x", "age_band=x", "region=x", "unit=x", "worker=x", "state=x", "at=forged", "from=-5&of=99999999999999999999"} {
		s.get("filter "+filter, c, "/children?"+filter)
	}
	s.get("a forged search", c, "/search?q=forged")
}
