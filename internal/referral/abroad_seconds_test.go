package referral_test

import (
	"testing"

	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

// TestSecondLooksAreAmongTheApprovals: what waits for a second person is on their page and on
// that of whoever wants to send, on nobody else's, and stays among the case's approvals.
func TestSecondLooksAreAmongTheApprovals(t *testing.T) {
	a, b := countries(t)
	of := a.child(t)
	a.checked(t, of)
	first, err := a.sends(of, a.letterTo("referral")) // the first one to this office
	if err != nil {
		t.Fatal(err)
	}
	mine, asked, err := a.room.SecondsWait(ctx, a.again(a.boss))
	if err != nil || len(mine) != 1 || mine[0].ID != first || len(asked) != 0 {
		t.Fatalf("the supervisor has %d to look at and asked for %d, %v", len(mine), len(asked), err)
	}
	mine, asked, err = a.room.SecondsWait(ctx, a.again(a.amal))
	if err != nil || len(mine) != 0 || len(asked) != 1 {
		t.Errorf("who sends has %d to look at and asked for %d, %v", len(mine), len(asked), err)
	}
	if mine, asked, err = a.room.SecondsWait(ctx, a.again(a.taker)); err != nil || len(mine)+len(asked) != 0 {
		t.Errorf("somebody else sees %d, %v", len(mine)+len(asked), err)
	}
	all, err := a.room.Seconds(ctx, a.again(a.boss), of)
	if err != nil || len(all) != 1 || !all[0].Waits() || !all[0].May || all[0].Event != referral.Proposed {
		t.Fatalf("the case's approvals: %+v, %v", all, err)
	}
	if all, err = a.room.Seconds(ctx, a.again(a.amal), of); err != nil || len(all) != 1 || all[0].May {
		t.Errorf("who sends may decide: %+v, %v", all, err)
	}
	if _, err := a.room.Seconds(ctx, a.again(a.taker), of); err == nil {
		t.Error("somebody who does not reach the case sees its approvals")
	}
	err = a.post(a.room.SecondLook(ctx, a.again(a.boss), command(), of, first, referral.Second{Comment: sealed.NewText("Say less.")}))
	if err != nil {
		t.Fatal(err)
	}
	again, err := a.sends(of, a.letterTo("referral"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.agrees(of, again); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	urgent, err := a.sends(of, a.letterTo("danger")) // it leaves at once, and is confirmed
	if err != nil {
		t.Fatal(err)
	}
	all, err = a.room.Seconds(ctx, a.again(a.boss), of)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d approvals, %v", len(all), err)
	}
	if l := all[0]; l.Thread.ID != urgent || !l.May || l.Event != referral.Confirmed {
		t.Errorf("what waits stands first: %+v", l)
	}
	states := map[referral.ThreadID]bool{}
	for _, l := range all[1:] {
		states[l.Thread.ID] = l.Returned
		if l.Waits() || l.May || l.Approver.IsZero() {
			t.Errorf("what was decided waits: %+v", l)
		}
	}
	if !states[first] || states[again] {
		t.Errorf("returned: %v", states)
	}
	if v := a.thread(t, of, first); v.State != handover.Withdrawn {
		t.Errorf("what was sent back is %s", v.State)
	}
}
