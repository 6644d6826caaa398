package peer

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"causeway/protocol/cx"
)

// round is one sweep through what is due for a peer.
type round struct {
	l    *loop
	ctx  context.Context // ends with the round: the peer does not answer, or wants to be left alone
	stop context.CancelFunc
	free chan struct{} // a place of the window
	over chan struct{} // a thread has come to its end
	work sync.WaitGroup

	mu   sync.Mutex // guards busy and done
	busy map[cx.Thread]bool
	done map[cx.ID]bool // what was tried in this round is not tried in it again
}

// send carries what is due, thread by thread, and reports whether anything was.
func (l *loop) send(ctx context.Context) (some bool) {
	if err := l.meet(ctx); err != nil {
		l.heard(ctx, err)
		return false
	}
	r := &round{
		l: l, free: make(chan struct{}, window), over: make(chan struct{}, window),
		busy: map[cx.Thread]bool{}, done: map[cx.ID]bool{},
	}
	r.ctx, r.stop = context.WithCancel(ctx)
	defer r.work.Wait()
	defer r.stop()
	for r.ctx.Err() == nil && l.mine(ctx) {
		due, err := l.s.c.Outbox.Due(ctx, l.to, r.underWay(), ahead)
		if err != nil && ctx.Err() == nil {
			l.s.c.Log.ErrorContext(ctx, "read outbox", slog.String("peer", string(l.to)), slog.Any("err", err))
		}
		if err != nil {
			return some
		}
		threads := r.fresh(due)
		for _, thread := range threads {
			some = r.begin(thread) || some
		}
		if len(threads) == 0 && !r.await() {
			return some
		}
	}
	return some
}

// await waits until a thread has come to its end or somebody has written, and reports
// whether there is anything to wait for.
func (r *round) await() bool {
	if len(r.underWay()) == 0 {
		return false
	}
	t := time.NewTimer(lookEvery)
	defer t.Stop()
	select {
	case <-r.ctx.Done():
	case <-r.over:
	case <-r.l.wake:
	case <-t.C:
	}
	return true
}

// begin sends a thread when there is a place for it, beside the others.
func (r *round) begin(thread []Parcel) bool {
	select {
	case r.free <- struct{}{}:
	case <-r.ctx.Done():
		return false
	}
	r.mu.Lock()
	r.busy[thread[0].Thread] = true
	r.mu.Unlock()
	r.work.Go(func() {
		if !r.l.sendThread(r.ctx, thread) {
			r.stop()
		}
		r.mu.Lock()
		delete(r.busy, thread[0].Thread)
		for _, p := range thread {
			r.done[p.ID] = true
		}
		r.mu.Unlock()
		<-r.free
		select {
		case r.over <- struct{}{}:
		default: // one sign is enough
		}
	})
	return true
}

func (r *round) underWay() map[cx.Thread]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.busy)
}

// fresh divides parcels into threads, without those that were tried already.
func (r *round) fresh(due []Parcel) [][]Parcel {
	r.mu.Lock()
	defer r.mu.Unlock()
	return byThread(slices.DeleteFunc(due, func(p Parcel) bool { return r.done[p.ID] }))
}

// byThread divides parcels into threads, in the order of their first ones.
func byThread(due []Parcel) [][]Parcel {
	var out [][]Parcel
	at := map[cx.Thread]int{}
	for _, p := range due {
		i, ok := at[p.Thread]
		if !ok {
			i = len(out)
			at[p.Thread], out = i, append(out, nil)
		}
		out[i] = append(out[i], p)
	}
	return out
}
