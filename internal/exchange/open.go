package exchange

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"filippo.io/age"
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
func (r *Room) unseal(body []byte, pairs cx.Pairs, openers []age.Identity) (*cx.Message, *cx.Letter, error) {
	if body == nil { // destroyed before it was opened
		return nil, nil, cx.Expired
	}
	e, err := cx.Read(bytes.NewReader(body), r.node, pairs)
	if err != nil {
		return nil, nil, err
	}
	return e.Open(openers, pairs)
}

// Work opens what waits in the inbox, in the order of each lane, and gives it to its
// room: a few messages of each lane. It reports whether there was anything.
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

// How much is opened at once: of a lane, and of all.
const (
	openLane = 8
	openMost = 64
)

// sealed is a message that is to be opened.
type sealed struct {
	item     delivery.Item
	body     []byte
	answered bool // before a restore
	message  *cx.Message
	letter   *cx.Letter
	err      error // why it cannot be opened
}

// inbox is what is opened at once, as one snapshot has it.
type inbox struct {
	peer    *Peer
	shut    bool // the peer is not in good standing: nothing but keys passes
	pairs   cx.Pairs
	openers []age.Identity
	at      time.Time
	all     []*sealed // the lanes one after another
}

func (r *Room) workFor(ctx context.Context, from identity.NodeID) (bool, error) {
	if did, err := r.tellBack(ctx, from); did || err != nil {
		return did, err
	}
	var in *inbox
	err := r.read(ctx, func(tx *store.Tx) (err error) {
		in, err = r.inbox(ctx, tx, from)
		return err
	})
	if err != nil {
		return false, err
	}
	beside(len(in.all), func(i int) {
		s := in.all[i]
		s.message, s.letter, s.err = r.unseal(s.body, in.pairs, in.openers)
	})
	any, err := r.openAll(ctx, in)
	if cerr := r.confirm(ctx, from); err == nil {
		err = cerr
	}
	return any, err
}

// inbox reads what is to be opened next.
func (r *Room) inbox(ctx context.Context, tx *store.Tx, from identity.NodeID) (*inbox, error) {
	in := &inbox{at: tx.Now()}
	var err error
	if in.peer, err = r.Peer(ctx, tx, from); err != nil {
		return nil, err
	}
	rows := r.rowsOf(ctx, tx, in.peer)
	lanes, err := rows.unopened()
	if err != nil || len(lanes) == 0 {
		return in, err
	}
	line, err := rows.Peer()
	if err != nil {
		return nil, err
	}
	in.shut = line.Standing != delivery.Good
	if in.pairs, err = r.pairs(ctx, tx, in.peer, true); err != nil {
		return nil, err
	}
	if in.openers, err = r.Openers(); err != nil {
		return nil, err
	}
	for _, c := range lanes {
		if len(in.all) >= openMost {
			break
		}
		d, err := r.deskFor(ctx, tx, in.peer, cx.Thread(c.Thread))
		if err != nil {
			return nil, err
		}
		it, ok, err := d.Next(c.Lane)
		for n := 0; err == nil && ok && n < openLane; n++ {
			s := &sealed{item: it}
			if s.body, err = r.readPaper(ctx, tx, paper{from, delivery.Theirs, cx.ID(it.ID), paperEnvelope}); err != nil {
				return nil, err
			}
			ours, err := rows.Answer(delivery.Ours, it.ID)
			if err != nil {
				return nil, err
			}
			s.answered = ours.Seq != 0
			in.all = append(in.all, s)
			if ok = it.Seq < c.Len; ok {
				if it, err = rows.Item(c.Lane, it.Seq+1); err != nil {
					return nil, err
				}
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return in, nil
}

// openBeside is how many threads are opened beside each other: what they write is
// committed together.
const openBeside = 16

// openAll lets rooms act on what was opened: threads beside each other, the messages of a
// thread one after the other.
func (r *Room) openAll(ctx context.Context, in *inbox) (bool, error) {
	threads := map[delivery.Thread][]*sealed{}
	for _, s := range in.all {
		threads[s.item.Thread] = append(threads[s.item.Thread], s)
	}
	var any atomic.Bool
	var work errgroup.Group
	work.SetLimit(openBeside)
	for _, all := range threads {
		work.Go(func() error {
			var shut delivery.Lane // it goes no further now
			for i, s := range all {
				if s.item.Lane == shut {
					continue
				}
				did, err := r.open(ctx, in, s)
				if i > 0 && errors.Is(err, delivery.ErrPlace) { // the one before it was not taken as opened
					err = nil
				}
				if did {
					any.Store(true)
				}
				if err != nil {
					return err
				}
				if !did {
					shut = s.item.Lane
				}
			}
			return nil
		})
	}
	err := work.Wait()
	return any.Load(), err
}

// open lets a room act on a message. It reports whether the lane goes on.
func (r *Room) open(ctx context.Context, in *inbox, s *sealed) (bool, error) {
	from := in.peer.Node
	if s.err != nil {
		code := cx.CodeOf(s.err)
		if code == cx.Internal {
			return false, s.err
		}
		return r.unreadable(ctx, from, s.item, code, cx.Unmet(s.err))
	}
	m, l := s.message, s.letter
	m.Doubtful = in.peer.Doubted(l.Content.SKey, in.at)
	refused, unmet := r.unwanted(in.peer, m, in.at)
	settle := func(ctx context.Context, tx *store.Tx, o cx.Opened) error {
		return r.settle(ctx, tx, from, s.item, l, o)
	}
	h, tell := r.handlers[m.Type.Class()], false
	if m.Answered = s.answered && m.Type.Asks(); m.Answered {
		err := r.read(ctx, func(tx *store.Tx) (err error) {
			tell, err = r.takesNote(ctx, tx, m)
			return err
		})
		if err != nil {
			return false, err
		}
	}
	switch {
	case passes(m.Type):
		return true, r.takeKeys(ctx, m, settle)
	case in.shut:
		return false, nil // nothing but keys passes
	case m.Type == cx.Void, m.Answered && (!tell || h == nil):
		return true, r.step(ctx, func(p *access.Pass) error { return settle(ctx, p.Tx(), cx.Opened{}) })
	case m.Answered: // it was taken then, whatever the pair agrees on now
		refused = ""
	case len(unmet) > 0:
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
	if in.Answers != (delivery.ID{}) {
		if _, err := r.tidy(ctx, tx, d, from, cx.ID(in.Answers)); err != nil {
			return err
		}
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
