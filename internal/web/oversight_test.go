package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/ident"
)

var complaintLink = regexp.MustCompile(`href="(/complaints/[0-9a-z]{26}/desk)"`)

// missing fails unless a page looks exactly like what does not exist.
func (p *person) missing(t *testing.T, who, path string) {
	t.Helper()
	if a := p.get(path); a.status != http.StatusNotFound || a.plain() != p.get("/there/is/no/such/page").plain() {
		t.Errorf("%s for %s: got %d, want the page of what does not exist", path, who, a.status)
	}
}

// TestComplaintPages: somebody complains for a child; the ombudsperson answers; whoever
// filed it reads the answer, and nobody else sees it.
func TestComplaintPages(t *testing.T) {
	r := newRig(t)
	worker, ombud := r.as(t, "case_worker"), r.as(t, "ombudsperson")
	number := caseNumber.FindStringSubmatch(worker.get(registeredChild(t, worker)).body)[1]
	const told = "Nobody came when the girl called."
	filed := []string{
		"complaint_about", "colleague", "complaint_staff", firstOption(t, worker.get("/complaints/new"), "complaint_staff"), "complaint_matter", "slow_help",
		"complaint_by", "child", "received_how", "phone", "complaint_language", "en", "complaint_safe", "in_danger", "complaint_words", told, "number", number,
	}
	short := worker.fill(t, "/complaints/new", filed[:8]...)
	if short.status != http.StatusUnprocessableEntity {
		t.Errorf("half a complaint: got %d, want 422", short.status)
	}
	a := worker.fill(t, "/complaints/new", filed...)
	mine := strings.TrimSuffix(a.header.Get("Location"), "?done=complaint-new")
	a.wants(t, http.StatusSeeOther, mine+"?done=complaint-new")
	worker.get(mine).has(t, "the worker's complaint", told, words("complaintstate.received"), words("complaints.receipt"))
	worker.get("/complaints").has(t, "the worker's list", `href="`+mine+`"`)

	desk := ombud.get("/complaints")
	desk.has(t, "the desk", words("complaints.danger"))
	if m := complaintLink.FindAllStringSubmatch(desk.body, -1); len(m) == 0 || !strings.Contains(desk.body, mine+"/desk") {
		t.Fatal("the complaint does not stand on the desk")
	}
	ombud.get(mine+"/desk").has(t, "the complaint", told, number, words("complaints.nochild"))
	for _, role := range []string{"supervisor", "head", "node_operator", "auditor", "first_responder", "case_worker", "coordinator", "guardian"} {
		p := r.as(t, role)
		p.missing(t, role, mine+"/desk")
		p.missing(t, role, mine+"/answer")
		if role != "case_worker" {
			p.missing(t, role, mine)
		}
		if strings.Contains(p.get("/complaints").body, mine) != (role == "case_worker") {
			t.Errorf("the list of %s", role)
		}
	}
	ombud.missing(t, "an unknown one", "/complaints/"+ident.New[ident.Complaint]().String()+"/desk")

	if a := ombud.get(mine + "/acknowledge"); strings.Contains(a.body, `name="complaint_staff"`) {
		t.Error("whoever was named can be taken out of it")
	}
	ombud.fill(t, mine+"/acknowledge", "complaint_about", "system", "complaint_received", "We have it.").
		wants(t, http.StatusSeeOther, mine+"/desk?done=complaint-acknowledge")
	ombud.fill(t, mine+"/note", "complaint_note", "The night shift was empty.").wants(t, http.StatusSeeOther, mine+"/desk?done=complaint-note")
	if a := worker.get(mine); strings.Contains(a.body, "The night shift was empty.") {
		t.Error("whoever filed it reads the notes")
	}
	answer := []string{"complaint_outcome", "upheld", "complaint_answer", "You are right.", "complaint_change", "Two people at night."}
	if a := ombud.fill(t, mine+"/answer", answer...); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a change by nobody: got %d, want 422", a.status)
	}
	unit := firstOption(t, ombud.get(mine+"/answer"), "change_unit")
	ombud.fill(t, mine+"/answer", append(answer, "change_unit", unit, "change_by", "2099-01-01")...).
		wants(t, http.StatusSeeOther, mine+"/desk?done=complaint-answer")
	ombud.fill(t, mine+"/tell", "told_how", "phone").wants(t, http.StatusSeeOther, mine+"/desk?done=complaint-tell")
	worker.get(mine).has(t, "the answer", "You are right.", "Two people at night.", words("complaintstep.reopen"))
	worker.get("/account").has(t, "what the worker is told", words("told.complaint-answered"))
	worker.fill(t, mine+"/reopen", "reason", "Nothing has changed.").wants(t, http.StatusSeeOther, mine+"?done=complaint-reopen")
	worker.missing(t, "who reopened it", mine+"/reopen")
}

