package exchange

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/protocol/identity"
)

// change runs fn on a copy of a peer and keeps it.
func (r *Room) change(ctx context.Context, c *access.Caller, act access.Act, node identity.NodeID, fn func(*access.Pass, *Peer) error) error {
	if err := r.on(); err != nil {
		return err
	}
	_, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		peer, err := r.Peer(ctx, p.Tx(), node)
		if err != nil {
			return "", err
		}
		next := peer.changed()
		if err := fn(p, next); err != nil {
			return "", err
		}
		return "", r.keepPeer(ctx, p, next)
	})
	return err
}

// Quarantine stops the exchange with a peer at once: what comes is kept unopened, what
// goes waits. Nobody is asked.
func (r *Room) Quarantine(ctx context.Context, c *access.Caller, cmd ident.Command, node identity.NodeID) error {
	return r.change(ctx, c, access.Act{Action: "peer.quarantine", Purpose: Purpose, Command: cmd}, node, func(p *access.Pass, next *Peer) error {
		if next.State != OK && next.State != Watch {
			return fault.New(fault.Conflict, "peer-state")
		}
		next.to(p, Quarantined, WhyByHand)
		return nil
	})
}

// Watching puts a peer that is well under watch.
func (r *Room) Watching(ctx context.Context, c *access.Caller, cmd ident.Command, node identity.NodeID) error {
	return r.change(ctx, c, access.Act{Action: "peer.quarantine", Purpose: Purpose, Command: cmd}, node, func(p *access.Pass, next *Peer) error {
		if next.State != OK {
			return fault.New(fault.Conflict, "peer-state")
		}
		next.to(p, Watch, WhyByHand)
		return nil
	})
}

// stopper returns who must not let a peer go on alone: who stopped it or, where the
// program did, who had prepared the pair.
func stopper(p *Peer) ident.Staff {
	if p.StateBy.IsZero() {
		return p.AddedBy
	}
	return p.StateBy
}

// Resume takes a peer out of watch or quarantine: somebody who is not the node operator,
// and not who put it there.
func (r *Room) Resume(ctx context.Context, c *access.Caller, cmd ident.Command, node identity.NodeID) error {
	if err := r.on(); err != nil {
		return err
	}
	var before ident.Staff
	err := r.gate.Own(ctx, c, func(p *access.Pass) error {
		peer, err := r.Peer(ctx, p.Tx(), node)
		if err == nil {
			before = stopper(peer)
		}
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	act := access.Act{Action: "peer.resume", Purpose: Purpose, Command: cmd, Staff: before, Apart: oneOf(before)}
	return r.change(ctx, c, act, node, func(p *access.Pass, next *Peer) error {
		switch {
		case stopper(next) != before:
			return fault.New(fault.Conflict, "changed-meanwhile")
		case next.State != Watch && next.State != Quarantined:
			return fault.New(fault.Conflict, "peer-state")
		case next.History.Standing() != identity.Open:
			return fault.New(fault.Conflict, "peer-suspended")
		}
		next.to(p, OK, WhyByHand)
		return nil
	})
}

// Remove ends the pair. To exchange again is to pair again, from the beginning.
func (r *Room) Remove(ctx context.Context, c *access.Caller, cmd ident.Command, node identity.NodeID) error {
	return r.change(ctx, c, access.Act{Action: "peer.remove", Purpose: Purpose, Command: cmd}, node, func(p *access.Pass, next *Peer) error {
		if next.State == Removed {
			return fault.New(fault.Conflict, "peer-state")
		}
		next.Proposed = nil
		next.to(p, Removed, WhyByHand)
		return nil
	})
}
