package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestCoordinatorSeesFlowsOfReferrals: the desk of whoever coordinates tells how referrals
// go, and of no child; others do not find it.
func TestCoordinatorSeesFlowsOfReferrals(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	desk := r.as(t, "coordinator").get("/flows")
	for _, section := range []string{"w-rlate", "w-rsectors", "w-rregions", "w-rmonths", "w-rdeclined", "w-routcomes"} {
		if !strings.Contains(desk.body, `id="`+section+`"`) {
			t.Errorf("the desk (%d) has no section %s", desk.status, section)
		}
	}
	if strings.Contains(desk.body, "/child/") || strings.Contains(desk.body, "/referral/") {
		t.Error("the desk leads to a child")
	}
	missing := worker.get("/there/is/no/such/page")
	for _, role := range []string{"case_worker", "provider"} {
		if a := r.as(t, role).get("/flows"); a.status != http.StatusNotFound || role == "case_worker" && a.plain() != missing.plain() {
			t.Errorf("%s: got %d, want what a page that is not there gives", role, a.status)
		}
	}
}
