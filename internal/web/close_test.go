package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// A case is not closed while a finished form says that the child is in danger. The
// page names the answer and leads to what can be done, also in a case that did not
// begin as a check.
func TestClosingNamesWhatCannotWait(t *testing.T) {
	r := newRig(t)
	worker := r.signedIn(t, "case_worker")
	child := registeredChild(t, worker)
	worker.fill(t, child+"/risk", "risk", "low", "reason", "Looked at again.").wants(t, http.StatusSeeOther, child+"?done=risk")
	at := child + "/close"
	if a := worker.get(at); a.says(words("close.against")) {
		t.Error("something stands against closing of which nothing was said")
	}
	visit := func(missing string) string {
		t.Helper()
		form := child + "/form/visit"
		a := worker.post(form, with(worker.get(form).form(t, form), "then", "finish", "a.visit_on_day", "3", "a.visit_on_month", "3",
			"a.visit_on_year", "2026", "a.child_seen", "no", "a.may_be_missing", missing, "a.visit_kind", ":unknown", "a.not_seen_why", "Nobody opened.",
			"a.child_heard", ":not_asked", "a.risk_change", ":unknown", "a.result:state", "unknown", "a.result", "", "a.next_contact_on:state", "not_asked"))
		record, _, _ := strings.Cut(a.header.Get("Location"), "?")
		if a.status != http.StatusSeeOther || !strings.Contains(record, "/forms/") {
			t.Fatalf("finish: got %d\n%s", a.status, errorsOn(a.body))
		}
		return record
	}
	record := visit("yes")
	end := "/check/" + strings.TrimPrefix(child, "/child/") + "/urgent/danger"
	worker.get(at).has(t, "the page before anything is typed", words("close.against"), "May the child be missing?", `href="`+end+`"`,
		`href="`+child+`/form/visit"`, `href="`+record+`/edit"`)
	closing := []string{"close_reason", "goals_met", "last_word", "Bye.", "continues", "School."}
	a := worker.fill(t, at, closing...)
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("closed: got %d, want 422", a.status)
	}
	a.has(t, "refused", words("error.urgent-first"), "May the child be missing?", "School.", "Opened in error")

	visit("no")
	if a := worker.get(at); !a.says(words("close.against")) || a.says("May the child be missing?") {
		t.Error("answered otherwise: the answer still stands, or the open action does not")
	}
	worker.get(end).has(t, "the page of the action", words("seento.title"))
	worker.fill(t, end, "urgent_outcome", "done").wants(t, http.StatusSeeOther, child+"?done=seento")
	if a := worker.get(at); a.says(words("close.against")) {
		t.Error("everything was seen to, and something stands against closing")
	}
	worker.fill(t, at, closing...).wants(t, http.StatusSeeOther, child+"?done=closed")
	for _, role := range []string{"auditor", "node_operator", "first_responder"} {
		p := r.as(t, role)
		missing := p.get("/there/is/no/such/page")
		for _, path := range []string{at, end} {
			if a := p.get(path); a.status != http.StatusNotFound || a.plain() != missing.plain() {
				t.Errorf("%s for a %s: got %d, want what does not exist", strings.TrimPrefix(path, child), role, a.status)
			}
		}
	}
}
