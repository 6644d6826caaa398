package peer_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"causeway/internal/peer"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// TestSenderBringsItsKeys: only a peer that does not know the keys of this node is brought
// what its recovery pair signed.
func TestSenderBringsItsKeys(t *testing.T) {
	for code, want := range map[cx.Code]bool{cx.UnknownSender: true, cx.RevokedKey: true, cx.Conflict: false} {
		t.Run(string(code), func(t *testing.T) {
			a, b := pair(t)
			b.refuses(code)
			out := newShelf(1, 1)
			var asked atomic.Int32
			s := peer.NewSender(peer.SenderConfig{
				Clock: a.clock, Log: slog.New(slog.DiscardHandler), Partners: a.register, Post: a.office, Outbox: out, Spool: a.spool, Refuse: codeNote,
				Alone: func(context.Context, identity.NodeID, time.Duration) (bool, error) { return true, nil },
				Notes: func(context.Context) ([][]byte, error) { asked.Add(1); return nil, nil },
			}, a.client, a.door.Tally())
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- s.Run(ctx) }()
			eventually(t, "the refusal is kept", func() bool {
				out.mu.Lock()
				defer out.mu.Unlock()
				return len(out.refused) == 1
			})
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if got := asked.Load() > 0; got != want {
				t.Errorf("refused as %s: keys are brought %v, want %v", code, got, want)
			}
		})
	}
}
