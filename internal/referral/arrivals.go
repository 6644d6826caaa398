package referral

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/protocol/handover"
)

// NotThere reports whether the child did not come to the receiver, or left it, and the
// sender has not answered that yet.
func (t *Thread) NotThere() bool {
	return (t.State == handover.Failed || t.State == handover.HandedBack) && t.Reason == reasonNotThere
}

// Arrival is a child who is on the way to a service: the codes of its card, no name.
type Arrival struct {
	*Thread
	Destination Destination
}

// Arrivals returns who is on the way to the services of the caller's own unit, those
// that are expected first, first.
func (r *Room) Arrivals(ctx context.Context, c *access.Caller) ([]Arrival, error) {
	var out []Arrival
	err := r.gate.List(ctx, c, access.Act{Action: "referral.list", Purpose: purposeHelp}, func(p *access.Pass) (ids []ident.Case, err error) {
		out = nil
		found, err := readThreads(ctx, p, sqlArrivals, c.Unit(), listMost)
		if err != nil {
			return nil, err
		}
		of := make([]ident.Case, len(found))
		for i, t := range found {
			of[i] = t.Case
		}
		seen, err := p.Visible(ctx, of)
		if err != nil {
			return nil, err
		}
		for i, t := range found {
			if !seen[i] {
				continue
			}
			d, err := readDestination(ctx, p, t.Case, t.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, Arrival{t, d})
			if !slices.Contains(ids, t.Case) {
				ids = append(ids, t.Case)
			}
		}
		return ids, nil
	}, func(p *access.Pass) error {
		for i := range out {
			o, err := p.Opener(out[i].Case)
			if err != nil {
				return err
			}
			if err := errors.Join(out[i].checkRow(o), out[i].Destination.checkRow(o)); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Arrival) int {
		if a, b := a.Destination.Expected, b.Destination.Expected; a.IsZero() != b.IsZero() {
			return cmp.Compare(b.UnixMicro(), a.UnixMicro()) // those of whom nobody knows when, last
		}
		return a.Destination.Expected.Compare(b.Destination.Expected)
	})
	return out, err
}

// Expected returns how many children are on the way to a service. It implements
// directory.Arrivals.
func (r *Room) Expected(ctx context.Context, p *access.Pass, id ident.Service) (n int, err error) {
	err = p.Tx().QueryRow(ctx, sqlExpected, append(p.Caller().People(), p.Now().UnixMicro(), id)...).Scan(&n)
	return n, err
}

// NotThere returns how many children did not come to whoever expected them, or left, of
// the cases in the caller's care. It names nobody and makes no entry.
func (r *Room) NotThere(ctx context.Context, c *access.Caller) (n int, err error) {
	if !r.gate.May(c, "referral.list") {
		return 0, nil
	}
	err = r.gate.Own(ctx, c, func(p *access.Pass) error {
		if c.Role() == access.RoleSupervisor {
			return p.Tx().QueryRow(ctx, sqlNotThere, append(c.People(), p.Now().UnixMicro(), c.Unit())...).Scan(&n)
		}
		return p.Tx().QueryRow(ctx, sqlNotThereOwn, append(c.Holders(), p.Now().UnixMicro())...).Scan(&n)
	})
	return n, err
}
