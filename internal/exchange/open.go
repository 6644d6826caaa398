package exchange

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// Settle ends the handling of a message, within the transaction in which the room acted
// on it: all of it is committed, or none. It succeeds once; a second time is a Conflict,
// and the room's transaction with it.
type Settle func(ctx context.Context, tx *store.Tx, o cx.Opened) error

// Handler is a room that acts on messages. An error means that the message waits and is
// handed over again; a message that cannot be acted on is settled as refused. A command
// is answered in the same transaction, by [Room.Send] of a message that names it; one
// whose Expires has passed is answered as refused.
type Handler interface {
	Handle(ctx context.Context, m *cx.Message, settle Settle) error
}

// Handles gives the messages of a class to a room. It is called while the node is built.
func (r *Room) Handles(class cx.Class, h Handler) {
	if r.handlers == nil {
		r.handlers = map[cx.Class]Handler{}
	}
	r.handlers[class] = h
}

// unseal opens the envelope of a message of a peer, to its last byte.
func (r *Room) unseal(ctx context.Context, tx *store.Tx, peer *Peer, id cx.ID) (*cx.Message, *cx.Letter, error) {
	body, err := r.readPaper(ctx, tx, paper{peer.Node, delivery.Theirs, id, paperEnvelope})
	if err != nil {
		return nil, nil, err
	}
	if body == nil { // destroyed before it was opened
		return nil, nil, cx.Expired
	}
	pairs, err := r.pairs(ctx, tx, peer, true)
	if err != nil {
		return nil, nil, err
	}
	e, err := cx.Read(bytes.NewReader(body), r.node, pairs)
	if err != nil {
		return nil, nil, err
	}
	openers, err := r.Openers()
	if err != nil {
		return nil, nil, err
	}
	return e.Open(openers, pairs)
}

// Work opens what waits in the inbox, in the order of each lane, and gives it to its
// room: one message of each lane. It reports whether there was anything.
func (r *Room) Work(ctx context.Context) (bool, error) {
	var nodes []identity.NodeID
	err := r.read(ctx, func(tx *store.Tx) error {
		nodes = nil
		all, err := r.Peers(ctx, tx)
		for _, p := range all {
			nodes = append(nodes, p.Node)
		}
		return err
	})
	any := false
	for _, node := range nodes {
		if err != nil {
			return any, err
		}
		var did bool
		did, err = r.workFor(ctx, node)
		any = any || did
	}
	return any, err
}

