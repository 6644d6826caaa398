package e2e_test

import (
	"net/http"
	"net/url"
	"testing"
)

// TestLanguageOfAPerson changes the language, signed out and signed in; it lasts.
func TestLanguageOfAPerson(t *testing.T) {
	who := newPerson(t, "case_worker")
	door := newClient(t)
	r := door.submit("/signin", "/language", url.Values{"language": {"fr"}})
	if r.status != http.StatusSeeOther || r.location() != "/signin" {
		t.Errorf("language at the door: status %d to %q, want 303 to /signin", r.status, r.location())
	}
	if got := door.page("/signin").Lang; got != "fr" {
		t.Errorf("after choosing French the door is in %q", got)
	}
	c := signedIn(t, who)
	for _, language := range []string{"ar", "fr", "en", "ar"} {
		r := c.submit("/account", "/language", url.Values{"language": {language}})
		if r.status != http.StatusSeeOther || r.location() != "/account" {
			t.Errorf("language: status %d to %q, want 303 to /account", r.status, r.location())
		}
		for _, path := range []string{"/account", "/", "/children"} {
			if got := c.page(path).Lang; got != language {
				t.Errorf("after choosing %s, %s is in %q", language, path, got)
			}
		}
	}
	if got := signedIn(t, who).page("/").Lang; got != "ar" {
		t.Errorf("signed in anew the pages are in %q, want ar", got)
	}
	if r := c.post("/language", url.Values{"language": {"xx"}, "next": {"/"}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown language: status %d, want 422", r.status)
	}
}
