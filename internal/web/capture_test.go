package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/internal/web"
)

// ticket returns what a phone of somebody with a role keeps.
func (r *rig) ticket(t *testing.T, role string) string {
	t.Helper()
	ctx := context.Background()
	dir, err := r.node.Office.Directory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range dir.People() {
		if a.SignIn.Reveal() != r.logins[role].Name {
			continue
		}
		c := r.node.Gate.Person(access.Signed{Staff: a.ID, Session: ident.New[ident.Session](), Role: role, Unit: a.Unit, Sector: "child_protection", Strength: "password"}, "web", "inside")
		text, _, err := r.node.Gate.Ticket(ctx, c, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	t.Fatalf("nobody is %s", staff.Role(role))
	return ""
}

// sealed is a form as a phone has it ready to send.
func (r *rig) sealed(t *testing.T, id ident.Capture, kind, ticket, number string, answers map[string][]string) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"v": 1, "ticket": ticket, "kind": kind, "number": number, "at": time.Now().UnixMilli(), "answers": answers,
	})
	if err != nil {
		t.Fatal(err)
	}
	public, err := r.node.Custody.CaptureKey()
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := keys.SealCapture(public, id, text)
	if err != nil {
		t.Fatal(err)
	}
	return envelope
}

func (p *person) put(path string, body []byte, site string) answer {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodPut, p.r.srv.URL+path, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", site)
	return p.do(req)
}

