package exchange

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/proof"
	"causeway/protocol/witness"
)

// Ledger is this node's journal as far as others are told of it.
type Ledger interface {
	// Signed returns the newest checkpoint and its epoch, zero before the first.
	Signed(ctx context.Context, tx *store.Tx) (epoch int64, c journal.Checkpoint, err error)
	// Prove returns the proof that an entry stands in it, "journal-not-signed-yet"
	// (Unavailable) or NotFound before it can.
	Prove(ctx context.Context, entry ident.Entry) (journal.Proof, error)
	// Growth proves how it went on from where somebody saw it.
	Growth(ctx context.Context, from journal.Known) ([]*witness.Request, error)
	// Behind reports whether somebody has seen more of it than there is.
	Behind(ctx context.Context, tx *store.Tx, seen journal.Known) (bool, error)
	// Cut begins the epoch after one, and above another, if it is still in the first.
	Cut(ctx context.Context, of, above int64, cause string) error
	Epoch() int64
}

// logMost is how many leaves are asked for at once.
const logMost = 256

// signs signs a receipt when the entry that goes with it is made, so that the receipt names
// its leaf. The entry holds all that the receipt says; keep puts the signed receipt where
// it stays, in the same transaction.
func (r *Room) signs(ctx context.Context, p *access.Pass, receipt *cx.Receipt, k kind, keep func(signed []byte) error) error {
	tx := p.Tx()
	pen, err := r.pen(ctx, tx)
	if err != nil {
		return err
	}
	if receipt.Log, err = r.logged(ctx, tx); err != nil {
		return err
	}
	claim, err := receipt.Claim(pen)
	if err != nil {
		return err
	}
	wrote(p, k, receipt.To, receipt.ID, claim)
	all, err := tx.Memo(signingSeen{}, func() (any, error) {
		all := new(signings)
		p.OnEntry(func(w journal.Entered) error { return all.sign(ctx, tx, w) })
		return all, nil
	})
	if err != nil {
		return err
	}
	a := all.(*signings)
	a.of = append(a.of, &signing{receipt: receipt, pen: pen, keep: keep})
	return nil
}

// signings are the receipts that name one entry: they are signed together, on every
// processor.
type signings struct{ of []*signing }

// signing is one receipt.
type signing struct {
	receipt *cx.Receipt
	pen     *pen
	keep    func(signed []byte) error
	signed  []byte
	err     error
}

// signingSeen is the key of the signings of a transaction.
type signingSeen struct{}

func (s *signings) sign(ctx context.Context, tx *store.Tx, w journal.Entered) error {
	beside(len(s.of), func(i int) {
		g := s.of[i]
		g.receipt.Leaf = cx.Digest(w.Leaf)
		g.signed, g.err = g.receipt.Sign(g.pen)
	})
	if err := tx.Put(ctx, sqlKeepLeaf, w.Leaf[:], w.ID); err != nil {
		return err
	}
	for _, g := range s.of {
		if g.err != nil {
			return g.err
		}
		if err := g.keep(g.signed); err != nil {
			return err
		}
	}
	return nil
}

// logged returns how far our journal has come, as its newest checkpoint says.
func (r *Room) logged(ctx context.Context, tx *store.Tx) (cx.Checkpoint, error) {
	if r.ledger == nil {
		return cx.Checkpoint{}, nil
	}
	log, err := tx.Memo(loggedSeen{}, func() (any, error) {
		epoch, c, err := r.ledger.Signed(ctx, tx)
		if err != nil || c.Size == 0 {
			return cx.Checkpoint{}, err
		}
		return cx.Checkpoint{Epoch: uint64(epoch), Size: uint64(c.Size), Root: cx.Digest(c.Root)}, nil
	})
	if err != nil {
		return cx.Checkpoint{}, err
	}
	return log.(cx.Checkpoint), nil
}

// loggedSeen is the key of our journal's newest checkpoint in a transaction.
type loggedSeen struct{}

