package node

import (
	"context"
	"log/slog"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/exchange"
	"causeway/internal/ident"
	"causeway/internal/intake"
	"causeway/internal/keys"
	"causeway/internal/match"
	"causeway/internal/oversight"
	"causeway/internal/referral"
	"causeway/internal/store"
	"causeway/protocol/cx"
)

// erasures is the erasure list of the node: every package whose tables can name a case,
// with those tables and what deletes a case's rows there. A room with such tables of its
// own that no other room erases is joined here. A test finds tables that refer to a case
// and stand in no list.
var erasures = []struct {
	tables func() []string
	erase  access.Eraser
}{
	{referral.ErasedTables, referral.EraseRows},
	{referral.CircleTables, referral.EraseCircle},
	{casework.ErasedTables, casework.EraseRows},
	{intake.ErasedTables, intake.Erase},
	{match.ErasedTables, match.EraseRows},
	{oversight.ErasedTables, oversight.EraseRows},
}

// erasers returns what deletes the rows of a case, in the order of the list: first what is
// found only while the rows that name it are there.
func erasers(first access.Eraser) []access.Eraser {
	out := []access.Eraser{first}
	for _, e := range erasures {
		out = append(out, e.erase)
	}
	return out
}

// eraseLetters destroys what the post office keeps of a case: all that was said with other
// nodes. It is for a restored database, before it opens.
func eraseLetters(ctx context.Context, tx *store.Tx, _ *keys.Sealer, of ident.Case) error {
	threads, err := referral.Wires(ctx, tx, of)
	for _, w := range threads {
		if err == nil {
			err = exchange.EraseThread(ctx, tx, w.Peer, w.Thread)
		}
	}
	return err
}

// eraseAbroad is the same for a node that runs: the other nodes are told too, and a restore
// from an older backup destroys it again.
func (n *Node) eraseAbroad(ctx context.Context, tx *store.Tx, _ *keys.Sealer, of ident.Case) error {
	threads, err := referral.Wires(ctx, tx, of)
	for _, w := range threads {
		if err == nil {
			err = n.Exchange.Erase(ctx, tx, w.Peer, w.Thread)
		}
		if err == nil {
			err = n.Referrals.TellErased(ctx, tx, w)
		}
	}
	return err
}

// keepMost is how many messages whose time is over are read at once.
const keepMost = 256

// keepLetters destroys what the post office keeps longer than it may: what was delivered of
// erased threads since, then what the labels say under which it was sent. Each thread is a
// transaction of its own: killed at any moment, it goes on where it was.
func (n *Node) keepLetters(ctx context.Context) error {
	if n.Exchange.Node() == "" {
		return nil
	}
	swept, err := n.Exchange.Sweep(ctx)
	if err != nil {
		return err
	}
	due, err := n.Exchange.DueTerms(ctx, keepMost)
	if err != nil {
		return err
	}
	done := map[cx.Thread]bool{} // threads that a room took care of
	for _, t := range due {
		if done[t.Thread] {
			continue
		}
		known, err := n.Referrals.ExpireSent(ctx, t.Peer, t.Thread)
		if err == nil && !known {
			err = n.Exchange.Expire(ctx, t)
		}
		if err != nil {
			return err
		}
		done[t.Thread] = known
	}
	if swept > 0 || len(due) > 0 {
		n.Log.InfoContext(ctx, "messages between nodes whose time is over", slog.String("op", "keep-letters"), slog.Int("count", swept+len(due)))
	}
	return nil
}

// ErasedTables names every table of the node of which nothing about a case is left when
// it is erased.
func ErasedTables() []string {
	out := access.ErasedTables()
	for _, e := range erasures {
		out = append(out, e.tables()...)
	}
	return out
}
