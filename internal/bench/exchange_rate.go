package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"
	"time"

	"causeway/internal/clock"
	"causeway/protocol/cx"
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

// offered is how many messages a second are written in the measure of how long each is on
// its way: as many as the bar asks for.
const offered = 150

func rates(ctx context.Context, o *Options, a, b *nodeEnd, emit func(Measure)) error {
	if err := errors.Join(a.serve(ctx), b.serve(ctx)); err != nil {
		return err
	}
	threads := newThreads(64)
	if _, err := a.queue(ctx, b.id, len(threads), threads, messageSize); err != nil { // they meet, and caches fill
		return err
	}
	if err := awaitTold(ctx, a, b, len(threads)); err != nil {
		return err
	}
	var all, used, took float64
	for _, n := range pick(o, []int{1000, 3000, 10_000}, []int{500, 1000}) {
		rate, each, err := burst(ctx, o, a, b, n, threads)
		if err != nil {
			return err
		}
		emit(scale(fmt.Sprintf("messages a second, of %d that wait", n), rate, "/s"))
		emit(scale(fmt.Sprintf("processor time of each of %d, both ends together", n), each, "ms"))
		all, used, took = all+float64(n), used+each*float64(n), took+float64(n)/rate
	}
	emit(atLeast("4 KiB messages a second, sealed, signed twice, stored, opened and confirmed", all/took, "/s", 150))
	emit(scale("processor time of one message, both ends together", used/all, "ms"))
	if err := steady(ctx, o, a, b, threads, emit); err != nil {
		return err
	}
	if err := single(ctx, o, a, b, threads, emit); err != nil {
		return err
	}
	emit(atMost("messages that were acted on out of order", outOfOrder(b.arrived()), "messages", 0))
	return nil
}

// burst lets n messages wait and measures until each was acted on and its receipts are
// back: messages a second, and milliseconds of processor time of each.
func burst(ctx context.Context, o *Options, a, b *nodeEnd, n int, threads []cx.Thread) (rate, each float64, err error) {
	o.say("messages: %d of 4 KiB in %d threads", n, len(threads))
	before, cpu, start := b.count(), cpuTime(), time.Now()
	if _, err := a.queue(ctx, b.id, n, threads, messageSize); err != nil {
		return 0, 0, err
	}
	if err := awaitTold(ctx, a, b, before+n); err != nil {
		return 0, 0, err
	}
	return float64(n) / time.Since(start).Seconds(), float64(cpuTime()-cpu) / float64(n) / 1e6, nil
}

// steady writes [offered] messages a second for a while and measures how long each is on
// its way.
func steady(ctx context.Context, o *Options, a, b *nodeEnd, threads []cx.Thread, emit func(Measure)) error {
	n := pick(o, 60, 6) * offered
	o.say("steady: %d messages, %d a second", n, offered)
	before, start := b.count(), time.Now()
	sent := map[cx.ID]time.Time{}
	const each = 3 // in one transaction
	for done := 0; done < n; done += each {
		time.Sleep(time.Until(start.Add(time.Duration(done) * time.Second / offered)))
		ids, err := a.queue(ctx, b.id, each, threads[done%(len(threads)-each):], messageSize)
		if err != nil {
			return err
		}
		maps.Copy(sent, ids)
	}
	if err := awaitTold(ctx, a, b, before+n); err != nil {
		return err
	}
	rate := float64(n) / time.Since(start).Seconds()
	emitWaits(b.arrived()[before:], sent, fmt.Sprintf("at %d messages a second", offered), emit)
	emit(scale("messages a second that were written, acted on and confirmed meanwhile", rate, "/s"))
	return nil
}

// single sends one message after another.
func single(ctx context.Context, o *Options, a, b *nodeEnd, threads []cx.Thread, emit func(Measure)) error {
	n := pick(o, 600, 100)
	o.say("single messages: %d, one after another", n)
	sent := map[cx.ID]time.Time{}
	before := b.count()
	for i := range n {
		ids, err := a.queue(ctx, b.id, 1, threads[i%len(threads):], messageSize)
		if err != nil {
			return err
		}
		maps.Copy(sent, ids)
		if err := awaitArrivals(ctx, b, before+i+1); err != nil {
			return err
		}
	}
	emitWaits(b.arrived()[before:], sent, "alone", emit)
	return nil
}

func emitWaits(came []arrival, sent map[cx.ID]time.Time, how string, emit func(Measure)) {
	var waits times
	for _, m := range came {
		waits = append(waits, m.at.Sub(sent[m.id]))
	}
	emit(scale("from the commit of a message to its act at the other end, "+how+", median", waits.at(0.5), "ms"))
	emit(atMost("from the commit of a message to its act at the other end, "+how+", p99", waits.at(0.99), "ms", 250))
}

// awaitTold waits until so many messages have come at b, and a holds every receipt for
// them.
func awaitTold(ctx context.Context, a, b *nodeEnd, n int) error {
	if err := awaitArrivals(ctx, b, n); err != nil {
		return err
	}
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		waiting, err := a.Exchange.Backlog(ctx)
		if err != nil {
			return err
		}
		receipts, err := b.Exchange.Receipts(ctx, a.id, nil, 1)
		if err != nil {
			return err
		}
		switch {
		case waiting.Count == 0 && len(receipts) == 0:
			return nil
		case time.Since(start) > time.Minute:
			return errors.New("some are never confirmed")
		}
	}
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
	before, start := b.count(), time.Now()
	if err := b.serve(ctx); err != nil {
		return err
	}
	for len(b.arrived()) == 0 && clk.by.Load() < int64(2*partitionHours*time.Hour) {
		clk.pass(time.Hour) // it calls once an hour by then; one call may have begun before the other end was there
		time.Sleep(200 * time.Millisecond)
	}
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
