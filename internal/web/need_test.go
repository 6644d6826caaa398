package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestNeedsOnThePages(t *testing.T) {
	r := newRig(t)
	worker, auditor := r.as(t, "case_worker"), r.as(t, "auditor")
	child := newChild(t, worker, "Tamsin Ree")
	for _, page := range []string{"needs", "plan", "approvals", "bestinterests", "reintegration"} {
		if a := worker.get(child); !strings.Contains(a.body, `href="`+child+"/"+page+`"`) {
			t.Errorf("the child's page does not offer %s", page)
		}
		if a := worker.get(child + "/" + page); a.status != http.StatusOK {
			t.Errorf("%s: got %d", page, a.status)
		}
		if a := auditor.get(child + "/" + page); a.status == http.StatusOK {
			t.Errorf("an auditor reads %s", page)
		}
	}
	at := child + "/needs/new"
	form := worker.get(at).form(t, at)
	if a := worker.post(at, with(form, "need_words", "I cannot sleep.")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "I cannot sleep.") {
		t.Errorf("a need without a service: got %d, want 422 and what was typed", a.status)
	}
	worker.post(at, with(form, "need_words", "I cannot sleep.", "service", "psychosocial")).wants(t, http.StatusSeeOther, child+"/needs?done=need-added")
	list := worker.get(child + "/needs")
	if find := regexp.MustCompile(`href="(/services\?[^"]*)"`).FindStringSubmatch(list.body); find == nil || !regexp.MustCompile(`^/services\?(age_band=[0-9]+-[0-9]+&amp;)?(language=[a-z]+&amp;)?service=psychosocial$`).MatchString(find[1]) {
		t.Errorf("a service for the need is looked for at %v", find)
	} else if a := worker.get(strings.ReplaceAll(find[1], "&amp;", "&")); a.status != http.StatusOK {
		t.Errorf("the search for it: got %d", a.status)
	}
	link := regexp.MustCompile(child + `/needs/[0-9a-z]{26}/request`).FindString(list.body)
	if link == "" || !strings.Contains(list.body, "I cannot sleep.") {
		t.Fatal("the need is not on the list, or cannot be asked for")
	}
	form = with(worker.get(link).form(t, link), "service_due", inDays(4))
	if a := worker.post(link, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-provider-error"`) {
		t.Errorf("asked of nobody: got %d, want 422 at who gives it", a.status)
	}
	worker.post(link, with(form, "provider", "The house by the river")).wants(t, http.StatusSeeOther, child+"/needs?done=need-request")
	unmet := strings.TrimSuffix(link, "request") + "unmet"
	worker.post(unmet, with(worker.get(unmet).form(t, unmet), "unmet_reason", "no_place")).wants(t, http.StatusSeeOther, child+"/needs?done=need-unmet")
	if a := worker.get(child + "/needs"); !strings.Contains(a.body, "The house by the river") || !strings.Contains(a.body, "No place free") {
		t.Error("the list does not say who was asked and why it is not met")
	}
	if a := worker.get(child + "/plan/copy?lang=xx"); a.status != http.StatusNotFound {
		t.Errorf("a plan in no language: got %d", a.status)
	}
}
