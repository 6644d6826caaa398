package journal

import (
	"context"
	"time"

	"causeway/internal/ident"
)

// Tombstone is an erasure as the journal tells of it. It travels with every pack, so
// that a node that was put back to before it can hear of it again.
type Tombstone struct {
	Index   int64 // position of the entry
	At      time.Time
	Subject ident.Subject
}

// Tombstones returns the erasures in a journal, in order. What it reads is not
// verified: [Verify] the source first.
func Tombstones(ctx context.Context, src Source) ([]Tombstone, error) {
	var out []Tombstone
	err := src.snapshot(ctx, func(r reader) error {
		out = nil
		var p page
		for position := int64(0); ; {
			p.reset()
			if err := r.entries(ctx, position, &p); err != nil || len(p.rows) == 0 {
				return err
			}
			for i := range p.rows {
				h, err := ParseHeader(p.rows[i].header)
				if err != nil {
					return err
				}
				if h.Action != Erase || h.Outcome != OK {
					continue
				}
				for _, s := range h.Subjects {
					if len(s) == len(ident.Subject{}) {
						out = append(out, Tombstone{p.rows[i].idx, h.Time(), ident.Subject(s)})
					}
				}
			}
			position = p.rows[len(p.rows)-1].idx + 1
		}
	})
	return out, err
}
