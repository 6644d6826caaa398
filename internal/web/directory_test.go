package web_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// addsService fills in the form of a new service and returns where its page is.
func addsService(t *testing.T, p *person, pairs ...string) string {
	t.Helper()
	const at = "/services/new"
	form := with(p.get(at).form(t, at), append([]string{"service_provider", "Three Wells", "service_kinds_0", "food"}, pairs...)...)
	a := p.post(at, form)
	to, _, _ := strings.Cut(a.header.Get("Location"), "?")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(to, "/services/") || strings.HasSuffix(to, "/new") {
		t.Fatalf("add a service: got %d to %s", a.status, to)
	}
	return to
}

func TestAServiceOnThePages(t *testing.T) {
	r := newRig(t)
	boss, worker := r.as(t, "supervisor"), r.as(t, "case_worker")
	otter := []string{
		"service_name", "Soup of the Otter", "age_from", "3", "age_to", "١٧", "service_languages_0", "ar", "service_regions_0", "XA-05",
		"hours_mo", "9h-17h", "service_phone", "+999 55 0102", "service_lat", "11,8", "service_lon", "-31.3",
	}
	at := addsService(t, boss, append(otter, "places_free", "2", "places_total", "3")...)

	// Three taps: the menu, what is needed, the service.
	menu := worker.get("/services")
	if !strings.Contains(menu.body, `href="/services?service_group=basics"`) || strings.Contains(menu.body, `href="/services/new"`) {
		t.Error("a worker is not offered the groups, or may add a service")
	}
	found := worker.get("/services?service_group=basics")
	if found.status != http.StatusOK || !strings.Contains(found.body, `href="`+at+`"`) || !strings.Contains(found.body, "2 places free") {
		t.Errorf("the group does not hold the service: %d", found.status)
	}
	page := worker.get(at)
	for _, want := range []string{`href="tel:&#43;999550102"`, "Soup of the Otter", "Three Wells", "09:00-17:00", "3 to 17 years", "11.80000, -31.30000"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	if strings.Contains(page.body, at+"/edit") || strings.Contains(page.body, at+"/places") {
		t.Error("a worker is offered to change it")
	}
	for _, refused := range []answer{worker.get(at + "/edit"), worker.get(at + "/places"), worker.get("/services/new"), worker.get("/services/files"), worker.get("/services/no-such-service")} {
		if refused.status != http.StatusNotFound {
			t.Errorf("a worker gets %d, want 404", refused.status)
		}
	}
	for _, filters := range []string{"service=food&age_band=15-17&language=ar", "service=food&region=XA-05&within=25&service_free=now&service_sex=female"} {
		if a := worker.get("/services?" + filters); !strings.Contains(a.body, at) {
			t.Errorf("%s does not find it", filters)
		}
	}
	for _, filters := range []string{"service=food&age_band=0-4&service_access=step_free", "service=legal_aid", "service=food&language=fr"} {
		if a := worker.get("/services?" + filters); a.status != http.StatusOK || strings.Contains(a.body, at) {
			t.Errorf("%s finds it, or fails: %d", filters, a.status)
		}
	}
	if a := worker.get("/services?service=%27"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a forged filter: got %d, want 422", a.status)
	}

	// One tap, and everything said in full.
	tap := boss.get(at).form(t, at+"/places")
	boss.post(at+"/places", with(tap, "places_free", "3")).wants(t, http.StatusSeeOther, at+"?done=places-told")
	if a := boss.get(at); !strings.Contains(a.body, "3 of 3") || strings.Contains(a.body, "One more") {
		t.Error("the tap is not seen, or offers more than there are")
	}
	full := boss.get(at+"/places").form(t, at+"/places")
	if a := boss.post(at+"/places", with(full, "places_free", "4")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="4"`) {
		t.Errorf("more free than there are: got %d, want 422 with what was typed", a.status)
	}
	boss.post(at+"/places", with(full, "places_free", "0", "wait_days", "5", "then", "tonight")).wants(t, http.StatusSeeOther, "/services/tonight?done=places-told")
	if a := worker.get(at); !strings.Contains(a.body, "No place free") || !strings.Contains(a.body, "5 days") {
		t.Error("full and five days to wait is not said")
	}

	// A change, and one that came second.
	asked := boss.get(at + "/edit")
	for _, want := range []string{`value="XA-05" selected`, `value="09:00-17:00"`, `value="ar" selected`, `value="17"`} {
		if !strings.Contains(asked.body, want) {
			t.Errorf("the form does not hold %s", want)
		}
	}
	edit := with(asked.form(t, at+"/edit"), append(otter, "service_provider", "Three Wells", "service_kinds_0", "food")...)
	if a := boss.post(at+"/edit", with(edit, "hours_tu", "always", "service_name", "Otter")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "always") || !strings.Contains(a.body, `id="f-hours_tu-error"`) {
		t.Errorf("hours that are none: got %d", a.status)
	}
	boss.post(at+"/edit", with(edit, "service_state", "paused", "service_languages_0", "", "service_languages_1", "en")).wants(t, http.StatusSeeOther, at+"?done=service-changed")
	if a := boss.post(at+"/edit", with(edit, "service_state", "open", "command", boss.get("/services/new").form(t, "/services/new").Get("command"))); a.status != http.StatusConflict {
		t.Errorf("a change that came second: got %d, want 409", a.status)
	}
	if a := worker.get(at); !strings.Contains(a.body, "Takes nobody for now") {
		t.Error("the page does not say that it is paused")
	}
}

func TestASecretServiceOnThePages(t *testing.T) {
	r := newRig(t)
	boss, worker := r.as(t, "supervisor"), r.as(t, "case_worker")
	at := addsService(t, boss, "service_name", "Quiet house", "service_secret", "yes", "service_address", "9 Hidden Quay", "service_lat", "11.77", "service_lon", "-31.31", "service_regions_0", "XA-03")
	if a := boss.get(at); !strings.Contains(a.body, "9 Hidden Quay") || !strings.Contains(a.body, "11.77000") {
		t.Error("a supervisor does not see where it is")
	}
	for _, where := range []string{at, "/services?service=food", "/services?every=yes", "/services?region=XA-03&within=250"} {
		if a := worker.get(where); strings.Contains(a.body, "Hidden Quay") || strings.Contains(a.body, "11.77") || where == at && strings.Contains(a.body, "Corrin Coast") {
			t.Errorf("%s tells where the secret house is", where)
		}
	}
	if a := worker.get("/services?service=food&region=XA-01"); !strings.Contains(a.body, "Quiet house") || !strings.Contains(a.body, "Secret place") {
		t.Error("it is not found in its country")
	}
	for _, kind := range []string{"csv", "hsds"} {
		form := boss.get("/services/files").form(t, "/services/files/csv")
		if a := boss.post("/services/files/"+kind, form); a.status != http.StatusOK || strings.Contains(a.body, "Quiet house") {
			t.Errorf("%s: got %d, or the secret house is in it", kind, a.status)
		}
	}
}

// bringServices posts a file of services.
func (p *person) bringServices(form url.Values, text string) answer {
	p.t.Helper()
	return p.brings("/services/files", form, text)
}

// brings posts a file.
func (p *person) brings(to string, form url.Values, text string) answer {
	p.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name := range form {
		_ = m.WriteField(name, form.Get(name)) // a buffer never fails
	}
	if text != "" {
		w, err := m.CreateFormFile("file", "services.csv")
		if err != nil {
			p.t.Fatal(err)
		}
		_, _ = w.Write([]byte(text))
	}
	_ = m.Close()
	req, err := http.NewRequest(http.MethodPost, p.r.srv.URL+to, &b)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", m.FormDataContentType())
	return p.do(req)
}

func TestFilesOfServicesOnThePages(t *testing.T) {
	r := newRig(t)
	boss := r.as(t, "supervisor")
	form := boss.get("/services/files").form(t, "/services/files")
	const file = "code,name,provider,services\nOTTER-9,Otter school,Three Wells,School\n"
	if a := boss.bringServices(with(form, "service_import", "try"), file); a.status != http.StatusOK || !strings.Contains(a.body, "Nothing was changed") {
		t.Errorf("a try: got %d", a.status)
	}
	if a := boss.bringServices(with(form, "service_import", "take"), strings.Replace(file, "School", "Skool", 1)); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Row 2") {
		t.Errorf("a wrong row: got %d", a.status)
	}
	if a := boss.bringServices(form, ""); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no file: got %d", a.status)
	}
	if a := boss.bringServices(with(form, "service_import", "take"), file); a.status != http.StatusOK || !strings.Contains(a.body, "The file is taken in") {
		t.Errorf("taken in: got %d", a.status)
	}
	if a := boss.get("/services?service=school"); !strings.Contains(a.body, "Otter school") {
		t.Error("the service of the file is not found")
	}
	out := boss.get("/services/files").form(t, "/services/files/csv")
	table := boss.post("/services/files/csv", out)
	if !strings.HasPrefix(table.body, "\ufeffcode,name,") || !strings.Contains(table.body, "OTTER-9,Otter school") ||
		!regexp.MustCompile(`^attachment; filename="causeway-services-[0-9-]+-[a-z0-9-]+\.csv"$`).MatchString(table.header.Get("Content-Disposition")) {
		t.Errorf("the table: %q, %.80q", table.header.Get("Content-Disposition"), table.body)
	}
	var list []map[string]any
	if a := boss.post("/services/files/hsds", out); json.Unmarshal([]byte(a.body), &list) != nil || len(list) == 0 || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("HSDS: %s, %.80q", a.header.Get("Content-Type"), a.body)
	}
	for _, role := range []string{"case_worker", "auditor", "node_operator"} {
		if a := r.as(t, role).post("/services/files/csv", out); a.status != http.StatusNotFound {
			t.Errorf("%s takes the directory out: got %d", role, a.status)
		}
	}
}

func TestTonightOnThePages(t *testing.T) {
	r := newRig(t)
	if a := r.as(t, "supervisor").get("/services/tonight"); a.status != http.StatusOK || !strings.Contains(a.body, "Who is on duty") {
		t.Errorf("tonight: got %d", a.status)
	}
	if a := r.as(t, "auditor").get("/services/tonight"); a.status != http.StatusNotFound {
		t.Errorf("an auditor: got %d, want 404", a.status)
	}
}
