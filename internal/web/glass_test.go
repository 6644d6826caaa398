package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/ident"
)

var reviewLink = regexp.MustCompile(`href="(/glass/review/[^"]+)"`)

// colleague is somebody new of a role, signed in with a password.
func (r *rig) colleague(t *testing.T, account, name, role string) (*person, url.Values) {
	t.Helper()
	link, voice := invite(t, r.as(t, "supervisor"), account, name, role)
	path := strings.TrimPrefix(link, r.srv.URL)
	r.secret(strings.TrimPrefix(path, "/invite/"), "the token of an invitation")
	p := r.stranger(t)
	p.post(path, with(p.get(path).form(t, "?"), "voice_code", voice)).wants(t, http.StatusSeeOther, "/welcome")
	const password = "nine slow kingfishers"
	r.secret(password, "a password")
	p.post("/welcome", with(p.get("/welcome").form(t, "/welcome"), "new_password", password, "new_password_again", password)).
		wants(t, http.StatusSeeOther, "/signin?done=welcome")
	in := url.Values{"account": {account}, "password": {password}}
	p.post("/signin", in).wants(t, http.StatusSeeOther, "/conduct")
	p.post("/conduct", p.get("/conduct").form(t, "/conduct")).wants(t, http.StatusSeeOther, "/")
	return p, in
}

// TestBreakGlassPages: somebody opens a case that is not in their care, with more
// than a password; those responsible are told, and an auditor reviews it.
func TestBreakGlassPages(t *testing.T) {
	r := newRig(t)
	worker, auditor := r.signedIn(t, "case_worker"), r.signedIn(t, "auditor")
	child := registeredChild(t, worker)
	number := caseNumber.FindStringSubmatch(worker.get(child).body)[1]
	duty, in := r.colleague(t, "ines.d", "Ines D.", "case_worker")
	if a := duty.get(child); a.status != http.StatusNotFound {
		t.Fatalf("the child's page before: got %d, want 404", a.status)
	}
	duty.get("/glass").wants(t, http.StatusSeeOther, "/confirm?next=%2Fglass")
	duty.get("/confirm?next=%2Fglass").has(t, "the check", words("confirm.none"))
	if a := duty.get("/confirm?next=%2Fglass"); strings.Contains(a.body, `name="password"`) {
		t.Error("a password alone is offered as a proof")
	}
	addApp(t, r, duty, in)

	page := duty.get("/glass")
	try := func(number, reason string) answer {
		t.Helper()
		return duty.post("/glass", with(page.form(t, "/glass"), "number", number, "glass_reason", reason, "why_at_once", "She is at the station."))
	}
	for what, n := range map[string]string{"no such case": ident.NewCaseNumber().String(), "a slip of the pen": number[:4]} {
		if a := try(n, "danger"); a.status != http.StatusUnprocessableEntity || !a.says("She is at the station.") {
			t.Errorf("%s: got %d, want 422 and what was typed", what, a.status)
		}
	}
	try(number, "danger").wants(t, http.StatusSeeOther, child+"?done=glass")
	duty.get(child+"?done=glass").has(t, "the child's page", words("notice.glass"), words("relation.glass"))
	duty.get("/glass").has(t, "what is open", `href="`+child+`"`)
	if a := duty.get("/children"); strings.Contains(a.body, number) {
		t.Error("the list shows what is open by break-glass")
	}
	if a := duty.get("/glass/reviews"); a.status != http.StatusNotFound {
		t.Errorf("the reviews for a case worker: got %d, want 404", a.status)
	}

	worker.get("/").has(t, "the lead worker's day", `href="/account"`)
	worker.get("/account").has(t, "what the lead worker is told", words("told.break-glass"))
	worker.get(child+"/looked").has(t, "who looked", words("what.case.breakglass"))
	worker.get(child).has(t, "the timeline", words("event.break-glass"), "She is at the station.")

	list := auditor.get("/glass/reviews")
	list.has(t, "the reviews", number, "Ines D.", "She is at the station.")
	m := reviewLink.FindStringSubmatch(list.body)
	if m == nil {
		t.Fatal("the auditor cannot review")
	}
	if a := r.as(t, "supervisor").get("/glass/reviews"); !strings.Contains(a.body, number) || strings.Contains(a.body, m[1]) {
		t.Error("the supervisor of whoever opened it does not see it, or may review it")
	}
	form := auditor.get(m[1]).form(t, m[1])
	auditor.post(m[1], with(form, "glass_outcome", "justified", "reason", "Nobody of the case answered.")).
		wants(t, http.StatusSeeOther, "/glass/reviews?done=glass-reviewed")
	auditor.get("/glass/reviews").has(t, "what was reviewed", "Nobody of the case answered.")
	auditor.get("/glass/figures").has(t, "the numbers", words("glass.opened"))
	if a := auditor.get(child); a.status != http.StatusNotFound {
		t.Errorf("the child's page for the auditor: got %d, want 404", a.status)
	}
}
