package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestTeamSeesWhatWaits: a supervisor sees that a shelter has not answered, by unit, and
// nobody else finds the page.
func TestTeamSeesWhatWaits(t *testing.T) {
	r := newRig(t)
	worker, boss := r.as(t, "case_worker"), r.as(t, "supervisor")
	const called = "Velm Tarrowick"
	child := newChild(t, worker, called)
	at, preview := child+"/refer", child+"/refer/preview"
	page := worker.get(at)
	unit := regexp.MustCompile(`<option value="([0-9a-z]{26})"[^>]*>Harbour House shelter`).FindStringSubmatch(page.body)
	look := worker.post(preview, with(page.form(t, preview), "referral_kind", "referral", "referral_unit", unit[1], "service", "emergency_shelter",
		"referral_urgency", "at_once", "language", "en", "reason", "A safe bed.", "consent_purpose", "services",
		"legal_basis", "public_task", "norm", "Act 12", "disclosure_part", "identity"))
	worker.post(at, look.form(t, at)).wants(t, http.StatusSeeOther, child+"/referrals?done=referral-offered")

	if a := boss.get("/team"); !strings.Contains(a.body, `href="/team/referrals"`) {
		t.Error("the page of the team does not lead to its referrals")
	}
	if a := boss.get("/team/referrals"); a.status != http.StatusOK || !a.says("Harbour House shelter") || !a.says(words("team.waits.asked")) || a.says(called) {
		t.Errorf("what waits: got %d, want the shelter and no name", a.status)
	}
	missing := worker.get("/there/is/no/such/page")
	for _, role := range []string{"case_worker", "provider", "auditor", "coordinator"} {
		if a := r.as(t, role).get("/team/referrals"); a.status != http.StatusNotFound || role == "case_worker" && a.plain() != missing.plain() {
			t.Errorf("%s: got %d, want what a page that is not there gives", role, a.status)
		}
	}
}
