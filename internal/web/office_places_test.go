package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// TestPlacesPage: a file is tried, brought in and shown level by level; a wrong one names
// its rows, and only who may brings one in.
func TestPlacesPage(t *testing.T) {
	r := newRig(t)
	send := func(p *person, step, file string) answer {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for field, list := range r.as(t, "node_operator").get("/places").form(t, "/places") {
			if field != "file" {
				_ = w.WriteField(field, list[0])
			}
		}
		_ = w.WriteField("step", step)
		part, err := w.CreateFormFile("file", "places.csv")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(file))
		_ = w.Close()
		return p.send("/places", w.FormDataContentType(), body.String(), "same-origin")
	}
	p, boss := r.as(t, "node_operator"), r.as(t, "supervisor")
	const file = "#adm1+code,#adm1+name,#adm2+code,#adm2+name\nXA91,Far Coast,XA9101,Old Port\n"
	if a := send(p, "try", file); a.status != http.StatusOK || !a.says(words("places.tried")) {
		t.Errorf("a try: got %d", a.status)
	}
	if a := p.get("/places"); strings.Contains(a.body, "Far Coast") {
		t.Error("a try brought places in")
	}
	if a := send(boss, "take", file); a.status != http.StatusNotFound {
		t.Errorf("a supervisor: got %d, want 404", a.status)
	}
	if a := send(p, "take", "code,name\nXA91,\n"); a.status != http.StatusUnprocessableEntity || !a.says(words("places.wrong", "n", 1)) {
		t.Errorf("a wrong file: got %d, want 422", a.status)
	}
	if a := send(p, "take", "nothing"); a.status != http.StatusUnprocessableEntity || !a.says(words("error.no-place-columns")) {
		t.Errorf("no table: got %d, want 422", a.status)
	}
	send(p, "take", file).wants(t, http.StatusSeeOther, "/places?done=places")
	if a := boss.get("/places"); !strings.Contains(a.body, "Far Coast") || strings.Contains(a.body, "Old Port") {
		t.Error("the highest level is not shown alone")
	}
	if a := boss.get("/places?in=XA91"); !strings.Contains(a.body, "Old Port") {
		t.Error("the places below are not shown")
	}
	if a := boss.get("/places?in=XB"); a.status != http.StatusNotFound {
		t.Errorf("an unknown place: got %d, want 404", a.status)
	}
}
