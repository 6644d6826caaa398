package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

var caseNumber = regexp.MustCompile(`<bdi class="num">([^<]+)</bdi>`)

// numberOf reads the number of a case from its page.
func numberOf(t *testing.T, who *person, child string) string {
	t.Helper()
	m := caseNumber.FindStringSubmatch(who.get(child).body)
	if m == nil {
		t.Fatal("the page of a child has no number")
	}
	return m[1]
}

var personLink = regexp.MustCompile(`href="(/child/[^"]+/people/[0-9a-z]{26})/change"`)

// TestPeopleAroundAChild goes the whole way: a person is added, changed and taken
// off the list, a brother is linked, a group made, and one visit written for both.
func TestPeopleAroundAChild(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	sister, brother := newChild(t, worker, "Aster Quay"), newChild(t, worker, "Beryl Quay")
	at := sister + "/people"
	if page := worker.get(sister).body; !strings.Contains(page, `href="`+at+`"`) {
		t.Fatal("the child's page does not lead to the people")
	}
	send := func(path string, pairs ...string) answer {
		t.Helper()
		return worker.post(path, with(worker.get(path).form(t, path), pairs...))
	}
	bad := send(at+"/add", "other_name", "Oru Quay", "relation_to", "aunt_uncle", "safe_contact", "no", "suspected", "yes")
	if bad.status != http.StatusUnprocessableEntity || !strings.Contains(bad.body, `value="Oru Quay"`) {
		t.Fatalf("not safe without a reason: %d, or what was typed is lost", bad.status)
	}
	send(at+"/add", "other_name", "Oru Quay", "relation_to", "aunt_uncle", "safe_contact", "no", "safe_why", "Waits at the gate.",
		"suspected", "yes", "phone", "+999 55 9").wants(t, http.StatusSeeOther, at+"?done=family")
	page := worker.get(at)
	m := personLink.FindStringSubmatch(page.body)
	if m == nil || !strings.Contains(page.body, "Waits at the gate.") || !strings.Contains(page.body, words("family.suspected")) {
		t.Fatal("the page does not show the person")
	}
	if !strings.Contains(worker.get(sister).body, "Waits at the gate.") {
		t.Error("the child's page does not warn of somebody who is not safe")
	}
	if paper := worker.get(sister + "/print"); paper.status != http.StatusOK || strings.Contains(paper.body, "Oru Quay") || strings.Contains(paper.body, "Waits at the gate.") {
		t.Error("the print names a suspected person")
	}
	form := worker.get(m[1]+"/change").form(t, m[1]+"/change")
	changed := []string{"other_name", "Oru Quay", "relation_to", "aunt_uncle", "safe_contact", "unknown"}
	worker.post(m[1]+"/change", with(form, changed...)).wants(t, http.StatusSeeOther, at+"?done=family")
	if again := worker.post(m[1]+"/change", fresh(with(form, changed...))); again.status != http.StatusConflict {
		t.Errorf("a change made from an older page: %d, want 409", again.status)
	}
	send(m[1]+"/end", "reason", "Another man of this name.").wants(t, http.StatusSeeOther, at+"?done=family")
	if page := worker.get(at).body; !strings.Contains(page, "Another man of this name.") || personLink.MatchString(page) {
		t.Error("the history has lost the person, or they can still be changed")
	}
	if a := worker.get(m[1] + "/change"); a.status != http.StatusNotFound {
		t.Errorf("the form of somebody taken off the list: %d, want 404", a.status)
	}

	send(at+"/link", "number", numberOf(t, worker, brother), "relation_to", "brother_sister").wants(t, http.StatusSeeOther, at+"?done=family")
	if !strings.Contains(worker.get(brother+"/people").body, "Aster Quay") {
		t.Error("the brother's page does not name his sister")
	}
	if a := send(at+"/link", "number", "7KQM-T3XA-R", "relation_to", "brother_sister"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown number: %d", a.status)
	}
	send(at+"/group", "group_kind", "siblings", "number", numberOf(t, worker, brother)).wants(t, http.StatusSeeOther, at+"?done=family")
	id := strings.TrimPrefix(brother, "/child/")
	note := []string{"kind", "home_visit", "contact_on", time.Now().UTC().Format(time.DateOnly), "seen", "Both slept well.", "when", "auto", "with", id}
	if a := send(sister+"/note", note...); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `href="#f-interpreter"`) {
		t.Errorf("a visit that does not say who interpreted: %d", a.status)
	}
	send(sister+"/note", append(note, "interpreter", "missing")...).wants(t, http.StatusSeeOther, sister+"?done=note")
	for _, child := range []string{sister, brother} {
		if page := worker.get(child).body; !strings.Contains(page, "Both slept well.") || !strings.Contains(page, "Nobody, though one was needed") {
			t.Errorf("%s does not tell of the visit and the missing interpreter", child)
		}
	}
	send(at+"/apart", "reason", "She has a foster family now.").wants(t, http.StatusSeeOther, at+"?done=family")
	if !strings.Contains(worker.get(brother).body, "She has a foster family now.") {
		t.Error("the brother's page does not tell of the separation")
	}
}

