package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/ident"
)

var agencyLink = regexp.MustCompile(`href="(/agencies/[0-9a-z]{26})"`)

// TestAgencyPages: a node operator adds an agency, changes it and puts a unit under it;
// a supervisor reads and changes nothing.
func TestAgencyPages(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "node_operator")
	list := p.get("/agencies")
	form := list.form(t, "/agencies")
	if a := p.post("/agencies", with(form, "agency_name", "Maison des Ponts")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="Maison des Ponts"`) {
		t.Errorf("without a sector: got %d, want 422 and what was typed", a.status)
	}
	form = with(form, "agency_name", "Maison des Ponts", "sector", "shelter", "mandate", "Decree 5 of 2030")
	p.post("/agencies", form).wants(t, http.StatusSeeOther, "/agencies?done=agency")
	p.post("/agencies", form).wants(t, http.StatusSeeOther, "/agencies?done=agency") // a replay is the same command
	list = p.get("/agencies")
	at := strings.Index(list.body, "Maison des Ponts")
	if at < 0 || strings.Count(list.body, "Maison des Ponts") != 1 {
		t.Fatal("the agency is not in the list once")
	}
	links := agencyLink.FindAllStringSubmatch(list.body[:at], -1)
	path := links[len(links)-1][1]

	page := p.get(path)
	changed := with(page.form(t, path), "agency_name", "Refuge des Ponts", "sector", "ngo", "mandate", "Decree 5 of 2030")
	p.post(path, changed).wants(t, http.StatusSeeOther, path+"?done=agency-changed")
	if a := p.post(path, with(changed, "command", ident.New[ident.Command]().String())); a.status != http.StatusConflict {
		t.Errorf("an old version: got %d, want 409", a.status)
	}
	if a := p.get(path); !strings.Contains(a.body, "Refuge des Ponts") || !strings.Contains(a.body, "Decree 5 of 2030") {
		t.Error("the change is not shown")
	}

	units := p.get("/people/units")
	p.post("/people/units", with(units.form(t, "/people/units"), "unit_name", "Night house", "agency", path[len("/agencies/"):])).
		wants(t, http.StatusSeeOther, "/people/units?done=unit")
	if a := p.get(path); !strings.Contains(a.body, "Night house") {
		t.Error("the new unit is not the agency's")
	}
	if a := p.post(path+"/unit", with(p.get(path).form(t, path+"/unit"), "unit", "")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no unit: got %d, want 422", a.status)
	}
	takes := path + "/duty"
	duty := with(p.get(path).form(t, takes), "duty_of", firstOption(t, p.get(path), "duty_of"), "duty_unit", firstOption(t, p.get(path), "duty_of"))
	if a := p.post(takes, duty); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-duty_unit-error"`) {
		t.Errorf("checks to a unit that takes no children in: got %d, want 422", a.status)
	}
	team := firstOption(t, p.get(path), "duty_unit")
	p.post(takes, with(duty, "duty_unit", team)).wants(t, http.StatusSeeOther, path+"?done=duty-named")

	boss := r.as(t, "supervisor")
	if a := boss.get(path); a.status != http.StatusOK || strings.Contains(a.body, "<textarea") {
		t.Errorf("a supervisor's view: got %d", a.status)
	}
	for _, forged := range []string{path, path + "/unit", takes, "/agencies"} {
		body := with(changed, "command", ident.New[ident.Command]().String(), "unit", firstOption(t, p.get(path), "unit"), "duty_of", duty.Get("duty_of"), "duty_unit", team)
		if a := boss.post(forged, body); a.status != http.StatusNotFound {
			t.Errorf("a supervisor posting %s: got %d, want 404", forged, a.status)
		}
	}
	if a := p.get("/agencies/" + ident.New[ident.Agency]().String()); a.status != http.StatusNotFound {
		t.Errorf("an unknown agency: got %d, want 404", a.status)
	}
}

// TestProfilePages: everybody tells colleagues their languages and whether they are there;
// a supervisor tells it of the unit's people and finds who speaks a language.
func TestProfilePages(t *testing.T) {
	r := newRig(t)
	worker, boss := r.as(t, "case_worker"), r.as(t, "supervisor")
	until := r.node.Clock.Now().AddDate(0, 0, 3).Format("2006-01-02")
	form := worker.get("/account/profile").form(t, "/account/profile")
	if a := worker.post("/account/profile", with(form, "presence", "away", "presence_until", "2001-01-01", "speaks_0", "am")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="2001-01-01"`) {
		t.Errorf("until long ago: got %d, want 422 and what was typed", a.status)
	}
	worker.post("/account/profile", with(form, "presence", "away", "presence_until", until, "speaks_0", "am", "speaks_1", "am")).
		wants(t, http.StatusSeeOther, "/account?done=profile")
	speakers := boss.get("/people?speaks=am")
	if n := len(staffLink.FindAllString(speakers.body, -1)); n != 1 || !speakers.says(words("presence.away")) {
		t.Fatalf("%d people speak the language", n)
	}
	path := staffLink.FindStringSubmatch(speakers.body)[1] + "/profile"
	page := boss.get(path)
	if page.status != http.StatusOK {
		t.Skip("the worker is of another unit")
	}
	boss.post(path, with(page.form(t, path), "presence", "available")).wants(t, http.StatusSeeOther, strings.TrimSuffix(path, "/profile")+"?done=profile")
	for _, role := range []string{"case_worker", "auditor", "node_operator"} {
		if a := r.as(t, role).get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", role, a.status)
		}
	}
}

// TestConductPage: somebody new reads the code of conduct at sign-in and is listed until
// they signed it.
func TestConductPage(t *testing.T) {
	r := newRig(t)
	boss := r.as(t, "supervisor")
	if a := r.as(t, "case_worker").get("/conduct"); a.status != http.StatusOK || strings.Contains(a.body, words("conduct.promise")) {
		t.Errorf("somebody who signed: got %d, asked again", a.status)
	}
	link, voice := invite(t, boss, "nia.w", "Nia W.", "case_worker")
	if a := boss.get("/people?conduct=unsigned"); !strings.Contains(a.body, "Nia W.") {
		t.Error("who has not signed is not listed")
	}
	p := r.stranger(t)
	const password = "nine slow lanterns"
	path := strings.TrimPrefix(link, r.srv.URL)
	r.secret(strings.TrimPrefix(path, "/invite/"), "the token of an invitation")
	r.secret(password, "a password")
	p.post(path, with(p.get(path).form(t, "?"), "voice_code", voice)).wants(t, http.StatusSeeOther, "/welcome")
	p.post("/welcome", with(p.get("/welcome").form(t, "/welcome"), "new_password", password, "new_password_again", password)).
		wants(t, http.StatusSeeOther, "/signin?done=welcome")
	p.post("/signin", url.Values{"account": {"nia.w"}, "password": {password}, "next": {"/children"}}).wants(t, http.StatusSeeOther, "/conduct?next=%2Fchildren")
	page := p.get("/conduct?next=%2Fchildren")
	form := page.form(t, "/conduct")
	if a := p.post("/conduct", with(form, "version", "0")); a.status != http.StatusConflict {
		t.Errorf("another version: got %d, want 409", a.status)
	}
	p.post("/conduct", form).wants(t, http.StatusSeeOther, "/children")
	if a := boss.get("/people?conduct=unsigned"); strings.Contains(a.body, "Nia W.") {
		t.Error("who has signed is still listed")
	}
}
