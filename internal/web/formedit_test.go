package web_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// question changes or adds a question on its page.
func question(p *person, t *testing.T, at, where string, typed ...string) answer {
	t.Helper()
	path := at + "/question?at=" + where
	return p.post(at+"/question", with(p.get(path).form(t, at+"/question"), typed...))
}

func TestAFormIsMadePublishedAndRetired(t *testing.T) {
	r := newRig(t)
	boss, worker := r.head(t), r.as(t, "case_worker")

	form := boss.get("/forms/new").form(t, "/forms/new")
	form = with(form, "form_id", "bedtime", "form_title_en", "Bedtime talk", "form_title_fr", "Le soir", "form_title_ar", "حديث المساء", "form_step", "other")
	if a := boss.post("/forms/new", with(form, "form_id", "visit")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-form_id-error"`) {
		t.Errorf("a name that is taken: got %d", a.status)
	}
	at := "/forms/bedtime/draft"
	boss.post("/forms/new", form).wants(t, http.StatusSeeOther, at+"?done=formdraft")

	// A question with a condition on one that is not there is refused, with the
	// place and what was typed.
	bad := question(boss, t, at, "0.new", "q_id", "sleep", "q_kind", "answer", "q_label_en", "Slept well?", "q_label_fr", "Bien dormi ?", "q_label_ar", "هل نمت جيدًا؟", "q_show", `tired == "no"`)
	if bad.status != http.StatusUnprocessableEntity || !strings.Contains(bad.body, "no field is called tired") || !strings.Contains(bad.body, "Slept well?") {
		t.Fatalf("a condition on nothing: got %d", bad.status)
	}
	question(boss, t, at, "0.new", "q_id", "sleep", "q_kind", "answer", "q_label_en", "Slept well?", "q_label_fr", "Bien dormi ?", "q_label_ar", "هل نمت جيدًا؟", "q_need", "finish").
		wants(t, http.StatusSeeOther, at+"?done=formdraft")
	question(boss, t, at, "0.new", "q_id", "dream", "q_kind", "choice", "q_label_en", "Dreams", "q_label_fr", "Rêves", "q_label_ar", "أحلام",
		"q_options", "good | Good | Bons | جيدة\nbad | Bad | Mauvais | سيئة", "q_show", `sleep == "no"`).wants(t, http.StatusSeeOther, at+"?done=formdraft")

	// What another question needs cannot be taken away.
	move := boss.get(at).form(t, at+"/move")
	if a := boss.post(at+"/move", with(move, "do", "away 0.1")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "no field is called sleep") {
		t.Errorf("taking away what a condition needs: got %d", a.status)
	}
	boss.post(at+"/move", with(boss.get(at).form(t, at+"/move"), "do", "away 0.0")).wants(t, http.StatusSeeOther, at)

	child := newChild(t, worker, "Ilo Verran")
	if a := worker.get(child + "/form/bedtime"); a.status != http.StatusNotFound {
		t.Errorf("a draft can be filled in: %d", a.status)
	}
	version := "/forms/bedtime/1000"
	if a := boss.get(version); !strings.Contains(a.body, "Dreams") || !strings.Contains(a.body, "<fieldset class=\"form plainset\" disabled>") {
		t.Error("the preview does not show the questions, or takes answers")
	}
	boss.post(version+"/publish", boss.get(version+"/publish").form(t, version+"/publish")).wants(t, http.StatusSeeOther, "/forms?done=formpublish")
	fill := worker.get(child + "/form/bedtime")
	if fill.status != http.StatusOK || !strings.Contains(fill.body, "Slept well?") {
		t.Fatalf("the published form cannot be begun: %d", fill.status)
	}
	saved := worker.post(child+"/form/bedtime", with(fill.form(t, child+"/form/bedtime"), "then", "save", "a.sleep", "no", "a.dream", "bad"))
	if saved.status != http.StatusSeeOther {
		t.Fatalf("the form cannot be saved: %d", saved.status)
	}
	boss.post(version+"/retire", boss.get(version+"/retire").form(t, version+"/retire")).wants(t, http.StatusSeeOther, "/forms?done=formretire")
	if a := worker.get(child + "/form/bedtime"); a.status != http.StatusNotFound {
		t.Errorf("a retired form can be begun: %d", a.status)
	}
	record, _, _ := strings.Cut(saved.header.Get("Location"), "?")
	if a := worker.get(record); a.status != http.StatusOK || !strings.Contains(a.body, "Dreams") {
		t.Errorf("what was answered cannot be read any more: %d", a.status)
	}
}

