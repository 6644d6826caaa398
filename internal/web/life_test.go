package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// registeredChild is a child of somebody, just registered at medium risk.
func registeredChild(t *testing.T, worker *person) string {
	t.Helper()
	page := worker.get("/children/new/form")
	a := worker.post("/children/new/form", with(page.form(t, "/children/new/form"),
		"name", "Ilo Marsh", "risk", "medium", "basis", firstBasis(t, page), "when", "auto"))
	path, _, _ := strings.Cut(a.header.Get("Location"), "?")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(path, "/child/") {
		t.Fatalf("register: got %d %q", a.status, a.header.Get("Location"))
	}
	return path
}

// fill fills a form of a page and sends it.
func (p *person) fill(t *testing.T, at string, pairs ...string) answer {
	t.Helper()
	path, _, _ := strings.Cut(at, "?")
	return p.post(path, with(p.get(at).form(t, path), pairs...))
}

func (a answer) has(t *testing.T, what string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s: %q is missing", what, text)
		}
	}
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }

func anHourAgo() string { return time.Now().UTC().Add(-time.Hour).Format("2006-01-02T15:04") }

func TestTheStagePageNamesWhatIsMissing(t *testing.T) {
	r := newRig(t)
	worker := r.signedIn(t, "case_worker")
	child := registeredChild(t, worker)
	page := worker.get(child + "/stage")
	page.has(t, "the stage page", `value="identified"`, words("gate.missing"), child+"/form/rapid_assessment", child+"/form/full_assessment")
	if strings.Contains(page.body, `value="assessed"`) || strings.Contains(page.body, `value="followup"`) {
		t.Error("a stage is offered whose gate is shut, or that does not follow")
	}
	forced := worker.post(child+"/stage", with(page.form(t, child+"/stage"), "stage", "assessed"))
	if forced.status != http.StatusUnprocessableEntity {
		t.Errorf("a stage past its gate: got %d, want 422", forced.status)
	}
	forced.has(t, "the refusal", words("error.gate-needs"), child+"/form/rapid_assessment")
	at := child + "/status/filed?state=rapid_assessment"
	worker.fill(t, at, "status_state", "rapid_assessment", "status_from", today(), "paper", "Folder 7, blue").wants(t, http.StatusSeeOther, child+"/status?done=status")
	worker.get(child+"/status").has(t, "the standing", "Folder 7, blue", today()[:4])
	worker.fill(t, child+"/stage", "stage", "assessed").wants(t, http.StatusSeeOther, child+"?done=stage")
}

func TestADecisionIsRecordedWithItsGrounds(t *testing.T) {
	r := newRig(t)
	worker := r.signedIn(t, "case_worker")
	child := registeredChild(t, worker)
	at := child + "/status/age"
	wrong := worker.fill(t, at, "status_from", today(), "status_state", "age_adult", "age_method", "interview", "age_doubt", "yes", "body", "Youth office", "grounds", "A look.")
	if wrong.status != http.StatusUnprocessableEntity {
		t.Errorf("an adult in doubt: got %d, want 422", wrong.status)
	}
	wrong.has(t, "the refusal", words("error.doubt-means-child"), "A look.")
	if a := worker.fill(t, at, "status_state", "placement", "body", "x", "grounds", "x"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a state of another kind: got %d, want 422", a.status)
	}
	worker.fill(t, at, "status_from", today(), "status_state", "age_doubt", "age_method", "interview", "age_doubt", "yes", "body", "Youth office", "grounds", "Two years are named.").
		wants(t, http.StatusSeeOther, child+"/status?done=status")
	worker.get(child+"/status").has(t, "the standing", "Youth office", "Two years are named.", words("status.childrules"))
	worker.get(child).has(t, "the child's page", words("child.presumed"), words("event.status"))
	missing := worker.get("/there/is/no/such/page")
	for _, path := range []string{child + "/status/nothing", child + "/acts/forged/review"} {
		if a := worker.get(path); a.status != http.StatusNotFound || a.plain() != missing.plain() {
			t.Errorf("%s: got %d, want what does not exist", path, a.status)
		}
	}
}

