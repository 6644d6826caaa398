package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// cardNames are the fields of a check's questions, in the order of the page.
var cardNames = regexp.MustCompile(`type="radio" name="(q_[a-z0-9_]+)" value="yes"`)

// setting is the address of the check of a 12 to 14 year old on the street.
const setting = "/check/new?age_about=12-14&place_met=street"

// answered fills in a check: no to everything but what is listed, and nothing that
// cannot wait.
func answered(t *testing.T, page answer, yes ...string) url.Values {
	t.Helper()
	form := with(page.form(t, "/check/new"), "language", "fr", "go", "result")
	found := cardNames.FindAllStringSubmatch(page.body, -1)
	if len(found) != 13 {
		t.Fatalf("the check asks %d questions, want whether the child is safe and twelve cards", len(found))
	}
	for _, m := range found {
		form.Set(m[1], "no")
	}
	form.Set("q_safe_now", "yes")
	for _, name := range yes {
		if !form.Has("q_" + name) {
			t.Fatalf("the check does not ask %s", name)
		}
		form.Set("q_"+name, "yes")
	}
	return form
}

// makeCheck makes a check and returns the address of its result.
func makeCheck(t *testing.T, p *person, yes ...string) string {
	t.Helper()
	a := p.post("/check/new", answered(t, p.get(setting), yes...))
	path := a.header.Get("Location")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(path, "/check/") {
		t.Fatalf("make a check: got %d %q", a.status, path)
	}
	return path
}

// says reports whether a page shows a text.
func (a answer) says(text string) bool { return strings.Contains(html.UnescapeString(a.body), text) }

// TestACheckFromTheFirstQuestionToTheChild goes the whole way with two people: the
// responder checks and hands over, a worker takes over and registers the child.
func TestACheckFromTheFirstQuestionToTheChild(t *testing.T) {
	r := newRig(t)
	officer, worker := r.signedIn(t, "first_responder"), r.signedIn(t, "case_worker")
	officer.get("/").wants(t, http.StatusSeeOther, "/check")
	start := officer.get("/check")
	for _, foreign := range []string{`href="/children`, `href="/duty"`, `href="/journal"`, `href="/people"`, `name="query"`} {
		if strings.Contains(start.body, foreign) {
			t.Errorf("the responder's page offers %s", foreign)
		}
	}
	if !start.says(words("check.alone")) {
		t.Error("nobody is told to do it alone with the child")
	}

	path := makeCheck(t, officer, "set_sum", "stands_by")
	result := officer.get(path)
	for _, want := range []string{
		words("checklevel.refer"), words("checkrule.strong_sign"), "The child has to steal or collect a set sum, or is punished",
		words("checkrule.not_alone"), words("check.next.help"), words("receipt.yours"), words("check.never"),
	} {
		if !result.says(want) {
			t.Errorf("the result does not say %q", want)
		}
	}
	if main := regexp.MustCompile(`(?s)<main.*</main>`).FindString(result.body); regexp.MustCompile(`(?i)score|points|%`).MatchString(main) {
		t.Error("the result shows a score")
	}
	if result.says(words("check.register")) || result.says(words("check.child")) {
		t.Error("the responder is offered the case")
	}
	help := result.form(t, path+"/help")
	officer.post(path+"/help", help).wants(t, http.StatusSeeOther, path+"?done=helped")
	officer.post(path+"/help", help).wants(t, http.StatusSeeOther, path+"?done=helped") // a replay
	if a := officer.post(path+"/help", fresh(help)); a.status != http.StatusConflict {
		t.Errorf("handed over twice: got %d, want 409", a.status)
	}
	if a := officer.get(path); !a.says(words("receipt.waits")) || a.says(words("check.help")) {
		t.Error("after the hand-over the result does not say so, or offers it again")
	}

	duty := worker.get("/duty")
	if !strings.Contains(duty.body, path+"/accept") {
		t.Fatal("the check is not on the duty list")
	}
	if today := worker.get("/"); !strings.Contains(today.body, `href="/duty"`) || !today.says(words("duty.title")) {
		t.Error("the worker's day does not say that checks wait")
	}
	accept := duty.form(t, path+"/accept")
	worker.post(path+"/accept", accept).wants(t, http.StatusSeeOther, path+"?done=accepted")
	if a := worker.get("/duty"); strings.Contains(a.body, path+"/accept") {
		t.Error("the check is still on the duty list")
	}
	receipt := officer.get(path + "/receipt")
	if !receipt.says(words("receipt.taken")) || !receipt.says(words("role.case_worker")) || !receipt.says(words("receiptsays.taken")) {
		t.Error("the receipt does not say who took over and what comes next")
	}

	find := path + "/register"
	worker.post(find, with(worker.get(path).form(t, find), "query", "Oriel Sandhaven"))
	found := worker.post(find, url.Values{"query": {"Oriel Sandhaven"}})
	to := found.header.Get("Location")
	if found.status != http.StatusSeeOther || !strings.HasPrefix(to, find+"?q=") || strings.Contains(to, "Oriel") {
		t.Fatalf("look for the child: got %d %q", found.status, to)
	}
	step := worker.get(to)
	on := regexp.MustCompile(`href="(` + regexp.QuoteMeta(find) + `/form\?q=[^"]+)"`).FindStringSubmatch(step.body)
	if on == nil {
		t.Fatal("the search does not lead on")
	}
	page := worker.get(html.UnescapeString(on[1]))
	if !strings.Contains(page.body, `value="Oriel Sandhaven"`) || !strings.Contains(page.body, `value="fr" selected`) || !page.says("keep “12 to 14”") {
		t.Error("name, language and age are not carried over")
	}
	form := with(page.form(t, find+"/form"), "name", "Oriel Sandhaven", "risk", "medium", "when", "auto", "language", "fr", "basis", firstBasis(t, page))
	child := strings.Replace(path, "/check/", "/child/", 1)
	worker.post(find+"/form", with(form, "name", "")) // refused: nothing is written
	worker.post(find+"/form", form).wants(t, http.StatusSeeOther, child+"?done=registered")
	shown := worker.get(child)
	if !shown.says("Oriel Sandhaven") || !shown.says("12–14") && !shown.says("12 to 14") {
		t.Error("the child's page lacks the name, or makes one year of the check's age")
	}
	for _, gone := range []string{find, find + "/form"} {
		if a := worker.get(gone); a.status != http.StatusNotFound {
			t.Errorf("%s of a registered child: got %d, want 404", gone, a.status)
		}
	}
	if a := officer.get(path + "/receipt"); !a.says(words("receipt.registered")) || a.says("Oriel") {
		t.Error("the receipt does not say that the child is registered, or names the child")
	}
	if a := officer.get(child); a.status != http.StatusNotFound {
		t.Errorf("the child's page for the responder: got %d, want 404", a.status)
	}
}

