package exchange

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
	"causeway/protocol/proof"
)

// Prove returns the proof pack of what was said in a thread with a peer: the signed
// contents, the envelopes' headers, the receipts of both sides with the proofs that they
// stand in the journals, and the keys that held. It discloses no label and no payload:
// whoever may show them adds them to the pack. What was erased is not in it. The proofs
// of the peer's receipts are those that it gave ([Room.KeepPlaced]).
func (r *Room) Prove(ctx context.Context, with identity.NodeID, thread cx.Thread) (*proof.Pack, error) {
	var out *proof.Pack
	var said []told
	err := r.read(ctx, func(tx *store.Tx) (err error) {
		out, said, err = r.prove(ctx, tx, with, thread)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(said, func(a, b told) int {
		return cmp.Or(a.at.Created.Compare(b.at.Created), cmp.Compare(a.at.Stream, b.at.Stream), cmp.Compare(a.at.Seq, b.at.Seq))
	})
	for _, m := range said {
		for i, leaf := range m.leaves {
			if leaf.IsZero() {
				continue
			}
			if m.Receipts[i].Log, err = r.placed(ctx, leaf); err != nil {
				return nil, err
			}
		}
		out.Messages = append(out.Messages, m.Message)
	}
	return out, nil
}

// prove is what Prove reads.
func (r *Room) prove(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread) (*proof.Pack, []told, error) {
	self, err := r.Self(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	peer, err := r.Peer(ctx, tx, with)
	if err != nil {
		return nil, nil, err
	}
	var said []told
	for _, side := range []delivery.Side{delivery.Ours, delivery.Theirs} {
		for _, stream := range []delivery.Stream{delivery.Commands, delivery.Statuses} {
			lane := delivery.Lane{Side: side, Thread: delivery.Thread(thread), Stream: stream}
			items, err := r.rowsOf(ctx, tx, peer).After(lane, 0)
			if err != nil {
				return nil, nil, err
			}
			for _, it := range items {
				if said, err = r.told(ctx, tx, peer, side, cx.ID(it.ID), said); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	own := proof.Node{ID: r.node, Recovery: self.Card.Recovery}
	if err := notesOf(ctx, tx, &own, `own keys`, sqlSelectSelf); err != nil {
		return nil, nil, err
	}
	theirs := proof.Node{ID: with, Recovery: peer.Card.Recovery, Schedules: [][]byte{peer.Card.Schedule}}
	of := peer.Fingerprint()
	if err := notesOf(ctx, tx, &theirs, `peer`, sqlSelectSaid, string(with), of[:]); err != nil {
		return nil, nil, err
	}
	return &proof.Pack{Made: tx.Now(), By: r.node, Nodes: []proof.Node{own, theirs}}, said, nil
}

// told is a message of a pack, and when it was said.
type told struct {
	proof.Message
	at     *cx.Content
	leaves []cx.Digest // of our receipts: which leaf each names
}

// told adds what is kept of a message; nothing of one whose letter is not here.
func (r *Room) told(ctx context.Context, tx *store.Tx, peer *Peer, side delivery.Side, id cx.ID, said []told) ([]told, error) {
	l, err := r.letter(ctx, tx, peer.Node, side, id)
	if err != nil || l == nil {
		return said, err
	}
	m := told{Message: proof.Message{Content: l.Note()}, at: &l.Content}
	if m.Header, err = r.readPaper(ctx, tx, paper{peer.Node, side, id, paperHeader}); err != nil {
		return nil, err
	}
	stored, err := r.readPaper(ctx, tx, paper{peer.Node, side, id, paperStored})
	if err != nil {
		return nil, err
	}
	if side == delivery.Theirs { // what we answered stands in the ledger
		entry, err := r.rowsOf(ctx, tx, peer).Entry(delivery.ID(id))
		if err != nil {
			return nil, err
		}
		stored = entry.Receipt
	}
	opened, err := r.readPaper(ctx, tx, paper{peer.Node, side, id, paperOpened})
	if err != nil {
		return nil, err
	}
	pairs, err := r.pairs(ctx, tx, peer, true)
	if err != nil {
		return nil, err
	}
	for _, signed := range [][]byte{stored, opened} {
		if len(signed) == 0 {
			continue
		}
		receipt, err := cx.OpenReceipt(signed, l.Content.From, pairs)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "record-altered", err)
		}
		out, leaf := proof.Receipt{Note: signed}, receipt.Leaf
		if side == delivery.Ours { // the peer's: what it gave is here
			if out.Log, err = r.proven(ctx, tx, peer.Node, leaf); err != nil {
				return nil, err
			}
			leaf = cx.Digest{}
		}
		m.Receipts, m.leaves = append(m.Receipts, out), append(m.leaves, leaf)
	}
	return append(said, m), nil
}

// notesOf adds the schedules and revocations of a node as they were signed. The caller
// has read the same rows, and so compared their digests, before.
func notesOf(ctx context.Context, tx *store.Tx, n *proof.Node, whose, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", whose, err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var at int64
		var body, mac []byte
		var number int64
		into := []any{&number, &at, &kind, &body, &mac}
		if query == sqlSelectSelf {
			into = []any{&kind, &number, &at, &body, &mac}
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read %s: %w", whose, err)
		}
		switch kind {
		case kindSchedule:
			n.Schedules = append(n.Schedules, body)
		case kindRevoke:
			n.Revocations = append(n.Revocations, body)
		}
	}
	return rows.Err()
}
