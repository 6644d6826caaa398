package access

import (
	"context"
	"time"

	"causeway/internal/fault"
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

// denials counts one person's refusals in the present window.
type denials struct {
	since    time.Time
	count    int64
	unsummed int64 // counted but not entered yet
}

// refuse journals a denial and returns what the caller is told: for a missing
// fresh check, that one is needed; for everything else the same answer as for
// something that does not exist.
func (g *Gate) refuse(ctx context.Context, c *Caller, a Act, reason string) error {
	if reason == "floor-fresh-check" {
		return fault.New(fault.Expired, "fresh-check")
	}
	count, delay := g.countDenial(c)
	if count > 0 {
		e := g.entry(c, a, "", journal.Denied, reason)
		e.Count = count
		err := g.db.Write(ctx, func(tx *store.Tx) error {
			_, err := g.journal.AppendLast(ctx, tx, e)
			return err
		})
		if err != nil {
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
	return fault.New(fault.NotFound, "no-such-page")
}

// countDenial counts one denial of a person. It returns how many denials the
// entry to write now sums up (0: write none yet) and how long to wait before
// the answer.
func (g *Gate) countDenial(c *Caller) (int64, time.Duration) {
	who := c.staff
	now := g.clk.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.denied[who]
	if d == nil || now.Sub(d.since) >= denialWindow || now.Before(d.since) {
		if len(g.denied) > 10_000 {
			clear(g.denied)
		}
		var before int64
		if d != nil {
			before = d.unsummed
		}
		d = &denials{since: now, unsummed: before}
		g.denied[who] = d
	}
	d.count++
	d.unsummed++
	if d.count <= denialsEach {
		n := d.unsummed
		d.unsummed = 0
		return n, 0
	}
	delay := min(denialSlowest, time.Duration(d.count-denialsEach)*50*time.Millisecond)
	if d.unsummed < denialsSummed {
		return 0, delay
	}
	n := d.unsummed
	d.unsummed = 0
	return n, delay
}
