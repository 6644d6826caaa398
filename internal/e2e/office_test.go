package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestAuditorSeesTheJournalAndNoChild opens the journal, and a child's page
// that answers as an unknown one does.
func TestAuditorSeesTheJournalAndNoChild(t *testing.T) {
	child := as(t, worker(t)).registered("Sealed Garden")
	inBothModes(t, func(t *testing.T, script bool) {
		b := newTab(t, "en", script)
		b.enter(auditor(t))
		b.open("/")
		if got := b.path(); got != "/journal" {
			t.Errorf("an auditor begins at %s, want /journal", got)
		}
		b.look("journal")
		if status := b.open(child); status != http.StatusNotFound {
			t.Errorf("an auditor opens a child with status %d, want 404", status)
		}
		b.look("problem")
		b.open(child + "/looked")
		b.look("who-looked-auditor")
		if got := b.text("body"); strings.Contains(got, "Sealed Garden") {
			t.Error("who looked shows an auditor the child's name")
		}
		b.open("/journal")
		b.click(`form[action="/journal/verify"] button`)
		b.stands()
		b.look("journal-verify")
		if status := b.open("/children"); status != http.StatusNotFound {
			t.Errorf("an auditor lists children with status %d, want 404", status)
		}
	})
}

// stands fails when the page loads itself again: that takes it away from under
// somebody who reads it slowly (WCAG 2.2.1). It waits until it no longer does.
func (b *tab) stands() {
	b.t.Helper()
	const reloads = `String(!!document.querySelector("meta[http-equiv=refresh]"))`
	if b.ask(reloads) == "true" {
		b.t.Errorf("%s loads itself again", b.path())
	}
	for range 100 {
		if b.ask(reloads) != "true" {
			return
		}
		b.try("wait", chromedp.Sleep(300*time.Millisecond))
	}
}

// TestOperatorSeesHealthAndNoChild opens health and people, and no child.
func TestOperatorSeesHealthAndNoChild(t *testing.T) {
	child := as(t, worker(t)).registered("Far Engine")
	inBothModes(t, func(t *testing.T, script bool) {
		b := newTab(t, "en", script)
		b.enter(operator(t))
		b.open("/health")
		b.look("health")
		for range 5 { // two backups within one second would have one name: the second is refused
			b.click(`form[action="/health/backup"] button`)
			for b.text(`main a[href="/health"]`) != "" { // still being made: look again
				b.click(`main a[href="/health"]`)
			}
			if !strings.Contains(b.text("main"), "exists already") {
				break
			}
		}
		b.says("main", "read again and found right")
		b.look("health-backup")
		for _, path := range []string{child, child + "/looked", "/children", "/children/new", "/search", "/journal", "/import"} {
			if status := b.open(path); status != http.StatusNotFound {
				t.Errorf("a node operator opens %s with status %d, want 404", masked(path), status)
			}
		}
		b.open("/people")
		b.look("people-operator")
		if status := b.open("/people/invite"); status == http.StatusOK {
			b.look("people-invite-operator")
		}
	})
}

// TestOfficeInArabic shows the pages of the office from right to left.
func TestOfficeInArabic(t *testing.T) {
	child := as(t, worker(t)).registered("Mirror Lake")
	for _, who := range []struct {
		role  string
		paths []string
	}{
		{"supervisor", []string{"/", "/children", child, child + "/assign", child + "/looked", "/people", "/people/invite", "/import"}},
		{"auditor", []string{"/journal", child + "/looked", "/people"}},
		{"node_operator", []string{"/health", "/people", "/people/units", "/people/invite"}},
	} {
		t.Run(who.role, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, "en", true)
			b.enter(login(t, who.role, "en"))
			b.speak("ar")
			defer b.speak("en")
			for _, path := range who.paths {
				if status := b.open(path); status != http.StatusOK {
					t.Errorf("GET %s: status %d", masked(path), status)
				}
				name := strings.Trim(strings.ReplaceAll(strings.Replace(path, child, "child-of", 1), "/", "-"), "-")
				if name == "" {
					name = "today"
				}
				b.look(name + "-" + who.role)
			}
		})
	}
}

// speak changes the language on the account page.
func (b *tab) speak(language string) {
	b.t.Helper()
	b.open("/account")
	b.click(`main form[action="/language"] button[value="` + language + `"]`)
	b.language = language
}
