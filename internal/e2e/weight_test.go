package e2e_test

import (
	"net/http"
	"regexp"
	"testing"
)

// Budgets of a first visit, in bytes as transferred.
const (
	mostPage    = 30 << 10
	mostIslands = 15 << 10
)

var asset = regexp.MustCompile(`(?:href|src|data-store)="(/static/[^"]+)"`)

// TestWeightOfAFirstVisit fetches a page and everything it asks for, as a
// browser that has nothing yet.
func TestWeightOfAFirstVisit(t *testing.T) {
	for _, who := range []string{"en", "ar"} {
		c := as(t, login(t, "case_worker", who))
		child := c.registered("Feather Weight " + who)
		for _, path := range []string{"/signin", "/", "/children", "/children/new/form", child, child + "/note", child + "/person", child + "/looked", "/search", "/account", "/check", "/check/new?age_about=12-14&place_met=street", "/duty", child + "/documents", child + "/documents/new"} {
			from := c
			if path == "/signin" {
				from = newClient(t)
			}
			page, body := from.transferred(path)
			total, islands := page, 0
			for _, m := range asset.FindAllSubmatch(body, -1) {
				n, _ := from.transferred(string(m[1]))
				total += n
				if regexp.MustCompile(`\.js$`).Match(m[1]) {
					islands += n
				}
			}
			t.Logf("%s %s: page %d, with all it needs %d, JavaScript %d bytes", who, masked(path), page, total, islands)
			if total > mostPage {
				t.Errorf("%s: %d bytes on a first visit, want at most %d", masked(path), total, mostPage)
			}
			if islands > mostIslands {
				t.Errorf("%s: %d bytes of JavaScript, want at most %d", masked(path), islands, mostIslands)
			}
		}
	}
}

// transferred fetches an address and returns its size on the line, with its
// headers, and its text.
func (c *client) transferred(path string) (int, []byte) {
	c.t.Helper()
	plain := c.get(path)
	req := c.request(http.MethodGet, path, nil)
	req.Header.Set("Accept-Encoding", "gzip") // set by hand, the answer stays as it was sent
	r := c.do(req)
	if r.status != http.StatusOK {
		c.t.Fatalf("GET %s: status %d", path, r.status)
	}
	if r.header.Get("Content-Encoding") != "gzip" && len(r.body) > 1_000 {
		c.t.Errorf("GET %s: %d bytes are not compressed", masked(path), len(r.body))
	}
	head := 0
	for name, list := range r.header {
		for _, v := range list {
			head += len(name) + len(v) + 4
		}
	}
	return len(r.body) + head, plain.body
}
