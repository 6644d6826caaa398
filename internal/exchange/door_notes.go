package exchange

import (
	"context"
	"time"

	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// WhyVolume: the peer sent more than was agreed.
const WhyVolume = "volume"

// What the door for nodes and the courier of sticks need beside what passes.

// Pen returns who signs in the name of this node now.
func (r *Room) Pen(ctx context.Context) (cx.Signer, error) {
	var out *pen
	err := r.read(ctx, func(tx *store.Tx) (err error) {
		out, err = r.pen(ctx, tx)
		return err
	})
	return out, err
}

// Pairs returns what finds the pairs by which any peer signs now.
func (r *Room) Pairs(ctx context.Context) (cx.Pairs, error) {
	found := map[identity.NodeID]cx.Pairs{}
	err := r.read(ctx, func(tx *store.Tx) error {
		clear(found)
		peers, err := r.Peers(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range peers {
			if !p.Paired(tx.Now()) {
				continue
			}
			if found[p.Node], err = r.pairs(ctx, tx, p, false); err != nil {
				return err
			}
		}
		return nil
	})
	return func(node identity.NodeID, key identity.KeyID) (*note.Public, error) {
		if pairs := found[node]; pairs != nil {
			return pairs(node, key)
		}
		return nil, cx.UnknownSender
	}, err
}

// SignRefusal signs a note that tells a peer why something of it was not taken.
func (r *Room) SignRefusal(ctx context.Context, to identity.NodeID, id cx.ID, code cx.Code) ([]byte, error) {
	var out []byte
	err := r.read(ctx, func(tx *store.Tx) error {
		pen, err := r.pen(ctx, tx)
		if err != nil {
			return err
		}
		no := &cx.Refusal{From: r.node, To: to, ID: id, Code: code, At: tx.Now().Truncate(time.Second)}
		out, err = no.Sign(pen)
		return err
	})
	return out, err
}

// ReadRefusal reads such a note of a peer.
func (r *Room) ReadRefusal(ctx context.Context, from identity.NodeID, signed []byte) (*cx.Refusal, error) {
	var pairs cx.Pairs
	err := r.read(ctx, func(tx *store.Tx) (err error) {
		_, pairs, err = r.known(ctx, tx, from)
		return err
	})
	if err != nil {
		return nil, err
	}
	no, err := cx.OpenRefusal(signed, r.node, pairs)
	if err == nil && no.From != from {
		return nil, cx.UnknownSender
	}
	return no, err
}

// Backlog is how much waits in the outbox for all peers, and since when.
type Backlog struct {
	Count  int64
	Oldest time.Time // zero: nothing waits
}

// Backlog returns how much waits.
func (r *Room) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	if r.node == "" {
		return b, nil
	}
	err := r.read(ctx, func(tx *store.Tx) error {
		var oldest int64
		if err := tx.QueryRow(ctx, sqlBacklog).Scan(&b.Count, &oldest); err != nil {
			return err
		}
		b.Oldest = fromMicros(oldest)
		if oldest == 0 {
			b.Oldest = time.Time{}
		}
		return nil
	})
	return b, err
}
