package peer_test

import (
	"testing"
	"time"

	"causeway/protocol/cx"
)

// TestSenderTakesManyRefusalsForOne: a peer that has still to compare refuses all that was on
// its way together. That is one try, no message is the worse for it, and when the peer asks
// to compare it is not left waiting.
func TestSenderTakesManyRefusalsForOne(t *testing.T) {
	a, b := pair(t)
	b.refuses(cx.Recovering)
	until := make(chan struct{})
	b.office.held.Store(&until)
	s := newShelf(32, 1)
	s.met = true
	snd := sending(t, a, s)
	eventually(t, "four hands are on their way", func() bool { return b.office.came.Load() >= 4 })
	b.office.held.Store(nil)
	close(until)
	eventually(t, "all were refused", func() bool { return a.door.Tally().Counts().Returned[cx.Recovering] >= 4 })
	if d := snd.Status("xb.moi").Waits.Sub(a.clock.Now()); d <= 0 || d > 11*time.Second {
		t.Errorf("waits %v, want at most what the peer asks and the first wait", d)
	}
	s.mu.Lock()
	if len(s.refused) != 0 {
		t.Errorf("%d messages are tried later for it", len(s.refused))
	}
	s.mu.Unlock()
	b.refuses(nil)
	snd.Asked("xa.none")
	snd.Asked("xb.moi")
	a.clock.Advance(time.Second)
	eventually(t, "all is sent", func() bool { return s.left() == 0 })
}

// TestSenderAsksWithOneParcel: after a comparison one parcel finds out whether the peer takes
// any.
func TestSenderAsksWithOneParcel(t *testing.T) {
	a, b := pair(t)
	b.refuses(cx.Recovering)
	s := newShelf(16, 2)
	snd := sending(t, a, s)
	eventually(t, "one was refused", func() bool { return snd.Status("xb.moi").Why == string(cx.Recovering) })
	b.refuses(nil)
	a.clock.Advance(time.Hour)
	eventually(t, "all is sent", func() bool { return s.left() == 0 })
	if n := a.door.Tally().Counts().Returned[cx.Recovering]; n != 1 {
		t.Errorf("%d parcels were refused, want 1", n)
	}
}

// TestClientTakesAnotherConnection: where one connection stands still, what was asked goes
// over another too, and the first answer counts.
func TestClientTakesAnotherConnection(t *testing.T) {
	a, b := pair(t)
	a.client.Hurries(20 * time.Millisecond)
	until := make(chan struct{})
	b.office.stuck.Store(&until)
	answer, err := a.client.Deliver(t.Context(), "xb.moi", []byte("envelope"))
	close(until)
	if err != nil || string(answer) != "receipt for envelope" {
		t.Errorf("%q, %v", answer, err)
	}
	b.office.mu.Lock()
	defer b.office.mu.Unlock()
	if n := len(b.office.got["xa.dcs"]); n == 0 {
		t.Error("nothing came")
	}
}
