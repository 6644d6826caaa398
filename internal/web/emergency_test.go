package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/sealed"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// words returns the words of a key in English, as the pages of these tests have
// them.
func words(key string, args ...any) string { return locale.Get("en").T(key, args...) }

// fresh returns a form with another command: as if it had been opened again.
func fresh(form url.Values) url.Values {
	return with(form, "command", ident.New[ident.Command]().String())
}

// closedChild is a child of the demo's worker whose case is closed.
func closedChild(t *testing.T, worker *person) string {
	t.Helper()
	page := worker.get("/children/new/form")
	a := worker.post("/children/new/form", with(page.form(t, "/children/new/form"),
		"name", "Tamsin Quay", "risk", "medium", "basis", firstBasis(t, page), "when", "auto"))
	path, _, _ := strings.Cut(a.header.Get("Location"), "?")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(path, "/child/") {
		t.Fatalf("register: got %d %q", a.status, a.header.Get("Location"))
	}
	form := with(worker.get(path+"/close").form(t, path+"/close"), "close_reason", "error", "last_word", "Bye.")
	worker.post(path+"/close", form).wants(t, http.StatusSeeOther, path+"?done=closed")
	return path
}

func firstBasis(t testing.TB, page answer) string {
	t.Helper()
	_, rest, ok := strings.Cut(page.body, `name="basis" value="`)
	value, _, end := strings.Cut(rest, `"`)
	if !ok || !end {
		return firstOption(t, page, "basis")
	}
	return value
}

// TestEmergencyReopeningAndConfirming goes the whole way: the lead worker opens
// a closed case again in an emergency, and a supervisor confirms it.
func TestEmergencyReopeningAndConfirming(t *testing.T) {
	r := newRig(t)
	worker, boss := r.signedIn(t, "case_worker"), r.signedIn(t, "supervisor")
	child := closedChild(t, worker)
	at := child + "/emergency"
	missing := worker.get("/there/is/no/such/page")
	if page := worker.get(child); !strings.Contains(page.body, at) || strings.Contains(page.body, child+"/reopen") {
		t.Error("the worker is not offered to reopen in an emergency, or is offered to reopen without one")
	}
	if page := boss.get(child); strings.Contains(page.body, at) || !strings.Contains(page.body, child+"/reopen") {
		t.Error("the supervisor is offered an emergency, or is not offered to reopen without one")
	}
	if a := boss.get(at); a.status != http.StatusNotFound {
		t.Errorf("the emergency's form for a supervisor: got %d, want 404", a.status)
	}

	form := with(worker.get(at).form(t, at), "reopen_reason", "threatened")
	if a := worker.post(at, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-reason-error"`) || !strings.Contains(a.body, `value="threatened" selected`) {
		t.Errorf("without a reason: got %d, want 422, the fault at the reason and what was chosen", a.status)
	}
	if a := worker.post(child+"/reopen", with(form, "reason", "She called.")); a.status != http.StatusNotFound {
		t.Errorf("reopened without an emergency: got %d, want 404", a.status)
	}
	if a := worker.post(at, with(form, "command", "forged", "reason", "x")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a forged command: got %d, want 422", a.status)
	}
	form.Set("reason", "She called at night: a man stands before the house.")
	worker.post(at, form).wants(t, http.StatusSeeOther, child+"?done=emergency")
	worker.post(at, form).wants(t, http.StatusSeeOther, child+"?done=emergency") // a replay is the same command
	if a := worker.post(at, with(fresh(form), "reason", "Once more.")); a.status != http.StatusConflict || !strings.Contains(a.body, "Once more.") {
		t.Errorf("from an old page: got %d, want 409 and what was typed", a.status)
	}
	if a := worker.get(at); a.status != http.StatusNotFound {
		t.Errorf("the emergency's form of an open case: got %d, want 404", a.status)
	}

	confirm := child + "/confirm"
	page := worker.get(child)
	if !strings.Contains(page.body, "has to confirm it by") || !strings.Contains(page.body, words("event.in-emergency")) || strings.Contains(page.body, confirm) {
		t.Error("the worker does not see that the emergency waits, or is offered to confirm it")
	}
	if a := worker.get(confirm); a.status != http.StatusNotFound || a.plain() != missing.plain() {
		t.Errorf("the confirmation for the worker: got %d, want what does not exist", a.status)
	}
	for role, p := range map[string]*person{"case_worker": worker, "auditor": r.signedIn(t, "auditor"), "node_operator": r.signedIn(t, "node_operator")} {
		if a := p.post(confirm, with(fresh(form), "reason", "Fine.")); a.status != http.StatusNotFound {
			t.Errorf("confirmed by a %s: got %d, want 404", role, a.status)
		}
	}
	if page = boss.get(child); !strings.Contains(page.body, "has to confirm it by") || !strings.Contains(page.body, `href="`+confirm+`"`) {
		t.Fatal("the supervisor is not told of the emergency, or not offered to confirm it")
	}
	if print := boss.get(child + "/print"); !strings.Contains(print.body, "has to confirm it by") || strings.Contains(print.body, confirm) {
		t.Error("on paper the emergency is missing, or there is a button")
	}

	page = boss.get(confirm)
	if !strings.Contains(page.body, "a man stands before the house") {
		t.Error("the supervisor does not read why")
	}
	form = with(page.form(t, confirm), "reason", "Right: she was in danger.")
	if a := boss.post(confirm, with(fresh(form), "seen_version", "1")); a.status != http.StatusConflict || !strings.Contains(a.body, "Right: she was in danger.") {
		t.Errorf("confirmed from an old page: got %d, want 409 and what was typed", a.status)
	}
	boss.post(confirm, form).wants(t, http.StatusSeeOther, child+"?done=confirmed")
	boss.post(confirm, form).wants(t, http.StatusSeeOther, child+"?done=confirmed")
	page = boss.get(child)
	if strings.Contains(page.body, "has to confirm it by") || !strings.Contains(page.body, words("event.confirmed")) || !strings.Contains(page.body, "Right: she was in danger.") {
		t.Error("afterwards the page still asks, or the timeline lacks the confirmation")
	}
	if a := boss.get(confirm); a.status != http.StatusNotFound {
		t.Errorf("the confirmation of what is confirmed: got %d, want 404", a.status)
	}
	again := with(fresh(form), "seen_version", page.version(t, boss, child))
	if a := boss.post(confirm, again); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, words("error.no-emergency")) {
		t.Errorf("confirmed twice: got %d, want 422 and why", a.status)
	}
}

