package exchange

import (
	"context"
	"errors"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// Unsaid is told what was destroyed for good, so that a restore from an older backup destroys
// it again: a message, or with the zero id a whole thread. It is called when that is committed.
type Unsaid func(thread cx.Thread, id cx.ID)

// NotesUnsaid names who is told what was destroyed. It is called while the node is built.
func (r *Room) NotesUnsaid(to Unsaid) { r.unsaid = to }

// note tells what was destroyed once the transaction is committed.
func (r *Room) note(tx *store.Tx, thread cx.Thread, id cx.ID) {
	if r.unsaid != nil {
		tx.OnCommit(func() { r.unsaid(thread, id) })
	}
}

// Erase is [EraseThread] for a node that runs: the thread is erased again after a restore.
func (r *Room) Erase(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread) error {
	r.note(tx, thread, cx.ID{})
	return EraseThread(ctx, tx, with, thread)
}

// EraseThread destroys what was said in a thread with a peer, on both sides, within the
// transaction of the record's own erasure: drafts, letters and envelopes, and with their
// salts the keys of every copy of them. Digests, receipts and numbers stay: they prove
// what was sent and lead to nobody, and the same envelope still gets the receipt that it
// had. What of it was still waiting for the peer is given up, but for what only tells where
// the thread stands or takes it back: that is delivered, and destroyed after it, as is what
// the peer still says ([Room.Sweep]).
func EraseThread(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread) error {
	if _, err := tx.Exec(ctx, sqlKeepErased, tx.Micros(), thread[:]); err != nil {
		return fmt.Errorf("note erased thread: %w", err)
	}
	for _, query := range []string{sqlErasePapers, sqlEraseBack, sqlGiveUpItems, sqlGiveUpOut} {
		if _, err := tx.Exec(ctx, query, string(with), thread[:]); err != nil {
			return fmt.Errorf("erase thread: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, sqlEndTerms, string(with), thread[:], tx.Micros()); err != nil {
		return fmt.Errorf("end terms: %w", err)
	}
	return nil
}

// UnsayAgain destroys, before a restored node opens, what had been destroyed after the backup
// was made: a message, or with the zero id a whole thread, whoever it was with.
func UnsayAgain(ctx context.Context, tx *store.Tx, thread cx.Thread, id cx.ID) error {
	nodes, err := nodes(ctx, tx)
	if err != nil {
		return err
	}
	if id.IsZero() { // also of what the backup knows nothing: a peer may give it back
		if _, err := tx.Exec(ctx, sqlKeepErased, tx.Micros(), thread[:]); err != nil {
			return fmt.Errorf("note erased thread: %w", err)
		}
	}
	for _, node := range nodes {
		if id.IsZero() {
			err = EraseThread(ctx, tx, node, thread)
		}
		for _, side := range []delivery.Side{delivery.Ours, delivery.Theirs} {
			if err == nil && !id.IsZero() {
				err = (&said{node: node, side: side, thread: thread, id: id}).destroy(ctx, tx)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// nodes names every peer that this node ever had.
func nodes(ctx context.Context, tx *store.Tx) (out []identity.NodeID, err error) {
	rows, err := tx.Query(ctx, sqlNodes)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var node string
		if err := rows.Scan(&node); err != nil {
			return nil, err
		}
		out = append(out, identity.NodeID(node))
	}
	return out, rows.Err()
}

// said is one message whose content is destroyed.
type said struct {
	node    identity.NodeID
	side    delivery.Side
	thread  cx.Thread
	id      cx.ID
	content []byte // its digest, which stays
}

// saids reads messages.
func saids(ctx context.Context, tx *store.Tx, query string, args ...any) (out []said, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s said
		var thread, id []byte
		var node, side string
		if err := rows.Scan(&node, &thread, &side, &id, &s.content); err != nil {
			return nil, err
		}
		s.node, s.side, s.thread, s.id = identity.NodeID(node), delivery.Side(side), cx.Thread(thread), cx.ID(id)
		out = append(out, s)
	}
	return out, rows.Err()
}

// destroy destroys the content of a message and ends its time.
func (s *said) destroy(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, sqlErasePaper, string(s.node), string(s.side), s.id[:]); err != nil {
		return fmt.Errorf("destroy message: %w", err)
	}
	_, err := tx.Exec(ctx, sqlEndTerm, string(s.node), string(s.side), s.id[:], tx.Micros())
	return err
}

// destroyed names in the entry of a command what it destroyed: by its digest.
func (s *said) destroyed(p *access.Pass) {
	p.Wrote("exchange_paper", fmt.Appendf(nil, "%s/%s/erased", s.node, s.id), 1, s.content)
}

// sweepMost is how many messages are destroyed in one transaction.
const sweepMost = 64

// Sweep destroys what was said in erased threads and had to be delivered, or came, since. It
// works in small transactions, each of which is whole, and returns how many messages it was.
func (r *Room) Sweep(ctx context.Context) (done int, err error) {
	for more := true; more && err == nil; {
		n := 0
		err = r.step(ctx, func(p *access.Pass) error {
			all, err := saids(ctx, p.Tx(), sqlSaidErased, int64(sweepMost))
			if n = len(all); n == 0 && err == nil {
				return errNothing
			}
			for i := range all {
				if err == nil {
					err = all[i].destroy(ctx, p.Tx())
				}
				all[i].destroyed(p)
			}
			return err
		})
		if more = n > 0; err == nil {
			done += n
		}
	}
	if errors.Is(err, errNothing) {
		err = nil
	}
	return done, err
}
