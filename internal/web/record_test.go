package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var hiddenQuestion = regexp.MustCompile(`<div class="question" id="w-a\.([a-z0-9_.]+)" hidden>`)

// hiddenOn lists the questions that stand on a page and are not asked.
func hiddenOn(page string) []string {
	var out []string
	for _, m := range hiddenQuestion.FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

// visited is a visit that was begun: the day is all that saving needs.
func visited(t *testing.T, worker *person, child string) (record string) {
	t.Helper()
	at := child + "/form/visit"
	a := worker.post(at, with(worker.get(at).form(t, at), "then", "save", "a.visit_on_day", "3", "a.visit_on_month", "3", "a.visit_on_year", "2026"))
	record, _, ok := strings.Cut(a.header.Get("Location"), "?done=record-saved")
	if a.status != http.StatusSeeOther || !ok {
		t.Fatalf("save: got %d %q", a.status, a.header.Get("Location"))
	}
	return record
}

func TestAFormIsFilledInOnThePages(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Ansa Vole")
	list := worker.get(child + "/forms")
	for _, form := range []string{"registration", "full_assessment", "bid", "visit", "placement"} {
		if !strings.Contains(list.body, `href="`+child+"/form/"+form+`"`) {
			t.Errorf("the page does not offer %s", form)
		}
	}
	if a := worker.get(child); !strings.Contains(a.body, `href="`+child+`/forms"`) {
		t.Error("the child's page does not offer its forms")
	}

	at := child + "/form/visit"
	page := worker.get(at)
	if m := regexp.MustCompile(`checked|selected`).FindString(strings.Split(page.body, `action="`+at+`"`)[1]); m != "" {
		t.Error("a question of a new form has an answer already")
	}
	if !slices.Contains(hiddenOn(page.body), "not_seen_why") {
		t.Error("why the child was not seen is asked before anybody says so")
	}
	form := page.form(t, at)
	if a := worker.post(at, with(form, "then", "save")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-a.visit_on-error"`) {
		t.Errorf("saving without the day: got %d, want 422 at the day", a.status)
	}
	day := []string{"a.visit_on_day", "3", "a.visit_on_month", "3", "a.visit_on_year", "2026", "a.child_seen", "no", "a.visit_at", "10:30"}
	look := worker.post(at, with(form, append(day, "then", "look")...))
	if look.status != http.StatusOK || slices.Contains(hiddenOn(look.body), "not_seen_why") || !strings.Contains(look.body, `value="10:30"`) {
		t.Error("the button does not show what follows, or loses what was typed")
	}
	if n := len(recordLinks(worker.get(child + "/forms").body)); n != 0 {
		t.Errorf("showing what follows saved %d records", n)
	}
	a := worker.post(at, with(form, append(day, "then", "finish")...))
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-a.may_be_missing-error"`) {
		t.Errorf("finishing without an answer that is needed: got %d, want 422 there", a.status)
	}
	a = worker.post(at, with(form, append(day, "then", "save", "a.may_be_missing", "yes")...))
	record, _, _ := strings.Cut(a.header.Get("Location"), "?")
	read := worker.get(record)
	if a.status != http.StatusSeeOther || !strings.Contains(read.body, "10:30") || !strings.Contains(read.body, `class="callout danger"`) {
		t.Fatalf("the record: got %d; it lacks an answer, or what is urgent", a.status)
	}
	if timeline := worker.get(child).body; !strings.Contains(timeline, `href="`+record+`"`) || !strings.Contains(timeline, "In danger now") {
		t.Error("the timeline does not lead to the record, or does not say what is urgent")
	}

	at = record + "/edit"
	form = worker.get(at).form(t, at)
	a = worker.post(at, with(form, append(day, "then", "finish", "a.may_be_missing", "no", "a.visit_kind", ":unknown",
		"a.not_seen_why", "Nobody opened.", "a.child_heard", ":not_asked", "a.risk_change", ":unknown", "a.result:state", "unknown",
		"a.result", "", "a.next_contact_on:state", "not_asked")...))
	if a.status != http.StatusSeeOther || !strings.HasSuffix(a.header.Get("Location"), "done=record-finished") {
		t.Fatalf("finish: got %d\n%s", a.status, errorsOn(a.body))
	}
	history := worker.get(record + "/history").body
	if !strings.Contains(history, `<ins dir="auto">Nobody opened.</ins>`) || !strings.Contains(history, `<del class="from" dir="auto">Yes</del>`) {
		t.Error("the history does not say what changed from what to what")
	}
	if paper := worker.get(record + "/print").body; !strings.Contains(paper, "Nobody opened.") || strings.Contains(paper, "/edit") {
		t.Error("on paper an answer is missing, or there is a button")
	}
	if first := worker.get(record + "?revision=1").body; strings.Contains(first, "Nobody opened.") || !strings.Contains(first, "10:30") {
		t.Error("the first revision is not shown as it was")
	}
}

