package web_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

var childOfList = regexp.MustCompile(`href="(/child/[a-z0-9]+)"`)

// TestImportWithSubForms brings in a file of cases with sub-forms: the report says
// what will come with each child and what will not, and afterwards it is there.
func TestImportWithSubForms(t *testing.T) {
	content, err := os.ReadFile("../intake/testdata/primero_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	p := r.as(t, "supervisor")
	at := strings.TrimSuffix(p.upload("cases.json", string(content)).header.Get("Location"), "/map")
	page := p.get(at + "/map")
	if !strings.Contains(page.body, `<option value="entries/person.family_details_section" selected>People around the child`) {
		t.Error("the columns do not say what a sub-form becomes")
	}
	_, post, _ := strings.Cut(page.body, `method="post" action="`+at+`/map"`)
	form := answer{body: `action="` + at + `/map"` + post}.form(t, at+"/map")
	for _, m := range selected.FindAllStringSubmatch(page.body, -1) {
		if o := chosenOption.FindStringSubmatch(m[2]); o != nil {
			form.Set(m[1], o[1])
		}
	}
	p.post(at+"/map", with(form, "default_risk", "medium", "default_basis", firstOption(t, page, "default_basis"))).wants(t, http.StatusSeeOther, at)
	report := untilDone(t, p, at)
	for _, want := range []string{
		"4 people · 7 needs · 7 notes · 2 follow-ups", "3 people · 5 needs · 5 notes · 2 follow-ups", "A person without a name.", "Entry 3<",
		"Entry 2 note_date", "The same entry stands there before.",
	} {
		if !strings.Contains(report.body, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	for _, secret := range []string{"Sela", "last winter", "ferryman"} {
		if strings.Contains(report.body, secret) {
			t.Errorf("the report shows what stands in an entry: %s", secret)
		}
	}
	if a := p.get(at + "/brings.csv"); a.status != http.StatusOK || !strings.Contains(a.body, "\n2,3,5,5,2\n") {
		t.Errorf("what comes as a file: got %d %q", a.status, a.body)
	}
	if a := r.as(t, "case_worker").get(at + "/brings.csv"); a.status != http.StatusNotFound {
		t.Errorf("somebody else's file: got %d, want 404", a.status)
	}
	p.post(at+"/run", report.form(t, at+"/run")).wants(t, http.StatusSeeOther, at)
	untilDone(t, p, at)
	child := ""
	for _, m := range childOfList.FindAllStringSubmatch(p.get("/children").body, -1) {
		if a := p.get(m[1]); strings.Contains(a.body, "Mina Karo") {
			child = m[1]
		}
	}
	for path, wants := range map[string][]string{
		"/timeline": {"From Primero", "written there by worker_one", "She drew a boat.", "Burn on the left hand."},
		"/people":   {"Oda Karo", "000 555 0101", "relation_is_alive: dead"},
		"/needs":    {"Clinic by the Mill", "Receives it", "service_type: dream_reading_service"},
		"/source":   {"unknown to us", "kept only here", "relation_shoe_size", "People around the child", "wizard_section"},
	} {
		a := p.get(child + path)
		for _, want := range wants {
			if !strings.Contains(a.body, want) {
				t.Errorf("%s (%d) does not say %q", path, a.status, want)
			}
		}
	}
}
