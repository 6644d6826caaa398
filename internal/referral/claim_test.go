package referral_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

var why = sealed.NewText("The child lives with us now.")

// numberOf returns the number of a case.
func (o *town) numberOf(t testing.TB, of ident.Case) string {
	t.Helper()
	sent, err := o.room.Sent(ctx, o.again(o.amal), of)
	if err != nil {
		t.Fatal(err)
	}
	return sent.Number.String()
}

func (o *town) asksFor(t testing.TB, of ident.Case) referral.Claim {
	t.Helper()
	if err := o.room.Claim(ctx, o.again(o.taker), command(), o.numberOf(t, of), why); err != nil {
		t.Fatal(err)
	}
	sent, err := o.room.Sent(ctx, o.again(o.amal), of)
	if err != nil || len(sent.Claims) != 1 {
		t.Fatalf("%d claims, %v, want one", len(sent.Claims), err)
	}
	return sent.Claims[0]
}

// TestClaimAccepted: whoever asks is offered the case, and answers for it only once they
// have assumed it.
func TestClaimAccepted(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		q := o.asksFor(t, of)
		if q.Unit != o.South || q.Asker != o.taker.Staff() || q.From != o.North {
			t.Errorf("the claim: %+v", q)
		}
		for _, c := range []*access.Caller{o.amal, o.boss} {
			if all, err := o.room.Claims(ctx, o.again(c)); err != nil || len(all) != 1 || all[0].Number == "" {
				t.Errorf("%s sees %d claims, %v, want one", c.Role(), len(all), err)
			}
		}
		if _, turn := o.dues(t, of); turn != 1 {
			t.Error("no clock runs")
		}
		f := o.ask(handover.Transfer)
		f.Claim, f.To = q.ID, o.North
		p, err := o.room.Preview(ctx, o.again(o.amal), of, f)
		if err != nil {
			t.Fatal(err)
		}
		f.To, f.Kind, f.Seen = o.South, handover.Referral, p.Seen
		_, err = o.room.Offer(ctx, o.again(o.amal), command(), of, f)
		wrong(t, "a referral in place of the case", err, "referral_unit", "not-who-asked")
		f.Kind = handover.Transfer
		id := o.offers(t, of, f)
		o.must(t, o.taker, of, id, handover.Accept)
		if v := o.view(t, o.amal, of, id); v.Responsible() != handover.Sender {
			t.Error("the responsibility moved before it was assumed")
		}
		o.must(t, o.amal, of, id, handover.Release)
		o.must(t, o.taker, of, id, handover.Assume)
		mine, err := o.room.Claimed(ctx, o.again(o.taker))
		if err != nil || len(mine) != 1 || mine[0].State != referral.ClaimAccepted || mine[0].Thread != id {
			t.Errorf("whoever asked is told %+v, %v", mine, err)
		}
		o.sound(t)
	})
}

// TestClaimRefused: the reason is told, the words stay; what was answered is not answered
// again.
func TestClaimRefused(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		q := o.asksFor(t, of)
		if mine, err := o.room.Claimed(ctx, o.again(o.taker)); err != nil || len(mine) != 0 {
			t.Errorf("%d, %v: a claim that waits tells that there is a case", len(mine), err)
		}
		wrong(t, "without a reason", o.room.RefuseClaim(ctx, o.again(o.amal), command(), of, q.ID, "", why), "claim_refusal", "required")
		wrong(t, "without words", o.room.RefuseClaim(ctx, o.again(o.amal), command(), of, q.ID, "stays", sealed.Text{}), "reason", "required")
		for _, c := range []*access.Caller{o.taker, o.shelter} {
			refused(t, "somebody else refuses it", o.room.RefuseClaim(ctx, o.again(c), command(), of, q.ID, "stays", why))
		}
		if err := o.room.RefuseClaim(ctx, o.again(o.boss), command(), of, q.ID, "child_objects", why); err != nil {
			t.Fatal(err)
		}
		if err := o.room.RefuseClaim(ctx, o.again(o.amal), command(), of, q.ID, "stays", why); !fault.Is(err, fault.Conflict) {
			t.Errorf("refused twice: %v", err)
		}
		mine, err := o.room.Claimed(ctx, o.again(o.taker))
		if err != nil || len(mine) != 1 || mine[0].Reason != "child_objects" || !mine[0].Why.IsZero() {
			t.Errorf("whoever asked is told %+v, %v, want the reason only", mine, err)
		}
		if _, turn := o.dues(t, of); turn != 0 {
			t.Error("the clock runs on")
		}
		o.sound(t)
	})
}

// TestClaimTellsNothing: an unknown number, a withheld case, one of the own unit and one
// that was asked for have one answer, in one time; only who answers for it is told.
func TestClaimTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		number := o.numberOf(t, of)
		colleague := o.Person(access.RoleCaseWorker, o.North)
		unknown := ident.NewCaseNumber().String()
		for what, ask := range map[string]func() error{
			"a number of no case":       func() error { return o.room.Claim(ctx, o.again(o.taker), command(), unknown, why) },
			"a case of the own unit":    func() error { return o.room.Claim(ctx, o.again(colleague), command(), number, why) },
			"to take back what was not": func() error { return o.room.Unclaim(ctx, o.again(o.taker), command(), number) },
			"to take back of no case":   func() error { return o.room.Unclaim(ctx, o.again(o.taker), command(), unknown) },
		} {
			began := time.Now()
			if err := ask(); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if took := time.Since(began); took < 300*time.Millisecond {
				t.Errorf("%s was answered at once: %v", what, took)
			}
		}
		if n := o.number(t, "SELECT COUNT(*) FROM referral_claim"); n != 0 {
			t.Errorf("%d claims were written", n)
		}
		wrong(t, "the lead's own case", o.room.Claim(ctx, o.again(o.amal), command(), number, why), "claim_number", "has-it-already")
		refused(t, "a provider asks", o.room.Claim(ctx, o.again(o.shelter), command(), number, why))
		for range 2 {
			if err := o.room.Claim(ctx, o.again(o.taker), command(), number, why); err != nil {
				t.Fatal(err)
			}
		}
		if n := o.number(t, "SELECT COUNT(*) FROM referral_claim"); n != 1 {
			t.Errorf("%d claims of one who asked twice", n)
		}
		if _, err := o.cases.Needs(ctx, o.again(o.taker), of); err == nil {
			t.Error("whoever asks reads the case")
		}
		if err := o.room.Unclaim(ctx, o.again(o.taker), command(), number); err != nil {
			t.Fatal(err)
		}
		if sent, err := o.room.Sent(ctx, o.again(o.amal), of); err != nil || len(sent.Claims) != 0 {
			t.Errorf("%d claims wait after it was taken back, %v", len(sent.Claims), err)
		}
		o.sound(t)
	})
}
