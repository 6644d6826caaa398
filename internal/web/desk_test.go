package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"causeway/internal/staff"
)

// Each role begins at a page that says what waits for it, and follows no link into nothing.
func TestEachRoleBeginsSomewhereUseful(t *testing.T) {
	r := newRig(t)
	for _, tt := range []struct {
		role, at string
		says     []string
	}{
		{"guardian", "/helped", []string{words("helped.title")}},
		{"lawyer", "/helped", []string{words("helped.title"), words("helped.none.text")}},
		{"investigator", "/helped", []string{words("helped.ask")}},
		{"prosecutor", "/helped", []string{words("helped.ask")}},
		{"provider", "/services/tonight", nil}, // the unit gives services
		{"ombudsperson", "/desk", []string{words("desk.reviews"), words("desk.erasures")}},
		{"coordinator", "/flows", nil},
	} {
		somebody := r.roled(t, tt.role)
		somebody.get("/").wants(t, http.StatusSeeOther, tt.at)
		page := somebody.get(tt.at)
		page.has(t, tt.role, tt.says...)
		for _, href := range links(page) {
			if a := somebody.get(href); a.status != http.StatusOK && a.status != http.StatusSeeOther {
				t.Errorf("%s is led to %s, which answers %d", tt.role, href, a.status)
			}
		}
	}
	if a := r.as(t, "case_worker").get("/desk"); a.status != http.StatusNotFound {
		t.Errorf("the desk for a case worker: got %d, want 404", a.status)
	}
}

// roled is the browser of somebody with a role: new, or of the demo where a role begins
// with a second factor.
func (r *rig) roled(t *testing.T, role string) *person {
	t.Helper()
	if role == "coordinator" || role == "ombudsperson" {
		return r.as(t, role)
	}
	p, _ := r.newcomer(t, staff.Role(role), "child_protection", "home."+role, "Somebody "+role)
	return p
}

// links returns where the links of a page's own content and menu lead.
func links(a answer) (out []string) {
	for _, m := range regexp.MustCompile(`<a [^>]*href="(/[a-z][^"?#]*)`).FindAllStringSubmatch(a.body, -1) {
		if !strings.HasPrefix(m[1], "/static/") && !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

func TestAGuardianAndALawyerSeeWhatWaits(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	guardian, id := r.newcomer(t, staff.Guardian, "guardian", "nadia.waits", "Nadia Waits")
	lawyer, counsel := r.newcomer(t, staff.Lawyer, "legal_aid", "omar.waits", "Omar Waits")
	child := newChild(t, worker, "Oriel Fen")
	at := child + "/circle/invite"
	for _, who := range []struct{ id, role string }{{id.String(), "guardian"}, {counsel.String(), "lawyer"}} {
		worker.post(at, with(worker.get(at).form(t, at), "circle_member", who.id, "circle_role", who.role, "circle_conflict", "none")).wants(t, http.StatusSeeOther, child+"/circle?done=circle-invited")
	}
	discloses(t, worker, child, id.String(), "age")
	list := guardian.get("/helped")
	list.has(t, "the guardian's page", words("helped.consent"), child+"/consent")
	if strings.Contains(list.body, child+"/privileged") || strings.Contains(list.body, "Oriel Fen") {
		t.Error("the guardian is led to the lawyer's notes, or reads the name")
	}
	if a := guardian.get(child + "/consent"); a.status != http.StatusOK {
		t.Errorf("the page of consents for the guardian: got %d", a.status)
	}
	lawyer.get("/helped").has(t, "the lawyer's page", child+"/consent", child+"/privileged")
	if a := lawyer.get(child + "/privileged"); a.status != http.StatusOK {
		t.Errorf("the lawyer's own notes: got %d", a.status)
	}
}
