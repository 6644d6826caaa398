package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var (
	viewEdit = regexp.MustCompile(`href="(/children/views/[a-z0-9]{26})"`)
	viewEnd  = regexp.MustCompile(`action="(/children/views/[a-z0-9]{26}/unshare)"`)
)

// keep keeps the filters of an address under a name, and returns the page of the view.
func (p *person) keep(t *testing.T, list, name string) string {
	t.Helper()
	form := with(p.get(list).form(t, "/children/views"), "view_name", name)
	if a := p.post("/children/views", form); a.status != http.StatusSeeOther || !strings.Contains(a.header.Get("Location"), "done=view-saved") {
		t.Fatalf("keep %s: got %d %q", list, a.status, a.header.Get("Location"))
	}
	all := viewEdit.FindAllStringSubmatch(p.get("/children/views").body, -1)
	return all[len(all)-1][1]
}

// opensWith chooses what the list opens with.
func (p *person) opensWith(t *testing.T, view string) {
	t.Helper()
	const at = "/children/views/opening"
	p.post(at, with(p.get("/children/views").form(t, at), "opening", view)).wants(t, http.StatusSeeOther, "/children/views?done=view-opening")
}

// TestAViewIsKeptChangedAndOpenedWith goes the way of a case worker.
func TestAViewIsKeptChangedAndOpenedWith(t *testing.T) {
	r := newRig(t)
	worker := r.signedIn(t, "case_worker")
	at := worker.keep(t, "/children?risk=high&state=open", "Linden views")
	page := worker.get(at)
	if page.status != http.StatusOK || !page.says("Linden views") || !page.says(words("hint.view_name")) {
		t.Fatalf("the page of the view: got %d", page.status)
	}
	if strings.Contains(page.body, at+"/share") {
		t.Error("a case worker is offered to share")
	}
	if a := worker.post(at, with(page.form(t, at), "view_name", strings.Repeat("x", 61))); a.status != http.StatusUnprocessableEntity || !a.says(strings.Repeat("x", 61)) {
		t.Errorf("a long name: got %d, want 422 and what was typed", a.status)
	}
	worker.post(at, with(page.form(t, at), "view_name", "Linden lane")).wants(t, http.StatusSeeOther, at+"?done=view-changed")

	// Other filters in the same view.
	list := worker.get("/children?risk=low")
	form := list.form(t, "/children/views/filters")
	if a := worker.post("/children/views/filters", form); a.status != http.StatusUnprocessableEntity || !a.says(words("error.choose-one")) || form.Get("risk") != "low" {
		t.Errorf("no view chosen: got %d, want 422", a.status)
	}
	id := strings.TrimPrefix(at, "/children/views/")
	worker.post("/children/views/filters", with(fresh(form), "view", id)).wants(t, http.StatusSeeOther, "/children?risk=low&done=view-changed")
	if a := worker.get("/children?risk=low"); !strings.Contains(a.body, `<a href="/children?risk=low" aria-current="page"><bdi>Linden lane</bdi>`) {
		t.Error("the view does not hold the new filters")
	}

	// The list opens with it, the next time one signs in too, and all is one tap away.
	worker.opensWith(t, id)
	t.Cleanup(func() { worker.opensWith(t, "all") })
	again := r.signedIn(t, "case_worker")
	first := again.get("/children")
	if first.status != http.StatusOK || !first.says(words("views.opened")) || !strings.Contains(first.body, `href="/children?risk=low" aria-current="page"`) {
		t.Errorf("the list does not open with the view: got %d", first.status)
	}
	if !strings.Contains(first.body, `<a href="/children?state=every">`+words("views.all")) {
		t.Error("no way to see all children")
	}
	for _, path := range []string{"/children?state=every", "/children?state=open", "/children?state=every&risk=&sex="} {
		if a := again.get(path); a.status != http.StatusOK || a.says(words("views.opened")) || strings.Contains(a.body, `href="/children?risk=low" aria-current`) {
			t.Errorf("%s shows what the list opens with", path)
		}
	}
	if a := again.get("/children?risk=low"); !strings.Contains(a.body, `<ul class="chips"><li><a href="/children?state=every">`) {
		t.Error("taking the last filter away opens the list anew")
	}
	again.post(at+"/remove", sent()).wants(t, http.StatusSeeOther, "/children/views?done=view-removed")
	if a := again.get("/children"); a.says(words("views.opened")) || a.says(words("views.gone")) {
		t.Error("the list still opens with what its reader removed")
	}
	missing := again.get("/there/is/no/such/page")
	for _, path := range []string{at, "/children/views/x"} {
		if a := again.get(path); a.status != http.StatusNotFound || a.plain() != missing.plain() {
			t.Errorf("%s: got %d, want what a page that is not there gives", path, a.status)
		}
	}
}

