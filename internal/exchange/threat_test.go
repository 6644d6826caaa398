package exchange_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"causeway/internal/store"
	"causeway/protocol/cx"
)

// The tests here are named after the rows of the table of threats of CX/1, and after
// what comparing and restoring add to it.

func TestThreatReplayAlsoFromAnOldStick(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		old := a.due(b)[0].Body
		ok(t, a.room.Restored(ctx)) // it never sent it
		a.meets(b)
		if _, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(old)); cx.CodeOf(err) != cx.StaleEpoch {
			t.Errorf("an envelope from before a restore: %v", err)
		}
	})
}

func TestThreatForgedOrAlteredMessage(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		body := a.due(b)[0].Body
		for _, at := range []int{40, len(body) / 2, len(body) - 1} {
			bad := bytes.Clone(body)
			bad[at] ^= 1
			if _, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(bad)); err == nil {
				t.Errorf("taken with byte %d altered", at)
			}
		}
		if stuck, err := b.room.Stuck(ctx); err != nil || len(stuck) != 0 {
			t.Errorf("%d altered envelopes were kept, %v", len(stuck), err)
		}
	})
}

func TestThreatSurreptitiousForwarding(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		body := a.due(b)[0].Body
		if _, err := a.room.Receive(ctx, "xb.moi", bytes.NewReader(body)); cx.CodeOf(err) != cx.WrongRecipient {
			t.Errorf("an envelope for another: %v", err)
		}
	})
}

func TestThreatReceiverAcknowledgesAndThenLoses(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		before := b.dump()
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		b.fail = errors.New("the room is shut")
		a.carries(b) // stored and receipted, not acted on
		b.restore(before)
		b.fail = nil
		b.starts()
		a.starts()
		rests(a, b)
		if len(b.got) != 1 || len(a.got) != 1 {
			t.Errorf("acted on %d times, %d answers, want one of each", len(b.got), len(a.got))
		}
	})
}

func TestThreatNodeTakenOverAsksForEverythingAgain(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		before := b.dump()
		for range 11 {
			a.says(b, cx.NewThread(), cx.ReferralOffer)
		}
		rests(a, b)
		b.restore(before)
		b.starts()
		asks := func() {
			q, err := b.room.Question(ctx, "xa.dcs")
			ok(t, err)
			answer, err := a.room.Sync(ctx, "xb.moi", bytes.NewReader(q))
			ok(t, err)
			ok(t, b.room.Compared(ctx, "xa.dcs", q, answer))
		}
		asks() // b finds that it was put back
		asks() // and asks for what it said
		a.meets(b)
		if due := a.due(b); len(due) != 0 {
			t.Errorf("%d messages go out a second time before an officer has called back", len(due))
		}
		ok(t, a.room.Release(ctx, a.Person("focal_point", a.Head), command(), "xb.moi"))
		if due := a.due(b); len(due) == 0 {
			t.Error("nothing goes out after it")
		}
		rests(b, a)
		if len(b.got) != 11 {
			t.Errorf("in the end %d commands were carried out, want the 11 and none twice", len(b.got))
		}
	})
}

func TestThreatEpochDrivenUp(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		ok(t, b.room.Restored(ctx))
		b.meets(a)
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		if due := a.due(b); len(due) != 0 {
			t.Errorf("%d due before the journal of the restored peer is compared", len(due))
		}
		a.meets(b)
		if due := a.due(b); len(due) != 1 {
			t.Fatalf("after one rise %d due, want 1", len(due))
		}
		ok(t, b.room.Restored(ctx))
		b.meets(a)
		if due := a.due(b); len(due) != 0 {
			t.Error("after a second rise within a day the peer is still trusted")
		}
		a.Clock.Advance(time.Minute)
		ok(t, a.room.Resume(ctx, a.Person("focal_point", a.Head), command(), "xb.moi"))
		a.meets(b)
		if due := a.due(b); len(due) != 1 {
			t.Errorf("after people have spoken %d due, want 1", len(due))
		}
	})
}

func TestThreatQueueThatNobodyEmpties(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		id := a.due(b)[0].ID
		ok(t, a.room.Refused(ctx, "xb.moi", id, cx.TooLarge, time.Time{}))
		late, err := a.room.Overdue(ctx)
		if err != nil || len(late) != 1 || !late[0].Stopped || late[0].Code != cx.TooLarge {
			t.Errorf("overdue: %+v, %v; want the one that is of no use", late, err)
		}
	})
}

// TestRestoredAnswerNotGivenTwice: a node that was put back to before it answered does
// not answer again.
func TestRestoredAnswerNotGivenTwice(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		b.fail = errors.New("the room is shut")
		a.carries(b)
		before := b.dump()
		b.fail = nil
		rests(a, b)
		b.restore(before)
		b.starts()
		rests(a, b)
		var n int64
		ok(t, b.DB.Read(ctx, func(tx *store.Tx) error {
			return tx.QueryRow(ctx, "SELECT COUNT(*) FROM exchange_item WHERE side = 'ours' AND stream = 'status'").Scan(&n)
		}))
		if n != 1 || len(a.got) != 1 {
			t.Errorf("%d answers were given and %d came, want one", n, len(a.got))
		}
	})
}
