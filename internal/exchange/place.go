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
const placeMost = 64

// errNothing ends a step that had nothing to do, without an entry.
var errNothing = errors.New("exchange: nothing to do")

// Place gives the messages that wait for a peer their numbers and signs them. It does
// nothing while the two nodes have not compared.
func (r *Room) Place(ctx context.Context, to identity.NodeID) error {
	any := false
	err := r.read(ctx, func(tx *store.Tx) error {
		waiting, err := r.queued(ctx, tx, to, 1)
		if any = len(waiting) > 0; any || err != nil {
			return err
		}
		untold, err := r.tellings(ctx, tx, to)
		any = len(untold) > 0
		return err
	})
	if err != nil || !any {
		return err
	}
	err = r.step(ctx, func(p *access.Pass) error { return r.place(ctx, p, to) })
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

func (r *Room) place(ctx context.Context, p *access.Pass, to identity.NodeID) error {
	tx := p.Tx()
	peer, err := r.Peer(ctx, tx, to)
	if err != nil {
		return err
	}
	if err := r.tell(ctx, tx, to); err != nil {
		return err
	}
	waiting, err := r.queued(ctx, tx, to, placeMost)
	if err != nil {
		return err
	}
	placed := 0
	for _, o := range waiting {
		d, err := r.deskFor(ctx, tx, peer, o.thread)
		if err != nil {
			return err
		}
		lane := delivery.Lane{Side: delivery.Ours, Thread: delivery.Thread(o.thread), Stream: delivery.Stream(o.stream)}
		seq, prev, ok, err := d.Seat(lane)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		placed++
		draft, err := r.draft(ctx, tx, to, o.id)
		if err != nil {
			return err
		}
		pen, err := r.penFor(ctx, tx, o.kind)
		if err != nil {
			return err
		}
		l, err := cx.Write(draft, cx.Place{ID: o.id, Seq: seq, Prev: cx.Digest(prev), Created: p.Now()}, pen)
		if err != nil {
			return fmt.Errorf("write message: %w", err)
		}
		if err := d.Append(itemOf(lane, l)); err != nil {
			return err
		}
		if err := r.settleDraft(ctx, p, to, o, l); err != nil {
			return err
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
func (r *Room) settleDraft(ctx context.Context, p *access.Pass, to identity.NodeID, o *outRow, l *cx.Letter) error {
	tx := p.Tx()
	if err := r.keepPaper(ctx, tx, paper{to, delivery.Ours, o.id, paperLetter}, l.Bytes()); err != nil {
		return err
	}
	enters(p, paperLetter, to, o.id, l.Note())
	if err := r.dropPaper(ctx, tx, paper{to, delivery.Ours, o.id, paperDraft}); err != nil {
		return err
	}
	o.placed, o.first, o.next = true, p.Now(), p.Now()
	return r.keepOut(ctx, tx, to, o)
}
