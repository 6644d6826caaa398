package exchange

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// Overdue is a message of ours that a person should look at: it has been on its way for a
// day, its time is over, or the peer will not take it.
type Overdue struct {
	Peer    identity.NodeID
	ID      cx.ID
	Type    cx.Type
	Queued  time.Time
	Expires time.Time
	Tried   int
	Stopped bool    // it is not tried any more
	Code    cx.Code // the last refusal, "" for none
}

// Stuck is a message of a peer that nobody acted on: it waits, cannot be opened, or was
// refused. None is ever dropped.
type Stuck struct {
	Peer  identity.NodeID
	ID    cx.ID
	Came  time.Time
	State string // stored, unreadable, refused
	Code  cx.Code
}

// Overdue returns what is overdue now, at most 500.
func (r *Room) Overdue(ctx context.Context) ([]Overdue, error) {
	var out []Overdue
	err := r.read(ctx, func(tx *store.Tx) error {
		out = nil
		now := tx.Micros()
		found, err := tx.Query(ctx, sqlOverdue, now-(24*time.Hour).Microseconds(), now)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var o Overdue
			var node, kind, code string
			var id []byte
			var queued, expires, tried int64
			if err := found.Scan(&node, &id, &kind, &queued, &expires, &tried, &o.Stopped, &code); err != nil {
				return err
			}
			o.Peer, o.ID, o.Type, o.Code = identity.NodeID(node), cx.ID(id), cx.Type(kind), cx.Code(code)
			o.Queued, o.Expires, o.Tried = fromMicros(queued), fromMicros(expires), int(tried)
			out = append(out, o)
		}
		return found.Err()
	})
	return out, err
}

// Stuck returns what came and was not acted on, at most 500.
func (r *Room) Stuck(ctx context.Context) ([]Stuck, error) {
	var out []Stuck
	err := r.read(ctx, func(tx *store.Tx) error {
		out = nil
		found, err := tx.Query(ctx, sqlStuck)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var s Stuck
			var node, code string
			var id []byte
			var came int64
			if err := found.Scan(&node, &id, &came, &s.State, &code); err != nil {
				return err
			}
			s.Peer, s.ID, s.Came, s.Code = identity.NodeID(node), cx.ID(id), fromMicros(came), cx.Code(code)
			out = append(out, s)
		}
		return found.Err()
	})
	return out, err
}

// Release lets go out what a peer asks for a second time, above the number of threads
// that go by themselves. Who does it has called the peer back, and is not who prepared
// the pair.
func (r *Room) Release(ctx context.Context, c *access.Caller, cmd ident.Command, node identity.NodeID) error {
	if err := r.on(); err != nil {
		return err
	}
	var prepared ident.Staff
	err := r.read(ctx, func(tx *store.Tx) error {
		peer, err := r.Peer(ctx, tx, node)
		if err == nil {
			prepared = peer.AddedBy
		}
		return err
	})
	if err != nil {
		return err
	}
	act := access.Act{Action: "peer.resume", Purpose: Purpose, Command: cmd, Staff: prepared, Apart: oneOf(prepared)}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		peer, err := r.Peer(ctx, p.Tx(), node)
		if err != nil {
			return "", err
		}
		d, err := r.desk(ctx, p.Tx(), peer)
		if err != nil {
			return "", err
		}
		return "", d.Release()
	})
	return err
}

// Refuse signs a note that tells a peer why something of it was not taken; id is zero
// where it cannot be told of what. It returns nothing where it cannot be signed.
func (r *Room) Refuse(ctx context.Context, to identity.NodeID, id cx.ID, code cx.Code) []byte {
	var out []byte
	err := r.read(ctx, func(tx *store.Tx) error {
		pen, err := r.pen(ctx, tx)
		if err != nil {
			return err
		}
		n := &cx.Refusal{From: r.node, To: to, ID: id, Code: code, At: tx.Now().UTC().Truncate(time.Second)}
		out, err = n.Sign(pen)
		return err
	})
	if err != nil {
		return nil
	}
	return out
}

// refusedBy takes a refusal that a peer brings alone, because it fetched what it refuses.
func (r *Room) refusedBy(ctx context.Context, from identity.NodeID, msg []byte) error {
	var n *cx.Refusal
	again := time.Time{}
	err := r.read(ctx, func(tx *store.Tx) error {
		_, pairs, err := r.known(ctx, tx, from)
		if err != nil {
			return err
		}
		again = tx.Now().Add(delivery.Retry(1, 0, 1))
		n, err = cx.OpenRefusal(msg, r.node, pairs)
		return err
	})
	switch {
	case err != nil:
		return err
	case n.From != from:
		return cx.WrongRecipient
	case n.ID.IsZero():
		return nil
	}
	return r.Refused(ctx, from, n.ID, n.Code, again)
}
