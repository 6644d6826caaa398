package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestRulesAreChangedOnThePages: the operator proposes, sees what is wrong with a
// text, and cannot put it in force; a supervisor of the head unit sees who loses what
// and does; others see none of it.
func TestRulesAreChangedOnThePages(t *testing.T) {
	r := newRig(t)
	operator, boss, worker := r.signedIn(t, "node_operator"), r.signedIn(t, "head"), r.as(t, "case_worker")
	if a := worker.get("/rules"); a.status != http.StatusNotFound {
		t.Errorf("the rules for a case worker: got %d, want 404", a.status)
	}
	closing := "/why?act=case.close&case=" + strings.TrimPrefix(registeredChild(t, worker), "/child/")
	worker.get(closing).has(t, "why, before", words("whyanswer.yes"))
	operator.get("/rules").has(t, "the rules", words("rules.pack"), "case-worker-works-on-own-case", `href="/rules/propose"`)
	r.as(t, "auditor").get("/rules").has(t, "the auditor's", words("rules.pack"))

	page := operator.get("/rules/propose").form(t, "/rules/propose")
	text := string(r.node.Pack.Policies())
	wrong := operator.post("/rules/propose", with(page, "rules_text", strings.Replace(text, `principal.role == "auditor"`, `principal.role == "node_operator"`, 1)+
		`@id("x") @basis("a test") @says("X.") permit (principal is Staff, action == Action::"case.open", resource is Case) when { principal.active && !resource.withheld && principal.role == "node_operator" };`))
	if wrong.status != http.StatusUnprocessableEntity || !wrong.says("floor-operator-no-case (node_operator)") || !wrong.says(words("error.rules-unsound")) {
		t.Errorf("rules that lift the floor: got %d, want what is wrong with them", wrong.status)
	}
	less := strings.Replace(text, `Action::"case.close", `, "", 1)
	if less == text {
		t.Fatal("the text in force does not speak of closing")
	}
	if a := operator.post("/rules/propose", with(page, "rules_text", strings.ReplaceAll(less, "\n", "\r\n"))); a.status != http.StatusSeeOther {
		t.Fatalf("a sound proposal: got %d\n%s", a.status, errorsOn(a.body))
	}
	own := operator.get("/rules/1")
	own.has(t, "the operator's own", words("rules.own"))
	if strings.Contains(own.body, `<form method="post" action="/rules/1" `) {
		t.Error("the operator is offered to put it in force")
	}
	seen := boss.get("/rules/1")
	seen.has(t, "the proposal", words("rules.losses"), words("what.case.close"), words("level.never"), words("rulestate.proposed"))
	if a := boss.post("/rules/1", seen.form(t, "/rules/1")); a.status != http.StatusSeeOther {
		t.Fatalf("putting in force: got %d\n%s", a.status, errorsOn(a.body))
	}
	boss.get("/rules").has(t, "the rules now", words("rules.number", "n", "1"), words("rulestate.active"))
	worker.get(closing).has(t, "why", words("whyanswer.no"))

	page = operator.get("/rules/propose").form(t, "/rules/propose") // other tests go by the pack's rules
	if a := operator.post("/rules/propose", with(page, "rules_text", text)); a.status != http.StatusSeeOther {
		t.Fatalf("the pack's rules proposed again: got %d\n%s", a.status, errorsOn(a.body))
	}
	boss.post("/rules/2", boss.get("/rules/2").form(t, "/rules/2")).wants(t, http.StatusSeeOther, "/rules?done=rules-active")
	worker.get(closing).has(t, "why", words("whyanswer.yes"))
}
