package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/casework"
	"causeway/internal/ident"
	child "causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/staff"
)

// TestTeamGivesChildrenAway goes the way of a supervisor: the team, a person's
// children, two of them to somebody else, and what became of each.
func TestTeamGivesChildrenAway(t *testing.T) {
	r := newRig(t)
	worker, boss := r.signedIn(t, "case_worker"), r.signedIn(t, "supervisor")
	for _, name := range []string{"Maro Quist", "Peli Quist", "Tano Quist"} {
		page := worker.get("/children/new/form")
		worker.post("/children/new/form", with(page.form(t, "/children/new/form"),
			"name", name, "risk", "medium", "basis", firstBasis(t, page), "when", "auto"))
	}
	team := boss.get("/team")
	people := regexp.MustCompile(`href="(/team/[a-z0-9]+)"`).FindAllStringSubmatch(team.body, -1)
	if team.status != http.StatusOK || len(people) < 2 {
		t.Fatalf("the team: got %d with %d links", team.status, len(people))
	}
	boxes := regexp.MustCompile(`name="case" value="([^"]*)"`)
	var at string
	var cases [][]string
	for _, p := range people {
		if found := boxes.FindAllStringSubmatch(boss.get(p[1]).body, -1); len(found) > 2 {
			at, cases = p[1], found
			break
		}
	}
	if at == "" {
		t.Fatal("nobody in the demo's team has three children")
	}
	page := boss.get(at)
	form := page.form(t, at)
	to := firstOption(t, page, "worker")
	if a := boss.post(at, with(form, "worker", to, "reason", "holidays")); a.status != http.StatusUnprocessableEntity || !a.says(words("error.choose-one")) {
		t.Errorf("without a child: got %d, want 422 and what is missing", a.status)
	}
	one, two, three := cases[0][1], cases[1][1], cases[2][1]
	form = with(fresh(form), "worker", to, "reason", "holidays")
	form["case"] = []string{one, two}
	for range 2 { // the same form twice
		a := boss.post(at, form)
		next := a.header.Get("Location")
		if a.status != http.StatusSeeOther || !strings.HasPrefix(next, "/team/moved?") {
			t.Fatalf("give two children away: got %d %q", a.status, next)
		}
		result := boss.get(next)
		if n := strings.Count(result.body, words("team.moved.yes")); n != 2 || result.status != http.StatusOK {
			t.Errorf("%d children moved, want 2", n)
		}
	}
	if left := boss.get(at); strings.Contains(left.body, one) || strings.Contains(left.body, two) || !strings.Contains(left.body, three) {
		t.Error("what was given away is still there, or more than that is gone")
	}
	// The page of the result looks again: a child that is with somebody else is not done.
	if a := boss.get("/team/moved?to=" + to + "&case=" + three); strings.Contains(a.body, words("team.moved.yes")) || !a.says(words("team.moved.no")) {
		t.Error("a child that was not given away is said to be")
	}
	if a := boss.get("/child/" + one); !a.says("holidays") {
		t.Error("the child's page does not say why")
	}
}

func TestNobodyElseSeesATeam(t *testing.T) {
	r := newRig(t)
	worker := r.signedIn(t, "case_worker")
	missing := worker.get("/there/is/no/such/page")
	for _, path := range []string{"/team", "/team?unit=x", "/team/moved", "/team/moved?to=x", "/team/0000000000000000000000000c"} {
		if a := worker.get(path); a.status != http.StatusNotFound || a.plain() != missing.plain() {
			t.Errorf("%s: got %d, want what a page that is not there gives", path, a.status)
		}
	}
	if strings.Contains(worker.get("/").body, `href="/team"`) {
		t.Error("a worker is offered the team")
	}
}

func dirUnit(dir staff.Directory, who ident.Staff) ident.Unit {
	a, _ := dir.Person(who)
	return a.Unit
}

// TestTodayAfterTheClock: what the clock said stands on the first page, and its
// number beside the name of the page.
func TestTodayAfterTheClock(t *testing.T) {
	r := newRig(t)
	dir, err := r.node.Office.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var lead ident.Staff
	for _, a := range dir.People() {
		if a.SignIn.Reveal() == r.logins["case_worker"].Name {
			lead = a.ID
		}
	}
	_, err = r.node.Cases.Register(t.Context(), r.node.Gate.Job("seed"), ident.Command{}, casework.Registration{
		Person: child.Details{Names: []child.Name{{Text: sealed.NewText("Velo Ashdrift"), Kind: "known_as", Script: "Latn"}}},
		Risk:   "high", RiskReasons: []string{"threats"}, Basis: "vital_interest", Worker: lead, Unit: dirUnit(dir, lead),
		NextContact: r.node.Clock.Now().AddDate(0, 0, -2),
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := r.node.Cases.StepDeadlines(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	worker := r.signedIn(t, "case_worker")
	page := worker.get("/")
	if page.status != http.StatusOK || !page.says("Velo Ashdrift") || !page.says(words("today.late")) || !strings.Contains(page.body, `/note"`) {
		t.Errorf("today: got %d, want late contacts that are done with one tap", page.status)
	}
	if n, err := r.node.Cases.StepDeadlines(t.Context()); err != nil || n != 0 {
		t.Errorf("the clock acted again in %d cases at once, %v", n, err)
	}
}
