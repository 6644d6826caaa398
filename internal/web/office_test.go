package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"causeway/internal/ident"
	"causeway/internal/locale"
)

var roles = []string{"case_worker", "supervisor", "node_operator", "auditor", "first_responder", "ombudsperson"}

// TestPagesByRole opens every page of the office in every role. What a role may
// not see looks exactly like what does not exist.
func TestPagesByRole(t *testing.T) {
	r := newRig(t)
	somebody := somebodyOf(t, r, "supervisor")
	pages := map[string][]string{
		"/account":       roles,
		"/menu":          roles,
		"/people":        {"supervisor", "node_operator", "auditor", "ombudsperson"},
		"/people/units":  {"supervisor", "node_operator", "auditor", "ombudsperson"},
		"/agencies":      {"supervisor", "node_operator", "auditor", "ombudsperson"},
		"/places":        {"supervisor", "node_operator", "auditor", "ombudsperson"},
		"/people/invite": {"supervisor", "node_operator"},
		somebody:         {"supervisor", "node_operator", "auditor", "ombudsperson"},
		"/journal":       {"auditor", "ombudsperson"},
		"/health":        {"node_operator"},
	}
	for path, allowed := range pages {
		for _, role := range roles {
			p := r.as(t, role)
			a := p.get(path)
			if strings.Contains(" "+strings.Join(allowed, " ")+" ", " "+role+" ") {
				if a.status != http.StatusOK {
					t.Errorf("%s as %s: got %d, want 200", path, role, a.status)
				}
				continue
			}
			missing := p.get("/there/is/no/such/page")
			if a.status != http.StatusNotFound || a.plain() != missing.plain() || len(a.header) != len(missing.header) {
				t.Errorf("%s as %s: got %d, want the page of what does not exist", path, role, a.status)
			}
		}
	}
}

var staffLink = regexp.MustCompile(`href="(/people/[0-9a-z]{26})"`)

// somebodyOf returns the address of a person in the list.
func somebodyOf(t *testing.T, r *rig, role string) string {
	t.Helper()
	m := staffLink.FindStringSubmatch(r.as(t, role).get("/people?standing=invited").body)
	if m == nil {
		t.Fatal("nobody is in the list")
	}
	return m[1]
}

func TestUnknownPeopleAreMissing(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "supervisor")
	missing := p.get("/there/is/no/such/page")
	for _, id := range []string{"x", strings.Repeat("0", 26), ident.New[ident.Staff]().String(), "%2e%2e%2fx"} {
		if a := p.get("/people/" + id); a.status != http.StatusNotFound || a.plain() != missing.plain() {
			t.Errorf("/people/%s: got %d, want what does not exist", id, a.status)
		}
	}
}

func TestPeopleFilters(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "supervisor")
	all := len(staffLink.FindAllString(p.get("/people").body, -1))
	few := p.get("/people?role=auditor")
	if n := len(staffLink.FindAllString(few.body, -1)); n == 0 || n >= all {
		t.Errorf("auditors: got %d of %d", n, all)
	}
	if !strings.Contains(few.body, `class="chips"`) {
		t.Error("the filter in force is not shown")
	}
	for _, bad := range []string{"role=king", "unit=x", "standing=%00"} {
		if a := p.get("/people?" + bad); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422", bad, a.status)
		}
	}
}

// TestAccountOfSomebodyElse changes, blocks and opens an account, and names a
// deputy, with forms that were filled in for what the page showed.
func TestAccountOfSomebodyElse(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "supervisor")
	invite(t, p, "teo.v", "Teo V.", "case_worker")
	list := p.get("/people?standing=invited").body
	at := strings.Index(list, "Teo V.")
	if at < 0 {
		t.Fatal("the new person is not in the list")
	}
	links := staffLink.FindAllStringSubmatch(list[:at], -1)
	path := links[len(links)-1][1]

	page := p.get(path)
	form := with(page.form(t, path), "role", "first_responder", "unit", firstOption(t, page, "unit"), "supervisor", "")
	p.post(path, form).wants(t, http.StatusSeeOther, path+"?done=staff")
	p.post(path, form).wants(t, http.StatusSeeOther, path+"?done=staff") // a replay is the same command
	if a := p.get("/people?role=first_responder"); !strings.Contains(a.body, "Teo V.") || !a.says(words("role.first_responder")) {
		t.Error("the new person is no first responder")
	}
	old := with(form, "command", ident.New[ident.Command]().String())
	if a := p.post(path, old); a.status != http.StatusConflict || !strings.Contains(a.body, "Somebody changed this") {
		t.Errorf("an old version: got %d, want 409", a.status)
	}
	for _, forged := range []string{"", "x", strings.Repeat("0", 26), strings.Repeat("z", 26)} {
		if a := p.post(path+"/disable", with(form, "command", forged)); a.status != http.StatusUnprocessableEntity {
			t.Errorf("the forged command %q: got %d, want 422", forged, a.status)
		}
	}
	p.post(path+"/disable", p.get(path).form(t, path+"/disable")).wants(t, http.StatusSeeOther, path+"?done=disabled")
	p.post(path+"/enable", p.get(path).form(t, path+"/enable")).wants(t, http.StatusSeeOther, path+"?done=enabled")
	if a := p.post(path, with(form, "command", ident.New[ident.Command]().String(), "role", "king")); a.status != http.StatusConflict && a.status != http.StatusUnprocessableEntity {
		t.Errorf("a role that is none: got %d", a.status)
	}
}