// TestPeoplePagesAreClosedToOthers asks for the pages of a case out of reach.
func TestPeoplePagesAreClosedToOthers(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Clover Quay")
	for _, role := range []string{"auditor", "node_operator"} {
		for _, page := range []string{"/people", "/people/add", "/people/link", "/people/group"} {
			if a := r.as(t, role).get(child + page); a.status != http.StatusNotFound {
				t.Errorf("%s sees %s: %d", role, page, a.status)
			}
		}
	}
}

// TestWhereAChildLives records an unsafe place, sees it on the first page and the
// child's, and ends it with a safe one.
func TestWhereAChildLives(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Dorian Quay")
	add := child + "/care/add"
	send := func(pairs ...string) answer {
		t.Helper()
		return worker.post(add, with(worker.get(add).form(t, add), pairs...))
	}
	if a := send("care_kind", "street"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a place without a first day: %d", a.status)
	}
	send("care_kind", "police_cell", "care_from", inDays(-2), "care_where", "Station by the pier").wants(t, http.StatusSeeOther, child+"/care?done=family")
	if page := worker.get(child).body; !strings.Contains(page, "Station by the pier") || !strings.Contains(page, words("care.unsafe")) {
		t.Error("the child's page does not say where the child is")
	}
	stands := func() bool {
		_, section, found := strings.Cut(worker.get("/").body, `id="t-unsafe"`)
		section, _, _ = strings.Cut(section, "</section>")
		return found && strings.Contains(section, "Dorian Quay")
	}
	if !stands() {
		t.Error("the first page does not show the child in a police cell")
	}
	send("care_kind", "shelter", "care_from", inDays(-1)).wants(t, http.StatusSeeOther, child+"/care?done=family")
	if stands() {
		t.Error("the first page still shows the child")
	}
	change := regexp.MustCompile(`href="(/child/[^"]+/care/[0-9a-z]{26}/change)"`).FindStringSubmatch(worker.get(child + "/care").body)
	if change == nil {
		t.Fatal("no place can be corrected")
	}
	form := worker.get(change[1]).form(t, change[1])
	worker.post(change[1], with(form, "care_kind", "foster", "care_from", inDays(-1))).wants(t, http.StatusSeeOther, child+"/care?done=family")
	if a := r.as(t, "auditor").get(child + "/care"); a.status != http.StatusNotFound {
		t.Errorf("an auditor sees where a child lives: %d", a.status)
	}
}

// TestSearchForTheFamily goes the way of a search on its pages.
func TestSearchForTheFamily(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Emery Quay")
	at := child + "/tracing"
	send := func(path string, pairs ...string) answer {
		t.Helper()
		return worker.post(path, with(worker.get(path).form(t, path), pairs...))
	}
	start := []string{"sought_by", "child", "sought_who", "Odile Quay", "relation_to", "mother", "sought_words", "Find her.", "fears", "no", "consent_by", "Emery", "consent_on", inDays(-1)}
	if a := send(at+"/start", start...); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, words("error.consent-needed")) || !strings.Contains(a.body, "Find her.") {
		t.Fatalf("without consent: %d, or what was typed is lost", a.status)
	}
	send(at+"/start", append(start, "consent", "yes")...).wants(t, http.StatusSeeOther, at+"?done=family")
	m := regexp.MustCompile(`href="(/child/[^"]+/tracing/[0-9a-z]{26})/action"`).FindStringSubmatch(worker.get(at).body)
	if m == nil {
		t.Fatal("the search offers no step")
	}
	search := m[1]
	if a := send(search+"/result", "step_what", "found", "step_on", inDays(0), "step_outcome", "She is at the mill."); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, words("error.verify-first")) {
		t.Errorf("found before anybody was verified: %d", a.status)
	}
	if a := worker.get(search + "/reunified"); a.status != http.StatusNotFound {
		t.Errorf("the form of a reunification is offered too early: %d", a.status)
	}
	send(search+"/question", "step_on", inDays(0), "step_question", "Name of the goat?", "step_expected", "Button", "step_said", "Button", "step_match", "yes").wants(t, http.StatusSeeOther, at+"?done=family")
	send(search+"/result", "step_what", "found", "step_on", inDays(0), "step_outcome", "She is at the mill.").wants(t, http.StatusSeeOther, at+"?done=family")
	send(search+"/reunified", "step_on", inDays(0), "step_outcome", "They met.").wants(t, http.StatusSeeOther, at+"?done=family")
	if page := worker.get(at).body; !strings.Contains(page, words("searchstate.reunified")) || !strings.Contains(page, "They met.") {
		t.Error("the page does not tell how the search went")
	}
	if page := worker.get(child).body; strings.Contains(page, "Button") {
		t.Error("the timeline tells the answer that only the family knows")
	}
	if a := r.as(t, "auditor").get(at); a.status != http.StatusNotFound {
		t.Errorf("an auditor sees the search: %d", a.status)
	}
}
