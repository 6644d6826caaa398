package node

import (
	"context"
	"log/slog"
	"time"

	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// placedEvery is how often partners are asked to prove where their receipts stand in their
// journals: each proof makes what they confirmed hold without them.
const placedEvery = 15 * time.Minute

// AskPlaced asks a partner where the receipts that it gave stand in its journal, and keeps
// the proofs. A partner that does not answer is asked again another time.
func (n *Node) AskPlaced(ctx context.Context, with identity.NodeID) error {
	if n.peers == nil {
		return fault.New(fault.Unavailable, "no-exchange")
	}
	seen := map[cx.Digest]bool{}
	for {
		leaves, err := n.Exchange.Unproven(ctx, with)
		if err != nil {
			return err
		}
		fresh := false
		for _, leaf := range leaves {
			fresh, seen[leaf] = fresh || !seen[leaf], true
		}
		if !fresh {
			return nil
		}
		proofs, err := n.peers.client.Placed(ctx, with, leaves)
		if err != nil {
			return err
		}
		if err := n.Exchange.KeepPlaced(ctx, with, leaves, proofs); err != nil {
			return err
		}
	}
}

// askPlaced asks every partner that can be called.
func (p *peers) askPlaced(ctx context.Context) error {
	partners, err := p.All(ctx)
	for _, o := range partners {
		if o.URL == "" || ctx.Err() != nil {
			continue
		}
		err := p.n.AskPlaced(ctx, o.ID)
		switch {
		case err == nil, fault.Is(err, fault.Unavailable), fault.Is(err, fault.Denied):
		default:
			p.n.Log.WarnContext(ctx, "ask a partner for proofs", slog.String("peer", string(o.ID)), slog.Any("err", err))
		}
	}
	return err
}
