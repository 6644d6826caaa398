package referral_test

import (
	"context"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

// heron is a shelter with interpreters of its own that South gives.
var heron = ident.New[ident.Service]()

// Given implements referral.Services: South gives one shelter.
func (o *town) Given(_ context.Context, _ *access.Pass, id ident.Service) (ident.Unit, []string, error) {
	if id != heron {
		return ident.Unit{}, nil, fault.New(fault.NotFound, "no-such-page")
	}
	return o.South, []string{"emergency_shelter", "psychosocial", referral.ServiceInterpreter}, nil
}

// needs records that a child needs something, and returns it.
func (o *town) needs(t testing.TB, of ident.Case, service string) ident.Need {
	t.Helper()
	if err := o.cases.AddNeed(ctx, o.again(o.amal), command(), of, casework.NewNeed{Service: service}); err != nil {
		t.Fatal(err)
	}
	list := o.list(t, of)
	return list[len(list)-1].ID
}

func (o *town) list(t testing.TB, of ident.Case) []*casework.Need {
	t.Helper()
	l, err := o.cases.Needs(ctx, o.again(o.amal), of)
	if err != nil {
		t.Fatal(err)
	}
	return l.Needs
}

func (o *town) state(t testing.TB, of ident.Case) (state, outcome string) {
	t.Helper()
	n := o.list(t, of)[0]
	return n.State, n.Outcome
}

// TestOfferOfAService: what the directory and the child's needs do not know is refused;
// the receiver sees which service is meant, and not which need.
func TestOfferOfAService(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		need := o.needs(t, of, "psychosocial")
		f := o.ask(handover.Referral)
		f.Service = ""
		f.Destination = referral.Destination{Service: heron, Need: need, Expected: o.Clock.Now().Add(3 * time.Hour), Doctor: true}
		for _, tt := range []struct {
			what, field, code string
			change            func(*referral.Offer)
		}{
			{"a service nobody gives", "referral_service", "not-in-list", func(f *referral.Offer) { f.Destination.Service = ident.New[ident.Service]() }},
			{"a unit that does not give it", "referral_service", "not-in-list", func(f *referral.Offer) { f.To = o.Head }},
			{"what it does not give", "service", "not-given-there", func(f *referral.Offer) { f.Destination.Need, f.Service = ident.Need{}, "school" }},
			{"a need of nobody", "referral_need", "not-in-list", func(f *referral.Offer) { f.Destination.Need = ident.New[ident.Need]() }},
			{"a day that was", "expected_at", "in-the-past", func(f *referral.Offer) { f.Destination.Expected = o.Clock.Now().Add(-2 * time.Hour) }},
			{"a day far away", "expected_at", "out-of-range", func(f *referral.Offer) { f.Destination.Expected = o.Clock.Now().AddDate(2, 0, 0) }},
			{"a transfer", "referral_kind", "referral-only", func(f *referral.Offer) { f.Kind = handover.Transfer }},
		} {
			g := f
			tt.change(&g)
			_, err := o.room.Preview(ctx, o.again(o.amal), of, g)
			wrong(t, tt.what, err, tt.field, tt.code)
		}
		if p, err := o.room.Preview(ctx, o.again(o.amal), of, f); err != nil || p.Service != "psychosocial" {
			t.Fatalf("the preview asks for %q, %v, want what the need says", p.Service, err)
		}
		id := o.offers(t, of, f)
		if got, _ := o.state(t, of); got != casework.NeedRequested {
			t.Errorf("the need is %q, want requested", got)
		}
		card := o.view(t, o.shelter, of, id)
		if card.Service != "psychosocial" || card.Destination.Service != heron || !card.Destination.Doctor || !card.Destination.Need.IsZero() || card.Show != nil {
			t.Errorf("the card: %+v, want the service and no need", card.Destination)
		}
		if sent := o.view(t, o.amal, of, id); sent.Destination.Need != need {
			t.Error("the sender does not see which need is meant")
		}
		o.sound(t)
	})
}

