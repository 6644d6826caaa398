package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestUnknownCodeIsShownAndCarriedAlong: what another country wrote that is in no list here
// stands on the child's page as it came, and a form that is saved keeps it until somebody
// takes it out.
func TestUnknownCodeIsShownAndCarriedAlong(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Oda Brandt")
	at := child + "/person"
	form := with(worker.get(at).form(t, at), "name_0", "Oda Brandt", "sent_list_0", "nationality", "sent_0", "ZZQ")
	worker.post(at, with(form, "name_0", "Oda Brandt")).wants(t, http.StatusSeeOther, child+"?done=person")
	if page := worker.get(child); !strings.Contains(page.body, "ZZQ") || !strings.Contains(page.body, words("person.sent")) {
		t.Error("the child's page does not show the code")
	}
	form = worker.get(at).form(t, at)
	if form.Get("sent_0") != "ZZQ" {
		t.Fatalf("the form carries %q", form.Get("sent_0"))
	}
	worker.post(at, with(form, "name_0", "Oda Brandt")).wants(t, http.StatusSeeOther, child+"?done=person")
	form = worker.get(at).form(t, at)
	if a := worker.post(at, with(form, "name_0", "Oda Brandt", "sent_list_0", "region")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a list that is none of these: got %d", a.status)
	}
	form = worker.get(at).form(t, at)
	worker.post(at, with(form, "name_0", "Oda Brandt", "sent_known_0", "yes")).wants(t, http.StatusSeeOther, child+"?done=person")
	if page := worker.get(child); strings.Contains(page.body, "ZZQ") {
		t.Error("it still shows after it was taken out")
	}
}
