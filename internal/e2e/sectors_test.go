package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"causeway/internal/demo"
)

// at returns who signs in for a unit of the demo.
func at(t testing.TB, unit string) demo.Login {
	t.Helper()
	for _, l := range site.logins {
		if l.Unit == unit {
			return l
		}
	}
	t.Fatalf("the demo has nobody at %s", unit)
	return demo.Login{}
}

// option returns the value of the choice of a list that says a text.
func (b *tab) option(name, says string) string {
	b.t.Helper()
	said, err := json.Marshal(says)
	b.must("option", err)
	value := b.ask("([...document.querySelectorAll(`main select[name=\"" + name + "\"] option`)].find(o => o.textContent.includes(" + string(said) + ")) || {value: \"\"}).value")
	if value == "" {
		b.t.Fatalf("%s offers no %s at %s", name, says, b.path())
	}
	return value
}

// TestSixSectorsOneChild: a border guard screens, a case worker registers, the guardian
// consents, a shelter accepts, the police are told without care notes, the guardian
// withdraws, and the coordinator sees where children wait, and no child.
func TestSixSectorsOneChild(t *testing.T) {
	const called = "Perrin Oakhallow"
	prose := marked("As said in the small room at the crossing.")
	on := func(who demo.Login, language string) *walker {
		w := &walker{taps: onPhone(t, language, true), prose: prose}
		w.enter(who)
		return w
	}
	guard, shelter := on(at(t, "Saltmere crossing"), "en"), on(at(t, "Harbour House shelter"), "en")
	police, guardian := on(at(t, "Anti-trafficking unit"), "en"), on(at(t, "Guardianship Office"), "ar")
	coordinator, worker := on(at(t, "National Coordination"), "fr"), on(login(t, "case_worker", "en"), "en")

	// The border guard screens; the team that answers for the crossing takes over.
	guard.place = "border"
	guard.open("/")
	if got := guard.path(); got != "/check" {
		t.Fatalf("a border guard begins at %s", got)
	}
	result := guard.screen("brought", "papers_taken", "injury")
	worker.open("/duty")
	worker.click(`main form[action="` + result + `/accept"] button`)
	guard.open(result + "/receipt")
	guard.says("main", "A worker leads the case now")
	worker.open(result)
	worker.registerFrom(result, called)
	child := worker.path()
	worker.child = child
	number := worker.text(".childhead .num")
	if len(number) < 9 {
		t.Fatalf("the child's page shows the number %q", number)
	}
	worker.does("/note", answers{"kind": "conversation", "interpreter": "not_needed", "seen_alone": "yes", "words": prose})
	for _, page := range []string{result, child, child + "/timeline"} {
		if status := guard.open(page); status != 404 {
			t.Errorf("%s for the border guard: status %d, want 404", page, status)
		}
	}

	// The guardian is asked into the circle, and consents.
	worker.see("/circle/invite")
	worker.fills(answers{"circle_member": worker.option("circle_member", "سمير الدولي"), "circle_role": "guardian", "circle_conflict": "none", "circle_wanted": "wanted"}, "main button.main")
	guardian.child = child
	guardian.does("/consent/record", answers{"consent_purpose": "services", "consent_state": "given", "words": prose})
	worker.see("/consent")
	worker.says("main", "Permitted now")

	// The shelter sees a card of codes, accepts, and reads what was shared.
	worker.see("/refer")
	worker.fills(answers{
		"referral_kind": "referral", "referral_unit": worker.option("referral_unit", "Harbour House shelter"), "service": "emergency_shelter",
		"referral_urgency": "at_once", "language": "en", "reason": "A safe bed for tonight.", "consent_purpose": "services", "legal_basis": "consent",
		"disclosure_part": "identity",
	}, "main button.main")
	worker.plainly("refer-preview")
	worker.says("main", called)
	worker.send()
	thread := worker.ask(`document.querySelector('main a[href^="/referral/"]').getAttribute("href")`)
	shelter.open("/referrals")
	shelter.plainly("shelter-referrals")
	shelter.unnamed(called, number)
	shelter.open(thread)
	shelter.plainly("shelter-card")
	shelter.unnamed(called, number, "A safe bed")
	shelter.open(thread + "/accept")
	shelter.fills(nil, "main button.main")
	shelter.open(thread)
	shelter.plainly("shelter-accepted")
	shelter.says("main", called)
	shelter.unnamed(number, prose)

	// The police get a disclosure, never care notes.
	worker.see("/disclose")
	given := answers{
		"share_to": worker.option("share_to", "Orla Quenby"), "share_purpose": "justice", "share_basis": "public_task", "share_norm": "Code, article 12",
		"child_told": "yes", "disclosure_part": "care_notes",
	}
	previews := `main button[name="step"][value="preview"]:not(.quiet)`
	if lost := worker.put(given); lost != "[]" {
		t.Fatalf("the disclosure offers no place for %s", lost)
	}
	if status := worker.click(previews); status != 422 && status != 200 || worker.text("#errors") == "" {
		t.Errorf("care notes to the police: status %d, and no refusal", status)
	}
	worker.see("/disclose")
	given["disclosure_part"] = "age"
	given["share_to"] = worker.option("share_to", "Orla Quenby")
	worker.fills(given, previews)
	worker.plainly("disclose-preview")
	worker.click(`main button[name="step"][value="disclose"]`)
	police.open("/helped")
	police.says("main", number)
	police.click(`main a[href="/helped` + child[strings.LastIndex(child, "/"):] + `"]`)
	police.plainly("police-child")
	police.click(`main a[href^="/helped` + child[strings.LastIndex(child, "/"):] + `/"]:not([href$="/report"])`)
	police.plainly("police-disclosure")
	police.says("main", "Code, article 12")
	police.unnamed(prose, "A safe bed")
	for _, page := range []string{child, child + "/timeline", child + "/forms", thread} {
		if status := police.open(page); status != 404 {
			t.Errorf("%s for the police: status %d, want 404", page, status)
		}
	}

	// The guardian withdraws, and the shelter's next request is refused.
	if status := shelter.open(thread); status != 200 {
		t.Fatalf("the shelter before the withdrawal: status %d", status)
	}
	guardian.does("/consent/withdraw", answers{"consent_purpose": "services"})
	shelter.open(thread)
	shelter.plainly("shelter-closed")
	shelter.says("main", "was withdrawn")
	shelter.unnamed(called, number, "A safe bed")
	worker.see("/consent")
	worker.says("main", "Harbour House")

	// The coordinator sees where children wait, and no child.
	if status := coordinator.open("/flows"); status != 200 {
		t.Fatalf("the coordinator's flows: status %d", status)
	}
	coordinator.plainly("flows")
	coordinator.says("main", "Saltmere team")
	names := []string{called, number}
	for c := range site.world.Children(children) {
		for _, n := range c.Names {
			names = append(names, n.Text)
		}
	}
	coordinator.unnamed(names...)
	for _, page := range []string{child, result, thread, child + "/consent", "/children"} {
		if status := coordinator.open(page); status == 200 && coordinator.path() == page {
			t.Errorf("%s opens for the coordinator", page)
		}
	}
}

// unnamed fails if the page holds one of some texts.
func (b *tab) unnamed(texts ...string) {
	b.t.Helper()
	said := b.ask("document.documentElement.outerHTML")
	for _, text := range texts {
		if len(text) >= 4 && strings.Contains(said, text) {
			b.t.Errorf("%s holds %q", b.path(), text)
		}
	}
}
