package exchange

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"causeway/internal/access"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// A hand is what is carried together. What costs much of it, which is to sign and to
// verify, is done on every processor; what it writes is one transaction.

// Brought is what became of one thing of a hand.
type Brought struct {
	Answer []byte // the receipt of an envelope; nothing for what is answered with nothing
	Err    error  // why it was not taken: a [cx.Code], or a failure here
}

// Answered is the answer of a peer to one thing that was brought to it.
type Answered struct {
	ID     cx.ID  // of the message that it is about
	Answer []byte // nothing: the peer took a receipt
}

// beside runs fn for every number below n, on every processor. fn asks no transaction.
func beside(n int, fn func(i int)) {
	var next atomic.Int64
	var work sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		work.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				fn(i)
			}
		})
	}
	work.Wait()
}

// carried is one thing of a hand, verified.
type carried struct {
	envelope *cx.Envelope
	receipt  *cx.Receipt
	note     []byte // of the receipt
	other    []byte // of another kind: it is taken by itself
	err      error
}

// ReceiveAll is [Room.Receive] for a hand, in its order. It ends with the first thing that
// is not taken: what comes after that was not looked at.
func (r *Room) ReceiveAll(ctx context.Context, from identity.NodeID, hand [][]byte) []Brought {
	all, err := r.verify(ctx, from, hand)
	if err != nil {
		return []Brought{{Err: err}}
	}
	var out []Brought
	for one := false; len(all) > 0; {
		n := together(all)
		if one {
			n = min(n, 1)
		}
		var some []Brought
		switch {
		case n > 0:
			some, err = r.takeAll(ctx, from, all[:n])
		case all[0].err != nil:
			return append(out, Brought{Err: all[0].err})
		default:
			n, some, err = 1, make([]Brought, 1), nil
			some[0].Answer, err = r.Receive(ctx, from, bytes.NewReader(all[0].other))
		}
		if err != nil && n > 1 {
			one = true // one of them spoils the others' transaction: which?
			continue
		}
		if err != nil {
			return append(out, Brought{Err: err})
		}
		out, all = append(out, some...), all[n:]
		if out[len(out)-1].Err != nil {
			return out
		}
	}
	return out
}

// together counts the first of all that are taken in one transaction.
func together(all []carried) int {
	for i := range all {
		if all[i].envelope == nil && all[i].receipt == nil {
			return i
		}
	}
	return len(all)
}

// verify reads a hand and verifies its outside. It is done before the transaction.
func (r *Room) verify(ctx context.Context, from identity.NodeID, hand [][]byte) ([]carried, error) {
	var pairs cx.Pairs
	err := r.read(ctx, func(tx *store.Tx) (err error) {
		_, pairs, err = r.known(ctx, tx, from)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]carried, len(hand))
	beside(len(hand), func(i int) { out[i] = r.verifyOne(from, hand[i], pairs) })
	return out, nil
}

func (r *Room) verifyOne(from identity.NodeID, body []byte, pairs cx.Pairs) (c carried) {
	kind, whole, err := cx.Peek(bytes.NewReader(body))
	if err != nil {
		return carried{err: err}
	}
	var signer identity.NodeID
	switch kind {
	case cx.KindEnvelope:
		if c.envelope, c.err = cx.Read(whole, r.node, pairs); c.err == nil {
			signer = c.envelope.Header.From
		}
	case cx.KindReceipt:
		if c.note, c.err = cx.Unframe(whole); c.err == nil {
			c.receipt, c.err = cx.OpenReceipt(c.note, r.node, pairs)
		}
		if c.err == nil {
			signer = c.receipt.From
		}
	default:
		return carried{other: body}
	}
	switch {
	case c.err != nil:
		return carried{err: c.err}
	case signer != from:
		return carried{err: cx.UnknownSender}
	}
	return c
}

