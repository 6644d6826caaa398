package exchange_test

import (
	"bytes"
	"testing"

	"causeway/internal/store"
	"causeway/protocol/cx"
)

// TestErasedContentKeepsItsReceipt: nothing of what was said is left on either side, and
// the same envelope gets the same receipt.
func TestErasedContentKeepsItsReceipt(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread, other := cx.NewThread(), cx.NewThread()
		a.says(b, thread, cx.ReferralOffer)
		parcel := a.due(b)[0]
		first, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(parcel.Body))
		ok(t, err)
		a.says(b, other, cx.ReferralOffer)
		rests(a, b)
		for e, with := range map[*end]*end{a: b, b: a} {
			ok(t, e.DB.Write(ctx, func(tx *store.Tx) error { return e.room.Erase(ctx, tx, with.country.node, thread) }))
			papers := func(of cx.Thread) (n int64) {
				ok(t, e.DB.Read(ctx, func(tx *store.Tx) error {
					return tx.QueryRow(ctx, `SELECT COUNT(*) FROM exchange_paper p JOIN exchange_item i ON i.node = p.node AND i.id = p.id
						WHERE i.thread = $1 AND p.kind IN ('draft', 'letter', 'envelope')`, of[:]).Scan(&n)
				}))
				return n
			}
			if papers(thread) != 0 || papers(other) == 0 {
				t.Errorf("%d papers of the erased thread are left, %d of the other", papers(thread), papers(other))
			}
		}
		again, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(parcel.Body))
		if err != nil || !bytes.Equal(first, again) {
			t.Errorf("the same envelope after the erasure: %v, the same receipt %v", err, bytes.Equal(first, again))
		}
		if len(b.got) != 2 {
			t.Errorf("acted on %d times, want 2", len(b.got))
		}
	})
}

// TestErasedBeforeItWasSent: what waits for a peer is not sent when it was erased.
func TestErasedBeforeItWasSent(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		a.says(b, thread, cx.ReferralOffer)
		ok(t, a.DB.Write(ctx, func(tx *store.Tx) error { return a.room.Erase(ctx, tx, "xb.moi", thread) }))
		if due := a.due(b); len(due) != 0 {
			t.Errorf("%d erased messages are sent", len(due))
		}
	})
}

// TestRestoredAfterAnErasure: what the peer has erased comes back as a number and a
// digest, and the exchange goes on.
func TestRestoredAfterAnErasure(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		before := b.dump()
		thread := cx.NewThread()
		a.says(b, thread, cx.ReferralOffer)
		rests(a, b)
		ok(t, a.DB.Write(ctx, func(tx *store.Tx) error { return a.room.Erase(ctx, tx, "xb.moi", thread) }))
		b.restore(before)
		b.starts()
		b.meets(a)
		a.meets(b)
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		got := len(b.got)
		for _, p := range a.due(b) {
			_, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(p.Body))
			ok(t, err)
		}
		_, err := b.room.Work(ctx)
		ok(t, err)
		if len(b.got) != got+1 {
			t.Errorf("after it %d new messages were acted on, want 1", len(b.got)-got)
		}
	})
}