// TestTheOneComplainedAboutDoesNotHandleIt: the ombudsperson is told nothing of it, and
// the auditor looks into it.
func TestTheOneComplainedAboutDoesNotHandleIt(t *testing.T) {
	r := newRig(t)
	boss, ombud, auditor := r.as(t, "head"), r.as(t, "ombudsperson"), r.as(t, "auditor")
	found := staffLink.FindAllStringSubmatch(boss.get("/people?role=ombudsperson").body, -1)
	if len(found) != 1 {
		t.Fatalf("%d ombudspersons, want one", len(found))
	}
	a := boss.fill(t, "/complaints/new", "complaint_about", "colleague", "complaint_staff", strings.TrimPrefix(found[0][1], "/people/"), "complaint_matter", "treatment",
		"complaint_by", "staff", "received_how", "form", "complaint_language", "en", "complaint_safe", "safe", "complaint_words", "He shouted.")
	mine := strings.TrimSuffix(a.header.Get("Location"), "?done=complaint-new")
	a.wants(t, http.StatusSeeOther, mine+"?done=complaint-new")
	ombud.missing(t, "the ombudsperson", mine+"/desk")
	ombud.missing(t, "the ombudsperson", mine+"/acknowledge")
	if strings.Contains(ombud.get("/complaints").body, mine) {
		t.Error("it stands on the desk of the one it is about")
	}
	auditor.get(mine+"/desk").has(t, "the auditor's page", "He shouted.")
}

