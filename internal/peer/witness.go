package peer

import (
	"context"

	"causeway/protocol/identity"
	"causeway/protocol/witness"
)

// Cosigner returns the witness at a peer: what this node's journal asks for a cosignature.
func (c *Client) Cosigner(to identity.NodeID) witness.Service { return cosigner{c, to} }

type cosigner struct {
	c  *Client
	to identity.NodeID
}

// AddCheckpoint implements witness.Service.
func (w cosigner) AddCheckpoint(ctx context.Context, r *witness.Request) (string, error) {
	http, url, err := w.c.Witness(ctx, w.to)
	if err != nil {
		return "", err
	}
	return (&witness.Client{URL: url, HTTP: http}).AddCheckpoint(ctx, r)
}

// AddStatement implements witness.Service.
func (w cosigner) AddStatement(ctx context.Context, r *witness.Request) error {
	http, url, err := w.c.Witness(ctx, w.to)
	if err != nil {
		return err
	}
	return (&witness.Client{URL: url, HTTP: http}).AddStatement(ctx, r)
}
