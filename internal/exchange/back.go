package exchange

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// Told ends the telling of what came back, in the transaction in which the room took note
// of it. It succeeds once; a second time is a Conflict, and the room's transaction with it.
type Told func(ctx context.Context, tx *store.Tx) error

// Regained is told what came back of our own after a restore, one message after the other,
// in the order of each lane and before anything of the peer is opened: the record is to say
// what m says. Where nobody holds the content any more, m has its place and no type. Dropped
// are messages that people wrote meanwhile, which are not sent. An error means that it was
// not told, and is to be told again.
//
// Commands of the peer that such a message answers come again to the [Handler], with
// Answered set.
type Regained interface {
	Regained(ctx context.Context, m *cx.Message, dropped []cx.ID, told Told) error
}

// Tells names who is told what came back after a restore.
func (r *Room) Tells(h Regained) { r.regained = h }

// keepBack notes what the room is to be told, in the transaction in which it came back.
func (r *Room) keepBack(ctx context.Context, tx *store.Tx, from identity.NodeID, back []delivery.Item, placed, dropped []delivery.ID) error {
	for _, it := range back {
		gone, err := r.erased(ctx, tx, cx.Thread(it.Thread))
		if err != nil {
			return err
		}
		if gone { // with its record: nobody is to hear of it again
			continue
		}
		if it.Void || slices.Contains(placed, it.ID) || cx.Thread(it.Thread) == keysThread(r.node, from) {
			continue // the record knows of it, or it is about no record
		}
		var not []byte
		for _, id := range dropped {
			not = append(not, id[:]...)
		}
		dropped = nil
		if err := tx.Put(ctx, sqlKeepBack, string(from), it.ID[:], append([]byte{}, not...)); err != nil {
			return fmt.Errorf("keep what came back: %w", err)
		}
	}
	return nil
}

// tellBack tells the room what came back of ours from a peer. It reports whether there was
// anything.
func (r *Room) tellBack(ctx context.Context, from identity.NodeID) (any bool, err error) {
	for r.regained != nil {
		var m *cx.Message
		var dropped []cx.ID
		err := r.read(ctx, func(tx *store.Tx) (err error) {
			m, dropped, err = r.nextBack(ctx, tx, from)
			return err
		})
		if err != nil || m == nil {
			return any, err
		}
		err = r.regained.Regained(ctx, m, dropped, func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.Exec(ctx, sqlDeleteBack, string(from), m.ID[:])
			if err == nil && n != 1 {
				err = fault.New(fault.Conflict, "exchange-settled")
			}
			return err
		})
		if err != nil {
			return any, fmt.Errorf("tell what came back: %w", err)
		}
		any = true
	}
	return any, nil
}

// nextBack reads what the room is to be told next, nil for nothing.
func (r *Room) nextBack(ctx context.Context, tx *store.Tx, from identity.NodeID) (*cx.Message, []cx.ID, error) {
	var id, not []byte
	err := tx.QueryRow(ctx, sqlNextBack, string(from)).Scan(&id, &not)
	if fault.Is(err, fault.NotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	var dropped []cx.ID
	for ; len(not) >= len(cx.ID{}); not = not[len(cx.ID{}):] {
		dropped = append(dropped, cx.ID(not[:len(cx.ID{})]))
	}
	m, err := r.own(ctx, tx, from, cx.ID(id))
	if err != nil || m != nil {
		return m, dropped, err
	}
	peer, err := r.Peer(ctx, tx, from)
	if err != nil {
		return nil, nil, err
	}
	it, err := r.rowsOf(ctx, tx, peer).Find(delivery.Ours, delivery.ID(id))
	m = &cx.Message{From: r.node, To: from, ID: cx.ID(id), Thread: cx.Thread(it.Thread), Stream: cx.Stream(it.Stream), Seq: it.Seq}
	return m, dropped, err
}

// erased reports whether a thread was erased here.
func (r *Room) erased(ctx context.Context, tx *store.Tx, thread cx.Thread) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, sqlIsErased, thread[:]).Scan(&n)
	return n > 0, err
}

// takesNote reports whether a command of a peer, which one of our own that came back answers, is
// given to its room once more: it is to take note of it, and nothing else.
func (r *Room) takesNote(ctx context.Context, tx *store.Tx, m *cx.Message) (bool, error) {
	if !m.Answered || r.regained == nil || m.Type.Class() != cx.ClassCase {
		return false, nil
	}
	gone, err := r.erased(ctx, tx, m.Thread)
	return !gone, err
}