// TestHelpDoesNotWaitForTheEndOfACheck asks for help after one answer.
func TestHelpDoesNotWaitForTheEndOfACheck(t *testing.T) {
	r := newRig(t)
	officer := r.as(t, "first_responder")
	page := officer.get(setting)
	form := with(page.form(t, "/check/new"), "q_sexual_recent", "yes", "go", "help")
	a := officer.post("/check/new", form)
	path, done, _ := strings.Cut(a.header.Get("Location"), "?")
	if a.status != http.StatusSeeOther || done != "done=helped" {
		t.Fatalf("help at once: got %d %q", a.status, a.header.Get("Location"))
	}
	result := officer.get(path)
	for _, want := range []string{words("urgent.pep72"), words("urgent.ec120"), words("urgentsays.pep72"), words("receipt.waits")} {
		if !result.says(want) {
			t.Errorf("the result does not say %q", want)
		}
	}
	at := path + "/urgent/pep72"
	if !strings.Contains(result.body, `href="`+at+`"`) {
		t.Fatal("nobody is asked what was done")
	}
	seen := with(officer.get(at).form(t, at), "urgent_outcome", "not_possible")
	if a := officer.post(at, seen); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-reason-error"`) {
		t.Errorf("not possible, without a reason: got %d, want 422", a.status)
	}
	seen = with(seen, "urgent_outcome", "done")
	officer.post(at, seen).wants(t, http.StatusSeeOther, path+"?done=seento")
	officer.post(at, seen).wants(t, http.StatusSeeOther, path+"?done=seento") // a replay
	if a := officer.post(at, fresh(seen)); a.status != http.StatusConflict {
		t.Errorf("said twice: got %d, want 409", a.status)
	}
	if a := officer.get(path); !a.says(words("seento.over")) || strings.Contains(a.body, `href="`+at+`"`) || !strings.Contains(a.body, path+"/urgent/ec120") {
		t.Error("what was seen to still waits, or the other does not")
	}
	for _, role := range []string{"case_worker", "auditor"} { // not theirs yet
		if a := r.as(t, role).get(path + "/urgent/ec120"); a.status != http.StatusNotFound {
			t.Errorf("the form for a %s: got %d, want 404", role, a.status)
		}
	}
	duty := r.signedIn(t, "case_worker")
	duty.post(path+"/accept", duty.get("/duty").form(t, path+"/accept")).wants(t, http.StatusSeeOther, path+"?done=accepted")
	if a := duty.get("/"); !strings.Contains(a.body, `href="`+path+`/urgent/ec120"`) {
		t.Error("the day of whoever took over does not lead to what cannot wait")
	}
	boss := r.as(t, "supervisor")
	child := strings.Replace(path, "/check/", "/child/", 1)
	if a := boss.get(child); !strings.Contains(a.body, path+"/urgent/ec120") || strings.Contains(a.body, path+"/urgent/pep72") {
		t.Error("the child's page does not show what still cannot wait, and only that")
	}
	if strings.Index(result.body, `id="c-urgent"`) > strings.Index(result.body, "<h1>") {
		t.Error("what cannot wait does not come first")
	}
}