var recordLink = regexp.MustCompile(`href="(/child/[0-9a-z]+/forms/[0-9a-z]{26})"`)

func recordLinks(body string) []string {
	var out []string
	for _, m := range recordLink.FindAllStringSubmatch(body, -1) {
		out = append(out, m[1])
	}
	return out
}

var errorText = regexp.MustCompile(`id="(f-[^"]*)-error"|<div class="summary"[\s\S]*?</ul>`)

func errorsOn(body string) string { return strings.Join(errorText.FindAllString(body, -1), "\n") }

func TestTwoPeopleFillInOneForm(t *testing.T) {
	r := newRig(t)
	worker, boss := r.as(t, "case_worker"), r.as(t, "supervisor")
	child := newChild(t, worker, "Beno Karst")
	record := visited(t, worker, child)
	at := record + "/edit"
	day := []string{"a.visit_on_day", "3", "a.visit_on_month", "3", "a.visit_on_year", "2026"}
	mine, theirs := worker.get(at).form(t, at), boss.get(at).form(t, at)
	boss.post(at, with(theirs, append(day, "then", "save", "a.visit_at", "11:11", "a.child_seen", "yes")...)).wants(t, http.StatusSeeOther, record+"?done=record-saved")

	typed := with(mine, append(day, "then", "save", "a.visit_at", "12:12", "a.announced", "yes")...)
	clash := worker.post(at, typed)
	if clash.status != http.StatusConflict || !strings.Contains(clash.body, "11:11") || !strings.Contains(clash.body, `value="12:12"`) {
		t.Fatalf("a clash: got %d, want 409 with both versions", clash.status)
	}
	if strings.Count(clash.body, `class="theirs"`) != 1 || !strings.Contains(clash.body, `name="a.child_seen" value="yes" id="f-a.child_seen" autocomplete="off" checked`) {
		t.Error("what only one of the two changed is asked about, or lost")
	}
	form := clash.form(t, at)
	typed = with(form, append(day, "then", "save", "a.visit_at", "12:12", "a.announced", "yes", "a.child_seen", "yes")...)
	if a := worker.post(at, typed); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-a.visit_at:keep-error"`) || !strings.Contains(a.body, "11:11") {
		t.Errorf("saving without a choice: got %d, want 422 at the choice, with both versions", a.status)
	}
	worker.post(at, with(typed, "a.visit_at:keep", "theirs")).wants(t, http.StatusSeeOther, record+"?done=record-saved")
	read := worker.get(record).body
	if !strings.Contains(read, "11:11") || strings.Contains(read, "12:12") {
		t.Error("the version that was chosen does not stand")
	}
}

