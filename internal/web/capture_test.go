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
