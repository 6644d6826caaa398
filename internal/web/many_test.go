package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// picked returns the identifier of the case of a child's page.
func picked(child string) string { return strings.TrimPrefix(child, "/child/") }

func TestOneThingWithSeveralChildren(t *testing.T) {
	r := newRig(t)
	worker, boss := r.as(t, "case_worker"), r.as(t, "supervisor")
	one, two := newChild(t, worker, "Petra Lomax"), newChild(t, worker, "Anselm Roe")
	list := worker.get("/children?state=open")
	if !strings.Contains(list.body, `type="checkbox" name="case" value="`+picked(one)+`" form="many"`) || !strings.Contains(list.body, `name="what" value="flag"`) {
		t.Fatal("the list offers nothing to tick")
	}
	if strings.Contains(list.body, `name="what" value="export"`) || strings.Contains(list.body, `name="what" value="assign"`) {
		t.Error("a worker is offered to export or give away several children")
	}
	q := url.Values{"case": {picked(one), picked(two), strings.Repeat("0", 26)}, "what": {"flag"}}
	page := worker.get("/children/many?" + q.Encode())
	if !strings.Contains(page.body, "Petra Lomax") || !strings.Contains(page.body, "Anselm Roe") {
		t.Fatal("the page does not name the children that were ticked")
	}
	form := page.form(t, "/children/many")
	form["case"] = []string{picked(one), picked(two)}
	form = with(form, "flag_reason", "court")
	if a := worker.post("/children/many", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-flag_text-error"`) || !strings.Contains(a.body, "Petra Lomax") {
		t.Errorf("without words: got %d, want 422, the fault and the children", a.status)
	}
	a := worker.post("/children/many", with(form, "flag_text", "Hearing on Monday."))
	to := a.header.Get("Location")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(to, "/children/done?") {
		t.Fatalf("got %d %q", a.status, to)
	}
	done := worker.get(to)
	if !strings.Contains(done.body, words("many.done", "n", 2, "of", 2)) || !strings.Contains(done.body, "Anselm Roe") {
		t.Error("the page does not say what became of each child")
	}
	if a := worker.get(two); !strings.Contains(a.body, "Hearing on Monday.") {
		t.Error("the flag is not on a child's page")
	}
	if a := worker.get("/children?state=open"); !strings.Contains(a.body, words("many.flagged")) {
		t.Error("the list does not mark who is flagged")
	}

	// A closed case is named and does not hold up the other.
	shut := closedChild(t, worker)
	q.Set("what", "contact")
	form = worker.get("/children/many?"+q.Encode()).form(t, "/children/many")
	form["case"] = []string{picked(shut), picked(two)}
	a = worker.post("/children/many", with(form, "when", "3"))
	done = worker.get(a.header.Get("Location"))
	if !strings.Contains(done.body, words("many.done", "n", 1, "of", 2)) || !strings.Contains(done.body, words("error.case-closed")) {
		t.Errorf("with a closed case among them: got %d, want one done and why the other was not", a.status)
	}
	q.Set("what", "export")
	page = boss.get("/children/many?" + q.Encode())
	if !strings.Contains(page.body, `action="/children/export"`) {
		t.Error("the supervisor is not led to the export")
	}
	page, file := exportOf(t, boss, "/children/export?"+url.Values{"case": {picked(one), picked(two)}}.Encode(), "case", picked(two))
	if text := opened(t, file, byPassphrase(t, page)); !strings.Contains(text, "Anselm Roe") || strings.Contains(text, "Petra Lomax") {
		t.Error("the export holds others than those who were chosen")
	}
	for _, path := range []string{"/children/many?what=assign", "/children/many?what=burn", "/children/done", "/children/done?case=x&why="} {
		if a := worker.get(path); a.status != http.StatusNotFound && path != "/children/done?case=x&why=" {
			t.Errorf("%s: got %d, want 404", path, a.status)
		}
	}
	if a := r.as(t, "auditor").get("/children/many?what=flag"); a.status != http.StatusNotFound {
		t.Errorf("for the auditor: got %d, want 404", a.status)
	}
}
