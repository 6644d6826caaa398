package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var serviceLink = regexp.MustCompile(`/services/([0-9a-z]{26})"><bdi>Harbour House shelter`)

// TestAReferralToAService is the way of a child to a shelter's bed: from a need to a
// service, to the shelter's page of the night, where one tap says that the child came or
// did not; and that is an alarm of whoever sent it.
func TestAReferralToAService(t *testing.T) {
	r := newRig(t)
	worker, shelter, auditor := r.as(t, "case_worker"), r.as(t, "provider"), r.as(t, "auditor")
	const called = "Oriel Sandquist"
	child := newChild(t, worker, called)
	worker.post(child+"/needs/new", with(worker.get(child+"/needs/new").form(t, child+"/needs/new"), "service", "emergency_shelter"))
	at, find, chosen, preview := child+"/refer", child+"/refer/find", child+"/refer/chosen", child+"/refer/preview"

	page := worker.get(at)
	need := regexp.MustCompile(`name="referral_need"[^>]*><option[^>]*>[^<]*</option><option value="([0-9a-z]{26})"`).FindStringSubmatch(page.body)
	if need == nil {
		t.Fatal("what the child needs cannot be chosen")
	}
	form := with(page.form(t, preview), "referral_kind", "referral", "consent_purpose", "services", "referral_need", need[1], "reason", "A safe bed for tonight.")
	found := worker.post(find, form)
	link := serviceLink.FindStringSubmatch(found.body)
	if found.status != http.StatusOK || link == nil || !strings.Contains(found.body, "A safe bed for tonight.") {
		t.Fatalf("the search: got %d, want the shelter and what was typed", found.status)
	}
	service := "/services/" + link[1]
	for what, a := range map[string]answer{
		"a provider searches for the child": shelter.post(find, form), "an auditor chooses": auditor.post(chosen, form),
		"a provider refers from the service": shelter.get(service + "/refer"), "an auditor refers from the service": auditor.get(service + "/refer"),
	} {
		if a.status != http.StatusNotFound {
			t.Errorf("%s: got %d", what, a.status)
		}
	}
	if a := worker.get(service); !strings.Contains(a.body, service+"/refer") {
		t.Error("the page of the service does not refer")
	}
	if a := worker.get(service + "/refer"); a.status != http.StatusOK || !strings.Contains(a.body, `action="`+chosen+`"`) {
		t.Errorf("the choice of a child: got %d", a.status)
	}
	back := worker.post(chosen, with(found.form(t, find), "service_chosen", link[1]))
	if back.status != http.StatusOK || !strings.Contains(back.body, "A safe bed for tonight.") || !strings.Contains(back.body, `name="referral_service" value="`+link[1]+`"`) {
		t.Fatalf("the form with the service: got %d", back.status)
	}
	full := with(back.form(t, preview), "referral_need", need[1], "reason", "A safe bed for tonight.", "referral_urgency", "at_once", "language", "en", "consent_purpose", "services", "legal_basis", "public_task",
		"norm", "Act 12", "disclosure_part", "identity", "expected_at", "2030-01-01T20:00", "expected_doctor", "yes")
	if a := worker.post(preview, full); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-expected_at-error"`) {
		t.Errorf("a day far away: got %d, want 422", a.status)
	}
	look := worker.post(preview, with(full, "expected_at", r.node.Clock.Now().In(r.node.Pack.Calendar().Zone()).Add(2*3600e9).Format("2006-01-02T15:04")))
	if look.status != http.StatusOK || !strings.Contains(look.body, "Needs a doctor at once") || !strings.Contains(look.body, "Harbour House shelter") {
		t.Fatalf("the preview: got %d, want where it leads", look.status)
	}
	worker.post(at, look.form(t, at)).wants(t, http.StatusSeeOther, child+"/referrals?done=referral-offered")
	thread := threadLink.FindString(worker.get(child + "/referrals").body)

	card := shelter.get(thread)
	if !strings.Contains(card.body, "Needs a doctor at once") || strings.Contains(card.body, called) {
		t.Error("the card does not say what the shelter must get ready for, or names the child")
	}
	if a := shelter.get("/services/tonight"); strings.Contains(a.body, thread) {
		t.Error("a child is expected before anybody accepted")
	}
	accept := thread + "/accept"
	shelter.post(accept, shelter.get(accept).form(t, accept))
	night := shelter.get("/services/tonight")
	if !strings.Contains(night.body, thread) || strings.Contains(night.body, called) {
		t.Error("the page of the night does not expect the child, or names it")
	}
	if a := worker.get("/services/tonight"); strings.Contains(a.body, thread) {
		t.Error("another unit reads who is expected")
	}
	gone := thread + "/handback"
	if a := worker.post(gone, night.form(t, gone)); a.status == http.StatusSeeOther {
		t.Error("the sender says that the child did not come")
	}
	shelter.post(gone, night.form(t, gone)).wants(t, http.StatusSeeOther, "/services/tonight?done=referral-done")
	if a := worker.get("/"); !strings.Contains(a.body, "did not arrive, or left") {
		t.Error("the sender has no alarm")
	}
	if a := worker.get(thread); !strings.Contains(a.body, child+"/missing") || !strings.Contains(a.body, "Look for the child now") {
		t.Error("the sender is not told what to do")
	}
	if a := auditor.get(thread); a.status != http.StatusNotFound {
		t.Errorf("an auditor at the card: got %d", a.status)
	}
}
