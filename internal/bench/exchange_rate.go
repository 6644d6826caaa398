package bench

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"causeway/internal/clock"
)

// messageSize is what a measured message says, in bytes.
const messageSize = 4096

// exchangeRate measures messages between two whole nodes. Both run in this process, so
// that what both ends together cost is one figure; the line between them is TCP with TLS
// on loopback, and each end has its own database with fsync on.
func exchangeRate(ctx context.Context, o *Options, emit func(Measure)) error {
	a, b, err := exchangePair(ctx, o)
	if err != nil {
		return err
	}
	err = rates(ctx, o, a, b, emit)
	return errors.Join(err, a.end(), b.end())
}

func rates(ctx context.Context, o *Options, a, b *nodeEnd, emit func(Measure)) error {
	if err := errors.Join(a.serve(ctx), b.serve(ctx)); err != nil {
		return err
	}
	threads := newThreads(64)
	if _, err := a.queue(ctx, b.id, len(threads), threads, messageSize); err != nil { // they meet, and caches fill
		return err
	}
	if err := awaitArrivals(ctx, b, len(threads)); err != nil {
		return err
	}
	n := pick(o, 3000, 500)
	o.say("messages: %d of 4 KiB in %d threads", n, len(threads))
	before, cpu, start := len(b.arrived()), cpuTime(), time.Now()
	if _, err := a.queue(ctx, b.id, n, threads, messageSize); err != nil {
		return err
	}
	if err := awaitArrivals(ctx, b, before+n); err != nil {
		return err
	}
	took, used := time.Since(start), cpuTime()-cpu
	emit(atLeast("4 KiB messages a second, sealed, signed twice, stored and opened", float64(n)/took.Seconds(), "/s", 150))
	emit(scale("processor time of one message, both ends together", float64(used)/float64(n)/1e6, "ms"))

	n = pick(o, 600, 100)
	o.say("single messages: %d, one after another", n)
	sent := map[[16]byte]time.Time{}
	before = len(b.arrived())
	for i := range n {
		ids, err := a.queue(ctx, b.id, 1, threads[i%len(threads):], messageSize)
		if err != nil {
			return err
		}
		for id, at := range ids {
			sent[id] = at
		}
		if err := awaitArrivals(ctx, b, before+i+1); err != nil {
			return err
		}
	}
	var waits times
	for _, m := range b.arrived()[before:] {
		waits = append(waits, m.at.Sub(sent[m.id]))
	}
	emit(scale("from the commit of one message to its act at the other end, median", waits.at(0.5), "ms"))
	emit(atMost("from the commit of one message to its act at the other end, p99", waits.at(0.99), "ms", 250))
	emit(atMost("messages that were acted on out of order", outOfOrder(b.arrived()), "messages", 0))
	return nil
}

// ahead is the machine's clock, some time ahead.
type ahead struct{ by atomic.Int64 }

// Now implements clock.Clock.
func (a *ahead) Now() time.Time { return clock.System().Now().Add(time.Duration(a.by.Load())) }

// pass lets time pass.
func (a *ahead) pass(d time.Duration) { a.by.Add(int64(d)) }

// partitionHours is how long the other end cannot be reached.
const partitionHours = 72

// exchangeDrain lets messages wait while the other end cannot be reached for three days by
// the clocks of both, and measures how they go out then.
func exchangeDrain(ctx context.Context, o *Options, emit func(Measure)) error {
	with, clk := *o, new(ahead)
	with.clock = clk
	a, b, err := exchangePair(ctx, &with)
	if err != nil {
		return err
	}
	err = drain(ctx, o, clk, a, b, pick(o, 10_000, 1000), emit)
	return errors.Join(err, a.end(), b.end())
}

func drain(ctx context.Context, o *Options, clk *ahead, a, b *nodeEnd, n int, emit func(Measure)) error {
	o.say("partition: %d messages wait %d hours for a node that cannot be reached", n, partitionHours)
	if err := b.deaf(); err != nil {
		return err
	}
	if _, err := a.queue(ctx, b.id, n, newThreads(200), messageSize); err != nil {
		return err
	}
	if err := a.serve(ctx); err != nil {
		return err
	}
	for range partitionHours {
		clk.pass(time.Hour)
		time.Sleep(20 * time.Millisecond) // the sender looks at its clock, and calls
	}
	before, start := len(b.arrived()), time.Now()
	if err := b.serve(ctx); err != nil {
		return err
	}
	clk.pass(time.Hour) // it calls once an hour by then
	if err := awaitArrivals(ctx, b, n); err != nil {
		return err
	}
	took := time.Since(start)
	emit(scale("messages that waited through a partition", float64(n), "messages"))
	emit(atLeast("hours of it", partitionHours, "h", partitionHours))
	emit(atMost("of them that arrived before its end", float64(before), "messages", 0))
	emit(atLeast("of them a second when the line is back", float64(n)/took.Seconds(), "/s", 50))
	emit(atMost("of them acted on out of order", outOfOrder(b.arrived()), "messages", 0))
	emit(atMost("of them lost or expired", float64(n-len(b.arrived())), "messages", 0))
	return nil
}
