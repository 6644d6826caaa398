package exchange_test

import (
	"bytes"
	"testing"
	"time"

	"causeway/internal/exchange"
	"causeway/internal/store"
	"causeway/protocol/cx"
)

// rungs returns how far the messages of a node in a thread have come.
func (e *end) rungs(o *end, thread cx.Thread) []exchange.Rung {
	e.t.Helper()
	var out []exchange.Rung
	ok(e.t, e.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = e.room.Rungs(ctx, tx, o.country.node, thread)
		return err
	}))
	return out
}

// entries returns how long the journal of a node is.
func (e *end) entries() int64 {
	e.t.Helper()
	_, err := e.Journal.Sequence(ctx)
	ok(e.t, err)
	n, err := e.Journal.Size(ctx)
	ok(e.t, err)
	return n
}

// TestReceiptLadder: stored, then opened, then the answer, each known to the sender and
// entered in both journals.
func TestReceiptLadder(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		id := a.says(b, thread, cx.ReferralOffer)
		parcel := a.due(b)[0]
		receipt, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(parcel.Body))
		ok(t, err)
		ok(t, a.room.Answered(ctx, "xb.moi", parcel.ID, receipt))
		if got := a.rungs(b, thread); len(got) != 1 || got[0].ID != id || !got[0].Stored || got[0].Stage != "" || got[0].Answered {
			t.Fatalf("after the first receipt: %+v", got)
		}
		before := a.entries()
		_, err = b.room.Work(ctx)
		ok(t, err)
		back := b.due(a)
		if len(back) != 2 {
			t.Fatalf("%d parcels go back, want the answer and the receipt", len(back))
		}
		answer, err := a.room.Receive(ctx, "xb.moi", bytes.NewReader(back[1].Body))
		if err != nil || answer != nil {
			t.Fatalf("the receipt is answered with %d bytes (%v), want nothing", len(answer), err)
		}
		ok(t, b.room.Answered(ctx, "xa.dcs", back[1].ID, answer))
		got := a.rungs(b, thread)
		if got[0].Stage != cx.OpenedStage || got[0].At.IsZero() || got[0].Answered {
			t.Errorf("after the second receipt: %+v", got)
		}
		if a.entries() == before {
			t.Error("the receipt is not in the journal")
		}
		rests(a, b)
		if got := a.rungs(b, thread); !got[0].Answered || !got[0].Done {
			t.Errorf("after the answer: %+v", got)
		}
		if len(b.due(a)) != 0 {
			t.Error("a receipt is brought again")
		}
	})
}

// TestReceiptOfRefusal: what the room of the peer refuses is told with its reason, and shown.
func TestReceiptOfRefusal(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		b.refuse = cx.Unsupported
		a.says(b, thread, cx.ReferralOffer)
		rests(a, b)
		if got := a.rungs(b, thread); len(got) != 1 || got[0].Stage != cx.Refused || got[0].Code != cx.Unsupported {
			t.Errorf("the sender knows %+v", got)
		}
		denied, err := a.room.Denied(ctx, a.Clock.Now().Add(-time.Hour))
		if err != nil || len(denied) != 1 || denied[0].Peer != "xb.moi" || denied[0].Code != cx.Unsupported {
			t.Errorf("shown to people: %+v, %v", denied, err)
		}
		if stuck, err := b.room.Stuck(ctx); err != nil || len(stuck) != 1 || stuck[0].State != "refused" {
			t.Errorf("shown at the receiver: %+v, %v", stuck, err)
		}
	})
}

// TestReceiptByCourier: receipts go along with whoever carries, until they are too old.
func TestReceiptByCourier(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		a.says(b, thread, cx.ReferralOffer)
		a.carries(b)
		notes, err := b.room.HandOut(ctx, "xa.dcs", 10)
		if err != nil || len(notes) != 1 {
			t.Fatalf("%d receipts handed out, %v", len(notes), err)
		}
		if again, err := b.room.HandOut(ctx, "xa.dcs", 10); err != nil || len(again) != 0 {
			t.Errorf("%d handed out again at once, %v", len(again), err)
		}
		_, err = a.room.Receive(ctx, "xb.moi", bytes.NewReader(cx.Frame(notes[0])))
		ok(t, err)
		if got := a.rungs(b, thread); got[0].Stage != cx.OpenedStage {
			t.Errorf("stage %q", got[0].Stage)
		}
		b.Clock.Advance(91 * day)
		ok(t, b.room.TidyReceipts(ctx))
		if n := count(t, b, "SELECT COUNT(*) FROM exchange_receipt"); n != 0 {
			t.Errorf("%d receipts are still to be brought after 91 days", n)
		}
	})
}
