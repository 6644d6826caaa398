package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var threadLink = regexp.MustCompile(`/referral/[0-9a-z]{26}/[0-9a-z]{26}`)

// TestAReferralOnThePages is the way of one child from a case worker to a shelter and
// back: nothing of the child is on a page of the shelter before it accepts.
func TestAReferralOnThePages(t *testing.T) {
	r := newRig(t)
	worker, shelter, auditor := r.as(t, "case_worker"), r.as(t, "provider"), r.as(t, "auditor")
	const called = "Oriel Sandquist"
	child := newChild(t, worker, called)
	number := regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]`).FindString(worker.get(child).body)
	knows := func(a answer) bool { return strings.Contains(a.body, called) || strings.Contains(a.body, number) }

	if a := worker.get(child); !strings.Contains(a.body, `href="`+child+`/referrals"`) {
		t.Error("the child's page does not offer referrals")
	}
	at, preview := child+"/refer", child+"/refer/preview"
	page := worker.get(at)
	unit := regexp.MustCompile(`<option value="([0-9a-z]{26})"[^>]*>Harbour House shelter`).FindStringSubmatch(page.body)
	if unit == nil {
		t.Fatal("the shelter cannot be chosen")
	}
	form := with(page.form(t, preview), "referral_kind", "referral", "referral_unit", unit[1], "service", "emergency_shelter",
		"referral_urgency", "at_once", "language", "en", "reason", "A safe bed for tonight.", "consent_purpose", "services",
		"legal_basis", "consent", "disclosure_part", "identity")
	if a := worker.post(preview, with(form, "service", "")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "A safe bed for tonight.") {
		t.Errorf("without a service: got %d, want 422 and what was typed", a.status)
	}
	look := worker.post(preview, with(form, "legal_basis", "public_task", "norm", "Act 12"))
	if look.status != http.StatusOK || !strings.Contains(look.body, called) || !strings.Contains(look.body, "What they will see") {
		t.Fatalf("the preview: got %d", look.status)
	}
	send := look.form(t, at)
	if a := worker.post(at, with(send, "legal_basis", "consent")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-legal_basis-error"`) {
		t.Errorf("on a consent that was not given: got %d", a.status)
	}
	worker.post(at, send).wants(t, http.StatusSeeOther, child+"/referrals?done=referral-offered")

	link := threadLink.FindString(worker.get(child + "/referrals").body)
	if link == "" {
		t.Fatal("the referral is not on the child's list")
	}
	inbox := shelter.get("/referrals")
	if knows(inbox) || !strings.Contains(inbox.body, link) {
		t.Error("the shelter's list holds the child's name or number, or not the referral")
	}
	if card := shelter.get(link); card.status != http.StatusOK || knows(card) || strings.Contains(card.body, "A safe bed") {
		t.Errorf("the card: got %d, want codes and no name", card.status)
	}
	for _, p := range []string{child, child + "/referrals", at, "/children", child + "/print"} {
		if a := shelter.get(p); a.status == http.StatusOK || knows(a) {
			t.Errorf("the shelter reads %s", p)
		}
	}
	if a := auditor.get(link); a.status != http.StatusNotFound {
		t.Errorf("an auditor at the card: got %d", a.status)
	}
	step := func(who *person, event string, pairs ...string) {
		t.Helper()
		to := link + "/" + event
		a := who.post(to, with(who.get(to).form(t, to), pairs...))
		if a.status != http.StatusSeeOther || !strings.Contains(a.header.Get("Location"), "done=referral-done") {
			t.Fatalf("%s: got %d %q", event, a.status, a.header.Get("Location"))
		}
	}
	asked := link + "/ask_info"
	if a := shelter.post(asked, shelter.get(asked).form(t, asked)); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a question without words: got %d", a.status)
	}
	step(shelter, "ask_info", "referral_text", "Does she eat everything?")
	step(worker, "info", "referral_text", "She does.")
	step(shelter, "accept")
	if a := shelter.get(link); !strings.Contains(a.body, called) || !strings.Contains(a.body, "A safe bed") || strings.Contains(a.body, number) {
		t.Error("after acceptance the shelter does not read what was shared, or reads more")
	}
	step(shelter, "start")
	if a := worker.get(link + "/release"); a.status != http.StatusNotFound {
		t.Errorf("a step that is not there: got %d", a.status)
	}
	step(shelter, "complete", "need_outcome", "met", "referral_text", "She slept the whole night.")
	if a := worker.get(link); !strings.Contains(a.body, "She slept the whole night.") || !strings.Contains(a.body, number) {
		t.Error("the sender does not read what came of it")
	}
	if a := worker.get(child + "/timeline"); !strings.Contains(a.body, "Delivered") {
		t.Error("the timeline does not tell of it")
	}
	step(worker, "confirm")
	if a := shelter.get(link); a.status != http.StatusNotFound || knows(a) {
		t.Errorf("the shelter after the end: got %d", a.status)
	}
	if a := shelter.post(link+"/start", url.Values{"command": {"0000000000000000000000000c"}}); a.status != http.StatusNotFound {
		t.Errorf("a forged step: got %d", a.status)
	}
}
