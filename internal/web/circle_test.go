package web_test

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"causeway/internal/demo"
	"causeway/internal/ident"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// newcomer makes an account of a role in a unit of an agency of its own, and signs in.
func (r *rig) newcomer(t testing.TB, role staff.Role, sector, signIn, name string) (*person, ident.Staff) {
	t.Helper()
	ctx, office, source := context.Background(), r.node.Office, r.node.Office.Source(netip.MustParseAddr("127.0.0.1"))
	var id ident.Staff
	var inv staff.Invitation
	err := r.node.DB.Write(ctx, func(tx *store.Tx) (err error) {
		agency, err := office.CreateAgency(ctx, tx, staff.Shell(), staff.Agency{Name: "Agency of " + signIn, Sector: sector})
		if err != nil {
			return err
		}
		unit, err := office.CreateUnit(ctx, tx, staff.Shell(), ident.Unit{}, "Unit of "+signIn)
		if err != nil {
			return err
		}
		if err := office.PlaceUnit(ctx, tx, staff.Shell(), unit, agency); err != nil {
			return err
		}
		id, err = office.Create(ctx, tx, staff.Shell(), staff.NewAccount{
			SignIn: staff.Secret(signIn), Name: staff.Secret(name), Unit: unit, Role: role, Language: "en",
		})
		if err != nil {
			return err
		}
		inv, err = office.Invite(ctx, tx, staff.Shell(), id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	admission, _, err := office.Admit(ctx, inv.Token, inv.Voice, source)
	if err != nil {
		t.Fatal(err)
	}
	password := "correct battery staple of " + signIn
	if err := office.Accept(ctx, staff.Acceptance{Admission: admission, Password: staff.Secret(password), Device: "test", Source: source}); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.logins[signIn] = demo.Login{Name: signIn, Password: password}
	r.mu.Unlock()
	return r.signedIn(t, signIn), id
}

// disclosing fills in the form of a disclosure.
func disclosing(form url.Values, to string, parts ...string) url.Values {
	form = with(form, "share_to", to, "share_purpose", "services", "share_basis", "public_task", "share_norm", "Act 7, section 3", "child_told", "yes", "step", "preview")
	form["disclosure_part"] = parts
	return form
}

// discloses previews and discloses on the pages, and returns the page of what was given.
func discloses(t *testing.T, worker *person, child, to string, parts ...string) string {
	t.Helper()
	at := child + "/disclose"
	preview := worker.post(at, disclosing(worker.get(at).form(t, at), to, parts...))
	if preview.status != http.StatusOK || !strings.Contains(preview.body, `value="disclose"`) {
		t.Fatalf("preview: got %d, want 200 and a button to disclose", preview.status)
	}
	worker.post(at, with(disclosing(preview.form(t, at), to, parts...), "step", "disclose")).wants(t, http.StatusSeeOther, child+"/circle?done=disclosed")
	links := regexp.MustCompile(child+`/disclosures/[0-9a-z]{26}`).FindAllString(worker.get(child+"/circle").body, -1)
	if len(links) == 0 {
		t.Fatal("what was disclosed is not on the page")
	}
	return links[0]
}

func TestTheCircleOnThePages(t *testing.T) {
	r := newRig(t)
	worker, auditor := r.as(t, "case_worker"), r.as(t, "auditor")
	guardian, id := r.newcomer(t, staff.Guardian, "guardian", "nadia.circle", "Nadia Circle")
	child := newChild(t, worker, "Oriel Tam")
	if a := worker.get(child); !strings.Contains(a.body, `href="`+child+`/circle"`) {
		t.Fatal("the child's page does not offer the circle")
	}
	at := child + "/circle/invite"
	form := with(worker.get(at).form(t, at), "circle_member", id.String(), "circle_role", "guardian", "circle_does", "Goes along to court.")
	if a := worker.post(at, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-circle_conflict-error"`) || !strings.Contains(a.body, "Goes along to court.") {
		t.Errorf("a guardian not asked: got %d, want 422 and what was typed", a.status)
	}
	worker.post(at, with(form, "circle_conflict", "none", "circle_wanted", "wanted")).wants(t, http.StatusSeeOther, child+"/circle?done=circle-invited")

	at = child + "/disclose"
	empty := worker.get(at).form(t, at)
	if a := worker.post(at, with(disclosing(empty, id.String(), "identity"), "step", "disclose")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, words("error.not-previewed")) || !strings.Contains(a.body, "Act 7, section 3") {
		t.Errorf("disclosed without a look: got %d, want 422 and what was typed", a.status)
	}
	page := discloses(t, worker, child, id.String(), "identity", "age")
	if a := worker.get(page); a.status != http.StatusOK || !strings.Contains(a.body, "Oriel Tam") || !strings.Contains(a.body, `class="stamp"`) {
		t.Errorf("what was disclosed, for the team: got %d", a.status)
	}
	list := guardian.get("/helped")
	link := regexp.MustCompile(`href="(/helped/[0-9a-z]{26})"`).FindStringSubmatch(list.body)
	if link == nil || strings.Contains(list.body, "Oriel Tam") {
		t.Fatal("the guardian's list does not show the child by number, or names it")
	}
	mine := guardian.get(link[1])
	letter := regexp.MustCompile(`href="(` + link[1] + `/[0-9a-z]{26})"`).FindStringSubmatch(mine.body)
	if letter == nil || strings.Contains(mine.body, "Oriel Tam") {
		t.Fatal("the guardian's page does not lead to the disclosure, or shows more than its head")
	}
	for _, path := range []string{letter[1], letter[1] + "/print"} {
		if a := guardian.get(path); a.status != http.StatusOK || !strings.Contains(a.body, "Oriel Tam") || !strings.Contains(a.body, "Act 7, section 3") || !strings.Contains(a.body, `class="stamp"`) {
			t.Errorf("%s: got %d, or it lacks name, norm or stamp", path, a.status)
		}
	}
	at = link[1] + "/report"
	guardian.post(at, with(guardian.get(at).form(t, at), "circle_report", "The hearing is on Friday.")).wants(t, http.StatusSeeOther, link[1]+"?done=circle-report")
	if a := worker.get(child + "/timeline"); !strings.Contains(a.body, "The hearing is on Friday.") || !strings.Contains(a.body, "Nadia Circle") {
		t.Error("the report does not stand in the case as coming from the guardian")
	}
	// It ends.
	at = child + "/circle/" + page[strings.LastIndex(page, "/")+1:] + "/recall"
	worker.post(at, with(worker.get(at).form(t, at), "reason", "over")).wants(t, http.StatusSeeOther, child+"/circle?done=circle-recall")
	missing := guardian.get("/there/is/no/such/page")
	for _, path := range []string{letter[1], child, child + "/circle", child + "/disclose", page} {
		if a := guardian.get(path); a.status != http.StatusNotFound || a.plain() != missing.plain() {
			t.Errorf("%s for the guardian: got %d, want what does not exist", path, a.status)
		}
	}
	for _, path := range []string{child + "/circle", page, link[1]} {
		if a := auditor.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s for the auditor: got %d", path, a.status)
		}
	}
}

func TestPoliceAskOnThePages(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	police, id := r.newcomer(t, staff.Investigator, "police", "tarek.circle", "Tarek Circle")
	child := newChild(t, worker, "Savin Orr")
	number := regexp.MustCompile(`class="num">([0-9A-Z-]{11})<`).FindStringSubmatch(worker.get(child + "/circle").body)
	if number == nil {
		t.Fatal("the page shows no number")
	}
	at := "/helped/ask"
	form := with(police.get(at).form(t, at), "number", number[1], "share_purpose", "justice", "ask_want", "Age of the child.")
	if a := police.post(at, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-ask_law-error"`) || !strings.Contains(a.body, "Age of the child.") {
		t.Errorf("without a law: got %d, want 422 and what was typed", a.status)
	}
	police.post(at, with(form, "ask_law", "Code, article 12")).wants(t, http.StatusSeeOther, "/helped?done=circle-asked")
	page := worker.get(child + "/circle")
	if !strings.Contains(page.body, "Age of the child.") || !strings.Contains(page.body, "Code, article 12") {
		t.Fatal("the request does not stand on the page of the circle")
	}
	answer := regexp.MustCompile(child + `/disclose\?request=([0-9a-z]{26})`).FindStringSubmatch(page.body)
	if answer == nil {
		t.Fatal("the request cannot be answered")
	}
	at = child + "/disclose"
	walled := worker.post(at, with(disclosing(worker.get(answer[0]).form(t, at), id.String(), "age", "care_notes"), "share_purpose", "justice"))
	if walled.status != http.StatusUnprocessableEntity || !strings.Contains(walled.body, words("error.care-notes-wall")) {
		t.Errorf("care notes to the police: got %d, want 422 and why", walled.status)
	}
	at = child + "/circle/" + answer[1] + "/refuse"
	worker.post(at, with(worker.get(at).form(t, at), "circle_refusal", "too_much", "reason", "Internal words.")).wants(t, http.StatusSeeOther, child+"/circle?done=circle-refuse")
	if a := police.get("/helped"); !strings.Contains(a.body, words("refusal.too_much")) || strings.Contains(a.body, "Internal words.") {
		t.Error("the asker does not learn the reason, or learns what was written about it")
	}
}

// What a holder of circle sees: their part, and of everything else nothing, on no page
// there is.
func TestNoPageShowsTheCircleMoreThanItsPart(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Marker Secretname")
	post := func(at string, pairs ...string) {
		t.Helper()
		if a := worker.post(at, with(worker.get(at).form(t, at), pairs...)); a.status != http.StatusSeeOther {
			t.Fatalf("%s: got %d", at, a.status)
		}
	}
	post(child+"/note", "kind", "home_visit", "contact_on", inDays(0), "words", "MARKERWORDS", "seen", "MARKERSEEN", "thought", "MARKERTHOUGHT", "interpreter", "not_needed")
	post(child+"/needs/new", "service", "psychosocial", "need_words", "MARKERNEED")
	post(child+"/people/add", "other_name", "MARKERKIN", "relation_to", "aunt_uncle", "safe_contact", "unknown")
	markers := []string{"Secretname", "MARKERWORDS", "MARKERSEEN", "MARKERTHOUGHT", "MARKERNEED", "MARKERKIN", "MARKERCONFER"}
	ids := regexp.MustCompile(`[0-9a-z]{26}`)
	for _, tt := range []struct {
		role   staff.Role
		sector string
	}{{staff.Guardian, "guardian"}, {staff.Investigator, "police"}, {staff.CaseWorker, "shelter"}, {staff.FirstResponder, "border"}, {staff.Supervisor, "health"}} {
		t.Run(string(tt.role), func(t *testing.T) {
			name := "walk." + strings.ReplaceAll(string(tt.role), "_", ".")
			member, id := r.newcomer(t, tt.role, tt.sector, name, "Walker "+string(tt.role))
			at := child + "/circle/invite"
			post(at, "circle_member", id.String(), "circle_role", "other")
			given := discloses(t, worker, child, id.String(), "age", "risk")
			page := worker.get(child+"/circle").body + worker.get(child+"/timeline").body + worker.get(child+"/needs").body + worker.get(child+"/people").body
			known := slices.Compact(slices.Sorted(slices.Values(ids.FindAllString(page, -1))))
			letter := given[strings.LastIndex(given, "/")+1:]
			seen, read := 0, false
			var mu sync.Mutex
			var wg sync.WaitGroup
			busy := make(chan struct{}, 24) // refusals are answered ever more slowly
			for _, path := range addresses(t, child[strings.LastIndex(child, "/")+1:], letter, known) {
				wg.Add(1)
				busy <- struct{}{}
				go func() {
					defer func() { <-busy; wg.Done() }()
					a := member.get(path)
					mu.Lock()
					defer mu.Unlock()
					if a.status == http.StatusOK {
						seen++
					}
					read = read || a.status == http.StatusOK && strings.HasSuffix(path, letter)
					for _, m := range markers {
						if strings.Contains(a.body, m) {
							t.Errorf("%s shows %s", path, m)
						}
					}
				}()
			}
			wg.Wait()
			if seen < 4 || !read {
				t.Errorf("the walk saw %d pages, the disclosure among them: %v", seen, read)
			}
		})
	}
}

// addresses are all addresses of the door that answer to GET, as they stand in its
// source, with the case, the disclosure and what else is known in their places.
func addresses(t testing.TB, of, letter string, known []string) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	pattern := regexp.MustCompile(`\.(?:page|form|open)\("(?:GET )?(/[^" ]*)"`)
	hole := regexp.MustCompile(`{[^}]*}`)
	var out []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "signout") || strings.Contains(m[1], "/lock") {
				continue
			}
			out = append(out, hole.ReplaceAllStringFunc(m[1], func(h string) string {
				switch h {
				case "{case}":
					return of
				case "{disclosure}":
					return letter
				case "{about}":
					return known[0]
				case "{step}":
					return "recall"
				case "{form}":
					return "full_assessment"
				case "{$}":
					return ""
				}
				return known[len(known)-1]
			}))
		}
	}
	for _, id := range known { // as a letter, as an event, as whatever it may be
		out = append(out, "/helped/"+of+"/"+id, "/child/"+of+"/conference/"+id)
	}
	if len(out) < 150 {
		t.Fatalf("only %d addresses were found", len(out))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// A child who is not told yet is told by a day that stands on the child's page and on the
// worker's, until somebody says how it was done.
func TestTheChildIsToldOnThePages(t *testing.T) {
	r := newRig(t)
	worker, auditor := r.as(t, "case_worker"), r.as(t, "auditor")
	_, id := r.newcomer(t, staff.Guardian, "guardian", "nadia.told", "Nadia Told")
	child := newChild(t, worker, "Oriel Dun")
	at := child + "/disclose"
	form := func(a answer) url.Values {
		return with(disclosing(a.form(t, at), id.String(), "age"), "child_told", "later")
	}
	preview := worker.post(at, form(worker.get(at)))
	worker.post(at, with(form(preview), "step", "disclose")).wants(t, http.StatusSeeOther, child+"/circle?done=disclosed")
	page := worker.get(child)
	page.has(t, "the child's page", words("uses.title"), words("uses.tell"), "Nadia Told")
	if today := worker.get("/"); !strings.Contains(today.body, "Oriel Dun") {
		t.Error("the worker's day does not show the child who is to be told")
	}
	given := regexp.MustCompile(child + `/disclosures/[0-9a-z]{26}`).FindString(worker.get(child + "/circle").body)
	act := child + "/circle/" + given[strings.LastIndex(given, "/")+1:]
	if a := auditor.get(act + "/told"); a.status == http.StatusOK {
		t.Error("an auditor says that the child was told")
	}
	later := with(worker.get(act+"/later").form(t, act+"/later"), "tell_by", inDays(20))
	if a := worker.post(act+"/later", later); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-reason-error"`) {
		t.Errorf("later without a reason: got %d, want 422", a.status)
	}
	worker.post(act+"/later", with(later, "reason", "He waits at the gate.")).wants(t, http.StatusSeeOther, child+"/circle?done=circle-later")
	worker.get(child+"/timeline").has(t, "the timeline", words("event.disclosure-later"), "He waits at the gate.")
	told := worker.get(act+"/told").form(t, act+"/told")
	if a := worker.post(act+"/told", told); a.status != http.StatusUnprocessableEntity {
		t.Errorf("told, and nobody says how: got %d, want 422", a.status)
	}
	worker.post(act+"/told", with(told, "told_how", "Alone, over tea.")).wants(t, http.StatusSeeOther, child+"/circle?done=circle-told")
	if a := worker.get(child); strings.Contains(a.body, words("uses.tell")) || !strings.Contains(a.body, "Alone, over tea.") {
		t.Error("the child was told, and the page still waits, or does not say how")
	}
}
