package access

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// denialWindow is the time within which one person's denials are counted; after
// denialsEach of them, further ones are summed into one entry per window and
// answered ever more slowly, up to denialSlowest.
const (
	denialWindow  = 10 * time.Minute
	denialsEach   = 20
	denialsSummed = 50
	denialSlowest = 2 * time.Second
)

// denialsKept is how many people's refusals are remembered before those with
// nothing left to enter are forgotten.
const denialsKept = 10_000

// denials counts one person's refusals in the present window.
type denials struct {
	since    time.Time
	count    int64
	unsummed int64 // counted but not entered yet

	last journal.Entry // of the newest refusal, for the entry that sums them up
}

// refuse journals a denial and returns what the caller is told: for a missing
// fresh check, that one is needed; for everything else the same answer as for
// something that does not exist.
func (g *Gate) refuse(ctx context.Context, c *Caller, a Act, reason string) error {
	switch reason {
	case "floor-fresh-check":
		return fault.New(fault.Expired, "fresh-check")
	case "floor-strong-check":
		return fault.New(fault.Expired, "strong-check")
	}
	if reason != reasonVolume {
		g.count(ctx, c, volumeDenials)
	}
	e := g.entry(c, a, "", journal.Denied, reason)
	delay := time.Duration(0)
	if e.Count, delay = g.countDenial(e); e.Count > 0 {
		if err := g.enterDenials(ctx, e); err != nil {
			return err
		}
	}
	if delay > 0 {
		t := time.NewTimer(delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
	if reason == reasonVolume {
		return fault.New(fault.Expired, "fresh-check")
	}
	return fault.New(fault.NotFound, "no-such-page")
}

// countDenial counts one denial of a person. It returns how many denials the
// entry to write now sums up (0: write none yet) and how long to wait before
// the answer.
func (g *Gate) countDenial(e journal.Entry) (int64, time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.deniedOf(e.Actor)
	d.count++
	d.unsummed++
	d.last = e
	delay := d.delay()
	if delay > 0 && d.unsummed < denialsSummed {
		return 0, delay
	}
	n := d.unsummed
	d.unsummed = 0
	return n, delay
}

// deniedOf returns one person's refusals in the present window. The gate is locked.
func (g *Gate) deniedOf(who ident.Staff) *denials {
	now := g.clk.Now()
	d := g.denied[who]
	if d != nil && now.Sub(d.since) < denialWindow && !now.Before(d.since) {
		return d
	}
	if len(g.denied) >= denialsKept {
		maps.DeleteFunc(g.denied, func(_ ident.Staff, d *denials) bool { return d.unsummed == 0 })
	}
	var before denials
	if d != nil {
		before = *d
	}
	d = &denials{since: now, unsummed: before.unsummed, last: before.last}
	g.denied[who] = d
	return d
}

// delay returns how long the newest refusal is held back.
func (d *denials) delay() time.Duration {
	if d.count <= denialsEach {
		return 0
	}
	return min(denialSlowest, time.Duration(d.count-denialsEach)*50*time.Millisecond)
}

// blindAnswer is how long an answer takes that must not tell what came of a
// request: longer than anything that may come of it.
const blindAnswer = 300 * time.Millisecond

// Blind runs fn, of which the caller must not learn what came of it: whether there
// is such a case, or whether it is beyond them. Every answer takes the same time.
// To whoever asks again and again it comes ever more slowly, as if each had been
// refused, so that nobody finds cases by trying numbers.
func (g *Gate) Blind(ctx context.Context, c *Caller, fn func() error) error {
	g.mu.Lock()
	d := g.deniedOf(somebody(c).staff)
	d.count++
	wait := blindAnswer + d.delay()
	g.mu.Unlock()
	t := time.NewTimer(wait)
	defer t.Stop()
	err := fn()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	return err
}

// enterDenials writes entries that sum up denials. Those of a transaction that
// fails are counted again.
func (g *Gate) enterDenials(ctx context.Context, entries ...journal.Entry) error {
	err := g.db.Write(ctx, func(tx *store.Tx) error {
		for _, e := range entries {
			if _, err := g.journal.AppendLast(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, e := range entries {
		d := g.denied[e.Actor]
		if d == nil {
			d = &denials{since: g.clk.Now()}
			g.denied[e.Actor] = d
		}
		d.unsummed += e.Count
		d.last = e
	}
	return err
}

// EnterDenials enters the denials that were counted and not entered yet, one
// entry for each person. The housekeeping calls it, and whoever closes the node.
func (g *Gate) EnterDenials(ctx context.Context) error {
	var entries []journal.Entry
	g.mu.Lock()
	for _, d := range g.denied {
		if d.unsummed > 0 {
			e := d.last
			e.Count, d.unsummed = d.unsummed, 0
			entries = append(entries, e)
		}
	}
	g.mu.Unlock()
	var all error
	for some := range slices.Chunk(entries, GroupMost) {
		if err := g.enterDenials(ctx, some...); err != nil {
			all = errors.Join(all, fmt.Errorf("enter denials: %w", err))
		}
	}
	return all
}