// sent is a form with nothing but a command.
func sent() url.Values { return fresh(nil) }

// TestASharedViewOnThePages: who keeps it is said; a filter that names somebody the
// reader is never offered shows no name; a supervisor ends it.
func TestASharedViewOnThePages(t *testing.T) {
	r := newRig(t)
	boss, worker := r.signedIn(t, "supervisor"), r.signedIn(t, "case_worker")
	list := boss.get("/children")
	_, rest, _ := strings.Cut(list.body, `<select id="by-worker"`)
	m := regexp.MustCompile(`<option value="([a-z0-9]{26})"[^>]*>([^<]*)<`).FindStringSubmatch(rest)
	if m == nil {
		t.Fatal("no worker to filter by")
	}
	who, name := m[1], html.UnescapeString(m[2])
	at := boss.keep(t, "/children?worker="+who+"&stage=missing", "Rowan views")
	page := boss.get(at)
	if !page.says(name) {
		t.Error("the keeper does not see whom the filter names")
	}
	for range 2 {
		boss.post(at+"/share", sent()).wants(t, http.StatusSeeOther, "/children/views?done=view-shared")
	}
	if a := boss.post(at+"/remove", sent()); a.status != http.StatusUnprocessableEntity || !a.says(words("error.view-shared")) {
		t.Errorf("removing a shared view: got %d, want 422", a.status)
	}

	views := worker.get("/children/views")
	if !views.says("Rowan views") || !views.says(words("views.shared")) || !views.says("Kept by ") || viewEnd.MatchString(views.body) {
		t.Error("the reader does not see the view and who keeps it, or may end it")
	}
	href := regexp.MustCompile(`href="(/children\?[^"]*worker=` + who + `[^"]*)"`).FindStringSubmatch(worker.get("/children").body)
	if href == nil {
		t.Fatal("the list does not offer the shared view")
	}
	shown := worker.get(strings.ReplaceAll(href[1], "&amp;", "&"))
	if shown.status != http.StatusOK || !shown.says(words("filter.unnamed")) || shown.says(name) {
		t.Errorf("used by a worker: got %d; the filter must stand there without a name", shown.status)
	}
	id := strings.TrimPrefix(at, "/children/views/")
	for _, path := range []string{at, at + "/share", at + "/unshare", at + "/remove"} {
		if a := worker.post(path, with(sent(), "view_name", "Ours")); a.status != http.StatusNotFound {
			t.Errorf("POST %s by a reader: got %d, want 404", strings.TrimPrefix(path, at), a.status)
		}
	}
	worker.opensWith(t, id)
	t.Cleanup(func() { worker.opensWith(t, "all") })
	boss.post(at+"/unshare", sent()).wants(t, http.StatusSeeOther, "/children/views?done=view-unshared")
	for _, path := range []string{"/children", "/children/views"} {
		if a := worker.get(path); a.status != http.StatusOK || !a.says(words("views.gone")) {
			t.Errorf("%s does not say that the view is gone", path)
		}
	}
	if a := worker.get("/children"); strings.Contains(a.body, "Rowan views") {
		t.Error("the list still offers it")
	}
	boss.post(at+"/remove", sent()).wants(t, http.StatusSeeOther, "/children/views?done=view-removed")
	for _, role := range []string{"auditor", "node_operator", "first_responder"} {
		if a := r.signedIn(t, role).get("/children/views"); a.status != http.StatusNotFound {
			t.Errorf("a %s opens the views: %d", role, a.status)
		}
	}
}

// TestASupervisorAboveEndsASharing: the head of the organisation finds what is shared
// below.
func TestASupervisorAboveEndsASharing(t *testing.T) {
	r := newRig(t)
	boss, head := r.signedIn(t, "supervisor"), r.signedIn(t, "head")
	at := boss.keep(t, "/children?stage=missing", "Alder views")
	boss.post(at+"/share", sent()).wants(t, http.StatusSeeOther, "/children/views?done=view-shared")
	page := head.get("/children/views")
	if !page.says("Alder views") || !strings.Contains(page.body, `action="`+at+`/unshare"`) {
		t.Fatal("the head does not find what is shared below")
	}
	if strings.Contains(head.get("/children").body, "Alder views") {
		t.Error("the list of the head offers what is for a unit below")
	}
	head.post(at+"/unshare", page.form(t, at+"/unshare")).wants(t, http.StatusSeeOther, "/children/views?done=view-unshared")
	if a := head.get("/children/views"); a.says("Alder views") {
		t.Error("it is still there")
	}
	boss.post(at+"/remove", sent()).wants(t, http.StatusSeeOther, "/children/views?done=view-removed")
}
