package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// A file is erased by two people besides whoever asks: the page of each says what stands
// against it, and the second sees neither name nor number.
func TestErasingAFileTakesThreePeople(t *testing.T) {
	r := newRig(t)
	worker, boss := r.signedIn(t, "case_worker"), r.signedIn(t, "supervisor")
	child := registeredChild(t, worker)
	at := child + "/keeping"
	worker.get(at).has(t, "an open file", words("keeping.open"), words("keepstep.erase"))
	a := worker.fill(t, at+"/erase", "erasure_ground", "error", "request_by", "child")
	if a.status != http.StatusUnprocessableEntity || !a.says(words("error.required")) {
		t.Errorf("asked without a reason: got %d", a.status)
	}
	worker.fill(t, at+"/erase", "erasure_ground", "error", "request_by", "child", "reason", "Registered twice.").
		wants(t, http.StatusSeeOther, at+"?done=keep-erase")
	open := boss.get(at)
	open.has(t, "the supervisor reads the wish", "Registered twice.", words("keeping.against"), "The child is still being helped")
	agree := regexp.MustCompile(`href="(` + regexp.QuoteMeta(at) + `/[^"]+/agree)"`).FindStringSubmatch(open.body)
	if agree == nil {
		t.Fatal("the supervisor is not offered to agree")
	}
	if a := worker.get(agree[1]); a.status != http.StatusNotFound {
		t.Errorf("who asked may agree: got %d", a.status)
	}
	a = boss.fill(t, agree[1])
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("agreed to erase an open case: got %d", a.status)
	}
	a.has(t, "refused", words("error.erasure-case_open"))
	worker.fill(t, child+"/close", "close_reason", "error").wants(t, http.StatusSeeOther, child+"?done=closed")
	boss.fill(t, agree[1], "reason", "I looked.").wants(t, http.StatusSeeOther, at+"?done=keep-agree")

	audit := r.as(t, "auditor")
	desk := audit.get("/erasures")
	desk.has(t, "the desk", words("erasures.lead.oversight"), words("erasurestate.agreed"), "Opened in error, or twice")
	if strings.Contains(desk.body, child+"/") || desk.says("Registered twice.") {
		t.Error("the desk of the oversight leads to the case")
	}
	confirm := regexp.MustCompile(`href="(/erasures/` + strings.TrimPrefix(child, "/child/") + `/[^"]+/confirm)"`).FindStringSubmatch(desk.body)
	if confirm == nil {
		t.Fatal("the auditor is not offered to confirm")
	}
	for _, role := range []string{"case_worker", "supervisor", "node_operator", "first_responder"} {
		if a := r.as(t, role).get(confirm[1]); a.status != http.StatusNotFound {
			t.Errorf("the page to confirm for a %s: got %d, want what does not exist", role, a.status)
		}
	}
	for _, path := range []string{child, at, agree[1]} {
		if a := audit.get(path); a.status != http.StatusNotFound {
			t.Errorf("an auditor opens %s: got %d", strings.TrimPrefix(path, child), a.status)
		}
	}
	audit.fill(t, confirm[1]).wants(t, http.StatusSeeOther, "/erasures?done=erasure-confirm")
	if a := worker.get(child); a.status != http.StatusNotFound {
		t.Errorf("the erased case: got %d", a.status)
	}
	worker.get("/erasures").has(t, "who asked", words("erasures.done.text"))
}
