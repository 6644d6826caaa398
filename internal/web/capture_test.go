package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
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
		c := r.node.Gate.Person(access.Signed{Staff: a.ID, Session: ident.New[ident.Session](), Role: role, Unit: a.Unit}, "web", "inside")
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
