package exchange_test

import (
	"bytes"
	"testing"
	"time"

	"causeway/internal/exchange"
	"causeway/protocol/cx"
)

// hand returns the bodies of what the node would send to the other now.
func (e *end) hand(o *end) (parcels []exchange.Parcel, bodies [][]byte) {
	e.t.Helper()
	parcels = e.due(o)
	for _, p := range parcels {
		bodies = append(bodies, p.Body)
	}
	return parcels, bodies
}

// takes brings a hand to the node, takes its answers back, and fails where one is refused.
func (e *end) takes(from *end, parcels []exchange.Parcel, bodies [][]byte) (receipts [][]byte) {
	e.t.Helper()
	var answers []exchange.Answered
	for i, b := range e.room.ReceiveAll(ctx, from.country.node, bodies) {
		ok(e.t, b.Err)
		receipts = append(receipts, b.Answer)
		answers = append(answers, exchange.Answered{ID: parcels[i].ID, Answer: b.Answer})
	}
	if len(receipts) != len(bodies) {
		e.t.Fatalf("%d of %d were answered", len(receipts), len(bodies))
	}
	ok(e.t, from.room.AnsweredAll(ctx, e.country.node, answers))
	return receipts
}

// TestHandIsOneStep: all of a hand is stored and confirmed under one entry of the journal, in
// its order; what comes twice, in the hand or after it, has the same receipt byte for byte.
func TestHandIsOneStep(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		for range 3 {
			a.says(b, thread, cx.ReferralOffer)
			a.says(b, cx.NewThread(), cx.ReferralOffer)
		}
		parcels, bodies := a.hand(b)
		if len(parcels) != 6 {
			t.Fatalf("%d are due, want 6", len(parcels))
		}
		parcels, bodies = append(parcels, parcels[0]), append(bodies, bodies[0])
		before := len(b.Entries(t))
		first := b.takes(a, parcels, bodies)
		if n := len(b.Entries(t)) - before; n != 1 {
			t.Errorf("%d entries for a hand, want 1", n)
		}
		if !bytes.Equal(first[0], first[6]) {
			t.Error("what came twice in a hand has two receipts")
		}
		again := b.takes(a, parcels, bodies)
		for i := range again {
			if len(first[i]) == 0 || !bytes.Equal(first[i], again[i]) {
				t.Errorf("message %d has another receipt the second time", i)
			}
		}
		rests(a, b)
		if len(b.got) != 6 || len(a.got) != 6 {
			t.Errorf("%d acted on and %d answered, want 6 of each", len(b.got), len(a.got))
		}
		next := uint64(1)
		for _, m := range b.got {
			if m.Thread == thread {
				if m.Seq != next {
					t.Errorf("message %d acted on where %d was to be", m.Seq, next)
				}
				next++
			}
		}
	})
}

// TestHandEndsAtARefusal: what stands before the refused thing is kept, what comes after it
// is not looked at, and nothing of it is lost.
func TestHandEndsAtARefusal(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		for range 5 {
			a.says(b, cx.NewThread(), cx.ReferralOffer)
		}
		_, bodies := a.hand(b)
		bad := bytes.Clone(bodies[2])
		bad[len(bad)-1] ^= 1
		for name, tt := range map[string]struct {
			third []byte
			want  cx.Code
		}{
			"damaged":            {bad, cx.Damaged},
			"no frame at all":    {[]byte{0, 0}, cx.Damaged},
			"a receipt of b's":   {receiptFor(t, a, b), cx.WrongRecipient},
			"of no kind we know": {cx.Frame([]byte("causeway/song/1\n")), cx.BadFormat},
		} {
			got := b.room.ReceiveAll(ctx, "xa.dcs", [][]byte{bodies[0], bodies[1], tt.third, bodies[3]})
			if len(got) != 3 || got[0].Err != nil || got[1].Err != nil || cx.CodeOf(got[2].Err) != tt.want {
				t.Errorf("%s: %+v, want two receipts and %s", name, got, tt.want)
			}
		}
		rests(a, b)
		if len(b.got) != 6 {
			t.Errorf("%d acted on, want all 6", len(b.got))
		}
	})
}

// receiptFor returns a receipt that b signed for a, in its frame.
func receiptFor(t *testing.T, a, b *end) []byte {
	t.Helper()
	a.says(b, cx.NewThread(), cx.ReferralOffer)
	_, bodies := a.hand(b)
	got := b.room.ReceiveAll(ctx, "xa.dcs", bodies[len(bodies)-1:])
	ok(t, got[0].Err)
	return cx.Frame(got[0].Answer)
}

// TestHandWithOneThatSpoilsIt: an answer that cannot be taken does not keep the others from
// being taken.
func TestHandWithOneThatSpoilsIt(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		for range 3 {
			a.says(b, cx.NewThread(), cx.ReferralOffer)
		}
		parcels, bodies := a.hand(b)
		var answers []exchange.Answered
		for i, got := range b.room.ReceiveAll(ctx, "xa.dcs", bodies) {
			ok(t, got.Err)
			answers = append(answers, exchange.Answered{ID: parcels[i].ID, Answer: got.Answer})
		}
		answers[1].Answer = nil // as if it were a receipt that we brought
		if err := a.room.AnsweredAll(ctx, "xb.moi", answers); cx.CodeOf(err) != cx.BadFormat {
			t.Errorf("an envelope answered with nothing: %v", err)
		}
		if due := a.due(b); len(due) != 1 || due[0].ID != parcels[1].ID {
			t.Errorf("%d are still due, want the one whose receipt is missing", len(due))
		}
		a.Clock.Advance(time.Hour)
		rests(a, b)
		if len(b.got) != 3 || len(a.got) != 3 {
			t.Errorf("%d acted on and %d answered, want 3 of each", len(b.got), len(a.got))
		}
	})
}
