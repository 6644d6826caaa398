package exchange_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
)

func TestMessageAndItsAnswer(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		id := a.says(b, thread, cx.ReferralOffer)
		rests(a, b)
		if len(b.got) != 1 || b.got[0].ID != id || b.got[0].Seq != 1 || string(b.got[0].Payload) != `{"n":1}` {
			t.Fatalf("the far side acted on %d messages, want the one that was sent", len(b.got))
		}
		if len(a.got) != 1 || a.got[0].Type != cx.StatusReport || a.got[0].Answers != id {
			t.Fatalf("%d answers came back, want one", len(a.got))
		}
		if due := a.due(b); len(due) != 0 {
			t.Errorf("%d messages are sent on after the answer", len(due))
		}
	})
}

// TestReceiptReleasesNothing: a command is sent until its answer is here.
func TestReceiptReleasesNothing(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		b.fail = errors.New("the room is shut")
		a.carries(b)
		a.Clock.Advance(25 * time.Hour)
		if due := a.due(b); len(due) != 1 {
			t.Errorf("%d due after the receipt, want the command", len(due))
		}
	})
}

// TestSameEnvelopeSameReceipt: also late, and after it was opened and answered.
func TestSameEnvelopeSameReceipt(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		parcel := a.due(b)[0]
		first, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(parcel.Body))
		ok(t, err)
		rests(a, b)
		b.Clock.Advance(60 * day)
		again, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(parcel.Body))
		if err != nil || !bytes.Equal(first, again) {
			t.Errorf("the same envelope from an old stick: %v, other bytes %v", err, !bytes.Equal(first, again))
		}
		if len(b.got) != 1 {
			t.Errorf("acted on %d times", len(b.got))
		}
	})
}

// TestOrder: what comes first is acted on first, whatever the line does.
func TestOrder(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		a.says(b, thread, cx.ReferralOffer)
		a.says(b, thread, cx.Info)
		a.says(b, thread, cx.Withdraw)
		due := a.due(b)
		if len(due) != 3 {
			t.Fatalf("%d due, want 3", len(due))
		}
		for _, i := range []int{2, 1, 0} {
			if len(b.got) != 0 {
				t.Fatal("acted on before its turn")
			}
			_, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(due[i].Body))
			ok(t, err)
			_, err = b.room.Work(ctx)
			ok(t, err)
		}
		rests(a, b)
		if len(b.got) != 3 || b.got[0].Type != cx.ReferralOffer || b.got[2].Type != cx.Withdraw {
			t.Errorf("%d acted on, or out of order", len(b.got))
		}
	})
}

// TestSettleOnce: a message is settled once, in the room's own transaction or not at all.
func TestSettleOnce(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		b.fail = errors.New("the room is shut")
		a.carries(b)
		if _, err := b.room.Work(ctx); err == nil || len(b.got) != 0 {
			t.Fatal("a room that failed has acted")
		}
		b.fail = nil
		_, err := b.room.Work(ctx)
		ok(t, err)
		if did, err := b.room.Work(ctx); did || err != nil || len(b.got) != 1 {
			t.Errorf("acted on %d times, again %v, %v", len(b.got), did, err)
		}
	})
}

// TestQueueBeforeTheCompare: what people write while the peer is not there waits.
func TestQueueBeforeTheCompare(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.starts()
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		if due := a.due(b); len(due) != 0 {
			t.Errorf("%d due before the compare", len(due))
		}
		rests(a, b)
		if len(b.got) != 1 {
			t.Errorf("%d arrived after it", len(b.got))
		}
	})
}

