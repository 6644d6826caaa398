package web_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestTimelineCorrectionAndPast(t *testing.T) {
	r := newRig(t)
	worker, auditor := r.as(t, "case_worker"), r.as(t, "auditor")
	child := newChild(t, worker, "Maren Holt")
	at := child + "/note"
	form := with(worker.get(at).form(t, at), "kind", "other", "seen", "She wore a red coat.", "contact_on", inDays(0))
	if a := worker.post(at, form); a.status != http.StatusSeeOther {
		t.Fatalf("note: got %d\n%s", a.status, a.body)
	}
	page := worker.get(child)
	_, rest, ok := strings.Cut(page.body, `href="`+child+`/note/`)
	id, _, _ := strings.Cut(rest, `"`)
	if !ok || !strings.Contains(page.body, `href="`+child+`/timeline"`) {
		t.Fatal("the child's page does not lead to the timeline, or offers no correction")
	}
	at = child + "/note/" + id
	page = worker.get(at)
	if !strings.Contains(page.body, "She wore a red coat.</textarea>") {
		t.Error("the form does not begin with what the note says")
	}
	form = with(page.form(t, at), "seen", "She wore a blue coat.")
	if a := worker.post(at, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "a blue coat.") {
		t.Errorf("without a reason: got %d, want 422 and what was typed", a.status)
	}
	worker.post(at, with(form, "reason", "It was dark.")).wants(t, http.StatusSeeOther, child+"?done=corrected")
	page = worker.get(child + "/timeline")
	for _, want := range []string{"She wore a red coat.", "She wore a blue coat.", "It was dark.", words("event.corrected"), `href="#e-3"`, `id="e-3"`, `href="#e-2"`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the timeline lacks %q", want)
		}
	}
	page = worker.get(child + "/timeline?kind=note&from=" + inDays(0) + "&until=" + inDays(0))
	if !strings.Contains(page.body, "a red coat") || strings.Contains(page.body, "a blue coat") {
		t.Error("the filter by kind shows the wrong events")
	}
	if page = worker.get(child + "/timeline?until=" + inDays(-3)); !strings.Contains(page.body, words("timeline.none")) {
		t.Error("the filter by period shows something before the registration")
	}
	if page = worker.get(child + "?on=" + inDays(-2)); page.status != http.StatusOK || !strings.Contains(page.body, words("past.unknown")) || strings.Contains(page.body, "Maren Holt") {
		t.Errorf("before the registration: got %d, or the name is shown", page.status)
	}
	if page = worker.get(child + "?on=" + inDays(1)); strings.Contains(page.body, `class="past"`) {
		t.Error("a day to come is taken for the past")
	}

	at = child + "/person"
	form = worker.get(at).form(t, at)
	form = with(form, "name_0", "Maren Holt", "name_kind_0", "known_as", "sex", "female")
	if a := worker.post(at, form); a.status != http.StatusSeeOther {
		t.Fatalf("details: got %d\n%s", a.status, a.body)
	}
	page = worker.get(child + "/history")
	if page.status != http.StatusOK || !strings.Contains(page.body, words("history.empty")) || !strings.Contains(page.body, "Female") {
		t.Errorf("the history: got %d, or lacks what was recorded of the sex", page.status)
	}
	missing := auditor.get("/there/is/no/such/page")
	for _, path := range []string{"/timeline", "/history", "?on=" + inDays(-1), "/note/" + id} {
		if a := auditor.get(child + path); a.status != http.StatusNotFound || a.plain() != missing.plain() {
			t.Errorf("%s for the auditor: got %d, want what does not exist", path, a.status)
		}
	}
}
