package access_test

import (
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/staff"
)

const week = 7 * 24 * time.Hour

// TestATicketMakesItsAuthor: what carries a ticket is done in the name of the
// person it was made for, with the role and unit they have when it arrives.
func TestATicketMakesItsAuthor(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		h := newHouse(t, o)
		boss := h.employ(t, "samira", staff.Supervisor, h.north, ident.Staff{})
		amal := h.employ(t, "amal", staff.CaseWorker, h.north, boss)
		worker := h.signIn(t, "amal")
		text, until, err := h.Gate.Ticket(ctx, worker.Caller, week)
		if err != nil {
			t.Fatal(err)
		}
		if got := until.Sub(h.Clock.Now()); got != week {
			t.Errorf("the ticket lives %v, want %v", got, week)
		}
		if strings.Contains(text, "amal") || len(text) > 300 {
			t.Errorf("the ticket says too much: %d characters", len(text))
		}
		wrote, sender := h.Clock.Now(), ident.New[ident.Staff]()
		h.Clock.Advance(week - time.Hour)
		a, err := h.people.Author(ctx, text, h.Clock.Now(), access.Carried{At: wrote, Sent: sender}, "outside")
		if err != nil || a.Why != "" || a.Caller == nil {
			t.Fatalf("author = %+v, %v", a, err)
		}
		w, ok := a.Caller.Carried()
		if a.Staff != amal || a.Unit != h.north || a.Caller.Staff() != amal || a.Caller.Role() != "case_worker" ||
			!ok || w.By != amal || w.Sent != sender || !w.At.Equal(wrote) {
			t.Errorf("author = %+v, carried %+v", a, w)
		}
		if err := h.Gate.Permit(ctx, a.Caller, "staff.invite", "administration"); fault.CodeOf(err) != "no-such-page" && fault.CodeOf(err) != "fresh-check" {
			t.Errorf("a ticket may do what needs a fresh check: %v", err)
		}
	})
}

// TestATicketThatNobodyMade denies what is forged, altered, run out, or of
// somebody whose account is not active any more.
func TestATicketThatNobodyMade(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		h := newHouse(t, o)
		boss := h.employ(t, "samira", staff.Supervisor, h.north, ident.Staff{})
		amal := h.employ(t, "amal", staff.CaseWorker, h.north, boss)
		text, _, err := h.Gate.Ticket(ctx, h.signIn(t, "amal").Caller, week)
		if err != nil {
			t.Fatal(err)
		}
		author := func(text string) (access.Author, error) {
			return h.people.Author(ctx, text, h.Clock.Now(), access.Carried{}, "outside")
		}
		other := accesstest.New(t) // another node
		elsewhere, _, err := other.Gate.Ticket(ctx, other.Person(access.RoleCaseWorker, other.North), week)
		if err != nil {
			t.Fatal(err)
		}
		stranger, _, err := h.Gate.Ticket(ctx, h.Person(access.RoleCaseWorker, h.north), week) // no such account
		if err != nil {
			t.Fatal(err)
		}
		for what, forged := range map[string]string{
			"empty": "", "short": text[:20], "altered": text[:len(text)-2] + "AA", "longer": text + "AA", "padded": text + "=",
			"of another node": elsewhere, "huge": strings.Repeat("A", 10_000), "of nobody": stranger,
		} {
			if a, err := author(forged); fault.CodeOf(err) != "capture-ticket" || a.Caller != nil {
				t.Errorf("%s: got %+v, %v; want capture-ticket", what, a, err)
			}
		}
		h.Clock.Advance(week + time.Minute)
		if a, err := author(text); err != nil || a.Why != "capture-late" || a.Caller != nil || a.Staff != amal {
			t.Errorf("run out: got %+v, %v; want capture-late and no caller", a, err)
		}
		head := h.signIn(t, "samira")
		if err := h.people.Disable(ctx, head.Caller, head.by, ident.New[ident.Command](), amal, h.version(t, amal), ident.Staff{}); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(3 * time.Second)
		if a, err := author(text); err != nil || a.Why != "capture-author" || a.Caller != nil {
			t.Errorf("disabled: got %+v, %v; want capture-author and no caller", a, err)
		}
	})
}

// TestWhoGetsATicket: who may open no case writes nothing without a network.
func TestWhoGetsATicket(t *testing.T) {
	o := accesstest.New(t)
	for role, want := range map[string]bool{
		access.RoleCaseWorker: true, access.RoleFirstResponder: true, access.RoleSupervisor: true,
		access.RoleNodeOperator: false, access.RoleAuditor: false,
	} {
		_, _, err := o.Gate.Ticket(ctx, o.Person(role, o.North), week)
		if got := err == nil; got != want {
			t.Errorf("%s: %v, want %v", role, err, want)
		}
	}
	if _, _, err := o.Gate.Ticket(ctx, nil, week); err == nil {
		t.Error("nobody got a ticket")
	}
	found := false
	for _, e := range o.Entries(t) {
		found = found || e.What == "capture.begin" && e.Outcome == journal.OK
	}
	if !found {
		t.Error("no entry says that somebody may write without a network")
	}
}
