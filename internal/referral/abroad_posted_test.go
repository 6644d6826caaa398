package referral_test

import (
	"context"
	"slices"
	"testing"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/referral"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
)

// watcher is a post office that says what the test says of every thread (referral.Tracker).
type watcher struct{ all []referral.Posted }

// Posted implements referral.Tracker.
func (w *watcher) Posted(context.Context, *store.Tx, identity.NodeID, cx.Thread) ([]referral.Posted, error) {
	return w.all, nil
}

// TestUndeliveredOfferIsEndedHere: an offer that the other node will never act on is taken
// back by who leads the case, and no other; one that may still arrive is not.
func TestUndeliveredOfferIsEndedHere(t *testing.T) {
	a, _ := countries(t)
	w := &watcher{}
	a.room.Follows(w)
	of := a.child(t)
	a.checked(t, of)
	id, err := a.sends(of, a.letterTo("referral"))
	if err != nil {
		t.Fatal(err)
	}
	if a.thread(t, of, id).Abroad.SentAt.IsZero() {
		if err := a.agrees(of, id); err != nil {
			t.Fatal(err)
		}
	}
	asked := a.thread(t, of, id).Abroad.AskedID
	abandons := func(c *access.Caller) error { return a.room.Abandon(ctx, a.again(c), command(), of, id) }
	w.all = []referral.Posted{{ID: asked, What: "unsent"}}
	if v := a.thread(t, of, id); len(v.Posted) != 1 || slices.Contains(v.May, referral.Undelivered) {
		t.Errorf("what is on its way: %+v, may %v", v.Posted, v.May)
	}
	if err := abandons(a.amal); !fault.Is(err, fault.Conflict) {
		t.Errorf("what may still arrive was ended: %v", err)
	}
	w.all = []referral.Posted{{ID: cx.NewID(a.Clock.Now()), What: "unaccepted", Over: true}, {ID: asked, What: "unsent"}}
	if err := abandons(a.amal); !fault.Is(err, fault.Conflict) {
		t.Errorf("ended for another message: %v", err)
	}
	w.all = []referral.Posted{{ID: asked, Type: cx.ReferralOffer, What: "unaccepted", Code: cx.LabelRefused, Over: true}}
	if v := a.thread(t, of, id); !slices.Contains(v.May, referral.Undelivered) {
		t.Errorf("may %v", v.May)
	}
	if err := abandons(a.taker); !fault.Is(err, fault.NotFound) {
		t.Errorf("by somebody who does not work on the case: %v", err)
	}
	if err := abandons(a.amal); err != nil {
		t.Fatal(err)
	}
	v := a.thread(t, of, id)
	if v.State != handover.Retracted || v.Abroad.Asked != "" || v.Steps[len(v.Steps)-1].Event != referral.Undelivered {
		t.Errorf("it stands as %s, %q is asked", v.State, v.Abroad.Asked)
	}
	if err := abandons(a.amal); err == nil {
		t.Error("ended twice")
	}
	a.sound(t)
}

// TestUndeliveredStepCanBeTakenAgain: after a later step that was not taken there, the thread
// is as it was, and the step is free again.
func TestUndeliveredStepCanBeTakenAgain(t *testing.T) {
	a, b := countries(t)
	w := &watcher{}
	a.room.Follows(w)
	here, there := offered(t, a, b, a.letterTo("referral"))
	there.does(t, b.taker, handover.AskInfo)
	if err := a.steps(a.amal, here.of, here.id, handover.Info); err != nil {
		t.Fatal(err)
	}
	a.posted = nil // it never arrives
	if err := a.steps(a.amal, here.of, here.id, handover.Info); fault.CodeOf(err) != "abroad-asked-already" {
		t.Fatalf("a second time while it is on its way: %v", err)
	}
	w.all = []referral.Posted{{ID: here.view(t, a.amal).Abroad.AskedID, What: "returned", Over: true}}
	if err := a.room.Abandon(ctx, a.again(a.amal), command(), here.of, here.id); err != nil {
		t.Fatal(err)
	}
	w.all = nil
	if v := here.view(t, a.amal); v.State != handover.NeedsInfo || v.Abroad.Asked != "" {
		t.Errorf("it stands as %s, %q is asked", v.State, v.Abroad.Asked)
	}
	here.does(t, a.amal, handover.Info)
	if v := there.view(t, b.taker); v.State != handover.Offered {
		t.Errorf("after the answer it stands as %s there", v.State)
	}
	a.sound(t)
}

// TestBehind: who looks after what is stuck learns the number of cases that they see, and
// nothing of others.
func TestBehind(t *testing.T) {
	a, b := countries(t)
	here, _ := offered(t, a, b, a.letterTo("referral"))
	wire := here.view(t, a.amal).Abroad.Wire
	for who, tt := range map[string]struct {
		c    *access.Caller
		want int
	}{"who leads the case": {a.amal, 1}, "another unit": {a.taker, 0}, "the operator": {a.Person(access.RoleNodeOperator, a.Head), 0}} {
		got, err := a.room.Behind(ctx, a.again(tt.c), "xc.care", []cx.Thread{wire, cx.NewThread()})
		if err != nil || len(got) != tt.want {
			t.Errorf("%s: %d cases, %v; want %d", who, len(got), err, tt.want)
		}
		if l := got[wire]; tt.want == 1 && (l.Number == "" || l.ID != here.id) {
			t.Errorf("%s: %+v", who, l)
		}
	}
}