// TestRestoreComesBack: a node that was put back gets back what it said and heard, acts
// on nothing twice, and its peer sees one new epoch.
func TestRestoreComesBack(t *testing.T) {
	for _, declared := range []bool{true, false} {
		ends(t, func(t *testing.T, a, b *end) {
			thread := cx.NewThread()
			before := b.dump()
			a.says(b, thread, cx.ReferralOffer)
			rests(a, b)
			a.says(b, thread, cx.Info)
			rests(a, b)
			epoch := b.Ring.ExchangeEpoch()
			b.restore(before)
			b.got, b.asked = nil, 0
			b.starts()
			if declared {
				ok(t, b.room.Restored(ctx))
			}
			rests(a, b)
			if got := b.Ring.ExchangeEpoch(); got != epoch+1 {
				t.Errorf("declared %v: epoch %d, want %d", declared, got, epoch+1)
			}
			if len(b.got) != 0 {
				t.Errorf("declared %v: %d commands carried out again", declared, len(b.got))
			}
			var p *exchange.Peer // no record was told of what came back: people are
			ok(t, b.DB.Read(ctx, func(tx *store.Tx) (err error) {
				p, err = b.room.Peer(ctx, tx, a.country.node)
				return err
			}))
			if p.State != exchange.Watch || p.Why != exchange.WhyReturned {
				t.Errorf("declared %v: the peer is in state %s because of %q", declared, p.State, p.Why)
			}
			a.says(b, thread, cx.Withdraw)
			rests(a, b)
			if len(b.got) != 1 || len(a.got) != 3 {
				t.Errorf("declared %v: afterwards %d commands and %d answers, want 1 and 3", declared, len(b.got), len(a.got))
			}
		})
	}
}

// TestRestoredByCommand: what the restore command declares is one new epoch at the next
// start, however often it was declared, also when the backup lacked nothing.
func TestRestoredByCommand(t *testing.T) {
	for _, lacks := range []bool{true, false} {
		ends(t, func(t *testing.T, a, b *end) {
			thread := cx.NewThread()
			backup := b.dump()
			a.says(b, thread, cx.ReferralOffer)
			rests(a, b)
			if !lacks {
				backup = b.dump()
			}
			epoch := b.Ring.ExchangeEpoch()
			b.restore(backup)
			for range 2 { // the command was interrupted, and run again
				ok(t, b.DB.Write(ctx, func(tx *store.Tx) error { return exchange.Declare(ctx, tx) }))
			}
			b.got = nil
			b.starts()
			b.starts() // a second start enters no other
			rests(a, b)
			if got := b.Ring.ExchangeEpoch(); got != epoch+1 {
				t.Errorf("lacks %v: epoch %d, want %d", lacks, got, epoch+1)
			}
			if p := a.peerOf(b); p.State != exchange.OK {
				t.Errorf("lacks %v: the peer is in state %s", lacks, p.State)
			}
			if len(b.got) != 0 || len(a.got) != 1 {
				t.Errorf("lacks %v: %d carried out again, %d answers, want none and one", lacks, len(b.got), len(a.got))
			}
			a.says(b, thread, cx.Withdraw)
			rests(a, b)
			if len(b.got) != 1 || len(a.got) != 2 {
				t.Errorf("lacks %v: afterwards %d commands and %d answers, want one and two", lacks, len(b.got), len(a.got))
			}
		})
	}
}

// TestNotPaired: a node that nobody confirmed gets nothing stored.
func TestNotPaired(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		parcel := a.due(b)[0]
		if _, err := b.room.Receive(ctx, "xc.org", bytes.NewReader(parcel.Body)); cx.CodeOf(err) != cx.NotPaired {
			t.Errorf("from a stranger: %v", err)
		}
		err := a.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := a.room.Send(ctx, tx, draft("xc.org", cx.NewThread(), cx.ReferralOffer, cx.ID{}))
			return err
		})
		is(t, "to a stranger", err, fault.NotFound)
	})
}

// TestQuarantine: what comes is kept sealed, what goes waits.
func TestQuarantine(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		head := b.Person("supervisor", b.Head)
		ok(t, b.room.Quarantine(ctx, head, command(), "xa.dcs"))
		a.carries(b)
		if len(b.got) != 0 {
			t.Error("opened in quarantine")
		}
		b.Clock.Advance(time.Minute)
		ok(t, b.room.Resume(ctx, b.Person("focal_point", b.Head), command(), "xa.dcs"))
		rests(a, b)
		if len(b.got) != 1 {
			t.Error("not opened after it")
		}
	})
}
