package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestContactsAbroad: the focal point keeps the contacts, who may refer reads them, and who
// may not finds nothing.
func TestContactsAbroad(t *testing.T) {
	r := newRig(t)
	worker, focal := r.as(t, "case_worker"), r.as(t, "focal_point")
	if a := focal.get("/focal"); a.status != http.StatusOK || !a.says(words("focal.waiting")) || !strings.Contains(a.body, `href="/contacts"`) {
		t.Errorf("the desk: got %d", a.status)
	}
	add := focal.get("/contacts/new").form(t, "/contacts/new")
	full := with(add, "contact_country", "XB", "contact_authority", "Ministry of the River", "contact_office", "Reed desk",
		"contact_for", "Tracing", "service_phone", "+999 55 0202", "service_languages_0", "ar")
	if a := focal.post("/contacts/new", with(full, "service_phone", "")); a.status != http.StatusUnprocessableEntity || !a.says("Reed desk") {
		t.Errorf("no way to reach it: got %d, want 422 and what was typed", a.status)
	}
	focal.post("/contacts/new", full).wants(t, http.StatusSeeOther, "/contacts?done=contact-added")
	list := worker.get("/contacts")
	if list.status != http.StatusOK || !list.says("Reed desk") || strings.Contains(list.body, "/contacts/new") || strings.Contains(list.body, "/contacts/change") {
		t.Errorf("the contacts: got %d, want one and nothing to change", list.status)
	}
	at := regexp.MustCompile(`/contacts/change/[0-9a-z]{26}`).FindString(focal.get("/contacts").body)
	edit := with(focal.get(at).form(t, at), "contact_country", "XB", "contact_authority", "Ministry of the River", "contact_office", "Reed desk",
		"contact_for", "Tracing", "contact_channel", "Sealed post")
	focal.post(at, edit).wants(t, http.StatusSeeOther, "/contacts?done=contact-changed")

	files := focal.get("/contacts/files")
	in := files.form(t, "/contacts/files")
	if a := focal.brings("/contacts/files", in, "country,color\nXB,red\n"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown column: got %d", a.status)
	}
	const file = "country,authority,office,email,for\nXC,Border authority,Night desk,night@example.org,Missing children\n"
	focal.brings("/contacts/files", in, file).wants(t, http.StatusSeeOther, "/contacts?done=contacts-taken")
	out := focal.post("/contacts/files/csv", files.form(t, "/contacts/files/csv"))
	if out.status != http.StatusOK || !strings.Contains(out.body, "Night desk") || !strings.Contains(out.body, "Sealed post") {
		t.Errorf("taken out: got %d", out.status)
	}
	if a := worker.post("/contacts/files/csv", files.form(t, "/contacts/files/csv")); a.status != http.StatusNotFound {
		t.Errorf("a worker takes them out: got %d", a.status)
	}
	missing := worker.get("/there/is/no/such/page")
	for _, path := range []string{"/focal", "/contacts/new", "/contacts/files", "/contacts/change/0000000000000000000000000c"} {
		if a := worker.get(path); a.status != http.StatusNotFound || a.plain() != missing.plain() {
			t.Errorf("%s: got %d, want what a page that is not there gives", path, a.status)
		}
	}
	for _, role := range []string{"provider", "auditor", "coordinator"} {
		if a := r.as(t, role).get("/contacts"); a.status != http.StatusNotFound {
			t.Errorf("%s reads the contacts: got %d", role, a.status)
		}
	}
}
