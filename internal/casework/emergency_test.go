package casework_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// TestEmergencyReopening: the lead worker reopens a case without waiting, says
// why, and a supervisor sees it until one confirms.
func TestEmergencyReopening(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		lead, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		elsewhere := o.Person(access.RoleSupervisor, o.South)
		id := o.register(t, lead)
		other := o.register(t, lead) // stays closed
		for _, c := range []ident.Case{id, other} {
			err := o.room.Close(ctx, lead, command(), c, casework.Closing{Decision: casework.Decision{To: "error"}})
			if err != nil {
				t.Fatal(err)
			}
		}
		child, err := o.room.Open(ctx, lead, id)
		if err != nil || !child.MayReopenInEmergency || child.May["case.reopen"] || !child.Unconfirmed.IsZero() {
			t.Fatalf("closed: may in an emergency %v, may %v, %v", child.MayReopenInEmergency, child.May["case.reopen"], err)
		}
		reopen := func(d casework.Decision) error {
			d.To = "trafficked_again"
			return o.room.Reopen(ctx, lead, command(), id, d)
		}
		if err := reopen(casework.Decision{Text: sealed.NewText("She called.")}); !fault.Is(err, fault.NotFound) {
			t.Errorf("without an emergency: %v, want refused", err)
		}
		if f := fault.FieldsOf(reopen(casework.Decision{Emergency: true})); len(f) != 1 || f[0].Name != "reason" {
			t.Errorf("without a reason: %+v, want the reason required", f)
		}
		if err := o.room.Confirm(ctx, boss, command(), id, 0, sealed.Text{}); fault.CodeOf(err) != "no-emergency" {
			t.Errorf("confirmed before: %v, want no-emergency", err)
		}
		o.Clock.Advance(time.Hour)
		since := o.Clock.Now()
		if err := reopen(casework.Decision{Emergency: true, Text: sealed.NewText("She called at night, threatened.")}); err != nil {
			t.Fatal(err)
		}
		h := o.Entries(t)
		if e := h[len(h)-1]; e.What != "case.reopen" || e.Purpose != "emergency" || e.Basis != "case-worker-reopens-in-emergency" {
			t.Errorf("entry = %s for %q by %q", e.What, e.Purpose, e.Basis)
		}
		if err := o.room.AddNote(ctx, lead, command(), id, casework.Note{Kind: "phone_call", Seen: sealed.NewText("Safe.")}); err != nil {
			t.Errorf("work goes on: %v", err)
		}
		child, err = o.room.Open(ctx, boss, id)
		if err != nil {
			t.Fatal(err)
		}
		if !child.Unconfirmed.Equal(since) || !child.ConfirmBy.Equal(since.Add(24*time.Hour)) || !child.May["case.confirm"] {
			t.Errorf("the supervisor's page: since %v, until %v, may confirm %v", child.Unconfirmed, child.ConfirmBy, child.May["case.confirm"])
		}
		if e := child.Events[1]; e.Kind != casework.KindReopened || !e.Emergency || e.Text.Reveal() != "She called at night, threatened." {
			t.Errorf("timeline: %s, emergency %v", e.Kind, e.Emergency)
		}
		seen := func(c *access.Caller, want int) {
			t.Helper()
			today, err := o.room.Today(ctx, c, o.Clock.Now())
			if err != nil || len(today.Emergencies) != want {
				t.Fatalf("a %s sees %d emergencies, %v, want %d", c.Role(), len(today.Emergencies), err, want)
			}
			for _, e := range today.Emergencies {
				if e.Case.ID != id || e.Person.Details.Called().Reveal() != "Ilara Tesh" || !e.Since.Equal(since) || !e.Until.Equal(since.Add(24*time.Hour)) {
					t.Errorf("emergency of %v since %v", e.Case.Number, e.Since)
				}
			}
		}
		seen(boss, 1)
		seen(o.Person(access.RoleSupervisor, o.Head), 1)
		seen(lead, 1)
		seen(elsewhere, 0)
		seen(o.Person(access.RoleCaseWorker, o.North), 0)

		for name, c := range map[string]*access.Caller{
			"the lead": lead, "a supervisor of another unit": elsewhere, "an auditor": o.Person(access.RoleAuditor, o.North),
		} {
			if err := o.room.Confirm(ctx, c, command(), id, 0, sealed.Text{}); !fault.Is(err, fault.NotFound) {
				t.Errorf("confirmed by %s: %v, want refused", name, err)
			}
		}
		// Nobody confirms their own, whatever they have become.
		raised := o.As(access.Signed{Staff: lead.Staff(), Role: access.RoleSupervisor, Unit: o.North})
		if err := o.room.Confirm(ctx, raised, command(), id, 0, sealed.Text{}); fault.CodeOf(err) != "own-emergency" {
			t.Errorf("confirmed by the author: %v, want own-emergency", err)
		}
		if err := o.room.Confirm(ctx, boss, command(), id, child.Case.Version-1, sealed.Text{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("confirmed from an old page: %v, want a conflict", err)
		}
		if err := o.room.Confirm(ctx, boss, command(), id, child.Case.Version, sealed.NewText("Right.")); err != nil {
			t.Fatal(err)
		}
		seen(boss, 0)
		child, err = o.room.Open(ctx, boss, id)
		if err != nil || !child.Unconfirmed.IsZero() || child.Events[0].Kind != casework.KindConfirmed || child.Events[0].Text.Reveal() != "Right." {
			t.Errorf("afterwards: since %v, %v", child.Unconfirmed, err)
		}
		if err := o.room.Confirm(ctx, boss, command(), id, 0, sealed.Text{}); fault.CodeOf(err) != "no-emergency" {
			t.Errorf("confirmed twice: %v, want no-emergency", err)
		}
	})
}

// TestSupervisorNeedsNoConfirmation: who may reopen anyway states an emergency
// for the record; nobody has to confirm it.
func TestSupervisorNeedsNoConfirmation(t *testing.T) {
	o := open(t, accesstest.New(t))
	boss := o.Person(access.RoleSupervisor, o.North)
	id := o.register(t, boss)
	if err := o.room.Close(ctx, boss, command(), id, casework.Closing{Decision: casework.Decision{To: "error"}}); err != nil {
		t.Fatal(err)
	}
	err := o.room.Reopen(ctx, boss, command(), id, casework.Decision{To: "trafficked_again", Emergency: true, Text: sealed.NewText("She called.")})
	if err != nil {
		t.Fatal(err)
	}
	child, err := o.room.Open(ctx, boss, id)
	if err != nil || !child.Unconfirmed.IsZero() || child.MayReopenInEmergency {
		t.Errorf("waits since %v, %v", child.Unconfirmed, err)
	}
}