func (r *rig) captures(t *testing.T, state string) (n int) {
	t.Helper()
	err := r.node.DB.Read(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow(context.Background(), "SELECT COUNT(*) FROM intake_capture WHERE state = $1", state).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var wrenRegistration = map[string][]string{
	"name": {"Sedgewren"}, "age": {"12"}, "birth_certainty": {"probable"}, "sex": {"female"}, "language": {"en"},
	"region": {"XA-01"}, "risk": {"high"}, "basis": {"vital_interest"},
}

// TestASealedFormArrives: an auditor sends what a case worker wrote on that phone;
// it is filed once, as the case worker's, and the auditor learns nothing of it.
func TestASealedFormArrives(t *testing.T) {
	r := newRig(t)
	id := ident.New[ident.Capture]()
	body := r.sealed(t, id, "registration", r.ticket(t, "case_worker"), "", wrenRegistration)
	noPlainText(t, "Sedgewren")
	before := r.captures(t, "filed")
	for range 2 {
		if a := r.as(t, "auditor").put("/capture/"+id.String(), body, "same-origin"); a.status != http.StatusNoContent || a.body != "" {
			t.Fatalf("got %d %q, want 204 and nothing", a.status, a.body)
		}
	}
	if n := r.captures(t, "filed") - before; n != 1 {
		t.Errorf("%d forms filed, want 1", n)
	}
	if a := r.as(t, "case_worker").get("/children?state=open"); strings.Count(a.body, "Sedgewren") == 0 {
		t.Error("the author does not find the child")
	}
	noPlainText(t, "Sedgewren")
}

func TestFormsThatAreNotTaken(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	id := ident.New[ident.Capture]()
	good := r.sealed(t, id, "registration", r.ticket(t, "case_worker"), "", wrenRegistration)
	forged := r.sealed(t, id, "registration", "Zm9yZ2Vk", "", wrenRegistration)
	path := "/capture/" + id.String()
	for _, tt := range []struct {
		what string
		got  answer
		want int
	}{
		{"nobody signed in", r.stranger(t).put(path, good, "same-origin"), http.StatusUnauthorized},
		{"from another site", worker.put(path, good, "cross-site"), http.StatusForbidden},
		{"cut", worker.put(path, good[:len(good)-1], "same-origin"), http.StatusUnprocessableEntity},
		{"empty", worker.put(path, nil, "same-origin"), http.StatusUnprocessableEntity},
		{"a forged ticket", worker.put(path, forged, "same-origin"), http.StatusUnprocessableEntity},
		{"another identifier", worker.put("/capture/"+ident.New[ident.Capture]().String(), good, "same-origin"), http.StatusUnprocessableEntity},
		{"no identifier", worker.put("/capture/seven", good, "same-origin"), http.StatusNotFound},
		{"too long", worker.put(path, make([]byte, 2<<20), "same-origin"), http.StatusRequestEntityTooLarge},
	} {
		if tt.got.status != tt.want {
			t.Errorf("%s: got %d, want %d", tt.what, tt.got.status, tt.want)
		}
	}
}

// blankPaths are the answers that a phone may keep: they name nobody.
var blankPaths = map[string]bool{"/capture/forms": true, "/capture/worker.js": true}

// TestWhatAPhoneKeepsNamesNobody: the blank forms and the shell are the same for
// everybody who reads the same language, and hold no key and no ticket.
func TestWhatAPhoneKeepsNamesNobody(t *testing.T) {
	r := newRig(t)
	worker, boss := r.as(t, "case_worker"), r.as(t, "supervisor")
	for _, path := range []string{"/capture/forms", "/capture/shell"} {
		a, b := worker.get(path), boss.get(path)
		if a.status != http.StatusOK || a.plain() != b.plain() {
			t.Errorf("%s: got %d and %d, and not the same for two people", path, a.status, b.status)
		}
		for _, word := range []string{"data-ticket", "data-key", "data-who", r.logins["case_worker"].Name} {
			if strings.Contains(a.body, word) {
				t.Errorf("%s holds %s", path, word)
			}
		}
		if s := r.stranger(t).get(path); s.status == http.StatusOK {
			t.Errorf("%s is shown to nobody", path)
		}
	}
	first := worker.get("/capture/forms")
	req, err := http.NewRequest(http.MethodGet, r.srv.URL+"/capture/forms", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("If-None-Match", first.header.Get("ETag"))
	if again := worker.do(req); again.status != http.StatusNotModified || again.body != "" {
		t.Errorf("unchanged forms: got %d, want 304", again.status)
	}
	if w := r.stranger(t).get("/capture/worker.js"); w.status != http.StatusOK || w.header.Get("Service-Worker-Allowed") != "/capture" {
		t.Errorf("the worker: got %d, %q", w.status, w.header.Get("Service-Worker-Allowed"))
	}
	if a := worker.get("/capture"); !strings.Contains(a.body, "data-ticket=") || a.header.Get("Cache-Control") != "no-store" {
		t.Error("the page of a case worker holds no ticket, or may be kept")
	}
	if a := r.as(t, "auditor").get("/capture"); a.status != http.StatusOK || strings.Contains(a.body, "data-ticket=") {
		t.Errorf("an auditor's page: got %d, with a ticket: %v", a.status, strings.Contains(a.body, "data-ticket="))
	}
}

// TestBlankFormsAskWhatThePagesAsk: every question of a check is on the phone, with
// the ages and places that decide who is asked.
func TestBlankFormsAskWhatThePagesAsk(t *testing.T) {
	s := newScene(t, "ar")
	b := web.AskOffline(s.l, s.p, nil)
	kinds := map[string]web.BlankForm{}
	for _, f := range b.Forms {
		kinds[f.Kind] = f
		for _, q := range f.Fields {
			if q.Label == "" || q.List != "" && len(b.Lists[q.List]) == 0 {
				t.Errorf("%s: question %s has no words or no answers", f.Kind, q.Name)
			}
		}
	}
	rules := s.p.Screening()
	if got, want := len(kinds["check"].Cards), len(rules.Questions()); got != want || b.Cards != len(rules.Cards("15-17", "street")) {
		t.Errorf("%d questions, want %d", got, want)
	}
	for code, words := range b.Words {
		if words == "" || words == code {
			t.Errorf("no words for %s", code)
		}
	}
	for _, kind := range []string{"registration", "note"} {
		if len(kinds[kind].Fields) == 0 {
			t.Errorf("no blank %s", kind)
		}
	}
}

// filed registers a child through a phone and returns the address and the number of
// its case.
func (r *rig) filed(t *testing.T, name string) (href, number string) {
	t.Helper()
	answers := map[string][]string{}
	for k, list := range wrenRegistration {
		answers[k] = list
	}
	answers["name"] = []string{name}
	r.sendForm(t, "registration", "", answers)
	worker := r.as(t, "case_worker")
	for _, href := range childLink.FindAllString(worker.get("/children?state=open").body, -1) {
		page := worker.get(href).body
		if !strings.Contains(page, name) {
			continue
		}
		if found := shownNumber.FindStringSubmatch(page); found != nil {
			return href, found[1]
		}
	}
	t.Fatalf("%s is not in the list", name)
	return "", ""
}

var childLink = regexp.MustCompile(`/child/[0-9a-z]{26}`)

var shownNumber = regexp.MustCompile(`([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z])`)

// sendForm sends a form of the case worker's from the auditor's session.
func (r *rig) sendForm(t *testing.T, kind, number string, answers map[string][]string) ident.Capture {
	t.Helper()
	id := ident.New[ident.Capture]()
	body := r.sealed(t, id, kind, r.ticket(t, "case_worker"), number, answers)
	if a := r.as(t, "auditor").put("/capture/"+id.String(), body, "same-origin"); a.status != http.StatusNoContent {
		t.Fatalf("send a %s: got %d, want 204", kind, a.status)
	}
	return id
}

// TestAVisitIsARecord: a visit that answers everything is finished; one that leaves
// something open is begun.
func TestAVisitIsARecord(t *testing.T) {
	r := newRig(t)
	href, number := r.filed(t, "Marshwiggle")
	day := time.Now().UTC().Format("2006-01-02")
	r.sendForm(t, "visit", number, map[string][]string{
		"a.visit_on": {day}, "a.visit_kind": {"home"}, "a.child_seen": {"no"}, "a.not_seen_why": {"nobody opened, curlewberry"},
	})
	list := r.as(t, "case_worker").get(href + "/forms")
	if !strings.Contains(list.body, "Visit and follow-up") {
		t.Fatalf("no visit among the forms: %d", list.status)
	}
	page := r.as(t, "case_worker").get(href).body
	if !strings.Contains(page, "Written without a network by") {
		t.Error("the timeline does not say that it was written without a network")
	}
	found := regexp.MustCompile(href + `/forms/[0-9a-z]{26}`).FindString(list.body)
	if found == "" {
		t.Fatal("the list leads to no record")
	}
	if a := r.as(t, "case_worker").get(found); !strings.Contains(a.body, "curlewberry") {
		t.Errorf("the record does not hold what was written: %d", a.status)
	}
}

// TestWhatWaitsIsDecided: a note for a number that is nobody's waits; its author
// reads it and files it with the ordinary form into the right case, once.
func TestWhatWaitsIsDecided(t *testing.T) {
	r := newRig(t)
	href, number := r.filed(t, "Puddlegleam")
	worker := r.as(t, "case_worker")
	id := r.sendForm(t, "note", string(ident.NewCaseNumber()), map[string][]string{
		"kind": {"home_visit"}, "contact_on": {time.Now().UTC().Format("2006-01-02")}, "words": {"cloudberry and rowan"},
	})
	at := "/capture/waiting/" + id.String()
	if a := worker.get("/capture/waiting"); !strings.Contains(a.body, at) || strings.Contains(a.body, "cloudberry") {
		t.Fatalf("the list: got %d; it names the form and shows nothing of it", a.status)
	}
	if a := worker.get("/capture"); !strings.Contains(a.body, "could not be filed") {
		t.Error("the page does not say that something waits")
	}
	for _, role := range []string{"auditor", "node_operator"} {
		for _, path := range []string{"/capture/waiting", at} {
			if a := r.as(t, role).get(path); a.status != http.StatusNotFound || strings.Contains(a.body, "cloudberry") {
				t.Errorf("%s at %s: got %d, want 404", role, path, a.status)
			}
		}
	}
	page := worker.get(at)
	if !strings.Contains(page.body, "cloudberry and rowan") {
		t.Fatalf("the form is not shown: %d", page.status)
	}
	fill := page.form(t, at+"/fill")
	if a := worker.post(at+"/fill", with(fill, "number", string(ident.NewCaseNumber()))); a.header.Get("Location") != at+"?number=no" {
		t.Errorf("a number that is nobody's: got %d %q", a.status, a.header.Get("Location"))
	}
	note := worker.post(at+"/fill", with(fill, "number", number))
	if note.status != http.StatusOK || !strings.Contains(note.body, "cloudberry and rowan") {
		t.Fatalf("the ordinary form: got %d, without what was written", note.status)
	}
	filled := with(note.form(t, href+"/note"), "kind", "home_visit", "contact_on", time.Now().UTC().Format("2006-01-02"), "words", "cloudberry and rowan", "seen", "calm", "interpreter", "not_needed")
	if filled.Get("captured") != id.String() {
		t.Fatal("the form does not say what it files")
	}
	for range 2 { // sent twice: the second finds nothing that waits
		if a := worker.post(href+"/note", filled); a.status != http.StatusSeeOther && a.status != http.StatusNotFound {
			t.Errorf("file it: got %d %s", a.status, regexp.MustCompile(`(?s)id="errors".*?</div>`).FindString(a.body))
		}
	}
	child := worker.get(href).body
	if n := strings.Count(child, "Written without a network by"); n != 2 { // the registration and the note
		t.Errorf("%d events say that they were written without a network, want 2", n)
	}
	if a := worker.get(at); a.status != http.StatusNotFound {
		t.Errorf("it waits still: %d", a.status)
	}
}

// TestAWaitingFormIsDiscarded only with a reason.
func TestAWaitingFormIsDiscarded(t *testing.T) {
	r := newRig(t)
	id := r.sendForm(t, "check", "", map[string][]string{"age_about": {"purple"}})
	at, worker := "/capture/waiting/"+id.String(), r.as(t, "case_worker")
	form := worker.get(at).form(t, at)
	if a := worker.post(at, form); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: got %d, want 422", a.status)
	}
	worker.post(at, with(form, "reason", "typed by mistake")).wants(t, http.StatusSeeOther, "/capture/waiting?done=capture-discarded")
	if a := worker.get(at); a.status != http.StatusNotFound {
		t.Errorf("it waits still: %d", a.status)
	}
}
