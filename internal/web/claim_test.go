package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/staff"
)

// TestAskingForACase: an unknown number and a real one have one answer; whoever answers
// for the case declines, or accepts by offering a transfer.
func TestAskingForACase(t *testing.T) {
	r := newRig(t)
	worker, provider := r.as(t, "case_worker"), r.as(t, "provider")
	other, _ := r.newcomer(t, staff.CaseWorker, "child_protection", "ines.claim", "Ines Claim")
	child := newChild(t, worker, "Savin Orr")
	number := regexp.MustCompile(`class="num">([0-9A-Z-]{11})<`).FindStringSubmatch(worker.get(child + "/referrals").body)[1]
	const at, back = "/referrals/claim", "/referrals/claim/withdraw"

	if a := provider.get(at); a.status != http.StatusNotFound {
		t.Errorf("a provider asks: got %d", a.status)
	}
	form := with(other.get(at).form(t, at), "claim_number", number, "claim_reason", "She lives in our district now.")
	if a := other.post(at, with(form, "claim_number", "4NP3")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-claim_number-error"`) {
		t.Errorf("a number that cannot be one: got %d", a.status)
	}
	if a := worker.post(at, with(worker.get(at).form(t, at), "claim_number", number, "claim_reason", "Mine.")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("the own case: got %d, want 422", a.status)
	}
	ask := func() string {
		t.Helper()
		again := with(other.get(at).form(t, at), "claim_number", number, "claim_reason", "She lives in our district now.")
		other.post(at, again).wants(t, http.StatusSeeOther, "/referrals?done=claim-sent")
		page := worker.get(child + "/referrals")
		if !strings.Contains(page.body, "She lives in our district now.") || !strings.Contains(worker.get("/referrals").body, "She lives in our district now.") {
			t.Fatal("the request is not seen by whoever answers for the case")
		}
		return regexp.MustCompile(`/claims/([0-9a-z]{26})/refuse`).FindStringSubmatch(page.body)[1]
	}
	id := ask()
	if a := other.get("/referrals"); strings.Contains(a.body, number) {
		t.Error("a request that waits tells that there is a case")
	}
	refuse := child + "/claims/" + id + "/refuse"
	for what, p := range map[string]*person{"whoever asked": other, "a provider": provider} {
		if a := p.get(refuse); a.status != http.StatusNotFound {
			t.Errorf("%s reads the request in the case: got %d", what, a.status)
		}
	}
	worker.post(refuse, with(worker.get(refuse).form(t, refuse), "claim_refusal", "later", "reason", "Internal words.")).wants(t, http.StatusSeeOther, child+"/referrals?done=claim-refused")
	if a := other.get("/referrals"); !strings.Contains(a.body, number) || !strings.Contains(a.body, words("claimrefusal.later")) || strings.Contains(a.body, "Internal words.") {
		t.Error("whoever asked is not told the reason, or is told more")
	}

	other.post(at, with(other.get(at).form(t, at), "claim_number", number, "claim_reason", "Once more.")).wants(t, http.StatusSeeOther, "/referrals?done=claim-sent")
	other.post(back, with(other.get(back).form(t, back), "claim_number", number)).wants(t, http.StatusSeeOther, "/referrals?done=claim-withdrawn")
	if a := worker.get(child + "/referrals"); strings.Contains(a.body, "Once more.") {
		t.Error("what was taken back still waits")
	}
	id = ask()
	offer, preview := child+"/refer?claim="+id, child+"/refer/preview"
	chosen := with(worker.get(offer).form(t, preview), "service", "foster_care", "referral_urgency", "planned", "language", "en", "reason", "As asked.",
		"consent_purpose", "services", "legal_basis", "public_task", "norm", "Act 12", "disclosure_part", "identity")
	look := worker.post(preview, chosen)
	if look.status != http.StatusOK {
		t.Fatalf("the preview: got %d", look.status)
	}
	worker.post(child+"/refer", look.form(t, child+"/refer")).wants(t, http.StatusSeeOther, child+"/referrals?done=referral-offered")
	if a := other.get("/referrals"); !threadLink.MatchString(a.body) || !strings.Contains(a.body, words("claimstate.accepted")) {
		t.Error("whoever asked is not offered the case")
	}
	if a := worker.get(child + "/timeline"); !strings.Contains(a.body, words("referralstep.claim")) {
		t.Error("the timeline does not tell of it")
	}
}