func TestRepeatingGroupsWithoutScripts(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Ceda Lorn")
	at := child + "/form/plan"
	page := worker.get(at)
	group := regexp.MustCompile(`name="more" value="(a\.[a-z_]+)"`).FindStringSubmatch(page.body)
	if group == nil {
		t.Fatal("the plan has no group to add to")
	}
	words := regexp.MustCompile(`<textarea id="f-(` + regexp.QuoteMeta(group[1]) + `\.0\.[a-z_]+)"`).FindStringSubmatch(page.body)
	if words == nil {
		t.Fatal("the group has no words")
	}
	first := words[1]
	second := strings.Replace(first, ".0.", ".1.", 1)
	a := worker.post(at, with(page.form(t, at), "more", group[1], first, "Learn to swim."))
	if a.status != http.StatusOK || !strings.Contains(a.body, "Learn to swim.") || !strings.Contains(a.body, `name="`+second+`"`) {
		t.Fatalf("one more: got %d, want another repetition and what was typed", a.status)
	}
	a = worker.post(at, with(a.form(t, at), "then", "look", first, "Learn to swim.", second, "Call grandmother.", strings.TrimSuffix(first, first[strings.LastIndex(first, ".")+1:])+":drop", "yes"))
	if strings.Contains(a.body, "Learn to swim.") || !strings.Contains(a.body, `name="`+first+`"`) || !strings.Contains(a.body, "Call grandmother.") {
		t.Error("a repetition that was taken out stays, or the next does not move up")
	}
}

func TestTheScriptAsksWhatIsShown(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Dove Hallin")
	at := child + "/form/visit"
	a := worker.post(at+"/look", with(worker.get(at).form(t, at), "a.child_seen", "no"))
	var seen struct{ Shown, Hidden []string }
	if err := json.Unmarshal([]byte(a.body), &seen); err != nil || a.status != http.StatusOK {
		t.Fatalf("look: got %d, %v", a.status, err)
	}
	if !slices.Contains(seen.Shown, "w-a.not_seen_why") || !slices.Contains(seen.Hidden, "p-condition") {
		t.Errorf("shown %v, hidden %v", seen.Shown, seen.Hidden)
	}
}

func TestFormsOfAChildAreForWhoReachesIt(t *testing.T) {
	r := newRig(t)
	worker, auditor, operator := r.as(t, "case_worker"), r.as(t, "auditor"), r.as(t, "node_operator")
	child := newChild(t, worker, "Ebba Strand")
	record := visited(t, worker, child)
	missing := auditor.get("/there/is/no/such/page")
	for _, path := range []string{child + "/forms", child + "/form/visit", record, record + "/edit", record + "/history", record + "/print"} {
		if a := auditor.get(path); a.status != http.StatusNotFound || a.plain() != missing.plain() {
			t.Errorf("%s for the auditor: got %d, want what does not exist", path, a.status)
		}
		if a := operator.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s for the operator: got %d, want 404", path, a.status)
		}
	}
	other := newChild(t, worker, "Fenn Ossel")
	for _, path := range []string{
		other + "/forms/" + record[strings.LastIndex(record, "/")+1:], child + "/form/no_such_form", child + "/forms/" + strings.Repeat("0", 26),
		record + "?revision=7", record + "?on=2020-01-01", record + "?on=soon",
	} {
		if a := worker.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, a.status)
		}
	}
	if a := auditor.post(record+"/edit", url.Values{"command": {strings.Repeat("1", 26)}, "base": {"1"}}); a.status != http.StatusNotFound {
		t.Errorf("saving by the auditor: got %d, want 404", a.status)
	}
}

func TestWhatWasKnownOnADay(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Gail Iverne")
	record := visited(t, worker, child)
	today, yesterday := inDays(0), inDays(-1)
	if a := worker.get(child + "/forms?on=" + today); !strings.Contains(a.body, record+"?on="+today) || strings.Contains(a.body, "/form/visit") {
		t.Error("today's record is missing, or a form can be begun in the past")
	}
	if a := worker.get(child + "/forms?on=" + yesterday); strings.Contains(a.body, record) {
		t.Error("yesterday knew a record of today")
	}
	if a := worker.get(child + "/forms?on=" + inDays(3)); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-on-error"`) {
		t.Errorf("a day to come: got %d, want 422 at the day", a.status)
	}
}
