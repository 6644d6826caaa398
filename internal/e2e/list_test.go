package e2e_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"causeway/internal/locale"
)

var (
	viewsNav = regexp.MustCompile(`(?s)<nav class="views".*?</nav>`)
	pressed  = regexp.MustCompile(`<a href="([^"]*)" aria-current="page">`)
)

// TestTheViewInForceIsPressed opens every built-in view of the list, and the list
// without a filter: exactly the one in force is marked.
func TestTheViewInForceIsPressed(t *testing.T) {
	c := as(t, worker(t))
	for path, want := range map[string]string{
		"/children":                       "/children?state=open",
		"/children?state=every":           "/children?state=every",
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
	c := as(t, worker(t))
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

// TestTheDayOfAContactIsKept changes the day of a contact: it stays when the form
// is refused, and stands on the child's page with whether the child was seen alone.
func TestTheDayOfAContactIsKept(t *testing.T) {
	c := as(t, worker(t))
	child := c.registered("Late Diary")
	path := child + "/note"
	today := time.Now().In(time.UTC)
	if got := c.page(path).form(t, path).fields["contact_on"]; len(got) != 1 || got[0] != today.Format(time.DateOnly) {
		t.Errorf("the day is %q at first, want today", got)
	}
	before := today.AddDate(0, 0, -4)
	typed := url.Values{"contact_on": {before.Format(time.DateOnly)}, "seen_alone": {"no"}, "kind": {"conversation"}, "interpreter": {"not_needed"}}
	refused := parsePage(t, c.submit(path, path, typed).body) // nothing was written down
	if got := refused.form(t, path).fields; refused.Summary == nil || got["contact_on"][0] != before.Format(time.DateOnly) || got["seen_alone"][0] != "no" {
		t.Errorf("a refused note comes back with the day %q and %q, summary %q", got["contact_on"], got["seen_alone"], refused.Summary)
	}
	typed.Set("seen", marked("Read by the pond"))
	if r := c.submit(path, path, typed); r.status != http.StatusSeeOther {
		t.Fatalf("the note: status %d", r.status)
	}
	l := locale.Get("en")
	words := c.page(child).Words
	for _, want := range []string{l.T("note.on", "date", l.Date(locale.DayOf(before))), l.T("alone.no")} {
		if !strings.Contains(words, want) {
			t.Errorf("the child's page does not say %q", want)
		}
	}
}