// What is wrong with a form is said in the reader's language, and questions are called
// as the reader knows them.
func TestFaultsOfAFormInTheReadersLanguage(t *testing.T) {
	r := newRig(t)
	boss := r.head(t)
	form := with(boss.get("/forms/new").form(t, "/forms/new"), "form_id", "night", "form_title_en", "Bedtime talk", "form_title_fr", "Le soir", "form_title_ar", "حديث المساء", "form_step", "other")
	boss.post("/forms/new", form).wants(t, http.StatusSeeOther, "/forms/night/draft?done=formdraft")
	at := "/forms/night/draft"
	sleep := []string{"q_id", "sleep", "q_kind", "answer", "q_label_en", "Slept well?", "q_label_fr", "Bien dormi ?", "q_label_ar", "هل نمت جيدًا؟"}
	question(boss, t, at, "0.new", sleep...)
	dream := []string{"q_id", "dream", "q_kind", "words", "q_label_en", "Dreams", "q_label_fr", "Rêves", "q_label_ar", "أحلام"}
	question(boss, t, at, "0.new", append(dream, "q_show", `sleep == "no"`)...).wants(t, http.StatusSeeOther, at+"?done=formdraft")
	for _, c := range []struct{ lang, unknown, place, cycle string }{
		{"fr", "aucune question ne s’appelle tired", "<bdi>Bien dormi ?</bdi> · La montrer quand", "décide de lui-même : Bien dormi ? → Rêves → Bien dormi ?"},
		{"ar", "لا يوجد سؤال اسمه \u2068tired\u2069", "<bdi>هل نمت جيدًا؟</bdi> · يظهر عندما", "يتوقف على نفسه: "},
		{"en", "no field is called tired", "<bdi>Slept well?</bdi> · Show it when", "decides itself: Slept well? → Dreams → Slept well?"},
	} {
		boss.post("/language", url.Values{"language": {c.lang}})
		a := question(boss, t, at, "0.1", append(sleep, "q_show", "given(tired)")...)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, c.unknown) || !strings.Contains(a.body, c.place) {
			t.Errorf("%s: a condition on nothing: %d, want %q at %q", c.lang, a.status, c.unknown, c.place)
		}
		a = question(boss, t, at, "0.1", append(sleep, "q_show", "given(dream)")...)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, c.cycle) {
			t.Errorf("%s: a condition on itself: %d, want %q", c.lang, a.status, c.cycle)
		}
	}
}

func TestOnlyTheHeadOfficeChangesForms(t *testing.T) {
	r := newRig(t)
	for _, role := range []string{"case_worker", "node_operator", "auditor", "first_responder", "supervisor"} {
		p := r.as(t, role)
		for _, path := range []string{"/forms", "/forms/new", "/forms/import", "/forms/visit/2", "/forms/visit/2/xlsx", "/forms/visit/draft", "/forms/visit/2/retire"} {
			if a := p.get(path); a.status != http.StatusNotFound {
				t.Errorf("%s as %s: got %d, want 404", path, role, a.status)
			}
		}
		if a := p.post("/forms/visit/draft", url.Values{"command": {"00000000000000000000000001"}}); a.status != http.StatusNotFound {
			t.Errorf("%s begins a draft: %d", role, a.status)
		}
	}
}

func TestXLSFormGoesOutAndComesBack(t *testing.T) {
	r := newRig(t)
	boss := r.head(t)
	of := regexp.MustCompile(`/forms/rapid_assessment/[0-9]+`).FindString(boss.get("/forms").body)
	out := boss.get(of + "/xlsx")
	if out.status != http.StatusOK || !strings.HasPrefix(out.body, "PK") {
		t.Fatalf("no workbook: %d", out.status)
	}
	send := func(name string, b []byte, replace ...string) answer {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for field, list := range boss.get("/forms/import").form(t, "/forms/import") {
			if err := w.WriteField(field, strings.Join(list, "")); err != nil {
				t.Fatal(err)
			}
		}
		for _, yes := range replace {
			if err := w.WriteField("form_replace", yes); err != nil {
				t.Fatal(err)
			}
		}
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(part, bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return boss.send("/forms/import", w.FormDataContentType(), body.String(), "same-origin")
	}
	if a := send("notes.xlsx", []byte("PK no workbook")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a file that is no workbook: got %d", a.status)
	}
	send("rapid.xlsx", []byte(out.body)).wants(t, http.StatusSeeOther, "/forms/rapid_assessment/draft?done=formdraft")
	if a := boss.get("/forms/rapid_assessment/draft"); !strings.Contains(a.body, "Is the child safe now?") {
		t.Error("the draft does not hold the questions of the workbook")
	}
	before := boss.get("/forms/rapid_assessment/draft").plain()
	if a := send("rapid.xlsx", []byte(out.body)); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-form_replace-error"`) {
		t.Errorf("a workbook over a draft: got %d", a.status)
	}
	if now := boss.get("/forms/rapid_assessment/draft").plain(); now != before {
		t.Error("a workbook that was refused changed the draft")
	}
	send("rapid.xlsx", []byte(out.body), "yes").wants(t, http.StatusSeeOther, "/forms/rapid_assessment/draft?done=formdraft")
}

// head is the supervisor of the head office.
func (r *rig) head(t *testing.T) *person {
	t.Helper()
	return r.as(t, "head")
}
