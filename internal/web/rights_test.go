package web_test

import (
	"net/http"
	"regexp"
	"testing"
)

// What somebody asks for by right is written down, answered by a supervisor once it is
// known who asks, and copied without what others have rights to.
func TestARequestIsAnsweredOnItsPage(t *testing.T) {
	r := newRig(t)
	worker, boss := r.signedIn(t, "case_worker"), r.signedIn(t, "supervisor")
	child := registeredChild(t, worker)
	at := child + "/rights"
	worker.get(at).has(t, "nothing yet", words("rights.none"))
	asked := []string{"request_kind", "copy", "request_by", "guardian", "received_how", "letter", "identity_checked", "not_yet"}
	a := worker.fill(t, at+"/new", append(asked, "received_on", "2999-01-01", "request_words", "Everything, please.")...)
	if a.status != http.StatusUnprocessableEntity || !a.says("Everything, please.") {
		t.Errorf("received tomorrow: got %d, or what was typed is lost", a.status)
	}
	worker.fill(t, at+"/new", append(asked, "request_words", "Everything, please.")...).wants(t, http.StatusSeeOther, at+"?done=right-new")
	page := boss.get(at)
	decide := regexp.MustCompile(`href="(` + regexp.QuoteMeta(at) + `/[^"]+/decide)"`).FindStringSubmatch(page.body)
	if decide == nil {
		t.Fatal("the supervisor is not offered to answer")
	}
	boss.get("/rights").has(t, "the desk", at)
	boss.get(decide[1]).has(t, "the page of the answer", words("rights.leftout"), words("leftout.home"), words("rights.complain"))
	answer := []string{"request_state", "granted", "rights_answer", "Here it is."}
	a = boss.fill(t, decide[1], append(answer, "identity_checked", "not_yet")...)
	if a.status != http.StatusUnprocessableEntity || !a.says(words("error.identity-first")) {
		t.Errorf("to nobody known: got %d", a.status)
	}
	boss.fill(t, decide[1], append(answer, "identity_checked", "mandate")...).wants(t, http.StatusSeeOther, at+"?done=right-decide")
	copied := regexp.MustCompile(`href="(` + regexp.QuoteMeta(at) + `/[^"]+/copy)"`).FindStringSubmatch(boss.get(at).body)
	if copied == nil {
		t.Fatal("the copy is not offered")
	}
	boss.get(copied[1]).has(t, "the copy", words("rights.leftout"), words("leftout.people"), "Ilo Marsh")
	for role, paths := range map[string][]string{
		"case_worker": {decide[1], copied[1]}, "auditor": {at, decide[1], copied[1], "/rights"},
		"node_operator": {at, decide[1], copied[1], "/rights"}, "first_responder": {at, copied[1], "/rights"},
	} {
		for _, path := range paths {
			if a := r.as(t, role).get(path); a.status != http.StatusNotFound {
				t.Errorf("%s for a %s: got %d, want what does not exist", path[len(path)-6:], role, a.status)
			}
		}
	}
}
