package e2e_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/fixture"
)

// modes are the two ways every flow must work.
var modes = []struct {
	name   string
	script bool
}{{"with JavaScript", true}, {"without JavaScript", false}}

// inBothModes runs a flow with and without JavaScript, each in a window of its own,
// side by side.
func inBothModes(t *testing.T, flow func(t *testing.T, script bool)) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			flow(t, m.script)
		})
	}
}

// here returns the address of the child that is open.
func (b *tab) here() string {
	b.t.Helper()
	parts := strings.Split(b.path(), "/")
	if len(parts) < 3 || parts[1] != "child" {
		b.t.Fatalf("at %s, want the page of a child", b.path())
	}
	return "/child/" + parts[2]
}

// register goes from the first page to a new child by the two steps, and
// returns the child's address.
func (b *tab) register(name string) string {
	b.t.Helper()
	b.open("/")
	b.click(`main a[href="/children/new"]`)
	b.look("find")
	b.write("query", marked("ZZ-"+name))
	b.click("main form.line button")
	b.look("find-none")
	b.click(`main .actions a[href="/children/new/form"]`)
	b.look("register")
	b.send() // nothing filled in: everything comes back with a message
	if got := b.text("#errors"); got == "" {
		b.t.Errorf("an empty registration shows no summary")
	}
	b.look("register-wrong")
	b.write("name", marked(name))
	b.write("age", "13")
	b.choose("birth_certainty", "probable")
	b.pick("sex", "female")
	b.choose("language", b.language)
	b.choose("region", "XA-02")
	b.pick("risk", "medium")
	b.pick("when", "3")
	b.pick("basis", "vital_interest")
	b.send()
	b.says(".childhead h1", name)
	if b.text(".notice") == "" {
		b.t.Error("no notice that the child is registered")
	}
	return b.here()
}

// note writes down what a child said.
func (b *tab) note(child, words string) {
	b.t.Helper()
	b.open(child)
	b.click(`main a[href="` + child + `/note"]`)
	b.look("note")
	b.pick("kind", "conversation")
	b.choose("interpreter", "not_needed")
	b.pick("seen_alone", "yes")
	b.write("question", "How do you sleep?")
	b.write("words", marked(words))
	b.write("seen", "Sat by the window.")
	b.pick("when", "7")
	b.send()
	b.says(".words blockquote", words)
}

// TestCaseWorker is a day of a case worker.
func TestCaseWorker(t *testing.T) {
	inBothModes(t, func(t *testing.T, script bool) {
		b := newTab(t, "en", script)
		b.signIn(worker(t))
		b.open("/")
		b.look("today")
		b.click(`main a[href^="/child/"]`)
		b.look("child")
		name := "Brook Alder"
		if !script { // two children who are not alike: nobody is asked whether they are one
			name = "Ottilie Winterfeld"
		}
		child := b.register(name)
		b.look("child-new")
		b.note(child, "I like the blue door, tell nobody else")
		number := b.text(".childhead .num")
		b.open("/")
		b.findByNumber(number, child)
		b.changePerson(child)
		b.decide(child)
		b.click(`main a[href="` + child + `/looked"]`)
		b.look("who-looked")
		b.says(".looks", "changed the risk you")
		b.close(child)
		b.open("/menu")
		b.look("menu")
		b.click(`form[action="/signout"] button`)
		if got := b.path(); got != "/signin" {
			t.Errorf("after signing out at %s, want /signin", got)
		}
	})
}

// findByNumber finds a child by its number in the search at the top.
func (b *tab) findByNumber(number, child string) {
	b.t.Helper()
	if !regexp.MustCompile(`^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]$`).MatchString(number) {
		b.t.Fatalf("the page shows the number %q", number)
	}
	b.try("search", chromedpSend("#q", strings.ToLower(number)+"\n")...)
	b.waitFor(`location.pathname === "/search"`)
	b.look("search")
	b.click(`main a[href="` + child + `"]`)
	b.open("/search")
	b.look("search-empty")
	b.write("query", "0000-0000-0")
	b.send()
	b.look("search-none")
}

// changePerson adds a row for a name with the button that needs no JavaScript.
func (b *tab) changePerson(child string) {
	b.t.Helper()
	b.open(child)
	b.click(`main a[href="` + child + `/person"]`)
	b.look("person")
	b.choose("name_kind_0", "known_as")
	b.choose("name_script_0", "Latn")
	b.click(`main button[name="add"][value="name"]`)
	b.write("name_1", marked("Alderbrook Second"))
	b.choose("name_kind_1", "document")
	b.choose("name_script_1", "Latn")
	b.choose("identifier_kind_0", "passport")
	b.write("identifier_0", marked("QX771199"))
	b.choose("restriction_kind_0", "no_phone")
	b.choose("nationality_0", "XA")
	b.look("person-filled")
	b.send()
	if got := b.path(); got != child {
		b.t.Fatalf("after saving the details at %s: %s", got, b.text("#errors"))
	}
	b.says("main", "Alderbrook Second")
	b.says("main", "QX771199")
}

