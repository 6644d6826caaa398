package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/staff"
)

// A group is made by whoever keeps the accounts, filters the people, and is invited at
// once: each by themselves, and who may not be is named.
func TestGroupsOnThePages(t *testing.T) {
	r := newRig(t)
	operator, boss, worker := r.as(t, "node_operator"), r.as(t, "supervisor"), r.as(t, "case_worker")
	_, lawyer := r.newcomer(t, staff.Lawyer, "legal_aid", "lea.group", "Lea Group")
	_, guardian := r.newcomer(t, staff.Guardian, "guardian", "gus.group", "Gus Group")
	if a := worker.get("/groups"); a.status != http.StatusNotFound {
		t.Errorf("groups for a case worker: got %d, want 404", a.status)
	}
	form := operator.get("/groups").form(t, "/groups")
	if a := operator.post("/groups", with(form, "group_name", " ")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-group_name-error"`) {
		t.Errorf("a group without a name: got %d, want 422", a.status)
	}
	made := operator.post("/groups", with(form, "group_name", "Night duty"))
	at, _, _ := strings.Cut(made.header.Get("Location"), "?")
	if made.status != http.StatusSeeOther || !regexp.MustCompile(`^/groups/[0-9a-z]{26}$`).MatchString(at) {
		t.Fatalf("made: got %d %q", made.status, at)
	}
	join := operator.get(at).form(t, at+"/join")
	for _, id := range []string{lawyer.String(), guardian.String()} {
		operator.post(at+"/join", with(operator.get(at).form(t, at+"/join"), "group_member", id)).wants(t, http.StatusSeeOther, at+"?done=group-joined")
	}
	if a := boss.get("/groups"); !strings.Contains(a.body, "Night duty") || strings.Contains(a.body, `name="group_name"`) {
		t.Error("a supervisor does not see the group, or is offered to make one")
	}
	if a := boss.post(at+"/join", with(join, "group_member", lawyer.String())); a.status == http.StatusSeeOther {
		t.Error("a supervisor adds somebody")
	}
	if a := boss.get("/people?group=" + strings.TrimPrefix(at, "/groups/")); !strings.Contains(a.body, "Lea Group") || strings.Contains(a.body, "Hana") {
		t.Error("the list of people is not that of the group")
	}
	child := newChild(t, worker, "Oriel Gor")
	single := child + "/circle/invite"
	worker.post(single, with(worker.get(single).form(t, single), "circle_member", guardian.String(), "circle_role", "guardian", "circle_conflict", "none")).wants(t, http.StatusSeeOther, child+"/circle?done=circle-invited")
	all := child + "/circle/group"
	ask := with(worker.get(all).form(t, all), "circle_group", strings.TrimPrefix(at, "/groups/"), "circle_role", "lawyer")
	if a := worker.post(all, with(ask, "circle_role", "guardian")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-circle_role-error"`) {
		t.Errorf("guardians at once: got %d, want 422", a.status)
	}
	done := worker.post(all, ask)
	done.has(t, "what came of it", words("circlegroup.invited"), "Lea Group", words("circlegroup.refused"), "Gus Group", words("error.in-the-circle"))
	if a := worker.get(child + "/circle"); !strings.Contains(a.body, "Lea Group") {
		t.Error("the lawyer is not in the circle")
	}
	if a := r.as(t, "auditor").get(all); a.status == http.StatusOK {
		t.Error("an auditor invites a group")
	}
	quit := with(operator.get(at).form(t, at+"/quit"), "group_member", lawyer.String())
	operator.post(at+"/quit", quit).wants(t, http.StatusSeeOther, at+"?done=group-quit")
	if a := operator.get(at); !strings.Contains(a.body, "Gus Group") || strings.Contains(a.body, `value="`+lawyer.String()+`"><button`) {
		t.Error("she is still in the group")
	}
}
