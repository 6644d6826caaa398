package web_test

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"causeway/internal/ident"
)

// Somebody on duty writes down what they did for a child whose page they do not
// see. Whether there is such a child, the answer does not tell.
func TestAnEmergencyIsReportedWithoutSeeingTheChild(t *testing.T) {
	r := newRig(t)
	worker, boss, officer := r.signedIn(t, "case_worker"), r.as(t, "supervisor"), r.signedIn(t, "first_responder")
	child := registeredChild(t, worker)
	number := caseNumber.FindStringSubmatch(worker.get(child).body)[1]
	const at = "/duty/emergency"
	worker.get("/duty").has(t, "the duty list", `href="`+at+`"`)
	officer.get("/check").has(t, "the responder's page", `href="`+at+`"`)

	write := func(number string) answer {
		t.Helper()
		return officer.post(at, with(officer.get(at).form(t, at), "number", number, "act_kind", "other", "what_happened", "Brought to the hospital.",
			"happened", anHourAgo(), "why_at_once", "She did not wake.", "told", "Night nurse"))
	}
	slip := write(number[:len(number)-1] + map[bool]string{true: "C", false: "A"}[strings.HasSuffix(number, "A")])
	if slip.status != http.StatusUnprocessableEntity || !strings.Contains(slip.body, `id="f-number-error"`) || !slip.says("Brought to the hospital.") {
		t.Errorf("a slip of the pen: got %d, want 422 at the number and what was typed", slip.status)
	}
	known, unknown := write(number), write(ident.NewCaseNumber().String())
	to := known.header.Get("Location")
	if known.status != http.StatusSeeOther || to != at+"?done=reported" || unknown.status != known.status || unknown.header.Get("Location") != to ||
		len(known.header) != len(unknown.header) || known.body != unknown.body {
		t.Fatalf("a child who is here: %d %q, and one who is not: %d %q\n%s", known.status, to, unknown.status, unknown.header.Get("Location"), errorsOn(known.body))
	}
	if a := officer.get(to); !a.says(words("notice.reported")) || a.says("Brought to the hospital.") || strings.Contains(a.body, number) {
		t.Error("the answer does not say that it was passed on, or repeats what was written")
	}
	if a := officer.get("/check"); strings.Contains(a.body, words("receipt.waits")) && a.says(words("checklevel.report")) {
		t.Error("who reported sees what became of it")
	}
	missing := officer.get("/there/is/no/such/page")
	if a := officer.get(child); a.status != http.StatusNotFound || a.plain() != missing.plain() {
		t.Error("who reported opens the child's page")
	}

	name := r.nameOf(t, officer)
	for who, p := range map[string]*person{"the lead": worker, "the supervisor": boss} {
		a := p.get("/")
		first := html.UnescapeString(before(a.body, `id="t-due"`))
		if !strings.Contains(first, name) || !strings.Contains(first, `href="`+child+`/acts"`) {
			t.Errorf("the day of %s does not tell at once who did what", who)
		}
	}
	boss.get(child).has(t, "the timeline", "Brought to the hospital.", "She did not wake.", "Night nurse", words("acts.other"))

	list := worker.get("/duty")
	if !list.says(words("checklevel.report")) {
		t.Fatal("the report that found no child is not on the duty list")
	}
	_, rest, _ := strings.Cut(list.body, words("checklevel.report"))
	_, rest, _ = strings.Cut(rest, `action="`)
	accept, _, _ := strings.Cut(rest, `"`)
	check := strings.TrimSuffix(accept, "/accept")
	worker.post(accept, list.form(t, accept)).wants(t, http.StatusSeeOther, check+"?done=accepted")
	worker.get(check).has(t, "what was kept", words("report.read"), "Brought to the hospital.", name, words("field.number"))
	if a := officer.get(check); a.status != http.StatusNotFound || a.plain() != missing.plain() {
		t.Errorf("who wrote it opens what was kept: got %d", a.status)
	}

	for _, role := range []string{"auditor", "node_operator"} {
		p := r.as(t, role)
		nowhere := p.get("/there/is/no/such/page")
		if a := p.get(at); a.status != http.StatusNotFound || a.plain() != nowhere.plain() {
			t.Errorf("the page for a %s: got %d, want what does not exist", role, a.status)
		}
		form := with(fresh(officer.get(at).form(t, at)), "number", number, "act_kind", "other", "what_happened", "x", "happened", anHourAgo(), "why_at_once", "x")
		if a := p.post(at, form); a.status != http.StatusNotFound {
			t.Errorf("reported by a %s: got %d, want 404", role, a.status)
		}
	}
}

// nameOf returns what the colleagues of somebody who is signed in call them.
func (r *rig) nameOf(t testing.TB, p *person) string {
	t.Helper()
	_, rest, ok := strings.Cut(p.get("/account").body, `<bdi>`)
	name, _, end := strings.Cut(rest, "</bdi>")
	if !ok || !end {
		t.Fatal("the account's page names nobody")
	}
	return html.UnescapeString(name)
}
