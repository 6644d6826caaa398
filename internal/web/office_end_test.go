package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/node"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/internal/web"
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

// TestFreshCheckBeforeEnding: somebody who proved long ago who they are is asked
// again, before a deputy is ended or an invitation withdrawn.
func TestFreshCheckBeforeEnding(t *testing.T) {
	if testing.Short() {
		t.Skip("the demo's node takes some seconds")
	}
	dir := t.TempDir()
	r, err := makeRig(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.srv.Close()
	clk := clock.NewFake(r.node.Clock.Now())
	if err := r.node.Close(); err != nil {
		t.Fatal(err)
	}
	if r.node, err = node.Open(t.Context(), dir+"/node", node.Options{Clock: clk}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.srv.Close()
		if err := r.node.Close(); err != nil {
			t.Error(err)
		}
	})
	if r.deps, err = r.node.Door(); err != nil {
		t.Fatal(err)
	}
	h, err := web.New(r.deps)
	if err != nil {
		t.Fatal(err)
	}
	r.srv = httptest.NewServer(h)

	boss := r.signedIn(t, "supervisor")
	invite(t, boss, "ren.o", "Ren O.", "case_worker")
	links := staffLink.FindAllStringSubmatch(before(boss.get("/people?standing=invited").body, "Ren O."), -1)
	path := links[len(links)-1][1]
	page := boss.get(path)
	form := page.form(t, path+"/withdraw")
	clk.Advance(r.deps.Office.FreshFor())
	for _, at := range []string{path + "/withdraw", path + "/deputy/end"} {
		a := boss.post(at, with(fresh(form), "stand_in", ident.New[ident.Staff]().String()))
		if to := a.header.Get("Location"); a.status != http.StatusSeeOther || !strings.HasPrefix(to, "/confirm?") {
			t.Errorf("%s long after signing in: got %d %q, want to be asked", at, a.status, to)
		}
	}
	if a := boss.get(path); !strings.Contains(a.body, path+"/withdraw") {
		t.Error("the invitation was withdrawn without a fresh check")
	}
	proof := boss.get("/confirm?next="+path).form(t, "/confirm")
	boss.post("/confirm", with(proof, "password", r.logins["supervisor"].Password)).wants(t, http.StatusSeeOther, path)
	boss.post(path+"/withdraw", fresh(form)).wants(t, http.StatusSeeOther, path+"?done=withdrawn")
}
