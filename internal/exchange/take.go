package exchange

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// Receive takes what a peer brings, in the frame of [cx.Peek]. Of an envelope it returns
// the signed receipt once it is stored for good: the same envelope gets the same bytes
// for ever. A refusal has a [cx.Code]. A receipt or a refusal that is brought alone is
// noted, and answered with nothing.
func (r *Room) Receive(ctx context.Context, from identity.NodeID, body io.Reader) ([]byte, error) {
	kind, whole, err := cx.Peek(body)
	if err != nil {
		return nil, err
	}
	switch kind {
	case cx.KindEnvelope:
		return r.receive(ctx, from, whole)
	case cx.KindReceipt:
		receipt, err := cx.Unframe(whole)
		if err != nil {
			return nil, err
		}
		return nil, r.Answered(ctx, from, cx.ID{}, receipt)
	case cx.KindError:
		msg, err := cx.Unframe(whole)
		if err != nil {
			return nil, err
		}
		return nil, r.refusedBy(ctx, from, msg)
	case cx.KindSchedule, cx.KindRevoke:
		msg, err := cx.Unframe(whole)
		if err != nil {
			return nil, err
		}
		return nil, r.takeNote(ctx, from, msg)
	}
	return nil, cx.BadFormat
}

// known returns a peer and what verifies its signatures, with the codes of the protocol.
func (r *Room) known(ctx context.Context, tx *store.Tx, node identity.NodeID) (*Peer, cx.Pairs, error) {
	p, err := r.Peer(ctx, tx, node)
	if fault.Is(err, fault.NotFound) {
		return nil, nil, cx.NotPaired
	}
	if err != nil {
		return nil, nil, err
	}
	pairs, err := r.pairs(ctx, tx, p, false)
	return p, pairs, err
}

// Outside reads the header of an envelope from a peer.
func (r *Room) Outside(ctx context.Context, from identity.NodeID, envelope []byte) (*cx.Header, error) {
	e, err := r.outside(ctx, from, bytes.NewReader(envelope))
	if err != nil {
		return nil, err
	}
	return &e.Header, nil
}

// outside reads an envelope and verifies its outside. It is done before the transaction:
// what is read from the line waits for nobody's disk.
func (r *Room) outside(ctx context.Context, from identity.NodeID, body io.Reader) (*cx.Envelope, error) {
	var pairs cx.Pairs
	err := r.read(ctx, func(tx *store.Tx) (err error) {
		_, pairs, err = r.known(ctx, tx, from)
		return err
	})
	if err != nil {
		return nil, err
	}
	e, err := cx.Read(body, r.node, pairs)
	if err != nil {
		return nil, err
	}
	if e.Header.From != from {
		return nil, fmt.Errorf("brought by another: %w", cx.UnknownSender)
	}
	return e, nil
}

// store is what Receive does in its transaction: the ledger, the place, the envelope and
// the receipt, or none of them. The receipt is in the answer when the step has committed:
// it names the leaf of the journal's entry.
func (r *Room) store(ctx context.Context, p *access.Pass, e *cx.Envelope, answer *delivery.Answer) error {
	tx, h := p.Tx(), &e.Header
	peer, err := r.Peer(ctx, tx, h.From)
	if err != nil {
		return err
	}
	d, err := r.desk(ctx, tx, peer)
	if err != nil {
		return err
	}
	if cx.CodeOf(h.Timely(tx.Now())) == cx.Held {
		answer.Code = delivery.Code(cx.Held)
		return nil
	}
	fresh := false
	a, err := d.Accept(delivery.Envelope{
		Thread: delivery.Thread(h.Thread), Stream: delivery.Stream(h.Stream), Seq: h.Seq, ID: delivery.ID(h.ID),
		Content: delivery.Digest(h.Content), Answers: delivery.ID(h.Answers), Epoch: h.Epoch, Expires: h.Expires,
	}, func() ([]byte, error) { fresh = true; return nil, nil }) // signed when the entry is made
	*answer = a
	if err != nil || a.Known || a.Code != "" {
		return err
	}
	for kind, body := range map[kind][]byte{paperEnvelope: e.Bytes(), paperHeader: e.Note} {
		if err := r.keepPaper(ctx, tx, paper{h.From, delivery.Theirs, h.ID, kind}, body); err != nil {
			return err
		}
	}
	enters(p, paperHeader, h.From, h.ID, e.Note)
	if err := tx.Put(ctx, sqlKeepIn, tx.Micros(), string(h.From), h.ID[:], h.Thread[:], string(h.Class)); err != nil {
		return err
	}
	if !fresh { // it was taken out of its lane, and comes again
		enters(p, paperStored, h.From, h.ID, a.Receipt)
		return nil
	}
	receipt := cx.ReceiptOf(e, tx.Now())
	receipt.Stage, receipt.Epoch = cx.Stored, d.Epoch
	return r.signs(ctx, p, receipt, paperStored, func(signed []byte) error {
		answer.Receipt = signed
		return d.Rows.SetEntry(delivery.Entry{ID: delivery.ID(h.ID), Content: delivery.Digest(h.Content), Receipt: signed})
	})
}
