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
	open context.Context // ends when nothing more is begun: the peer does not answer, or wants to be left alone
	stop context.CancelFunc
	free chan struct{} // a place of the window
	over chan struct{} // what took a place has come to its end
	work sync.WaitGroup

	mu   sync.Mutex // guards busy and done
	busy map[cx.Thread]bool
	done map[cx.ID]bool // what was tried in this round is not tried in it again
}

// send carries what is due, thread by thread, and reports whether anything was.
func (l *loop) send(ctx context.Context) (some bool) {
	met, err := l.meet(ctx)
	if err != nil {
		l.heard(ctx, err)
		return false
	}
	r := &round{
		l: l, free: make(chan struct{}, window), over: make(chan struct{}, window),
		busy: map[cx.Thread]bool{}, done: map[cx.ID]bool{},
	}
	r.open, r.stop = context.WithCancel(ctx)
	defer r.work.Wait() // what is on its way may arrive
	defer r.stop()
	for r.open.Err() == nil && l.mine(ctx) {
		due, err := l.s.c.Outbox.Due(ctx, l.to, r.underWay(), ahead)
		if err != nil && ctx.Err() == nil {
			l.s.c.Log.ErrorContext(ctx, "read outbox", slog.String("peer", string(l.to)), slog.Any("err", err))
		}
		if err != nil {
			return some
		}
		together, alone := hands(r.fresh(due), l.mostInHand(met))
		if met && len(together)+len(alone) > 0 {
			together, alone = one(together, alone)
		}
		for _, hand := range together {
			some = r.begin(ctx, hand, l.sendHand) || some
		}
		for _, thread := range alone {
			some = r.begin(ctx, thread, l.sendThread) || some
		}
		if met {
			r.work.Wait()
			met = false
		}
		if len(together)+len(alone) == 0 && !r.await() {
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
	case <-r.open.Done():
	case <-r.over:
	case <-r.l.wake:
	case <-t.C:
	}
	return true
}

// one leaves one parcel of what is due: it finds out whether a peer with which this node has
// just compared takes any. It may still have to ask us, and would refuse them all.
func one(together, alone [][]Parcel) (_, _ [][]Parcel) {
	if len(together) > 0 {
		return together[:1], nil
	}
	return nil, [][]Parcel{alone[0][:1]}
}

// begin sends parcels when there is a place for them, beside the others. send returns how
// many of them are not to be tried again in this round, and whether others may still be
// sent; it begins nothing more when open ends.
func (r *round) begin(ctx context.Context, parcels []Parcel, send func(ctx, open context.Context, parcels []Parcel) (int, bool)) bool {
	select {
	case r.free <- struct{}{}:
	case <-r.open.Done():
		return false
	}
	r.mu.Lock()
	for _, p := range parcels {
		r.busy[p.Thread] = true
	}
	r.mu.Unlock()
	r.work.Go(func() {
		tried, goOn := send(ctx, r.open, parcels)
		if !goOn {
			r.stop()
		}
		r.mu.Lock()
		for i, p := range parcels {
			delete(r.busy, p.Thread)
			if i < tried {
				r.done[p.ID] = true
			}
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
