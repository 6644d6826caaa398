package exchange_test

import (
	"context"
	"errors"
	"testing"

	"causeway/internal/exchange"
	"causeway/protocol/cx"
)

// stumbling is a room that fails once, at the message of a number.
type stumbling struct {
	*end
	at     uint64
	failed bool
}

// Handle implements exchange.Handler.
func (s *stumbling) Handle(ctx context.Context, m *cx.Message, settle exchange.Settle) error {
	if m.Seq == s.at && !s.failed {
		s.failed = true
		return errors.New("the room is shut")
	}
	return s.end.Handle(ctx, m, settle)
}

// TestLaneStopsWhereARoomFails: messages of a lane are opened some at once, and acted on one
// after the other; what comes after one that a room could not act on waits for it.
func TestLaneStopsWhereARoomFails(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		b.room.Handles(cx.ClassCase, &stumbling{end: b, at: 3})
		thread := cx.NewThread()
		for range 5 {
			a.says(b, thread, cx.ReferralOffer)
		}
		parcels, bodies := a.hand(b)
		b.takes(a, parcels, bodies)
		if _, err := b.room.Work(ctx); err == nil || len(b.got) != 2 {
			t.Errorf("%d acted on before the one that failed, %v, want 2 and its error", len(b.got), err)
		}
		rests(a, b)
		for i, m := range b.got {
			if m.Seq != uint64(i)+1 {
				t.Errorf("message %d was acted on in place %d", m.Seq, i+1)
			}
		}
		if len(b.got) != 5 || len(a.got) != 5 {
			t.Errorf("%d acted on and %d answered, want 5 of each", len(b.got), len(a.got))
		}
	})
}
