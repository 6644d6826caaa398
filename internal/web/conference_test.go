package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestACaseConferenceOnThePages(t *testing.T) {
	r := newRig(t)
	worker, auditor := r.as(t, "case_worker"), r.as(t, "auditor")
	child := newChild(t, worker, "Idris Vane")
	at := child + "/conference/new"
	if a := worker.get(child); !strings.Contains(a.body, `href="`+child+`/conference"`) {
		t.Fatal("the child's page does not offer conferences")
	}
	form := with(worker.get(at).form(t, at), "contact_on", inDays(0), "took_part", "asked", "child_view", "I want to stay.",
		"attend_sector_0", "health", "attend_name_0", "Dr. Amara", "point_topic_0", "School", "point_decision_0", "He starts on Monday.",
		"task_text_0", "Bring him there.", "task_for_0", "lead")
	more := worker.post(at, with(form, "add", "point_topic"))
	if more.status != http.StatusOK || !strings.Contains(more.body, `name="point_topic_2"`) || !strings.Contains(more.body, "He starts on Monday.") {
		t.Errorf("one more point: got %d, or what was typed is gone", more.status)
	}
	if a := worker.post(at, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-task_day_0-error"`) || !strings.Contains(a.body, "Dr. Amara") {
		t.Errorf("a task without a day: got %d, want 422 at the day and what was typed", a.status)
	}
	worker.post(at, with(form, "task_day_0", inDays(5))).wants(t, http.StatusSeeOther, child+"/conference?done=conference")
	list := worker.get(child + "/conference")
	link := regexp.MustCompile(`href="(` + child + `/conference/[0-9a-z]{26})"`).FindStringSubmatch(list.body)
	if link == nil {
		t.Fatal("the list does not lead to the conference")
	}
	page := worker.get(link[1])
	for _, want := range []string{"Dr. Amara", "He starts on Monday.", "Bring him there.", "I want to stay.", words("tookpart.asked"), `class="stamp"`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the conference lacks %q", want)
		}
	}
	if a := worker.get(child + "/tasks"); !strings.Contains(a.body, "Bring him there.") {
		t.Error("the decision did not become a task")
	}
	missing := auditor.get("/there/is/no/such/page")
	for _, path := range []string{link[1], child + "/conference", at} {
		if a := auditor.get(path); a.status != http.StatusNotFound || a.plain() != missing.plain() {
			t.Errorf("%s for the auditor: got %d, want what does not exist", path, a.status)
		}
	}
}
