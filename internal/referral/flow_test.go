package referral_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/facts"
	"causeway/internal/referral"
	"causeway/protocol/handover"
)

// TestFlowsOfReferrals: figures tell how referrals go, and nothing of a few children,
// however many referrals these have.
func TestFlowsOfReferrals(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		begun := o.Clock.Now()
		few := facts.Cell{Few: true}
		var threads []func(handover.Event)
		for range 6 {
			of := o.child(t)
			id := o.offers(t, of, o.ask(handover.Referral))
			threads = append(threads, func(e handover.Event) { o.must(t, o.shelter, of, id, e) })
		}
		for _, answer := range threads[:5] {
			answer(handover.Decline)
		}
		coordinator := o.Person(access.RoleCoordinator, o.Head)
		f, err := o.room.Flows(ctx, coordinator)
		if err != nil {
			t.Fatal(err)
		}
		five := facts.Cell{N: 5}
		want := referral.Flow{Asked: five, InTime: five, Declined: five}
		if f.Whole != want || len(f.Months) != 12 || f.Months[11].Asked != five || f.Months[0].Asked != (facts.Cell{}) {
			t.Errorf("the whole: %+v", f)
		}
		want.From, want.To = "child_protection", "shelter"
		if len(f.Sectors) != 1 || f.Sectors[0] != want || len(f.Regions) != 1 {
			t.Errorf("by sector: %+v", f.Sectors)
		}
		if len(f.Declined) != 1 || f.Declined[0] != (referral.FlowCode{Code: "no_place", N: five}) {
			t.Errorf("by reason: %+v", f.Declined)
		}
		o.Clock.Advance(40 * time.Hour)
		if n, err := o.room.Expire(ctx); n != 1 || err != nil {
			t.Fatalf("%d ended, %v", n, err)
		}
		o.Clock.Advance(40 * time.Hour) // whoever referred lets their day pass too
		if f, err = o.room.Flows(ctx, coordinator); err != nil || f.Whole.Unanswered != few || len(f.Late) != 1 || f.Late[0].N != five || !f.Late[0].Oldest.After(begun) {
			t.Errorf("after the clock: %+v, %v", f, err)
		}
		for _, role := range []string{access.RoleCaseWorker, access.RoleProvider, access.RoleNodeOperator} {
			_, err := o.room.Flows(ctx, o.Person(role, o.North))
			refused(t, role, err)
		}
	})
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		for range 8 {
			id := o.offers(t, of, o.ask(handover.Referral))
			o.must(t, o.shelter, of, id, handover.Decline)
			o.Clock.Advance(time.Minute)
		}
		f, err := o.room.Flows(ctx, o.Person(access.RoleCoordinator, o.Head))
		if err != nil || f.Whole != (referral.Flow{Asked: facts.Cell{Few: true}}) || f.Declined[0].N != (facts.Cell{Few: true}) {
			t.Errorf("eight referrals of one child: %+v, %v", f, err)
		}
	})
}
