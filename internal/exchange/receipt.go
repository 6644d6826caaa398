package exchange

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// receiptLife is for how long it is tried to bring a receipt. It stays among the papers for
// good.
const receiptLife = cx.ExpiryLimit

// queueReceipt notes what is to be confirmed of a message of a peer. It is signed by
// itself ([Room.confirm]), once the act that it confirms is entered in the journal.
func (r *Room) queueReceipt(ctx context.Context, tx *store.Tx, from identity.NodeID, id cx.ID, thread cx.Thread, stage cx.Stage, o cx.Opened) error {
	unmet := o.Unmet
	if stage != cx.Refused {
		unmet = nil
	}
	if err := tx.Put(ctx, sqlQueueReceipt, tx.Micros(), string(from), id[:], thread[:], string(stage), string(o.Refused), strings.Join(unmet, " ")); err != nil {
		return fmt.Errorf("queue receipt: %w", err)
	}
	if r.wake != nil {
		tx.OnCommit(func() { r.wake(from) })
	}
	return nil
}

// verdict is what is confirmed of a message.
type verdict struct {
	id    cx.ID
	stage cx.Stage
	code  cx.Code
	unmet []string
}

// unsigned returns what is still to be signed.
func (r *Room) unsigned(ctx context.Context, tx *store.Tx, from identity.NodeID) ([]verdict, error) {
	found, err := tx.Query(ctx, sqlUnsigned, string(from), int64(confirmMost))
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []verdict
	for found.Next() {
		var id []byte
		var stage, code, unmet string
		if err := found.Scan(&id, &stage, &code, &unmet); err != nil {
			return nil, err
		}
		out = append(out, verdict{cx.ID(id), cx.Stage(stage), cx.Code(code), strings.Fields(unmet)})
	}
	return out, found.Err()
}

// confirmMost is how many receipts are signed in one transaction.
const confirmMost = 64

// confirm signs what became of messages of a peer, and enters each in the journal.
func (r *Room) confirm(ctx context.Context, from identity.NodeID) error {
	for {
		any := false
		err := r.read(ctx, func(tx *store.Tx) error {
			all, err := r.unsigned(ctx, tx, from)
			any = len(all) > 0
			return err
		})
		if err != nil || !any {
			return err
		}
		more := false
		err = r.step(ctx, func(p *access.Pass) error {
			all, err := r.unsigned(ctx, p.Tx(), from)
			if err != nil {
				return err
			}
			if len(all) == 0 {
				return errNothing
			}
			for _, v := range all {
				if err := r.sign(ctx, p, from, v); err != nil {
					return err
				}
			}
			more = len(all) == confirmMost
			return nil
		})
		if errors.Is(err, errNothing) {
			return nil
		}
		if err != nil || !more {
			return err
		}
	}
}

// sign signs one receipt. What it is about is taken from the one that was given when the
// envelope was stored: the envelope itself may be gone.
func (r *Room) sign(ctx context.Context, p *access.Pass, from identity.NodeID, v verdict) error {
	tx := p.Tx()
	peer, err := r.Peer(ctx, tx, from)
	if err != nil {
		return err
	}
	entry, err := r.rowsOf(ctx, tx, peer).Entry(delivery.ID(v.id))
	if err != nil {
		return err
	}
	pairs, err := r.pairs(ctx, tx, peer, true)
	if err != nil {
		return err
	}
	out, err := cx.OpenReceipt(entry.Receipt, from, pairs)
	if err != nil {
		return fault.Wrap(fault.Internal, "record-altered", err)
	}
	epoch, err := r.epoch(ctx, tx)
	if err != nil {
		return err
	}
	out.Stage, out.Code, out.Unmet, out.Epoch, out.At = v.stage, v.code, v.unmet, epoch, p.Now().UTC().Truncate(time.Second)
	wrote(p, paperLetter, from, v.id, out.Content)
	return r.signs(ctx, p, out, paperOpened, func(signed []byte) error {
		if err := r.keepPaper(ctx, tx, paper{from, delivery.Theirs, v.id, paperOpened}, signed); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlSetSigned, string(from), v.id[:])
		return err
	})
}

