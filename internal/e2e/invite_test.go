package e2e_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"sync/atomic"
	"testing"

	"causeway/internal/demo"
)

var invited atomic.Int64

var (
	inviteLink = regexp.MustCompile(`/invite/[A-Za-z0-9_-]+`)
	spokenCode = regexp.MustCompile(`loud[^>]*>([^<]+)<`)
)

// newPerson invites somebody who then chooses a password, by the pages: an
// account of its own for a test that would leave traces on another's.
func newPerson(t testing.TB, role string) demo.Login {
	t.Helper()
	page := as(t, operator(t)).page("/people/invite")
	var unit string
	for _, f := range page.Forms {
		if f.Action == "/people/invite" {
			unit = f.choices["unit"][len(f.choices["unit"])-1]
		}
	}
	return newPersonIn(t, role, unit, "en")
}

// newResponder invites a first responder of the unit in which somebody works, who
// reads in their language.
func newResponder(t testing.TB, with demo.Login, language string) demo.Login {
	t.Helper()
	page := as(t, operator(t)).get("/people/invite")
	unit := regexp.MustCompile(`<option value="([^"]+)"[^>]*>` + regexp.QuoteMeta(html.EscapeString(with.Unit)) + `</option>`).FindSubmatch(page.body)
	if unit == nil {
		t.Fatal("nobody can be invited to that unit")
	}
	return newPersonIn(t, "first_responder", string(unit[1]), language)
}

func newPersonIn(t testing.TB, role, unit, language string) demo.Login {
	t.Helper()
	n := invited.Add(1)
	who := demo.Login{Name: fmt.Sprintf("guest.number%d", n), Password: "rowan-basket-4711-lake", Role: role}
	marked(who.Password)
	marked(who.Name)
	op := as(t, operator(t))
	r := op.submit("/people/invite", "/people/invite", url.Values{
		"staff_name": {fmt.Sprintf("Guest Number %d", n)}, "account": {who.Name}, "role": {role}, "unit": {unit}, "staff_language": {language},
	})
	if r.status != http.StatusSeeOther {
		t.Fatalf("invite: status %d %v", r.status, parsePage(t, r.body).Errors)
	}
	shown := op.get(r.location())
	link, code := inviteLink.Find(shown.body), spokenCode.FindSubmatch(shown.body)
	if link == nil || code == nil {
		t.Fatalf("no invitation on the page\n%s", parsePage(t, shown.body).Words)
	}
	guest := newClient(t)
	guest.as = "guest"
	if r := guest.post(string(link), url.Values{"voice_code": {string(code[1])}}); r.location() != "/welcome" {
		t.Fatalf("voice code: status %d to %q", r.status, r.location())
	}
	r = guest.submit("/welcome", "/welcome", url.Values{"new_password": {who.Password}, "new_password_again": {who.Password}})
	if r.status != http.StatusSeeOther {
		t.Fatalf("welcome: status %d %v", r.status, parsePage(t, r.body).Errors)
	}
	return who
}

// TestInvitation follows an invitation: opening the link changes nothing, a
// wrong code is refused, the right one leads on, and the link is then over.
func TestInvitation(t *testing.T) {
	s, op := record(t), as(t, operator(t))
	page := op.page("/people/invite")
	s.post("an empty invitation", op, "/people/invite", url.Values{"command": {newCommand()}})
	form := op.filled("/people/invite", "/people/invite", url.Values{
		"staff_name": {"Linden Wherry"}, "account": {marked("linden.wherry")}, "role": {"case_worker"}, "staff_language": {"en"},
		"unit": {page.form(t, "/people/invite").choices["unit"][1]},
	})
	r := s.post("an invitation", op, "/people/invite", form)
	shown := s.get("is shown once", op, r.location())
	s.get("and never again", op, r.location())
	s.post("the same form again", op, "/people/invite", form)
	link, code := string(inviteLink.Find(shown.body)), spokenCode.FindSubmatch(shown.body)
	if link == "" || code == nil {
		t.Fatalf("no invitation on the page\n%s", parsePage(t, shown.body).Words)
	}
	guest := newClient(t)
	s.get("opening the link", guest, link)
	s.get("opening it again changes nothing", guest, link)
	s.post("a wrong code", guest, link, url.Values{"voice_code": {"WRONG"}})
	s.get("welcome before the code", guest, "/welcome")
	s.post("the right code", guest, link, url.Values{"voice_code": {string(code[1])}})
	s.post("a short password", guest, "/welcome", url.Values{"new_password": {"short"}, "new_password_again": {"short"}})
	s.post("two passwords", guest, "/welcome", url.Values{"new_password": {"rowan-basket-4711-lake"}, "new_password_again": {"rowan-basket-4711-sea"}})
	s.post("a password", guest, "/welcome", url.Values{"new_password": {"rowan-basket-4711-lake"}, "new_password_again": {"rowan-basket-4711-lake"}})
	s.get("the link is over", guest, link)
	s.get("a link that never was", guest, "/invite/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
}
