package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestConsentOnThePages(t *testing.T) {
	r := newRig(t)
	worker, auditor, operator := r.as(t, "case_worker"), r.as(t, "auditor"), r.as(t, "node_operator")
	child := newChild(t, worker, "Tamsin Ree")
	at := child + "/consent"
	if a := worker.get(child); !strings.Contains(a.body, `href="`+at+`"`) {
		t.Error("the child's page does not offer consent")
	}
	for _, other := range []*person{auditor, operator} {
		for _, page := range []string{"", "/record", "/withdraw", "/basis"} {
			if a := other.get(at + page); a.status == http.StatusOK {
				t.Errorf("somebody else reads %s", at+page)
			}
		}
	}
	form := worker.get(at+"/record?purpose=services").form(t, at+"/record")
	form = with(
		form, "consent_purpose", "services", "recipient_name", "The clinic by the river", "consent_state", "given", "consent_who", "guardian", "consent_guardian", "Sana Odeh",
		"guardian_unsafe", "yes", "assent", "assented", "words", "Tell the doctor.", "consent_text", "Leaflet 3", "consent_language", "en", "explained_by", "Lidya", "explained_on", inDays(0),
	)
	if a := worker.post(at+"/record", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Tell the doctor.") || !strings.Contains(a.body, `id="f-guardian_unsafe-error"`) {
		t.Errorf("a guardian who may be the trafficker: got %d, want 422, what was typed, and why", a.status)
	}
	worker.post(at+"/record", with(form, "guardian_unsafe", "no")).wants(t, http.StatusSeeOther, at+"?done=consent-record")
	page := worker.get(at)
	for _, want := range []string{"The clinic by the river", "Tell the doctor.", "Permitted now", "/withdraw?purpose=services"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	clinic := regexp.MustCompile(`<option value="([0-9a-z]{26})">The clinic by the river`).FindStringSubmatch(worker.get(at + "/passed").body)
	if clinic == nil {
		t.Fatal("the clinic is not offered as a recipient")
	}
	passed := worker.get(at+"/passed").form(t, at+"/passed")
	worker.post(at+"/passed", with(passed, "consent_purpose", "services", "recipient", clinic[1], "passed_what", "Her age.", "passed_on", inDays(0))).wants(t, http.StatusSeeOther, at+"?done=consent-passed")
	form = worker.get(at+"/withdraw").form(t, at+"/withdraw")
	worker.post(at+"/withdraw", with(form, "consent_purpose", "services", "withdrawn_by", "child", "withdrawn_on", inDays(0))).wants(t, http.StatusSeeOther, at+"?done=consent-withdraw")
	told := regexp.MustCompile(at + `/[0-9a-z]{26}/told\?purpose=services`).FindString(worker.get(at).body)
	if told == "" || strings.Contains(worker.get(at).body, "Permitted now") {
		t.Fatal("withdrawn: the page does not say that nothing permits it, or whom to tell")
	}
	path := strings.SplitN(told, "?", 2)[0]
	worker.post(path, with(worker.get(told).form(t, path), "told_how", "By telephone.")).wants(t, http.StatusSeeOther, at+"?done=consent-told")
	if page := worker.get(at); !strings.Contains(page.body, "By telephone.") || strings.Contains(page.body, path) {
		t.Error("the page does not show that the clinic was told")
	}
	if a := worker.get(child + "/timeline"); !strings.Contains(a.body, "Told of a withdrawal") {
		t.Error("the timeline does not tell of it")
	}
}

func TestWithholdingOnThePages(t *testing.T) {
	r := newRig(t)
	worker, auditor := r.as(t, "case_worker"), r.as(t, "auditor")
	child := newChild(t, worker, "Tamsin Ree")
	at := child + "/withheld"
	if a := auditor.get(at); a.status == http.StatusOK {
		t.Error("an auditor sees what is withheld")
	}
	part := worker.get(at + "/part")
	choice := regexp.MustCompile(`<option value="(registration/[a-z_]+)"`).FindStringSubmatch(part.body)
	if choice == nil {
		t.Fatal("no section of a form can be withheld")
	}
	form := with(part.form(t, at+"/part"), "part", choice[1], "withheld_for", "no", "decided_by", "The child", "reason", "She is her aunt.")
	if a := worker.post(at+"/part", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-from_person-error"`) || !strings.Contains(a.body, "She is her aunt.") {
		t.Errorf("from nobody: got %d, want 422 at whom, and what was typed", a.status)
	}
	worker.post(at+"/part", with(form, "from_role", "supervisor")).wants(t, http.StatusSeeOther, at+"?done=part-withheld")
	if a := worker.get(at); !strings.Contains(a.body, "She is her aunt.") || !strings.Contains(a.body, "Supervisor") {
		t.Error("the page does not say from whom, and why")
	}
}

func TestAPartOfTheRecordIsWithheldAndLiftedOnThePages(t *testing.T) {
	r := newRig(t)
	worker, boss := r.as(t, "case_worker"), r.as(t, "supervisor")
	child := newChild(t, worker, "Tamsin Ree")
	at := child + "/withheld"
	care := with(
		worker.get(child+"/care/add").form(t, child+"/care/add"), "care_kind", "with_exploiter", "care_from", inDays(-2),
		"care_where", "Lantern Street 9",
	)
	worker.post(child+"/care/add", care).wants(t, http.StatusSeeOther, child+"/care?done=family")
	pages := []string{"", "/timeline", "/care", "/print"}
	for _, page := range pages {
		if !strings.Contains(boss.get(child+page).body, "Lantern Street 9") {
			t.Errorf("before, the supervisor does not read it on %q", page)
		}
	}
	form := with(
		worker.get(at+"/part").form(t, at+"/part"), "part", "record/whereabouts", "from_role", "supervisor", "withheld_for", "yes", "decided_by", "The child",
		"reason", "She is her aunt.",
	)
	worker.post(at+"/part", form).wants(t, http.StatusSeeOther, at+"?done=part-withheld")
	for _, page := range append(pages, "/withheld", "/forms", "/people", "/export") {
		a := boss.get(child + page)
		for _, text := range []string{"Lantern Street 9", "She is her aunt.", child + "/care", words("event.care-added"), words("event.part-withheld")} {
			if strings.Contains(a.body, text) {
				t.Errorf("then, %q tells the supervisor %q", page, text)
			}
		}
	}
	if a := boss.get(child + "/care"); a.status != http.StatusNotFound {
		t.Errorf("where the child lives, to whom it is withheld from: got %d, want 404", a.status)
	}
	if !strings.Contains(worker.get(child+"/care").body, "Lantern Street 9") {
		t.Error("the worker no longer reads it")
	}
	lift := regexp.MustCompile(at + `/[0-9a-f]+/lift`).FindString(worker.get(at).body)
	if lift == "" {
		t.Fatal("whoever withheld it is not offered to lift it")
	}
	if a := boss.get(lift); a.status != http.StatusNotFound {
		t.Errorf("the form to lift it, to whom it is withheld from: got %d, want 404", a.status)
	}
	reason := with(worker.get(lift).form(t, lift), "reason", "She no longer minds.")
	worker.post(lift, reason).wants(t, http.StatusSeeOther, at+"?done=lifted")
	if a := worker.get(at); !a.says(words("withheld.asked")) || !strings.Contains(a.body, "She no longer minds.") || strings.Contains(a.body, lift) {
		t.Error("it keeps the child safe, and is not seen to wait for a second person")
	}
	if strings.Contains(boss.get(child+"/care").body, "Lantern Street 9") {
		t.Error("one person lifted it")
	}
}
