package referral_test

import (
	"slices"
	"testing"
	"time"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

// kinds returns the open deadlines of a case by kind, in order.
func (n *country) kinds(t testing.TB, of ident.Case, kind string) int {
	t.Helper()
	return n.number(t, `SELECT COUNT(*) FROM deadline_due WHERE case_id = $1 AND kind = $2 AND state = 'open'`, of, kind)
}

// transferred hands a child over to the other country.
func transferred(t *testing.T) (here, there end) {
	t.Helper()
	a, b := countries(t)
	of := a.child(t)
	a.checked(t, of)
	a.decided(t, of)
	id, err := a.sends(of, a.letterTo("transfer"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.agrees(of, id); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	here, there = end{a, of, id}, b.came(t)
	there.does(t, b.taker, handover.Accept)
	here.does(t, a.amal, handover.Release)
	return here, there
}

// TestAfterAnAssumedTransfer: the sender's deadlines of care end, and the case is closed by a
// gate of its own, which no other case passes. What the sender waits for stays.
func TestAfterAnAssumedTransfer(t *testing.T) {
	here, there := transferred(t)
	a, b := here.country, there.country
	closing := func() error {
		return a.cases.Close(ctx, a.again(a.amal), command(), here.of, casework.Closing{
			Decision: casework.Decision{To: "handed_abroad"}, Continues: sealed.NewText("The office abroad answers for her."),
		})
	}
	if a.kinds(t, here.of, casework.DueFirstContact)+a.kinds(t, here.of, casework.DueNextContact) == 0 || a.kinds(t, here.of, casework.DueAssessment) == 0 {
		t.Fatal("the sender has no deadlines of care to begin with")
	}
	if err := closing(); fault.CodeOf(err) != "not-handed-abroad" {
		t.Errorf("closed before anybody else answers: %v", err)
	}
	there.does(t, b.taker, handover.Assume)
	for _, kind := range []string{casework.DueFirstContact, casework.DueNextContact, casework.DueAssessment, casework.DuePlan, casework.DueReview} {
		if n := a.kinds(t, here.of, kind); n != 0 {
			t.Errorf("%d deadlines of kind %s are left with the sender", n, kind)
		}
	}
	if n := a.kinds(t, here.of, casework.DueCloseHanded); n != 1 {
		t.Fatalf("the next step of the sender: %d deadlines", n)
	}
	if n := b.kinds(t, there.of, casework.DueCloseHanded); n != 0 {
		t.Error("the receiver is to close the case")
	}
	if err := closing(); err != nil {
		t.Fatal(err)
	}
	if n := a.kinds(t, here.of, casework.DueCloseHanded); n != 0 {
		t.Error("the case is still to be closed")
	}
	if n := a.kinds(t, here.of, casework.DueReportAwaited); n != 6 {
		t.Errorf("the sender waits for %d reports, want 6", n)
	}
	a.sound(t)
	b.sound(t)
}

// TestReportsAfterATransfer: both sides have the months of the pack as deadlines, also when
// the sender's case is closed; each report that is sent ends one on either side, and what is
// overdue is late as everything is.
func TestReportsAfterATransfer(t *testing.T) {
	here, there := transferred(t)
	a, b := here.country, there.country
	there.does(t, b.taker, handover.Assume)
	if owed, awaited := b.kinds(t, there.of, casework.DueReportOwed), a.kinds(t, here.of, casework.DueReportAwaited); owed != 6 || awaited != 6 {
		t.Fatalf("%d reports are owed and %d awaited, want 6", owed, awaited)
	}
	b.protects(t, b.taker, there.of, "no_need", "clear")
	for _, month := range []int{1, 2} { // two is no month of the pack
		n := referral.Told{Month: month, Code: "well", Text: sealed.NewText("Elle va à l’école."), Language: "fr"}
		if err := b.post(b.room.Note(ctx, b.again(b.taker), command(), there.of, there.id, n)); err != nil {
			t.Fatal(err)
		}
	}
	carry(t, a, b)
	if owed, awaited := b.kinds(t, there.of, casework.DueReportOwed), a.kinds(t, here.of, casework.DueReportAwaited); owed != 5 || awaited != 5 {
		t.Errorf("after one: %d owed and %d awaited, want 5", owed, awaited)
	}
	for _, e := range []end{here, there} { // what is late speaks up
		e.Clock.Advance(100 * 24 * time.Hour)
		who, kind := e.amal, casework.DueReportAwaited
		if e.country == b {
			who, kind = b.taker, casework.DueReportOwed
		}
		day, err := e.cases.Today(ctx, e.again(who), e.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		late := slices.ContainsFunc(day.Mine, func(c casework.DueChild) bool {
			for _, d := range c.Dues {
				if d.Kind == kind && d.Due.Before(e.Clock.Now()) {
					return true
				}
			}
			return false
		})
		if !late {
			t.Errorf("%s: a report that is overdue is not on the page of the day", e.code)
		}
	}
}