// takeAll takes envelopes and receipts in one transaction: all of them, up to the first
// that delivery refuses.
func (r *Room) takeAll(ctx context.Context, from identity.NodeID, some []carried) ([]Brought, error) {
	answers := make([]delivery.Answer, len(some))
	n := 0
	err := r.step(ctx, func(p *access.Pass) error {
		clear(answers) // of this run
		for n = 0; n < len(some); {
			c, a := &some[n], &answers[n]
			n++
			if c.receipt != nil {
				if err := r.takeReceipt(ctx, p, from, c.receipt, c.note); err != nil {
					return err
				}
				continue
			}
			if err := r.store(ctx, p, c.envelope, a); err != nil {
				return err
			}
			if a.Code != "" {
				break
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]Brought, n)
	receipts := map[cx.ID][]byte{}
	for i := range out {
		a := &answers[i]
		if e := some[i].envelope; e != nil {
			if len(a.Receipt) == 0 {
				a.Receipt = receipts[e.Header.ID] // it came twice in this hand
			}
			receipts[e.Header.ID] = a.Receipt
		}
		if a.Code == delivery.Conflict {
			if err := r.WatchNow(ctx, from, Watch, WhyFork); err != nil {
				return nil, err
			}
		}
		if out[i].Answer = a.Receipt; a.Code != "" {
			out[i] = Brought{Err: cx.Code(a.Code)}
		}
	}
	return out, nil
}

// receive takes one envelope from the line.
func (r *Room) receive(ctx context.Context, from identity.NodeID, body io.Reader) ([]byte, error) {
	e, err := r.outside(ctx, from, body)
	if err != nil {
		return nil, err
	}
	out, err := r.takeAll(ctx, from, []carried{{envelope: e}})
	if err != nil {
		return nil, err
	}
	return out[0].Answer, out[0].Err
}

// Answered takes the receipt of a peer. It releases no command: that does its answer. A
// receipt that we brought is answered with nothing; id is of the message it is about.
func (r *Room) Answered(ctx context.Context, to identity.NodeID, id cx.ID, answer []byte) error {
	return r.AnsweredAll(ctx, to, []Answered{{id, answer}})
}

// AnsweredAll is [Room.Answered] for the answers to a hand. One that cannot be taken does
// not keep the others from it.
func (r *Room) AnsweredAll(ctx context.Context, to identity.NodeID, all []Answered) error {
	if len(all) == 0 {
		return nil
	}
	receipts, err := r.openReceipts(ctx, to, all)
	if err != nil {
		return err
	}
	take := func(some []Answered, receipts []carried) error {
		return r.step(ctx, func(p *access.Pass) error {
			for i, a := range some {
				err := receipts[i].err
				switch {
				case err != nil:
				case len(a.Answer) == 0:
					err = r.receiptTaken(ctx, p.Tx(), to, a.ID)
				default:
					err = r.takeReceipt(ctx, p, to, receipts[i].receipt, a.Answer)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err = take(all, receipts); err == nil || len(all) == 1 {
		return err
	}
	var failed []error
	for i := range all {
		failed = append(failed, take(all[i:i+1], receipts[i:i+1]))
	}
	return errors.Join(failed...)
}

// openReceipts verifies the answers of a peer.
func (r *Room) openReceipts(ctx context.Context, to identity.NodeID, all []Answered) ([]carried, error) {
	var pairs cx.Pairs
	err := r.read(ctx, func(tx *store.Tx) (err error) {
		_, pairs, err = r.known(ctx, tx, to)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]carried, len(all))
	beside(len(all), func(i int) {
		if len(all[i].Answer) == 0 {
			return
		}
		receipt, err := cx.OpenReceipt(all[i].Answer, r.node, pairs)
		if err == nil && receipt.From != to {
			err = cx.WrongRecipient
		}
		out[i] = carried{receipt: receipt, err: err}
	})
	return out, nil
}

// takeReceipt notes what a peer says became of a message of ours.
func (r *Room) takeReceipt(ctx context.Context, p *access.Pass, to identity.NodeID, receipt *cx.Receipt, note []byte) error {
	tx := p.Tx()
	peer, err := r.Peer(ctx, tx, to)
	if err != nil {
		return err
	}
	d, err := r.desk(ctx, tx, peer)
	if err != nil {
		return err
	}
	it, err := d.Rows.Find(delivery.Ours, delivery.ID(receipt.ID))
	if err != nil {
		return err
	}
	if it.Seq != 0 && cx.Digest(it.Content) != receipt.Content {
		return cx.Conflict
	}
	kind := paperStored
	if receipt.Stage != cx.Stored {
		kind = paperOpened
	}
	if err := r.keepPaper(ctx, tx, paper{to, delivery.Ours, receipt.ID, kind}, note); err != nil {
		return err
	}
	enters(p, kind, to, receipt.ID, note)
	if err := r.wants(ctx, tx, to, receipt.Leaf); err != nil {
		return err
	}
	if receipt.Stage == cx.Rejected {
		return r.heard(ctx, tx, to, receipt)
	}
	if err := r.keepOpened(ctx, tx, receipt); err != nil {
		return err
	}
	if err := d.Stored(delivery.ID(receipt.ID)); err != nil {
		return err
	}
	if it.Done && receipt.Stage != cx.Stored {
		return nil // it left the outbox before
	}
	if done, err := r.tidy(ctx, tx, d, to, receipt.ID); done || err != nil {
		return err
	}
	return r.heard(ctx, tx, to, receipt)
}