// TestNeedFollowsTheReferral: met by itself, otherwise if the sender says so; and it is
// needed again where nobody helped.
func TestNeedFollowsTheReferral(t *testing.T) {
	for _, tt := range []struct {
		name          string
		outcome       string
		follow        bool
		state, became string
	}{
		{"met", "met", false, casework.NeedEnded, "met"},
		{"partly", "partly", false, casework.NeedRequested, ""},
		{"partly, and the sender says so", "partly", true, casework.NeedEnded, "partly"},
		{"declined", "", false, casework.NeedNeeded, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			each(t, func(t *testing.T, o *town) {
				of := o.child(t)
				f := o.ask(handover.Referral)
				f.Destination.Need = o.needs(t, of, "emergency_shelter")
				id := o.offers(t, of, f)
				if tt.outcome == "" {
					o.must(t, o.shelter, of, id, handover.Decline)
				} else {
					o.must(t, o.shelter, of, id, handover.Accept, handover.Start)
					done := said(handover.Complete)
					done.Outcome = tt.outcome
					if err := o.room.Move(ctx, o.again(o.shelter), command(), of, id, done); err != nil {
						t.Fatal(err)
					}
					if got, _ := o.state(t, of); got != casework.NeedRequested {
						t.Errorf("before it is confirmed the need is %q", got)
					}
					if err := o.room.Move(ctx, o.again(o.amal), command(), of, id, referral.Answer{Event: handover.Confirm, Follow: tt.follow}); err != nil {
						t.Fatal(err)
					}
				}
				if state, outcome := o.state(t, of); state != tt.state || outcome != tt.became {
					t.Errorf("the need is %q %q, want %q %q", state, outcome, tt.state, tt.became)
				}
				o.sound(t)
			})
		})
	}
}

// TestArrivals: who is expected is seen by the unit that expects, once it has accepted,
// without a name; who did not come is an alarm of the sender until it is answered, and
// no clock ends it.
func TestArrivals(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		f := o.ask(handover.Referral)
		f.Destination = referral.Destination{Service: heron, Expected: o.Clock.Now().Add(3 * time.Hour)}
		id := o.offers(t, of, f)
		expected := func(c *access.Caller) (n int) {
			t.Helper()
			all, err := o.room.Arrivals(ctx, o.again(c))
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		missing := func(c *access.Caller) int {
			t.Helper()
			n, err := o.room.NotThere(ctx, o.again(c))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := expected(o.shelter); n != 0 {
			t.Errorf("%d are expected before anybody accepted", n)
		}
		o.must(t, o.shelter, of, id, handover.Accept)
		if here, there := expected(o.shelter), expected(o.amal); here != 1 || there != 0 {
			t.Errorf("%d are expected in the shelter and %d in the unit that sent, want 1 and 0", here, there)
		}
		silent := referral.Answer{Event: handover.HandBack, Reason: "child_not_there"}
		if err := o.room.Move(ctx, o.again(o.shelter), command(), of, id, silent); err != nil {
			t.Fatalf("one tap: %v", err)
		}
		if n := expected(o.shelter); n != 0 {
			t.Errorf("%d are expected after the child did not come", n)
		}
		if _, turn := o.dues(t, of); turn != 1 {
			t.Error("it is not the sender's turn")
		}
		o.Clock.Advance(60 * 24 * time.Hour)
		if n, err := o.room.Expire(ctx); n != 0 || err != nil {
			t.Errorf("the clock ended %d, %v: a child who did not come is answered by a person", n, err)
		}
		for who, want := range map[*access.Caller]int{o.amal: 1, o.boss: 1, o.shelter: 0, o.taker: 0} {
			if got := missing(who); got != want {
				t.Errorf("%s has %d alarms, want %d", who.Role(), got, want)
			}
		}
		o.must(t, o.amal, of, id, handover.Confirm)
		if n := missing(o.amal); n != 0 {
			t.Errorf("%d alarms after it was answered", n)
		}
		o.sound(t)
	})
}

// TestArrivalsHideWhatIsWithheld: from whom a case is withheld, the arrival is too.
func TestArrivalsHideWhatIsWithheld(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		f := o.ask(handover.Referral)
		f.Destination = referral.Destination{Service: heron}
		id := o.offers(t, of, f)
		o.must(t, o.shelter, of, id, handover.Accept)
		w := casework.Withholding{From: o.shelter.Staff(), Decided: sealed.NewText("The head of the office"), Why: sealed.NewText("A relative works there.")}
		err := o.cases.WithholdFrom(ctx, o.again(o.boss), command(), of, w, nil)
		if err != nil {
			t.Fatal(err)
		}
		if all, err := o.room.Arrivals(ctx, o.again(o.shelter)); err != nil || len(all) != 0 {
			t.Errorf("%d arrivals, %v, want none", len(all), err)
		}
	})
}
