package e2e_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/locale"
)

var (
	viewsNav = regexp.MustCompile(`(?s)<nav class="views".*?</nav>`)
	pressed  = regexp.MustCompile(`<a href="([^"]*)" aria-current="page">`)
)

// TestTheViewInForceIsPressed opens every built-in view of the list, the one
// without a filter too: exactly that one is marked as the one in force.
func TestTheViewInForceIsPressed(t *testing.T) {
	c := signedIn(t, worker(t))
	for path, want := range map[string]string{
		"/children":                       "/children",
		"/children?state=open":            "/children?state=open",
		"/children?state=closed":          "/children?state=closed",
		"/children?risk=high&state=open":  "/children?risk=high&amp;state=open",
		"/children?risk=low":              "",
		"/children?state=open&sex=female": "",
	} {
		r := c.get(path)
		found := pressed.FindAllStringSubmatch(viewsNav.FindString(string(r.body)), -1)
		got := ""
		if len(found) > 0 {
			got = found[0][1]
		}
		if r.status != http.StatusOK || len(found) > 1 || got != want {
			t.Errorf("%s: status %d, pressed %q of %d, want %q", path, r.status, got, len(found), want)
		}
	}
}

// TestRepeatedLooksAreOneLine opens a child several times: who looked shows one
// line for it, and says that it does so.
func TestRepeatedLooksAreOneLine(t *testing.T) {
	c := signedIn(t, worker(t))
	child := c.registered("Folded Map")
	for range 3 {
		c.page(child)
	}
	words := c.page(child + "/looked").Words
	l := locale.Get("en")
	if folded := l.T("looked.folded"); !strings.Contains(words, folded) {
		t.Errorf("who looked does not say %q", folded)
	}
	if n := strings.Count(words, l.T("what.case.open")); n != 1 {
		t.Errorf("three looks in a row make %d lines, want 1\n%s", n, words)
	}
}
