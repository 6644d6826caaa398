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

// placeMost is how many messages get their number in one transaction.
const placeMost = 32

// errNothing ends a step that had nothing to do, without an entry.
var errNothing = errors.New("exchange: nothing to do")

// Place gives the messages that wait for a peer their numbers, signs and seals them. It
// does nothing while the two nodes have not compared.
func (r *Room) Place(ctx context.Context, to identity.NodeID) error {
	ready, untold, err := r.write(ctx, to)
	if err != nil {
		return err
	}
	if untold {
		if err := r.step(ctx, func(p *access.Pass) error { return r.tell(ctx, p.Tx(), to) }); err != nil {
			return err
		}
		if ready, _, err = r.write(ctx, to); err != nil {
			return err
		}
	}
	if len(ready.lanes) == 0 {
		return nil
	}
	err = r.step(ctx, func(p *access.Pass) error { return r.place(ctx, p, to, ready) })
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

// queued returns the messages that wait for a number, oldest first.
func (r *Room) queued(ctx context.Context, tx *store.Tx, to identity.NodeID, most int) ([]*outRow, error) {
	found, err := tx.Query(ctx, sqlQueued, string(to), int64(most))
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []*outRow
	for found.Next() {
		o, err := scanOut(found.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, found.Err()
}

// ready is what was written, signed and sealed for a peer, and waits to be placed. To sign
// costs more than all the rest, so it is done before the transaction and on every
// processor; the transaction places what still stands at its number.
type ready struct {
	lanes [][]*written // of each lane in its order
	cover cx.Cover
	key   identity.KeyID // of the peer, zero where it has none: then letters stay bare
}

// written is one message.
type written struct {
	id       cx.ID
	lane     delivery.Lane
	seq      uint64
	prev     delivery.Digest
	draft    *cx.Draft
	pen      *pen
	letter   *cx.Letter
	envelope *cx.Envelope // nil where the peer has no key
}

// write writes what waits for a peer. untold says that the peer is to be told what our
// recovery pair said.
func (r *Room) write(ctx context.Context, to identity.NodeID) (out *ready, untold bool, err error) {
	var at cx.Place
	err = r.read(ctx, func(tx *store.Tx) error {
		out, at = new(ready), cx.Place{Created: tx.Now()}
		tellings, err := r.tellings(ctx, tx, to)
		if untold = len(tellings) > 0; err != nil {
			return err
		}
		return r.gather(ctx, tx, to, out)
	})
	if err != nil {
		return nil, false, err
	}
	failed := make([]error, len(out.lanes))
	beside(len(out.lanes), func(i int) { failed[i] = out.write(out.lanes[i], at) })
	return out, untold, errors.Join(failed...)
}

// gather reads the drafts that wait, and where the first of each lane is to stand.
func (r *Room) gather(ctx context.Context, tx *store.Tx, to identity.NodeID, out *ready) error {
	waiting, err := r.queued(ctx, tx, to, placeMost)
	if err != nil || len(waiting) == 0 {
		return err
	}
	peer, err := r.Peer(ctx, tx, to)
	if err != nil {
		return err
	}
	if out.cover.Epoch, err = r.epoch(ctx, tx); err != nil {
		return err
	}
	if key, ok := peer.Recipient(tx.Now()); ok {
		out.cover.EKey, out.key = string(key.Public), key.ID(to)
	}
	lanes := map[delivery.Lane]int{} // -1: nothing can be said in it now
	for _, o := range waiting {
		w := &written{id: o.id, lane: delivery.Lane{Side: delivery.Ours, Thread: delivery.Thread(o.thread), Stream: delivery.Stream(o.stream)}}
		i, ok := lanes[w.lane]
		if !ok {
			d, err := r.deskFor(ctx, tx, peer, o.thread)
			if err != nil {
				return err
			}
			if w.seq, w.prev, ok, err = d.Seat(w.lane); err != nil {
				return err
			}
			if i = -1; ok {
				i = len(out.lanes)
				out.lanes = append(out.lanes, nil)
			}
			lanes[w.lane] = i
		}
		if i < 0 {
			continue
		}
		if w.draft, err = r.draft(ctx, tx, to, o.id); err != nil {
			return err
		}
		if w.pen, err = r.penFor(ctx, tx, o.kind); err != nil {
			return err
		}
		out.lanes[i] = append(out.lanes[i], w)
	}
	return nil
}

// write signs and seals the messages of a lane, each after the one before it.
func (g *ready) write(lane []*written, at cx.Place) (err error) {
	for i, w := range lane {
		if i > 0 {
			before := itemOf(w.lane, lane[i-1].letter)
			w.seq, w.prev = before.Seq+1, before.Link()
		}
		at.ID, at.Seq, at.Prev = w.id, w.seq, cx.Digest(w.prev)
		if w.letter, err = cx.Write(w.draft, at, w.pen); err != nil {
			return fmt.Errorf("write message: %w", err)
		}
		if g.key == (identity.KeyID{}) {
			continue
		}
		if w.envelope, err = cx.Seal(w.letter, g.cover, w.pen); err != nil {
			return fmt.Errorf("seal message: %w", err)
		}
	}
	return nil
}

// place puts what was written at its place, as far as it is still free.
func (r *Room) place(ctx context.Context, p *access.Pass, to identity.NodeID, g *ready) error {
	tx := p.Tx()
	peer, err := r.Peer(ctx, tx, to)
	if err != nil {
		return err
	}
	placed := 0
	for _, lane := range g.lanes {
		d, err := r.deskFor(ctx, tx, peer, cx.Thread(lane[0].lane.Thread))
		if err != nil {
			return err
		}
		if d.Epoch != g.cover.Epoch {
			return errNothing // a restore was found meanwhile
		}
		for _, w := range lane {
			seq, prev, ok, err := d.Seat(w.lane)
			if err != nil {
				return err
			}
			if !ok || seq != w.seq || prev != w.prev {
				break
			}
			o, err := r.out(ctx, tx, to, w.id)
			if err != nil {
				return err
			}
			if o == nil || o.placed || o.stopped {
				break
			}
			if err := d.Append(itemOf(w.lane, w.letter)); err != nil {
				return err
			}
			if err := r.settleDraft(ctx, p, to, o, w, g); err != nil {
				return err
			}
			placed++
		}
	}
	if placed == 0 {
		return errNothing
	}
	return nil
}

// itemOf returns the place of a letter.
func itemOf(l delivery.Lane, letter *cx.Letter) delivery.Item {
	c := &letter.Content
	it := delivery.Item{
		Lane: l, Seq: c.Seq, ID: delivery.ID(c.ID), Content: delivery.Digest(letter.Digest()), Prev: delivery.Digest(c.Prev),
		Answers: delivery.ID(c.Answers), Ask: c.Type.Asks(), Void: c.Type == cx.Void,
	}
	it.Stands = stands(letter)
	return it
}

// stands returns what a void stands for.
func stands(l *cx.Letter) (d delivery.Digest) {
	if l.Content.Type != cx.Void {
		return d
	}
	body, err := cx.ReadPayload(l.Payload())
	if err != nil {
		return d
	}
	v, err := cx.DecodeBody[cx.VoidBody](body)
	if err != nil || v.Stands == "" {
		return d
	}
	s, _ := cx.ParseDigest(v.Stands) // DecodeBody has checked it
	return delivery.Digest(s)
}

// settleDraft turns a draft into a letter that is sent.
func (r *Room) settleDraft(ctx context.Context, p *access.Pass, to identity.NodeID, o *outRow, w *written, g *ready) error {
	tx := p.Tx()
	if err := r.keepPaper(ctx, tx, paper{to, delivery.Ours, o.id, paperLetter}, w.letter.Bytes()); err != nil {
		return err
	}
	enters(p, paperLetter, to, o.id, w.letter.Note())
	if err := r.keepTerm(ctx, tx, Term{Peer: to, Side: delivery.Ours, Thread: o.thread, ID: o.id}, &w.draft.Labels, false); err != nil {
		return err
	}
	if err := r.dropPaper(ctx, tx, paper{to, delivery.Ours, o.id, paperDraft}); err != nil {
		return err
	}
	o.placed, o.first, o.next = true, p.Now(), p.Now()
	if w.envelope == nil {
		return r.keepOut(ctx, tx, to, o)
	}
	return r.keepCover(ctx, p, to, o, w.envelope, g.key)
}
