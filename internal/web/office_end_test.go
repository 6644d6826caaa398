package web_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"causeway/internal/ident"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// TestWithdrawInvitation takes back an invitation that was sent to the wrong
// person: only who runs accounts may, and only while it is open.
func TestWithdrawInvitation(t *testing.T) {
	r := newRig(t)
	boss := r.signedIn(t, "supervisor")
	link, _ := invite(t, boss, "ren.o", "Ren O.", "case_worker")
	list := boss.get("/people?standing=invited").body
	links := staffLink.FindAllStringSubmatch(before(list, "Ren O."), -1)
	path := links[len(links)-1][1]
	at := path + "/withdraw"
	form := boss.get(path).form(t, at)

	for _, role := range []string{"case_worker", "auditor"} {
		p := r.signedIn(t, role)
		if a := p.get(path); strings.Contains(a.body, at) {
			t.Errorf("a %s is offered to withdraw it", role)
		}
		if a := p.post(at, fresh(form)); a.status != http.StatusNotFound {
			t.Errorf("withdrawn by a %s: got %d, want 404", role, a.status)
		}
	}
	boss.post(at, form).wants(t, http.StatusSeeOther, path+"?done=withdrawn")
	boss.post(at, form).wants(t, http.StatusSeeOther, path+"?done=withdrawn") // a replay is the same command
	if a := boss.get(path); strings.Contains(a.body, at) || strings.Contains(a.body, "The invitation ends on") {
		t.Error("the invitation is still shown as open")
	}
	if a := boss.post(at, fresh(form)); a.status != http.StatusNotFound {
		t.Errorf("withdrawn once more: got %d, want 404", a.status)
	}
	if a := r.stranger(t).get(strings.TrimPrefix(link, r.srv.URL)); a.status != http.StatusGone {
		t.Errorf("the link of a withdrawn invitation: got %d, want 410", a.status)
	}
}

// TestEndDeputy ends a standing in before its days are over.
func TestEndDeputy(t *testing.T) {
	r := newRig(t)
	boss := r.signedIn(t, "supervisor")
	away, stands := twoWorkers(t, r)
	path := "/people/" + away.String()
	at := path + "/deputy/end"
	page := boss.get(path)
	today := r.node.Clock.Now()
	form := with(page.form(t, path+"/deputy"), "deputy", stands.String(),
		"deputy_from", today.Format(time.DateOnly), "deputy_until", today.AddDate(0, 0, 2).Format(time.DateOnly))
	boss.post(path+"/deputy", form).wants(t, http.StatusSeeOther, path+"?done=staff")

	form = boss.get(path).form(t, at)
	if form.Get("stand_in") != stands.String() {
		t.Fatalf("the form names %q, want the deputy", form.Get("stand_in"))
	}
	for _, role := range []string{"case_worker", "auditor"} {
		p := r.signedIn(t, role)
		if a := p.get(path); strings.Contains(a.body, at) {
			t.Errorf("a %s is offered to end it", role)
		}
		if a := p.post(at, fresh(form)); a.status != http.StatusNotFound {
			t.Errorf("ended by a %s: got %d, want 404", role, a.status)
		}
	}
	for _, other := range []string{"x", ident.New[ident.Staff]().String()} {
		if a := boss.post(at, with(fresh(form), "stand_in", other)); a.status != http.StatusNotFound {
			t.Errorf("ending somebody who is no deputy: got %d, want 404", a.status)
		}
	}
	boss.post(at, form).wants(t, http.StatusSeeOther, path+"?done=deputy-ended")
	if a := boss.get(path); strings.Contains(a.body, at) {
		t.Error("the deputy is still named")
	}
}

// twoWorkers makes two people of one post in the same unit.
func twoWorkers(t *testing.T, r *rig) (a, b ident.Staff) {
	t.Helper()
	dir, err := r.node.Office.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	boss := r.logins["supervisor"].Name
	var unit ident.Unit
	for _, one := range dir.People() {
		if one.SignIn.Reveal() == boss {
			unit = one.Unit
		}
	}
	for i, id := range []*ident.Staff{&a, &b} {
		var inv staff.Invitation
		err = r.node.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
			*id, err = r.node.Office.Create(t.Context(), tx, staff.Shell(), staff.NewAccount{
				SignIn: staff.Secret("pair." + string(rune('a'+i))), Name: staff.Secret("Pair " + string(rune('A'+i))),
				Unit: unit, Role: staff.CaseWorker, Language: "en",
			})
			if err == nil {
				inv, err = r.node.Office.Invite(t.Context(), tx, staff.Shell(), *id)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		from := r.node.Office.Source(netip.MustParseAddr("127.0.0.1"))
		admission, _, err := r.node.Office.Admit(t.Context(), inv.Token, inv.Voice, from)
		if err == nil {
			err = r.node.Office.Accept(t.Context(), staff.Acceptance{Admission: admission, Password: "four amber kites rest", Device: "test", Source: from})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return a, b
}