// version reads the version of a case off one of its forms.
func (a answer) version(t *testing.T, p *person, child string) string {
	t.Helper()
	return p.get(child+"/risk").form(t, child+"/risk").Get("seen_version")
}

// TestNobodyConfirmsTheirOwnEmergency: whatever they have become since.
func TestNobodyConfirmsTheirOwnEmergency(t *testing.T) {
	r := newRig(t)
	boss := r.signedIn(t, "supervisor")
	child := closedChild(t, boss)
	dir, err := r.node.Office.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	me := slices.IndexFunc(dir.People(), func(a staff.Account) bool { return a.SignIn.Reveal() == r.logins["supervisor"].Name })
	if me < 0 {
		t.Fatal("the supervisor is not in the directory")
	}
	was := r.node.Gate.Person(access.Signed{
		Staff: dir.People()[me].ID, Session: ident.New[ident.Session](),
		Role: access.RoleCaseWorker, Unit: dir.People()[me].Unit, Strength: "password", Sector: "child_protection",
	}, "test", "loopback")
	id, err := ident.Parse[ident.Case](strings.TrimPrefix(child, "/child/"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.deps.Cases.Open(t.Context(), was, id)
	if err != nil {
		t.Fatal(err)
	}
	err = r.deps.Cases.Reopen(t.Context(), was, ident.New[ident.Command](), id,
		casework.Decision{To: "threatened", Text: sealed.NewText("He was followed."), Seen: c.Case.Version, Emergency: true})
	if err != nil {
		t.Fatal(err)
	}
	confirm := child + "/confirm"
	a := boss.post(confirm, with(boss.get(confirm).form(t, confirm), "reason", "I was right."))
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, words("error.own-emergency")) || !strings.Contains(a.body, "I was right.") {
		t.Errorf("confirmed by the author: got %d, want 422, why, and what was typed", a.status)
	}
}

// TestTodayShowsEmergenciesFirst: to the worker and to the supervisor, with what
// each has to do; to nobody else.
func TestTodayShowsEmergenciesFirst(t *testing.T) {
	r := newRig(t)
	worker, boss := r.signedIn(t, "case_worker"), r.signedIn(t, "supervisor")
	child := closedChild(t, worker)
	at := child + "/emergency"
	form := with(worker.get(at).form(t, at), "reopen_reason", "threatened", "reason", "She called.")
	if a := worker.get("/"); strings.Contains(a.body, `id="t-urgent"`) && strings.Contains(before(a.body, "t-due"), child) {
		t.Error("a closed case is among the emergencies")
	}
	worker.post(at, form).wants(t, http.StatusSeeOther, child+"?done=emergency")
	for p, what := range map[*person]string{worker: "today.urgent.worker", boss: "today.urgent.supervisor"} {
		a := p.get("/")
		first := before(a.body, `id="t-due"`)
		if a.status != http.StatusOK || !strings.Contains(first, words(what)) || !strings.Contains(first, `href="`+child+`"`) {
			t.Errorf("%s: got %d, want the emergency before all else", what, a.status)
		}
	}
	confirm := child + "/confirm"
	boss.post(confirm, boss.get(confirm).form(t, confirm)).wants(t, http.StatusSeeOther, child+"?done=confirmed")
	for _, p := range []*person{worker, boss} {
		a := p.get("/")
		_, list, _ := strings.Cut(a.body, `id="t-urgent"`)
		if strings.Contains(before(list, "</section>"), child) {
			t.Error("a confirmed emergency is still shown")
		}
	}
}

func before(s, mark string) string {
	s, _, _ = strings.Cut(s, mark)
	return s
}

// plantReach lets somebody into a case as only the database can.
const plantReach = `INSERT INTO access_reach (case_id, holder, relation, from_at, until_at) SELECT $1, $2, 'helper', 0, 4611686018427387904`

// TestAlteredReachIsMarked: somebody is let in behind the program's back. The
// line is shown, and says so.
func TestAlteredReachIsMarked(t *testing.T) {
	r := newRig(t)
	worker := r.signedIn(t, "case_worker")
	child := closedChild(t, worker)
	id, err := ident.Parse[ident.Case](strings.TrimPrefix(child, "/child/"))
	if err != nil {
		t.Fatal(err)
	}
	if a := worker.get(child); strings.Contains(a.body, words("child.people.altered")) {
		t.Error("a line that nobody altered is marked")
	}
	stranger := ident.New[ident.Staff]()
	err = r.node.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), plantReach, id, stranger)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := worker.get(child); a.status != http.StatusOK || !strings.Contains(a.body, words("child.people.altered")) || !strings.Contains(a.body, words("staff.unknown")) {
		t.Errorf("an altered line: got %d, want it marked", a.status)
	}
}
