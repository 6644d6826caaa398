package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// thirty takes thirty invented children in and returns the address of their table.
func thirty(t *testing.T, who *person) string {
	t.Helper()
	page := who.get("/intake/group")
	a := who.post("/intake/group", with(page.form(t, "/intake/group"),
		"intake_count", "30", "intake_label", "Blue", "intake_place", "Lorry park by the bridge", "intake_on", inDays(0),
		"intake_hour", "04:30", "intake_found_by", "Harbour patrol", "risk", "high", "basis", firstBasis(t, page)))
	path, _, _ := strings.Cut(a.header.Get("Location"), "?")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(path, "/intake/group/") {
		t.Fatalf("intake: got %d %q", a.status, a.header.Get("Location"))
	}
	return path
}

// TestThirtyChildrenInTwoForms is the work of the first minute: one form gives thirty
// children a case and a number each, a second says what is known of them. No page of
// it asks for JavaScript.
func TestThirtyChildrenInTwoForms(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	if !strings.Contains(worker.get("/children/new").body, `href="/intake/group"`) {
		t.Error("the way to register does not lead to the group intake")
	}
	table := thirty(t, worker)
	page := worker.get(table)
	numbers := map[string]bool{}
	for _, m := range caseNumber.FindAllStringSubmatch(page.body, -1) {
		numbers[m[1]] = true
	}
	if len(numbers) != 30 || !strings.Contains(page.body, "Blue 30") || !strings.Contains(page.body, words("arrivals.of", "done", 0, "of", 30)) {
		t.Fatalf("the table shows %d numbers, want 30 and how far it has come", len(numbers))
	}
	form := page.form(t, table)
	for i := range 30 {
		form.Set(fmt.Sprintf("child_name_%d", i), fmt.Sprintf("Ember Quay %d", i))
		form.Set(fmt.Sprintf("age_%d", i), fmt.Sprint(8+i%9))
	}
	form.Set("family_3", "A")
	form.Set("family_4", "A")
	form.Set("urgent_5", "Fever")
	form.Set("bed_all", "Sports hall")
	bad := worker.post(table, with(form, "age_2", "200"))
	if bad.status != http.StatusUnprocessableEntity || !strings.Contains(bad.body, `value="Ember Quay 29"`) || !strings.Contains(bad.body, `href="#f-age_2"`) {
		t.Fatalf("an impossible age: %d, or what was typed is lost", bad.status)
	}
	worker.post(table, with(form, "age_2", "12")).wants(t, http.StatusSeeOther, table+"?done=family")
	page = worker.get(table)
	if !strings.Contains(page.body, words("arrivals.child_name")+": "+words("arrivals.of", "done", 30, "of", 30)) || !strings.Contains(page.body, `value="Sports hall"`) {
		t.Error("the table does not show the names and beds")
	}
	child := regexp.MustCompile(`<a href="(/child/[0-9a-z]+)">` + regexp.QuoteMeta(words("arrivals.open")))
	links := child.FindAllStringSubmatch(page.body, -1)
	if len(links) != 30 {
		t.Fatalf("links to cases = %d, want 30", len(links))
	}
	if own := worker.get(links[5][1]).body; !strings.Contains(own, "Harbour patrol") || !strings.Contains(own, "Fever") || !strings.Contains(own, table) {
		t.Error("the case does not say how the child arrived, or does not lead back to the table")
	}
	if family := worker.get(links[3][1] + "/people").body; !strings.Contains(family, "Ember Quay 4") {
		t.Error("the brother with the same letter is not in the group")
	}
	if old := worker.post(table, with(fresh(form), "child_name_1", "Somebody else")); old.status != http.StatusConflict {
		t.Errorf("saved from an older page: %d, want 409", old.status)
	}
}

// TestASupervisorGivesTheChildrenToWorkers shares a group out.
func TestASupervisorGivesTheChildrenToWorkers(t *testing.T) {
	r := newRig(t)
	worker, boss := r.as(t, "case_worker"), r.as(t, "supervisor")
	table := thirty(t, worker)
	if strings.Contains(worker.get(table).body, `name="workers"`) {
		t.Error("a case worker is offered to give children away")
	}
	page := boss.get(table)
	send := func(workers ...string) answer {
		form := page.form(t, table+"/workers")
		form["workers"] = workers
		return boss.post(table+"/workers", fresh(form))
	}
	if a := send(); a.status != http.StatusUnprocessableEntity {
		t.Errorf("to nobody: %d", a.status)
	}
	_, list, _ := strings.Cut(page.body, `name="workers"`)
	var all []string
	for _, m := range regexp.MustCompile(`value="([0-9a-z]{26})" id="f-workers`).FindAllStringSubmatch(`name="workers"`+list, -1) {
		all = append(all, m[1])
	}
	if len(all) < 2 {
		t.Fatalf("workers to choose from = %d", len(all))
	}
	send(all[0], all[1]).wants(t, http.StatusSeeOther, table+"?done=allocated")
	for role, want := range map[string]int{"auditor": http.StatusNotFound, "node_operator": http.StatusNotFound, "supervisor": http.StatusOK} {
		if a := r.as(t, role).get(table); a.status != want {
			t.Errorf("%s: the table answers %d, want %d", role, a.status, want)
		}
		if a := r.as(t, role).post("/intake/group", url.Values{"command": {"x"}}); role != "supervisor" && a.status == http.StatusSeeOther {
			t.Errorf("%s takes a group in", role)
		}
	}
}
