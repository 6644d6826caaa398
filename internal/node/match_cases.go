package node

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/protocol/identity"
)

// Tell implements match.Cases.
func (j matching) Tell(ctx context.Context, p *access.Pass, kind string, about [16]byte, do func() error) error {
	return j.n.Cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) {
		return &casework.Event{Kind: kind, Content: casework.Content{Of: about[:]}}, do()
	})
}

// Due implements match.Cases.
func (j matching) Due(ctx context.Context, p *access.Pass, about [16]byte, by time.Time) error {
	return j.n.Cases.MatchDue(ctx, p, about, by)
}

// Met implements match.Cases.
func (j matching) Met(ctx context.Context, p *access.Pass, about [16]byte) error {
	return j.n.Cases.MatchMet(ctx, p, about)
}

// Agreed implements match.Cases.
func (j matching) Agreed(ctx context.Context, p *access.Pass, to identity.NodeID) (bool, error) {
	land, _, err := j.land(ctx, p.Tx(), to)
	if err != nil {
		return false, err
	}
	return consent.Named(ctx, p, "tracing", consent.Land(land))
}