func TestDeputy(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "supervisor")
	var path string
	var page answer
	for _, m := range staffLink.FindAllStringSubmatch(p.get("/people?role=case_worker&standing=active").body, -1) {
		if page = p.get(m[1]); strings.Contains(page.body, `name="deputy"`) && optionValue.MatchString(after(page.body, `id="f-deputy"`)) {
			path = m[1]
			break
		}
	}
	if path == "" {
		t.Skip("the demo has no two active workers of one supervisor")
	}
	form := with(page.form(t, path+"/deputy"), "deputy", firstOption(t, page, "deputy"), "deputy_from", "2001-01-01", "deputy_until", "2001-01-05")
	a := p.post(path+"/deputy", form)
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="2001-01-05"`) {
		t.Errorf("days of long ago: got %d, want 422 and what was typed", a.status)
	}
	today := r.node.Clock.Now()
	form.Set("deputy_from", today.Format(time.DateOnly))
	form.Set("deputy_until", today.AddDate(0, 0, 3).Format(time.DateOnly))
	p.post(path+"/deputy", form).wants(t, http.StatusSeeOther, path+"?done=staff")
	if a := p.get(path); !strings.Contains(a.body, "Away") || !strings.Contains(a.body, locale.Get("en").Date(locale.DayOf(today.AddDate(0, 0, 3)))) {
		t.Error("the absence is not shown")
	}
}

func after(s, mark string) string {
	_, rest, _ := strings.Cut(s, mark)
	rest, _, _ = strings.Cut(rest, "</select>")
	return rest
}

func TestUnits(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "node_operator")
	page := p.get("/people/units")
	form := with(page.form(t, "/people/units"), "unit_name", "Night team", "parent", firstOption(t, page, "parent"))
	p.post("/people/units", form).wants(t, http.StatusSeeOther, "/people/units?done=unit")
	if a := p.get("/people/units"); !strings.Contains(a.body, "Night team") {
		t.Error("the new unit is not in the list")
	}
	a := p.post("/people/units", with(form, "command", ident.New[ident.Command]().String(), "unit_name", strings.Repeat("long ", 60)))
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "long long") {
		t.Errorf("a name too long: got %d, want 422 and what was typed", a.status)
	}
	if a := r.as(t, "auditor").get("/people/units"); strings.Contains(a.body, `name="unit_name"`) {
		t.Error("an auditor is offered to add units")
	}
}

func TestOwnAccount(t *testing.T) {
	r := newRig(t)
	p, other := r.signedIn(t, "auditor"), r.signedIn(t, "auditor")
	page := p.get("/account")
	if !strings.Contains(page.body, "Chrome, Android") {
		t.Error("the session does not name the browser")
	}
	p.post("/account/sessions/end", page.form(t, "/account/sessions/end")).wants(t, http.StatusSeeOther, "/account?done=session-ended")
	p.post("/account/sessions/end-others", nil).wants(t, http.StatusSeeOther, "/account?done=session-ended")
	other.get("/account").wants(t, http.StatusSeeOther, "/signin?next=%2Faccount")
	if a := p.post("/account/sessions/end", url.Values{"id": {ident.New[ident.Session]().String()}}); a.status != http.StatusNotFound {
		t.Errorf("a session of somebody else: got %d, want 404", a.status)
	}
	if a := p.post("/account/credentials/remove", url.Values{"id": {"x"}}); a.status < 400 || a.status >= 500 {
		t.Errorf("a forged credential: got %d", a.status)
	}
	if a := p.get("/account/password"); a.status != http.StatusOK {
		t.Errorf("password form just after sign-in: got %d, want 200", a.status)
	}
	if a := p.post("/account/password", url.Values{"new_password": {"short"}, "new_password_again": {"short"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a short password: got %d, want 422", a.status)
	}
	r.as(t, "auditor")
	r.mu.Lock()
	delete(r.people, "auditor") // that browser's session was ended here
	r.mu.Unlock()
}

func TestConfirm(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "supervisor")
	page := p.get("/confirm?next=/people/invite")
	if page.status != http.StatusOK || !strings.Contains(page.body, "who may enter") {
		t.Fatalf("the question: got %d", page.status)
	}
	form := page.form(t, "/confirm")
	if a := p.post("/confirm", with(form, "password", "wrong one")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password: got %d, want 422", a.status)
	}
	p.post("/confirm", with(form, "password", r.logins["supervisor"].Password)).wants(t, http.StatusSeeOther, "/people/invite")
}

func TestJournalPage(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "auditor")
	if _, err := r.node.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	page := p.get("/journal")
	if !strings.Contains(page.body, "Not witnessed") || !strings.Contains(page.body, `rel="next"`) {
		t.Error("the journal's page lacks the witnesses or its next page")
	}
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(page.body)
	older := p.get(strings.ReplaceAll(next[1], "&amp;", "&"))
	if older.status != http.StatusOK || older.plain() == page.plain() {
		t.Errorf("the older page: got %d", older.status)
	}
	if a := p.get("/journal?outcome=denied"); a.status != http.StatusOK || strings.Contains(a.body, `<tr role="row" class="ok">`) {
		t.Errorf("denied only: got %d", a.status)
	}
	if a := p.get("/journal?action=FORGED"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an action that is none: got %d, want 422", a.status)
	}
	if a := p.get("/journal?before=forged"); a.status != http.StatusOK {
		t.Errorf("a forged place: got %d, want the newest page", a.status)
	}
	p.post("/journal/verify", page.form(t, "/journal/verify")).wants(t, http.StatusSeeOther, "/journal?done=verify")
	for i := 0; !strings.Contains(p.get("/journal").body, "Complete and unchanged"); i++ {
		if i == 100 {
			t.Fatal("the result of the check is not shown")
		}
		time.Sleep(50 * time.Millisecond)
	}
	a := p.post("/journal/export", page.form(t, "/journal/export"))
	if a.status != http.StatusOK || len(a.body) < 1000 || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the export: got %d %q", a.status, a.header.Get("Content-Disposition"))
	}
	if a := r.as(t, "supervisor").post("/journal/export", page.form(t, "/journal/export")); a.status != http.StatusNotFound {
		t.Errorf("an export by a supervisor: got %d, want 404", a.status)
	}
}

// TestEveryActHasWords reads the tables of acts in the code, so that no line of
// the journal shows a bare code.
func TestEveryActHasWords(t *testing.T) {
	source := sourceOf(t, "../access/floor.go") + sourceOf(t, "../access/barrier.go") + sourceOf(t, "../access/grant.go") + sourceOf(t, "../access/policy.go") + sourceOf(t, "../staff")
	for _, m := range regexp.MustCompile(`"((?:node|keys)\.[a-z-]+)"`).FindAllString(sourceOf(t, "../node"), -1) {
		source += m
	}
	l := locale.Get("en")
	found := 0
	for _, m := range regexp.MustCompile(`"((?:case|why|policy|view|import|staff|agency|place|unit|deputy|journal|health|backup|job|node|keys)\.[a-z-]+)"`).FindAllStringSubmatch(source, -1) {
		if strings.HasSuffix(m[1], ".example") || strings.HasSuffix(m[1], ".json") {
			continue
		}
		found++
		if !l.Has("what." + m[1]) {
			t.Errorf("the act %s has no words (what.%s)", m[1], m[1])
		}
	}
	for _, m := range regexp.MustCompile(`"(floor-[a-z-]+|missing-attribute|unknown-purpose|policy-error)"`).FindAllStringSubmatch(source, -1) {
		if !l.Has("why." + m[1]) {
			t.Errorf("the refusal %s has no words", m[1])
		}
		for _, in := range locale.Languages() {
			if !in.Has("floorrule." + m[1]) {
				t.Errorf("the rule %s has no sentence in %s", m[1], in.Code())
			}
		}
	}
	if found < 60 {
		t.Errorf("only %d acts were found in the code", found)
	}
}

func sourceOf(t *testing.T, path string) string {
	t.Helper()
	if strings.HasSuffix(path, ".go") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	list, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range list {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			fmt.Fprintln(&all, sourceOf(t, path+"/"+e.Name()))
		}
	}
	return all.String()
}