// Receipts returns the receipts that are to be brought to a peer now, each in the frame
// in which it travels, at most most. Nothing of the threads in skip.
func (r *Room) Receipts(ctx context.Context, to identity.NodeID, skip map[cx.Thread]bool, most int) (out []Parcel, err error) {
	err = r.read(ctx, func(tx *store.Tx) (err error) {
		out, err = r.receiptsIn(ctx, tx, to, skip, most)
		return err
	})
	return out, err
}

func (r *Room) receiptsIn(ctx context.Context, tx *store.Tx, to identity.NodeID, skip map[cx.Thread]bool, most int) ([]Parcel, error) {
	peer, err := r.Peer(ctx, tx, to)
	if err != nil || !peer.Sends(tx.Now()) || most <= 0 {
		return nil, err
	}
	out, err := r.dueReceipts(ctx, tx, to, skip, most)
	if err != nil {
		return nil, err
	}
	for i := range out {
		note, err := r.readPaper(ctx, tx, paper{to, delivery.Theirs, out[i].ID, paperOpened})
		if err != nil {
			return nil, err
		}
		out[i].Body = cx.Frame(note)
	}
	return out, nil
}

func (r *Room) dueReceipts(ctx context.Context, tx *store.Tx, to identity.NodeID, skip map[cx.Thread]bool, most int) ([]Parcel, error) {
	found, err := tx.Query(ctx, sqlDueReceipts, string(to), tx.Micros(), int64(max(most, dueMost)))
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []Parcel
	for len(out) < most && found.Next() {
		var id, thread []byte
		var tried int64
		if err := found.Scan(&id, &thread, &tried); err != nil {
			return nil, err
		}
		if p := (Parcel{ID: cx.ID(id), Thread: cx.Thread(thread), Tried: int(tried)}); !skip[p.Thread] {
			out = append(out, p)
		}
	}
	return out, found.Err()
}

// HandOut returns the receipts for a peer that fetches, or that a courier goes to. Nobody
// says whether they arrived: each is handed out again, ever more seldom.
func (r *Room) HandOut(ctx context.Context, to identity.NodeID, most int) ([][]byte, error) {
	parcels, err := r.Receipts(ctx, to, nil, most)
	if err != nil || len(parcels) == 0 {
		return nil, err
	}
	var out [][]byte
	err = r.step(ctx, func(p *access.Pass) error {
		out = nil
		for _, parcel := range parcels {
			out = append(out, parcel.Body[4:])
			if err := r.triedReceipt(ctx, p.Tx(), to, parcel.ID, p.Now().Add(time.Hour<<min(parcel.Tried, 8)), false); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// triedReceipt notes that a receipt was brought: over says that it is there, or of no use.
func (r *Room) triedReceipt(ctx context.Context, tx *store.Tx, to identity.NodeID, id cx.ID, again time.Time, over bool) error {
	var err error
	if over {
		_, err = tx.Exec(ctx, sqlEndReceipt, string(to), id[:])
	} else {
		_, err = tx.Exec(ctx, sqlTryReceipt, string(to), id[:], micros(again))
	}
	return err
}

// receiptTaken notes that a peer took a receipt.
func (r *Room) receiptTaken(ctx context.Context, tx *store.Tx, to identity.NodeID, id cx.ID) error {
	n, err := tx.Exec(ctx, sqlEndReceipt, string(to), id[:])
	if err == nil && n == 0 {
		err = cx.BadFormat // an answer without a receipt
	}
	return err
}

// receiptRefused notes that a peer did not take a receipt. It reports false where the id
// is of no receipt.
func (r *Room) receiptRefused(ctx context.Context, tx *store.Tx, to identity.NodeID, id cx.ID, code cx.Code, again time.Time) (bool, error) {
	n, err := tx.Exec(ctx, sqlTryReceipt, string(to), id[:], micros(again))
	if err != nil || n == 0 {
		return false, err
	}
	if code.Final() || again.IsZero() {
		return true, r.triedReceipt(ctx, tx, to, id, again, true)
	}
	return true, nil
}

// TidyReceipts forgets receipts that nobody took for a long time.
func (r *Room) TidyReceipts(ctx context.Context) error {
	if r.node == "" {
		return nil
	}
	err := r.step(ctx, func(p *access.Pass) error {
		n, err := p.Tx().Exec(ctx, sqlOldReceipts, micros(p.Now().Add(-receiptLife)))
		if err == nil && n == 0 {
			err = errNothing
		}
		return err
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}
