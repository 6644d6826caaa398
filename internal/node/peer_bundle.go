package node

import (
	"context"
	"io"

	"causeway/internal/fault"
	"causeway/internal/peer"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// courier carries bundles for this node.
func (n *Node) courier(ctx context.Context) (*peer.Courier, error) {
	if n.peers == nil {
		return nil, fault.New(fault.Unavailable, "no-exchange")
	}
	if _, err := n.Exchange.Beside(ctx); err != nil {
		return nil, err
	}
	pairs, err := n.Exchange.Pairs(ctx)
	if err != nil {
		return nil, err
	}
	return &peer.Courier{
		Self: n.Exchange.Node(), Clock: n.Clock, Mail: post{n.peers}, Spool: n.peers.spool, Pairs: pairs,
		Signer: func(ctx context.Context) (cx.Signer, error) { return n.Exchange.Pen(ctx) }, Refuse: n.peers.refuse,
	}, nil
}

// ExportBundle writes what waits for a partner into the parts of a bundle, and returns
// what the courier's ledger says of each. A node that is no partner is NotFound.
func (n *Node) ExportBundle(ctx context.Context, to identity.NodeID, create func(part, parts int) (io.WriteCloser, error)) ([]peer.Slip, error) {
	c, err := n.courier(ctx)
	if err != nil {
		return nil, err
	}
	if _, ok, err := n.peers.Named(ctx, to); err != nil || !ok {
		if err == nil {
			err = fault.New(fault.NotFound, "peer-unknown")
		}
		return nil, err
	}
	return c.Export(ctx, to, create)
}

// ImportBundle takes in one part of a bundle as the door would, and opens what came.
func (n *Node) ImportBundle(ctx context.Context, r io.Reader) (*peer.Taken, error) {
	c, err := n.courier(ctx)
	if err != nil {
		return nil, err
	}
	taken, err := c.Import(ctx, r)
	for more := true; more && err == nil; {
		more, err = n.Exchange.Work(ctx)
	}
	return taken, err
}
