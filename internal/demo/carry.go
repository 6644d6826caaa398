package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/protocol/cx"
)

// carry brings what waits between the nodes to its end, without a network: the same rooms
// store, open and answer that do so over the wire.
func carry(ctx context.Context, nodes []*teller) error {
	for moved := true; moved; {
		moved = false
		for _, a := range nodes {
			for _, b := range nodes {
				if a == b {
					continue
				}
				did, err := a.carryTo(ctx, b)
				if err != nil {
					return fmt.Errorf("from %s to %s: %w", a.n.Config.Name, b.n.Config.Name, err)
				}
				moved = moved || did
			}
		}
		for _, t := range nodes {
			did, err := t.n.Exchange.Work(ctx)
			if err != nil {
				return fmt.Errorf("open at %s: %w", t.n.Config.Name, err)
			}
			moved = moved || did
		}
	}
	return nil
}

// carryTo compares with another node and brings it what is due. It reports whether
// anything was taken.
func (t *teller) carryTo(ctx context.Context, to *teller) (bool, error) {
	from, peer := t.n.Exchange.Node(), to.n.Exchange.Node()
	question, err := t.n.Exchange.Question(ctx, peer)
	if err != nil {
		return false, err
	}
	if question != nil {
		answer, err := to.n.Exchange.Sync(ctx, from, bytes.NewReader(question))
		if err == nil {
			err = t.n.Exchange.Compared(ctx, peer, question, answer)
		}
		return true, err
	}
	if err := t.n.Exchange.Place(ctx, peer); err != nil {
		return false, err
	}
	due, err := t.n.Exchange.Due(ctx, peer, nil, 64)
	if err != nil {
		return false, err
	}
	moved := false
	for _, p := range due {
		receipt, err := to.n.Exchange.Receive(ctx, from, bytes.NewReader(p.Body))
		var code cx.Code
		if errors.As(err, &code) {
			if err := t.n.Exchange.Refused(ctx, peer, p.ID, code, t.n.Clock.Now().Add(time.Minute)); err != nil {
				return moved, err
			}
			continue
		}
		if err != nil {
			return moved, err
		}
		if err := t.n.Exchange.Answered(ctx, peer, p.ID, receipt); err != nil {
			return moved, err
		}
		moved = true
	}
	return moved, nil
}