// decide sets the next contact, changes the risk and the stage.
func (b *tab) decide(child string) {
	b.t.Helper()
	b.click(`main a[href="` + child + `/contact"]`)
	b.look("contact")
	b.pick("when", "14")
	b.write("reason", "School holidays")
	b.send()
	b.says("main", "School holidays")
	b.click(`main a[href="` + child + `/risk"]`)
	b.look("risk")
	b.pick("risk", "high")
	b.pick("risk_reason", "no_safe_place")
	b.write("reason", "Sleeps at the station again")
	b.send()
	b.says(".childhead", "High")
	b.click(`main a[href="` + child + `/stage"]`)
	b.look("stage")
	b.pick("stage", "identified")
	b.send()
	if got := b.path(); got != child {
		b.t.Fatalf("after a new stage at %s: %s", got, b.text("#errors"))
	}
}

// close ends the case with the child's last word.
func (b *tab) close(child string) {
	b.t.Helper()
	b.open(child)
	b.click(`main a[href="` + child + `/close"]`)
	b.look("close")
	b.pick("close_reason", "error")
	b.write("last_word", marked("Thank you for the blue door"))
	b.send()
	b.says("main", "Thank you for the blue door")
	b.look("child-closed")
}

// TestSupervisor gives a child to another worker, takes up a closed case and
// sees who looked.
func TestSupervisor(t *testing.T) {
	inBothModes(t, func(t *testing.T, script bool) {
		c := as(t, worker(t))
		child := c.registered("Handed Over")
		form := map[string][]string{"close_reason": {"error"}, "last_word": {"bye"}}
		if r := c.submit(child+"/close", child+"/close", form); r.status != http.StatusSeeOther {
			t.Fatalf("close: status %d", r.status)
		}
		b := newTab(t, "en", script)
		b.enter(supervisor(t))
		b.open("/children")
		b.look("children")
		b.open(child)
		b.click(`main a[href="` + child + `/reopen"]`)
		b.look("reopen")
		b.choose("reopen_reason", "found")
		b.send()
		b.look("child-reopened")
		b.click(`main a[href="` + child + `/assign"]`)
		b.look("assign")
		b.choose("worker", b.ask(`[...document.querySelectorAll("main select[name=worker] option")].find(o => o.label.startsWith("`+colleague()+`")).value`))
		b.write("reason", "Closer to the school")
		b.send()
		if got := b.path(); got != child {
			t.Fatalf("after assigning at %s: %s", got, b.text("#errors"))
		}
		if status := c.get(child).status; status != http.StatusNotFound {
			t.Errorf("the worker before opens the case with status %d, want 404", status)
		}
		b.click(`main a[href="` + child + `/looked"]`)
		b.look("who-looked")
		for _, path := range []string{"/people", "/people/invite", "/people/units", "/import", "/account", "/account/password", "/account/authenticator"} {
			if status := b.open(path); status == http.StatusOK {
				b.look(strings.ReplaceAll(path[1:], "/", "-"))
			} else if status != http.StatusNotFound {
				t.Errorf("GET %s: status %d", path, status)
			}
		}
	})
}

// colleague returns the name of a case worker of the English team whom no test
// signs in as.
func colleague() string {
	first := true
	for _, s := range site.world.Staff(18) {
		if s.Role != "case_worker" || s.Unit != fixture.SaltmereTeam {
			continue
		}
		if !first {
			return s.Name
		}
		first = false
	}
	return ""
}

// TestArabicWorker reads and writes from right to left.
func TestArabicWorker(t *testing.T) {
	inBothModes(t, func(t *testing.T, script bool) {
		b := newTab(t, "ar", script)
		b.signIn(arabicWorker(t))
		b.open("/")
		b.look("today")
		b.open("/children")
		b.look("children")
		b.open("/children?risk=high&state=open")
		b.look("children-filtered")
		b.open("/children")
		b.click(`main table a[href^="/child/"]`)
		b.look("child")
		child := b.register("\u0633\u0644\u0645\u0649 \u0627\u0644\u0641\u062c\u0631")
		b.note(child, "\u0623\u0646\u0627\u0645 \u062c\u064a\u062f\u0627 \u0627\u0644\u0622\u0646")
		b.changePerson(child)
		b.decide2(child)
		b.open(child + "/looked")
		b.look("who-looked")
		b.close(child)
		for _, path := range []string{"/search", "/menu", "/account", "/account/password", "/account/authenticator", "/nothing/here"} {
			b.open(path)
			b.look(strings.ReplaceAll(path[1:], "/", "-"))
		}
	})
}

// decide2 visits the decision forms without reading what the page says.
func (b *tab) decide2(child string) {
	b.t.Helper()
	for _, form := range []string{"contact", "risk", "stage"} {
		b.open(child + "/" + form)
		b.look(form)
	}
}