func (r *Room) workFor(ctx context.Context, from identity.NodeID) (bool, error) {
	if did, err := r.tellBack(ctx, from); did || err != nil {
		return did, err
	}
	var next []delivery.Item
	err := r.read(ctx, func(tx *store.Tx) error {
		next = nil
		peer, err := r.Peer(ctx, tx, from)
		if err != nil {
			return err
		}
		d, err := r.desk(ctx, tx, peer)
		if err != nil {
			return err
		}
		counts, err := r.rowsOf(ctx, tx, peer).unopened()
		if err != nil {
			return err
		}
		keys, err := r.keysDesk(ctx, tx, peer)
		if err != nil {
			return err
		}
		for _, c := range counts {
			at := d
			if cx.Thread(c.Thread) == keysThread(from, r.node) {
				at = keys
			}
			it, ok, err := at.Next(c.Lane)
			if err != nil {
				return err
			}
			if ok {
				next = append(next, it)
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	any, err := r.openAll(ctx, from, next)
	if cerr := r.confirm(ctx, from); err == nil {
		err = cerr
	}
	return any, err
}

// openBeside is how many threads are opened beside each other: what they write is
// committed together.
const openBeside = 16

// openAll opens the next message of each lane: threads beside each other, the lanes of a
// thread one after the other.
func (r *Room) openAll(ctx context.Context, from identity.NodeID, next []delivery.Item) (bool, error) {
	threads := map[delivery.Thread][]delivery.Item{}
	for _, it := range next {
		threads[it.Thread] = append(threads[it.Thread], it)
	}
	var any atomic.Bool
	var work errgroup.Group
	work.SetLimit(openBeside)
	for _, items := range threads {
		work.Go(func() error {
			for _, it := range items {
				did, err := r.open(ctx, from, it)
				if did {
					any.Store(true)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := work.Wait()
	return any.Load(), err
}

// open opens one message and lets its room act on it.
func (r *Room) open(ctx context.Context, from identity.NodeID, it delivery.Item) (bool, error) {
	id := cx.ID(it.ID)
	var m *cx.Message
	var l *cx.Letter
	shut, tell := false, false
	var refused cx.Code
	var unmet []string
	err := r.read(ctx, func(tx *store.Tx) error {
		peer, err := r.Peer(ctx, tx, from)
		if err != nil {
			return err
		}
		m, l, err = r.unseal(ctx, tx, peer, id)
		if err != nil {
			return err
		}
		rows := r.rowsOf(ctx, tx, peer)
		line, err := rows.Peer()
		if err != nil {
			return err
		}
		shut = line.Standing != delivery.Good
		unmet = r.unmet(peer, m, tx.Now())
		ours, err := rows.Answer(delivery.Ours, it.ID)
		if m.Answered = ours.Seq != 0 && m.Type.Asks(); err == nil {
			tell, err = r.takesNote(ctx, tx, m)
		}
		m.Doubtful = peer.Doubted(l.Content.SKey, tx.Now())
		refused = peer.refuses(m, tx.Now())
		return err
	})
	if code := cx.CodeOf(err); code != "" {
		if code == cx.Internal {
			return false, err
		}
		return r.unreadable(ctx, from, it, code, cx.Unmet(err))
	}
	settle := func(ctx context.Context, tx *store.Tx, o cx.Opened) error { return r.settle(ctx, tx, from, it, l, o) }
	h := r.handlers[m.Type.Class()]
	switch {
	case passes(m.Type):
		return true, r.takeKeys(ctx, m, settle)
	case shut:
		return false, nil // nothing but keys passes
	case m.Type == cx.Void, m.Answered && (!tell || h == nil):
		return true, r.step(ctx, func(p *access.Pass) error { return settle(ctx, p.Tx(), cx.Opened{}) })
	case m.Answered: // it was taken then, whatever the pair agrees on now
		refused = ""
	case len(unmet) > 0:
		refused = cx.LabelRefused
	case h == nil:
		refused = cx.Unsupported
	}
	if refused != "" {
		return true, r.step(ctx, func(p *access.Pass) error { return settle(ctx, p.Tx(), cx.Opened{Refused: refused, Unmet: unmet}) })
	}
	if err := h.Handle(ctx, m, settle); err != nil {
		return false, err
	}
	return true, nil
}

// unreadable keeps a message that cannot be opened, sealed as it came, shows it to people
// and tells its sender. Where it will never open, what comes after it in its lane goes on;
// where it may, because it is sealed to a key that may come back, that waits.
func (r *Room) unreadable(ctx context.Context, from identity.NodeID, it delivery.Item, code cx.Code, unmet []string) (bool, error) {
	id := cx.ID(it.ID)
	state, stage := "unreadable", cx.Unreadable
	if code == cx.LabelRefused {
		state, stage = "refused", cx.Refused
	}
	did := false
	err := r.step(ctx, func(p *access.Pass) error {
		tx := p.Tx()
		n, err := tx.Exec(ctx, sqlUpdateIn, string(from), id[:], p.Now().UnixMicro(), state, string(code))
		if did = n > 0; err != nil {
			return err
		}
		if !did {
			return errNothing
		}
		if code.Final() {
			peer, err := r.Peer(ctx, tx, from)
			if err != nil {
				return err
			}
			d, err := r.deskFor(ctx, tx, peer, cx.Thread(it.Thread))
			if err != nil {
				return err
			}
			if err := d.Skip(it); err != nil {
				return err
			}
		}
		return r.queueReceipt(ctx, tx, from, id, cx.Thread(it.Thread), stage, cx.Opened{Refused: code, Unmet: unmet})
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	return did, err
}

// settle notes, in the room's transaction, that a message was acted on, and signs that it
// was opened.
func (r *Room) settle(ctx context.Context, tx *store.Tx, from identity.NodeID, it delivery.Item, l *cx.Letter, o cx.Opened) error {
	id := cx.ID(it.ID)
	state, stage := "opened", cx.OpenedStage
	if o.Refused != "" {
		state, stage = "refused", cx.Refused
	}
	n, err := tx.Exec(ctx, sqlUpdateIn, string(from), id[:], tx.Micros(), state, string(o.Refused))
	if err != nil {
		return err
	}
	if n != 1 {
		return fault.New(fault.Conflict, "exchange-settled")
	}
	peer, err := r.Peer(ctx, tx, from)
	if err != nil {
		return err
	}
	d, err := r.desk(ctx, tx, peer)
	if err != nil {
		return err
	}
	in := itemOf(it.Lane, l)
	opened, err := d.Open(it, delivery.Inside{Prev: in.Prev, Stands: in.Stands, Answers: in.Answers, Ask: in.Ask, Void: in.Void})
	if err != nil {
		return err
	}
	if opened.Forked {
		return nil // frozen, and everything kept
	}
	if opened.Lost != (delivery.ID{}) {
		draft, err := voidDraft(from, delivery.Lane{Thread: it.Thread, Stream: delivery.Commands}, cx.Digest{}, cx.ID(opened.Lost))
		if err != nil {
			return err
		}
		if _, err := r.queue(ctx, tx, draft); err != nil {
			return err
		}
	}
	if _, err := r.tidy(ctx, tx, d, from, cx.ID(in.Answers)); err != nil {
		return err
	}
	if err := r.keepPaper(ctx, tx, paper{from, delivery.Theirs, id, paperLetter}, l.Bytes()); err != nil {
		return err
	}
	if err := r.termOf(ctx, tx, from, delivery.Theirs, l, o.Refused != ""); err != nil {
		return err
	}
	if err := r.queueReceipt(ctx, tx, from, id, l.Content.Thread, stage, o); err != nil {
		return err
	}
	return r.dropPaper(ctx, tx, paper{from, delivery.Theirs, id, paperEnvelope}) // it is not needed any more
}