func TestAnActWithoutABasisIsReviewedOnItsPage(t *testing.T) {
	r := newRig(t)
	worker, boss := r.signedIn(t, "case_worker"), r.signedIn(t, "supervisor")
	child := registeredChild(t, worker)
	plan := worker.get(child + "/acts/plan")
	plan.has(t, "nothing can be authorised", words("acts.plan.none"), child+"/status/decision")
	worker.fill(t, child+"/acts/record", "act_kind", "removal", "happened", anHourAgo(), "what_happened", "The landlord stood at the door.").
		wants(t, http.StatusSeeOther, child+"/acts?done=act-done")
	page := worker.get(child)
	page.has(t, "the worker's page", words("actsays.breach"), words("event.act-breach"), "The landlord stood at the door.")
	if strings.Contains(page.body, "/review") {
		t.Error("who wrote the act down is offered to review it")
	}
	_, rest, _ := strings.Cut(boss.get(child).body, `href="`+child+"/acts/")
	act, _, ok := strings.Cut(rest, `/review"`)
	if !ok {
		t.Fatal("the supervisor is not offered to review it")
	}
	at := child + "/acts/" + act + "/review"
	missing := worker.get("/there/is/no/such/page")
	if a := worker.get(at); a.status != http.StatusNotFound || a.plain() != missing.plain() {
		t.Errorf("the review for the worker: got %d, want what does not exist", a.status)
	}
	boss.get(at).has(t, "the review", "The landlord stood at the door.")
	if a := boss.fill(t, at, "review_outcome", "mended"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-reason-error"`) {
		t.Errorf("a review without words: got %d, want 422", a.status)
	}
	if print := boss.get(child + "/print"); !strings.Contains(print.body, words("actsays.breach")) || strings.Contains(print.body, at) {
		t.Error("on paper the act is missing, or there is a button")
	}
	boss.fill(t, at, "review_outcome", "mended", "reason", "The court is asked today.").wants(t, http.StatusSeeOther, child+"/acts?done=act-reviewed")
	if page := boss.get(child); strings.Contains(page.body, words("actsays.breach")) || !strings.Contains(page.body, "The court is asked today.") {
		t.Error("afterwards the page still asks, or the timeline lacks the review")
	}
	if a := boss.get(at); a.status != http.StatusNotFound {
		t.Errorf("the review of what is reviewed: got %d, want 404", a.status)
	}
}

func TestAMissingChildOnItsPages(t *testing.T) {
	r := newRig(t)
	worker := r.signedIn(t, "case_worker")
	child := registeredChild(t, worker)
	at := child + "/missing"
	worker.fill(t, at+"/report", "missing_since", anHourAgo(), "what_happened", "Bed empty at seven.").wants(t, http.StatusSeeOther, at+"?done=missing")
	worker.get(child).has(t, "the child's page", words("missing.now"), words("missing.told.not"))
	worker.get(at).has(t, "the page of the missing child", at+"/told", at+"/search", at+"/found")
	worker.get(child+"/stage").has(t, "the stage page", words("missing.now"))
	closed := worker.fill(t, child+"/close", "close_reason", "unreachable", "continues", "The search.")
	if closed.status != http.StatusUnprocessableEntity {
		t.Errorf("closed as not reachable: got %d, want 422", closed.status)
	}
	worker.fill(t, at+"/told", "told", "Police, night desk", "reference", "M-41").wants(t, http.StatusSeeOther, at+"?done=missing-told")
	if page := worker.get(child); strings.Contains(page.body, words("missing.told.not")) || !strings.Contains(page.body, "M-41") {
		t.Error("the page does not know who was told")
	}
	worker.fill(t, at+"/search", "what_happened", "Asked at the station.").wants(t, http.StatusSeeOther, at+"?done=missing-search")
	worker.fill(t, at+"/found", "found_at", time.Now().UTC().Format("2006-01-02T15:04"), "what_happened", "Came back alone.", "words", "I was cold.").
		wants(t, http.StatusSeeOther, at+"?done=found")
	worker.get(child).has(t, "back", words("missing.talk.due"), "I was cold.")
	worker.fill(t, at+"/talk", "words", "I wanted to see my brother.", "seen_alone", "yes").wants(t, http.StatusSeeOther, at+"?done=return-talk")
	if page := worker.get(child); strings.Contains(page.body, words("missing.talk.due")) || !strings.Contains(page.body, "I wanted to see my brother.") {
		t.Error("after the talk the page still asks for it, or the timeline lacks it")
	}
	for role, p := range map[string]*person{"auditor": r.signedIn(t, "auditor"), "node_operator": r.signedIn(t, "node_operator")} {
		for _, path := range []string{at, at + "/report", child + "/acts", child + "/acts/record", child + "/status", child + "/status/age"} {
			if a := p.get(path); a.status != http.StatusNotFound {
				t.Errorf("%s opens %s: got %d, want 404", role, strings.TrimPrefix(path, child), a.status)
			}
		}
	}
}

func TestClosingOnItsPageAsksForWhatIsMissing(t *testing.T) {
	r := newRig(t)
	worker := r.signedIn(t, "case_worker")
	child := registeredChild(t, worker)
	at := child + "/close"
	for _, c := range []struct{ what, fault string }{{"goals_met", "risk-not-low"}, {"declined", "carer-alone"}} {
		a := worker.fill(t, at, "close_reason", c.what, "declined_by", "carer", "last_word", "Bye.", "continues", "School.")
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422", c.what, a.status)
		}
		a.has(t, c.what, words("error."+c.fault), "School.")
	}
	worker.fill(t, child+"/risk", "risk", "low", "reason", "Looked at again.").wants(t, http.StatusSeeOther, child+"?done=risk")
	worker.fill(t, at, "close_reason", "goals_met", "last_word", "Bye.", "ends", "Visits.", "continues", "School.").wants(t, http.StatusSeeOther, child+"?done=closed")
	worker.get(child).has(t, "the timeline", "Visits.", "School.", "Bye.")
}
