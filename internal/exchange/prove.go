package exchange

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
	"causeway/protocol/proof"
)

// Prove returns the proof pack of what was said in a thread with a peer: the signed
// contents, the envelopes' headers, the receipts of both sides, and the keys that held.
// It discloses no label and no payload: whoever may show them adds them to the pack.
// What was erased is not in it.
func (r *Room) Prove(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread) (*proof.Pack, error) {
	self, err := r.Self(ctx, tx)
	if err != nil {
		return nil, err
	}
	peer, err := r.Peer(ctx, tx, with)
	if err != nil {
		return nil, err
	}
	out := &proof.Pack{Made: tx.Now(), By: r.node}
	var said []told
	for _, side := range []delivery.Side{delivery.Ours, delivery.Theirs} {
		for _, stream := range []delivery.Stream{delivery.Commands, delivery.Statuses} {
			lane := delivery.Lane{Side: side, Thread: delivery.Thread(thread), Stream: stream}
			items, err := r.rowsOf(ctx, tx, peer).After(lane, 0)
			if err != nil {
				return nil, err
			}
			for _, it := range items {
				if said, err = r.told(ctx, tx, with, side, cx.ID(it.ID), said); err != nil {
					return nil, err
				}
			}
		}
	}
	slices.SortStableFunc(said, func(a, b told) int {
		return cmp.Or(a.at.Created.Compare(b.at.Created), cmp.Compare(a.at.Stream, b.at.Stream), cmp.Compare(a.at.Seq, b.at.Seq))
	})
	for _, m := range said {
		out.Messages = append(out.Messages, m.Message)
	}
	own := proof.Node{ID: r.node, Recovery: self.Card.Recovery}
	if err := notesOf(ctx, tx, &own, `own keys`, sqlSelectSelf); err != nil {
		return nil, err
	}
	theirs := proof.Node{ID: with, Recovery: peer.Card.Recovery, Schedules: [][]byte{peer.Card.Schedule}}
	of := peer.Fingerprint()
	if err := notesOf(ctx, tx, &theirs, `peer`, sqlSelectSaid, string(with), of[:]); err != nil {
		return nil, err
	}
	out.Nodes = []proof.Node{own, theirs}
	return out, nil
}

// told is a message of a pack, and when it was said.
type told struct {
	proof.Message
	at *cx.Content
}

// told adds what is kept of a message; nothing of one whose letter is not here.
func (r *Room) told(ctx context.Context, tx *store.Tx, with identity.NodeID, side delivery.Side, id cx.ID, said []told) ([]told, error) {
	l, err := r.letter(ctx, tx, with, side, id)
	if err != nil || l == nil {
		return said, err
	}
	m := told{proof.Message{Content: l.Note()}, &l.Content}
	if m.Header, err = r.readPaper(ctx, tx, paper{with, side, id, paperHeader}); err != nil {
		return nil, err
	}
	stored, err := r.readPaper(ctx, tx, paper{with, side, id, paperStored})
	if err != nil {
		return nil, err
	}
	if side == delivery.Theirs { // what we answered stands in the ledger
		peer, err := r.Peer(ctx, tx, with)
		if err != nil {
			return nil, err
		}
		entry, err := r.rowsOf(ctx, tx, peer).Entry(delivery.ID(id))
		if err != nil {
			return nil, err
		}
		stored = entry.Receipt
	}
	opened, err := r.readPaper(ctx, tx, paper{with, side, id, paperOpened})
	if err != nil {
		return nil, err
	}
	for _, receipt := range [][]byte{stored, opened} {
		if len(receipt) > 0 {
			m.Receipts = append(m.Receipts, proof.Receipt{Note: receipt})
		}
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
