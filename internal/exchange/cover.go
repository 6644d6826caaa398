package exchange

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// coverMost is how many letters are sealed in one transaction, which keeps others waiting.
const coverMost = 16

// coverAll seals letters that lie in no envelope of this epoch and of the peer's present
// key: many in one transaction.
func (r *Room) coverAll(ctx context.Context, to identity.NodeID, bare []cx.ID) error {
	for some := range slices.Chunk(bare, coverMost) {
		err := r.step(ctx, func(p *access.Pass) error {
			for _, id := range some {
				if _, err := r.cover(ctx, p, to, id); err != nil && cx.CodeOf(err) != cx.Conflict {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// covered reports whether the envelope that lies ready is of an epoch and sealed to a key.
func (o *outRow) covered(epoch uint64, key identity.KeyID) bool {
	return uint64(o.cover) == epoch && string(o.ekey) == string(key[:])
}

// cover seals a letter in a new envelope.
func (r *Room) cover(ctx context.Context, p *access.Pass, to identity.NodeID, id cx.ID) ([]byte, error) {
	tx := p.Tx()
	peer, err := r.Peer(ctx, tx, to)
	if err != nil {
		return nil, err
	}
	epoch, err := r.epoch(ctx, tx)
	if err != nil {
		return nil, err
	}
	key, ok := peer.Recipient(tx.Now())
	if !ok {
		return nil, cx.UnknownEKey
	}
	l, err := r.letter(ctx, tx, to, delivery.Ours, id)
	if err != nil || l == nil {
		return nil, cx.Conflict
	}
	pen, err := r.penFor(ctx, tx, l.Content.Type)
	if err != nil {
		return nil, err
	}
	o, err := r.out(ctx, tx, to, id)
	if err != nil {
		return nil, err
	}
	if o == nil { // done before, and asked for again after a restore
		o = &outRow{id: id, thread: l.Content.Thread, stream: l.Content.Stream, kind: l.Content.Type, placed: true, expires: l.Content.Expires}
		if err := tx.Put(ctx, sqlQueue, append([]any{tx.Micros(), string(to)}, o.columns()...)...); err != nil {
			return nil, err
		}
	}
	if o.cover > 0 {
		o.resend++
	}
	e, err := cx.Seal(l, cx.Cover{Epoch: epoch, Resend: uint64(o.resend), EKey: string(key.Public)}, pen)
	if err != nil {
		return nil, err
	}
	return e.Bytes(), r.keepCover(ctx, p, to, o, e, key.ID(to))
}

// keepCover keeps the envelope in which a message of the outbox is sent.
func (r *Room) keepCover(ctx context.Context, p *access.Pass, to identity.NodeID, o *outRow, e *cx.Envelope, key identity.KeyID) error {
	o.cover, o.ekey = int64(e.Header.Epoch), key[:]
	for kind, body := range map[kind][]byte{paperEnvelope: e.Bytes(), paperHeader: e.Note} {
		if err := r.keepPaper(ctx, p.Tx(), paper{to, delivery.Ours, o.id, kind}, body); err != nil {
			return err
		}
	}
	enters(p, paperHeader, to, o.id, e.Note)
	return r.keepOut(ctx, p.Tx(), to, o)
}
