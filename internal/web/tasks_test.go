package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// newChild registers a child and returns the address of its page.
func newChild(t testing.TB, worker *person, name string) string {
	t.Helper()
	page := worker.get("/children/new/form")
	a := worker.post("/children/new/form", with(page.form(t, "/children/new/form"),
		"name", name, "risk", "medium", "basis", firstBasis(t, page), "when", "auto"))
	path, _, _ := strings.Cut(a.header.Get("Location"), "?")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(path, "/child/") {
		t.Fatalf("register: got %d %q", a.status, a.header.Get("Location"))
	}
	return path
}

// inDays is a day as a date field sends it.
func inDays(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format("2006-01-02") }

var itemLink = regexp.MustCompile(`href="(/child/[0-9a-z]+/(?:flags|tasks)/[0-9a-z]{26})"`)

func TestFlagsAndTasksOnThePages(t *testing.T) {
	r := newRig(t)
	worker, boss, auditor := r.as(t, "case_worker"), r.as(t, "supervisor"), r.as(t, "auditor")
	child := newChild(t, worker, "Corin Vale")
	if a := worker.get(child); !strings.Contains(a.body, `href="`+child+`/tasks"`) {
		t.Fatal("the child's page does not offer its tasks")
	}
	at := child + "/flags/new"
	form := with(worker.get(at).form(t, at), "flag_reason", "danger", "flag_day", inDays(2))
	if a := worker.post(at, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-flag_text-error"`) || !strings.Contains(a.body, `value="danger" id="f-flag_reason" autocomplete="off" checked`) {
		t.Errorf("a flag without words: got %d, want 422, the fault at the words and what was chosen", a.status)
	}
	worker.post(at, with(form, "flag_text", "A grey van waits outside.")).wants(t, http.StatusSeeOther, child+"/tasks?done=flag")
	if a := boss.get(child); !strings.Contains(a.body, "A grey van waits outside.") {
		t.Error("the supervisor does not see the flag on the child's page")
	}
	if a := worker.get(child + "/print"); !strings.Contains(a.body, "A grey van waits outside.") || itemLink.MatchString(a.body) {
		t.Error("on paper the flag is missing, or has a button")
	}

	at = child + "/tasks/new"
	form = with(worker.get(at).form(t, at), "task_text", "Call the school.", "task_for", "supervisor", "task_day", inDays(-1))
	if a := worker.post(at, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Call the school.") {
		t.Errorf("a task for yesterday: got %d, want 422 and what was typed", a.status)
	}
	worker.post(at, with(form, "task_day", inDays(3))).wants(t, http.StatusSeeOther, child+"/tasks?done=task")

	list := worker.get(child + "/tasks")
	links := itemLink.FindAllStringSubmatch(list.body, -1)
	if len(links) != 2 {
		t.Fatalf("the page offers to end %d things, want the flag and the task", len(links))
	}
	flag, task := links[0][1], links[1][1]
	missing := worker.get("/there/is/no/such/page")
	if a := auditor.get(flag); a.status != http.StatusNotFound || a.plain() != auditor.get("/there/is/no/such/page").plain() {
		t.Errorf("a flag for the auditor: got %d, want what does not exist", a.status)
	}
	if a := worker.get(child + "/flags/" + strings.Repeat("0", 26)); a.status != http.StatusNotFound || a.plain() != missing.plain() {
		t.Errorf("a flag that there is not: got %d, want 404", a.status)
	}
	form = boss.get(task).form(t, task)
	if a := boss.post(task, with(form, "task_end", "impossible")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("not possible without why: got %d, want 422", a.status)
	}
	boss.post(task, with(form, "task_end", "impossible", "reason", "The school is closed.")).wants(t, http.StatusSeeOther, child+"/tasks?done=task-ended")
	form = with(worker.get(flag).form(t, flag), "reason", "The van drove off.")
	worker.post(flag, form).wants(t, http.StatusSeeOther, child+"/tasks?done=flag-resolved")
	if a := worker.post(flag, with(fresh(form), "reason", "Twice told.")); a.status != http.StatusConflict || !strings.Contains(a.body, "Twice told.") {
		t.Errorf("taken down twice: got %d, want 409 and what was typed", a.status)
	}
	page := worker.get(child)
	for _, want := range []string{"The school is closed.", "The van drove off.", words("event.task-impossible"), words("event.flag-resolved")} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the timeline lacks %q", want)
		}
	}
	if strings.Contains(before(page.body, "c-events"), "A grey van waits outside.") {
		t.Error("the flag still stands at the head of the page")
	}
	if a := auditor.post(child+"/tasks/new", url.Values{"command": form["command"]}); a.status != http.StatusNotFound {
		t.Errorf("a task set by the auditor: got %d, want 404", a.status)
	}
}
