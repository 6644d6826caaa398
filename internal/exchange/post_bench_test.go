package exchange_test

import (
	"strings"
	"testing"
	"time"

	"causeway/internal/access/accesstest"
	"causeway/internal/store"
	"causeway/protocol/cx"
)

// BenchmarkPost measures one message of 4 KiB and its answer, both ends together: queued,
// placed, sealed, stored, receipted, opened, answered, and the answer taken.
func BenchmarkPost(b *testing.B) {
	near, far := accesstest.New(b), accesstest.New(b)
	far.Clock.Advance(near.Clock.Now().Sub(far.Clock.Now()))
	one, other := newEnd(b, near, "xa.dcs"), newEnd(b, far, "xb.moi")
	one.knows(other)
	other.knows(one)
	rests(one, other)
	threads := make([]cx.Thread, 8)
	for i := range threads {
		threads[i] = cx.NewThread()
	}
	payload := []byte(`{"n":"` + strings.Repeat("x", 4<<10-8) + `"}`)
	b.ResetTimer()
	for done := 0; done < b.N; {
		hand := min(64, b.N-done)
		ok(b, one.DB.Write(ctx, func(tx *store.Tx) error {
			for i := range hand {
				d := draft(other.country.node, threads[i%len(threads)], cx.ReferralOffer, cx.ID{})
				d.Payload = payload
				if _, err := one.room.Send(ctx, tx, d); err != nil {
					return err
				}
			}
			return nil
		}))
		done += hand
		for other.asked < done || one.asked < done {
			one.hands(other)
			other.hands(one)
			one.Clock.Advance(time.Second)
			other.Clock.Advance(time.Second)
		}
	}
}

// hands carries one hand to the other, who opens all of it.
func (e *end) hands(o *end) {
	parcels, bodies := e.hand(o)
	o.takes(e, parcels, bodies)
	for more := true; more; {
		var err error
		more, err = o.room.Work(ctx)
		ok(e.t, err)
	}
}
