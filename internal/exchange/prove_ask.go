package exchange

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/proof"
)

// Proof returns the proof pack of a thread for somebody who may take it out: each time is
// an entry of its own. ask, if it is not nil, asks the partner before for what is missing of
// its proofs. A thread of which nothing is kept is NotFound.
func (r *Room) Proof(ctx context.Context, c *access.Caller, thread cx.Thread, ask func(partner identity.NodeID)) (*proof.Pack, error) {
	var peers []*Peer
	err := r.gate.View(ctx, c, access.Act{Action: "peer.prove", Purpose: Purpose}, func(p *access.Pass) (err error) {
		if err := r.on(); err != nil {
			return err
		}
		peers, err = r.Peers(ctx, p.Tx())
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, peer := range peers {
		pack, err := r.Prove(ctx, peer.Node, thread)
		if err != nil {
			return nil, err
		}
		if len(pack.Messages) == 0 {
			continue
		}
		if ask == nil {
			return pack, nil
		}
		ask(peer.Node)
		return r.Prove(ctx, peer.Node, thread)
	}
	return nil, fault.New(fault.NotFound, "exchange-thread")
}

// Carries enters that somebody takes a bundle for a peer out or, with none, takes one in.
func (r *Room) Carries(ctx context.Context, c *access.Caller, cmd ident.Command, to identity.NodeID) error {
	if err := r.on(); err != nil {
		return err
	}
	_, err := r.gate.Do(ctx, c, access.Act{Action: "peer.carry", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		if to == "" {
			return "", nil
		}
		peer, err := r.Peer(ctx, p.Tx(), to)
		if err == nil && !peer.Paired(p.Now()) {
			err = fault.New(fault.NotFound, "peer-unknown")
		}
		return "", err
	})
	return err
}