// TestInquiryPages: the journal is read with the filters of the inquiry, an entry is
// marked, and a unit answers what is recommended.
func TestInquiryPages(t *testing.T) {
	r := newRig(t)
	auditor, boss := r.as(t, "auditor"), r.as(t, "supervisor")
	for _, role := range []string{"supervisor", "head", "node_operator", "case_worker", "first_responder", "coordinator", "guardian"} {
		p := r.as(t, role)
		p.missing(t, role, "/inquiries")
		p.missing(t, role, "/inquiries/new")
		if role != "supervisor" && role != "head" {
			p.missing(t, role, "/recommendations")
		}
	}
	a := auditor.fill(t, "/inquiries/new", "inquiry_about", "act", "inquiry_act", "denials", "inquiry_reason", "Many were refused.")
	path := strings.TrimSuffix(a.header.Get("Location"), "?done=inquiry-new")
	a.wants(t, http.StatusSeeOther, path+"?done=inquiry-new")
	r.as(t, "case_worker").get("/inquiries") // one refusal at least
	if _, err := r.node.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	read := regexp.MustCompile(`href="(/journal\?[^"]*inquiry=[^"]*)"`).FindStringSubmatch(auditor.get(path).body)
	if read == nil {
		t.Fatal("the inquiry has no link to the journal")
	}
	list := auditor.get(strings.ReplaceAll(read[1], "&amp;", "&"))
	if strings.Contains(list.body, `<tr role="row" class="ok">`) {
		t.Error("the journal of an inquiry into refusals shows what was permitted")
	}
	mark := regexp.MustCompile(`href="(/inquiries/[^"]+/mark/[^"]+)"`).FindStringSubmatch(list.body)
	if mark == nil {
		t.Fatal("no entry can be marked")
	}
	auditor.fill(t, mark[1], "mark_note", "At night.").wants(t, http.StatusSeeOther, path+"?done=inquiry-mark")
	auditor.missing(t, "an unknown entry", path+"/mark/"+ident.New[ident.Entry]().String())
	auditor.fill(t, path+"/find", "inquiry_finding", "Doors are tried.").wants(t, http.StatusSeeOther, path+"?done=inquiry-find")
	unit := regexp.MustCompile(`<option value="([0-9a-z]{26})"[^>]*>` + regexp.QuoteMeta(r.logins["supervisor"].Unit) + `<`).FindStringSubmatch(auditor.get(path + "/recommend").body)
	if unit == nil {
		t.Fatal("the supervisor's unit is not offered")
	}
	auditor.fill(t, path+"/recommend", "recommendation", "Say who may open what.", "change_unit", unit[1], "change_by", "2099-01-01").
		wants(t, http.StatusSeeOther, path+"?done=inquiry-recommend")
	page := boss.get("/recommendations")
	page.has(t, "the unit's recommendations", "Say who may open what.")
	if strings.Contains(page.body, "Doors are tried.") {
		t.Error("the unit reads the inquiry")
	}
	boss.missing(t, "the supervisor", path)
	reply := regexp.MustCompile(`href="(/recommendations/[0-9a-z]{26})"`).FindStringSubmatch(page.body)
	if reply == nil {
		t.Fatal("the unit cannot answer")
	}
	if a := boss.fill(t, reply[1], "reply_state", "refused"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("refused without a reason: got %d, want 422", a.status)
	}
	boss.fill(t, reply[1], "reply_state", "done", "reply_words", "All were told.").wants(t, http.StatusSeeOther, "/recommendations?done=reply")
	auditor.get(path).has(t, "the inquiry", "At night.", "Doors are tried.", "All were told.", words("recommendation.done"))
	auditor.fill(t, path+"/close").wants(t, http.StatusSeeOther, path+"?done=inquiry-close")
	auditor.missing(t, "a closed one", path+"/find")
}

// TestJournalViews: prepared views are links, and the number of a case stands in no
// address.
func TestJournalViews(t *testing.T) {
	r := newRig(t)
	ombud, worker := r.as(t, "ombudsperson"), r.as(t, "case_worker")
	child := registeredChild(t, worker)
	number := caseNumber.FindStringSubmatch(worker.get(child).body)[1]
	if _, err := r.node.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`href="(/journal\?journal_view=[a-z]+)"`).FindAllStringSubmatch(ombud.get("/journal").body, -1)
	if len(links) != 7 {
		t.Fatalf("%d prepared views, want 7", len(links))
	}
	for _, m := range links {
		if a := ombud.get(m[1]); a.status != http.StatusOK {
			t.Errorf("%s: got %d", m[1], a.status)
		}
	}
	page := ombud.get("/journal")
	found := ombud.post("/journal/case", with(page.form(t, "/journal/case"), "number", number))
	to := found.header.Get("Location")
	if found.status != http.StatusSeeOther || strings.Contains(to, number) {
		t.Fatalf("the case of a number: got %d %q", found.status, to)
	}
	ombud.get(to).has(t, "the entries of the case", words("what.case.register"))
	none := ombud.post("/journal/case", with(page.form(t, "/journal/case"), "number", ident.NewCaseNumber().String()))
	if none.status != http.StatusSeeOther {
		t.Errorf("a number of no case: got %d, want the same", none.status)
	}
	ombud.get(none.header.Get("Location")).has(t, "a number of no case", words("journal.none"))
	ombud.get("/journal?journal_from=2099-01-01").has(t, "days to come", words("journal.none"))
	for _, bad := range []string{"journal_view=x", "journal_from=x", "journal_person=x", "journal_agency=x"} {
		if a := ombud.get("/journal?" + bad); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422", bad, a.status)
		}
	}
	worker.missing(t, "a case worker", "/journal?journal_view=denials")
	if a := ombud.get(child); a.status != http.StatusNotFound {
		t.Errorf("the child's page for the ombudsperson: got %d, want 404", a.status)
	}
}
