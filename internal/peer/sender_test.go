package peer_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"causeway/internal/peer"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// shelf stands in for the outbox: threads of numbered parcels.
type shelf struct {
	mu       sync.Mutex // guards the fields below
	parcels  []peer.Parcel
	later    map[cx.ID]bool
	refused  map[cx.ID]cx.Code
	again    map[cx.ID]time.Time
	met      bool
	question string
}

func newShelf(threads, each int) *shelf {
	s := &shelf{later: map[cx.ID]bool{}, refused: map[cx.ID]cx.Code{}, again: map[cx.ID]time.Time{}}
	for n := range each {
		for t := range threads {
			id := cx.NewID(time.Now())
			body := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(t)), uint32(n))
			s.parcels = append(s.parcels, peer.Parcel{ID: id, Thread: cx.Thread{1, byte(t)}, Body: body})
		}
	}
	return s
}

func (s *shelf) Due(_ context.Context, _ identity.NodeID, skip map[cx.Thread]bool, most int) ([]peer.Parcel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []peer.Parcel
	waits := map[cx.Thread]bool{}
	for _, p := range s.parcels {
		waits[p.Thread] = waits[p.Thread] || s.later[p.ID]
		if !waits[p.Thread] && !skip[p.Thread] && len(out) < most {
			out = append(out, p)
		}
	}
	return out, nil
}

func (s *shelf) Answered(_ context.Context, _ identity.NodeID, answers []peer.Answered) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parcels = slices.DeleteFunc(s.parcels, func(p peer.Parcel) bool {
		return slices.ContainsFunc(answers, func(a peer.Answered) bool { return a.ID == p.ID })
	})
	return nil
}

func (s *shelf) Refused(_ context.Context, _ identity.NodeID, id cx.ID, why *peer.Refusal, again time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.later[id], s.refused[id], s.again[id] = true, why.Code, again
	return nil
}

func (s *shelf) Question(context.Context, identity.NodeID) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.met {
		return nil, nil
	}
	return []byte("how far are you"), nil
}

func (s *shelf) Learn(_ context.Context, _ identity.NodeID, question, answer []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.met, s.question = true, string(question)+": "+string(answer)
	return nil
}

func (s *shelf) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.parcels)
}

// sending runs a sender of an end until the test ends.
func sending(t *testing.T, a *end, out peer.Outbox) *peer.Sender {
	t.Helper()
	s := peer.NewSender(peer.SenderConfig{
		Clock: a.clock, Log: slog.New(slog.DiscardHandler), Partners: a.register, Post: a.office, Outbox: out, Spool: a.spool, Refuse: codeNote,
		Alone: func(context.Context, identity.NodeID, time.Duration) (bool, error) { return true, nil },
	}, a.client, a.door.Tally())
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

// eventually waits for what another goroutine does; it fails when that never comes.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 3000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

func TestSenderKeepsTheOrderOfThreads(t *testing.T) {
	a, b := pair(t)
	s := newShelf(40, 5)
	sending(t, a, s)
	eventually(t, "all is sent", func() bool { return s.left() == 0 })
	if s.question != "how far are you: xa.dcs asks how far are you" {
		t.Errorf("before anything was sent: %q", s.question)
	}
	next := map[uint32]uint32{}
	for _, m := range b.office.got["xa.dcs"] {
		thread, n := binary.BigEndian.Uint32(m), binary.BigEndian.Uint32(m[4:])
		if next[thread] != n {
			t.Fatalf("thread %d: message %d came, want %d", thread, n, next[thread])
		}
		next[thread]++
	}
	if len(next) != 40 || len(b.office.got["xa.dcs"]) != 200 {
		t.Errorf("%d messages of %d threads came", len(b.office.got["xa.dcs"]), len(next))
	}
}

func (b *end) refuses(err error) {
	b.office.mu.Lock()
	defer b.office.mu.Unlock()
	b.office.err = err
}

// TestSenderStopsAThreadAtARefusal: what comes after a refused message is not sent before
// it, and whether it is tried again is the code's to say.
func TestSenderStopsAThreadAtARefusal(t *testing.T) {
	for _, code := range []cx.Code{cx.BadSignature, cx.Gap} {
		a, b := pair(t)
		b.refuses(code)
		s := newShelf(2, 2)
		sending(t, a, s)
		eventually(t, "both threads are refused", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.refused) == 2 })
		for id, got := range s.refused {
			if got != code || s.again[id].IsZero() != code.Final() {
				t.Errorf("%s: refused as %s, again at %v", code, got, s.again[id])
			}
		}
		if s.left() != 4 {
			t.Errorf("%s: %d parcels are left, want 4", code, s.left())
		}
	}
}

// TestSenderLeavesABusyPeerAlone: it waits as long as the peer asks, and the messages are
// none the worse for it.
func TestSenderLeavesABusyPeerAlone(t *testing.T) {
	a, b := pair(t)
	*b.full = true // Retry-After: 600
	s := newShelf(3, 1)
	snd := sending(t, a, s)
	eventually(t, "the peer was asked", func() bool { return snd.Status("xb.moi").Why == string(cx.Busy) })
	st := snd.Status("xb.moi")
	if d := st.Waits.Sub(a.clock.Now()); d < 10*time.Minute || len(s.refused) != 0 {
		t.Errorf("waits %v, refused %v", d, s.refused)
	}
	*b.full = false
	a.clock.Advance(time.Hour)
	eventually(t, "all is sent", func() bool { return s.left() == 0 })
	if st := snd.Status("xb.moi"); !st.Failing.IsZero() || st.Answered.IsZero() {
		t.Errorf("status %+v", st)
	}
}

// TestSenderFetches: a node that cannot be called gets what waits for it, and brings its
// answers.
func TestSenderFetches(t *testing.T) {
	a, b := pair(t)
	p := b.partner()
	p.Fetch = true
	a.register.set(p)
	content, _ := someBytes(100_000)
	d, _ := outgoing(t, b, content)
	b.office.named[d], a.office.named[d] = true, true
	id := cx.NewID(time.Now())
	b.office.waiting, b.office.queued[id] = []cx.ID{id}, []byte("for you")
	b.office.taken = func(answer []byte) { b.office.waiting = nil }
	sending(t, a, newShelf(0, 0))
	eventually(t, "the answer came back", func() bool {
		b.office.mu.Lock()
		defer b.office.mu.Unlock()
		return len(b.office.got["xa.dcs"]) > 0
	})
	if got := b.office.got["xa.dcs"][0]; string(got) != string(cx.Frame([]byte("receipt for for you"))) {
		t.Errorf("answered %q", got)
	}
	whole(t, a, b, d, content)
	if got := fmt.Sprintf("%s", a.office.got["xb.moi"]); got != "[for you]" {
		t.Errorf("fetched %s", got)
	}
}
