package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/ident"
)

var whyAddress = regexp.MustCompile(`href="(/why\?[^"]*)"`)

// TestARefusedPageSaysWhy: from a refused page one step leads to the rule, and whoever
// asks about a child learns nothing of whether there is one.
func TestARefusedPageSaysWhy(t *testing.T) {
	r := newRig(t)
	worker, stranger := r.signedIn(t, "case_worker"), r.signedIn(t, "first_responder")
	child := registeredChild(t, worker)
	asked := func(path string) answer {
		t.Helper()
		refused := stranger.get(path)
		m := whyAddress.FindStringSubmatch(refused.body)
		if refused.status != http.StatusNotFound || m == nil {
			t.Fatalf("%s: got %d, want a refusal that leads to why", path, refused.status)
		}
		return stranger.get(html.UnescapeString(m[1]))
	}
	unknown := ident.New[ident.Case]().String()
	theirs, none := asked(child+"/close"), asked("/child/"+unknown+"/close")
	if theirs.status != http.StatusOK || none.status != http.StatusOK ||
		theirs.plain() != strings.ReplaceAll(none.plain(), unknown, strings.TrimPrefix(child, "/child/")) {
		t.Errorf("somebody else's child: %d, one that is not there: %d, and not the same words", theirs.status, none.status)
	}
	theirs.has(t, "why", words("whyanswer.no"), words("floorrule.no-policy"), words("role.case_worker"), words("role.supervisor"))

	id := strings.TrimPrefix(child, "/child/")
	worker.get("/why?act=case.open&case="+id).has(t, "the worker's own", words("whyanswer.yes"), words("standing.lead"), "case-worker-works-on-own-case")
	reader := r.signedIn(t, "case_worker")
	for _, in := range [][2]string{{"fr", "Un intervenant social peut ouvrir"}, {"ar", "يجوز للعامل الاجتماعي فتح ملف"}, {"en", "A case worker may open"}} {
		reader.post("/language", url.Values{"language": {in[0]}}).wants(t, http.StatusSeeOther, "/")
		reader.get("/why?act=case.open&case="+id).has(t, "the rule in "+in[0], `<p lang="`+in[0]+`"`, in[1])
	}
	r.as(t, "node_operator").get("/why?act=case.open").has(t, "the operator's", words("floorrule.floor-operator-no-case"))

	boss, colleague := r.as(t, "supervisor"), ""
	people, err := r.node.Office.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range people.People() {
		if a.Name.Reveal() == r.nameOf(t, worker) {
			colleague = a.ID.String()
		}
	}
	boss.get("/why?act=case.close&case="+id+"&colleague="+colleague).has(t, "the supervisor about a worker", words("whyanswer.yes"), r.nameOf(t, worker))
	if a := stranger.get("/why?act=case.close&case=" + id + "&colleague=" + colleague); a.says(r.nameOf(t, worker)) || !a.says(words("whyanswer.no")) {
		t.Error("a first responder is told about a colleague")
	}
	if a := worker.get("/why?act=case.burn"); a.status != http.StatusNotFound {
		t.Errorf("an act that there is not: got %d, want 404", a.status)
	}
}