// wantSeen is the key of a leaf that was noted in a transaction.
type wantSeen struct {
	node identity.NodeID
	leaf cx.Digest
}

// wants notes that a peer has still to prove that a leaf stands in its journal.
func (r *Room) wants(ctx context.Context, tx *store.Tx, node identity.NodeID, leaf cx.Digest) error {
	if leaf.IsZero() {
		return nil
	}
	_, err := tx.Memo(wantSeen{node, leaf}, func() (any, error) { // the receipts of a hand name one
		return nil, tx.Put(ctx, sqlWantLogged, string(node), leaf[:])
	})
	return err
}

// Unproven returns leaves that receipts of a peer name and the peer has not proven yet,
// those first that were not asked for the longest.
func (r *Room) Unproven(ctx context.Context, node identity.NodeID) ([]cx.Digest, error) {
	var out []cx.Digest
	err := r.read(ctx, func(tx *store.Tx) error {
		out = nil
		found, err := tx.Query(ctx, sqlOpenLogged, string(node), int64(logMost))
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var leaf []byte
			if err := found.Scan(&leaf); err != nil {
				return err
			}
			out = append(out, cx.Digest(leaf))
		}
		return found.Err()
	})
	return out, err
}

// Placed proves to a peer where leaves stand in our journal that our receipts name: for
// each a C2SP tlog-proof, nothing for one that is not ours or not signed for yet.
func (r *Room) Placed(ctx context.Context, leaves []cx.Digest) ([][]byte, error) {
	out := make([][]byte, len(leaves))
	for i, leaf := range leaves {
		text, err := r.placed(ctx, leaf)
		if err != nil {
			return nil, err
		}
		out[i] = text
	}
	return out, nil
}

func (r *Room) placed(ctx context.Context, leaf cx.Digest) ([]byte, error) {
	if r.ledger == nil {
		return nil, nil
	}
	var entry ident.Entry
	err := r.read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, sqlSelectLeaf, leaf[:]).Scan(&entry) })
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := r.ledger.Prove(ctx, entry)
	switch {
	case fault.Is(err, fault.NotFound), fault.CodeOf(err) == "journal-not-signed-yet":
		return nil, nil
	case err != nil:
		return nil, err
	case tlog.RecordHash(p.Header) != tlog.Hash(leaf):
		return nil, fault.New(fault.Internal, "record-altered")
	}
	text := proof.LogProof{Index: p.Index, Hashes: p.Hashes, Checkpoint: p.Checkpoint}
	return []byte(text.String()), nil
}

// KeepPlaced keeps what a peer proved of leaves that its receipts name. What does not
// prove it is passed over: it is asked for again, and a proof pack says that it is missing.
func (r *Room) KeepPlaced(ctx context.Context, node identity.NodeID, leaves []cx.Digest, proofs [][]byte) error {
	if len(proofs) != len(leaves) {
		return cx.BadFormat
	}
	return r.step(ctx, func(p *access.Pass) error {
		tx := p.Tx()
		peer, err := r.Peer(ctx, tx, node)
		if err != nil {
			return err
		}
		for i, leaf := range leaves {
			query, value := sqlAskedLogged, any(tx.Micros())
			if _, err := proof.Placed(peer.History, leaf, proofs[i]); err == nil {
				query, value = sqlKeepLogged, string(proofs[i])
			}
			if _, err := tx.Exec(ctx, query, string(node), leaf[:], value); err != nil {
				return err
			}
		}
		return nil
	})
}

// proven returns what a peer proved of a leaf that a receipt of its names, nothing where
// it has not yet.
func (r *Room) proven(ctx context.Context, tx *store.Tx, node identity.NodeID, leaf cx.Digest) ([]byte, error) {
	var text string
	err := tx.QueryRow(ctx, sqlSelectLogged, string(node), leaf[:]).Scan(&text)
	if fault.Is(err, fault.NotFound) || err == nil && text == "" {
		return nil, nil
	}
	return []byte(text), err
}