// TestWhatACheckRefuses sends checks that lack something: what was answered stays.
func TestWhatACheckRefuses(t *testing.T) {
	r := newRig(t)
	officer := r.as(t, "first_responder")
	for _, address := range []string{"/check/new", "/check/new?age_about=12-14", "/check/new?age_about=18%2B&place_met=street", "/check/new?age_about=12-14&place_met=moon"} {
		if a := officer.get(address); a.status != http.StatusOK || !strings.Contains(a.body, `id="errors"`) || cardNames.MatchString(a.body) {
			t.Errorf("%s: got %d, want the first step with what is missing", address, a.status)
		}
	}
	form := answered(t, officer.get(setting), "brought")
	form.Del("q_injury")
	form.Del("language")
	a := officer.post("/check/new", form)
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `href="#f-q_injury"`) || !strings.Contains(a.body, `href="#f-language"`) {
		t.Errorf("without an answer: got %d, want 422 and both named", a.status)
	}
	if !regexp.MustCompile(`name="q_brought" value="yes"[^>]* checked`).MatchString(a.body) {
		t.Error("the answers are lost")
	}
	if a := officer.post("/check/new", with(form, "q_injury", "no", "language_other", "am", "command", "forged")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a forged command: got %d, want 422", a.status)
	}
	path, _, _ := strings.Cut(officer.post("/check/new", with(form, "q_injury", "no", "language_other", "am")).header.Get("Location"), "?")
	if a := officer.get(path); !a.says("Amharic") {
		t.Error("another language is not kept")
	}
}

// TestChecksAreNobodyElsesBusiness asks for the pages of a check with everybody
// who may not see them: they look like a page that does not exist.
func TestChecksAreNobodyElsesBusiness(t *testing.T) {
	r := newRig(t)
	officer := r.as(t, "first_responder")
	path := makeCheck(t, officer, "brought")
	missing := "/check/00000000000000000000000000"
	for _, role := range []string{"auditor", "node_operator"} {
		p := r.as(t, role)
		for _, page := range []string{"/check", setting, "/duty", path, path + "/register", path + "/register/form", missing} {
			if a := p.get(page); a.status != http.StatusNotFound {
				t.Errorf("%s gets %s: %d, want 404", role, page, a.status)
			}
		}
		if a := p.get(path + "/receipt"); a.status != http.StatusNotFound {
			t.Errorf("%s gets a receipt: %d, want 404", role, a.status)
		}
	}
	worker := r.as(t, "case_worker")
	if mine, none := worker.get(path+"/receipt"), worker.get(missing+"/receipt"); mine.status != http.StatusNotFound || mine.plain() != none.plain() {
		t.Error("a receipt of somebody else does not look like one that does not exist")
	}
	for _, page := range []string{path + "/register", path + "/register/form", "/duty", "/children", "/search"} {
		if a := officer.get(page); a.status != http.StatusNotFound {
			t.Errorf("the responder gets %s: %d, want 404", page, a.status)
		}
	}
	for _, act := range []string{"/accept", "/register", "/register/form"} {
		if a := officer.post(path+act, with(url.Values{}, "command", "0000000000000000000000000c", "query", "x")); a.status == http.StatusOK || a.status == http.StatusSeeOther && !strings.Contains(a.header.Get("Location"), "?q=") {
			t.Errorf("the responder sends %s: got %d", act, a.status)
		}
	}
}
