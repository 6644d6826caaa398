package access

import (
	"context"
	"errors"
	"fmt"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// tableKey is the name under which a tombstone names the key that was destroyed.
const tableKey = "keys_subject"

// ErasedTables are the tables of access, and of the keepers below it, of which
// [Pass.Erase] deletes every row of a case.
func ErasedTables() []string {
	return []string{tableReach, tablePermit, tableWithhold, tablePart, tableGlass, tableKey}
}

// Eraser deletes every row of a case that one room keeps, in the transaction of the
// tombstone, and before the key is destroyed: the facts of a case are found only with
// it. The sealer is nil where the key cannot be had any more.
type Eraser func(ctx context.Context, tx *store.Tx, s *keys.Sealer, of ident.Case) error

// errNoErasers refuses to leave rows of a case behind.
var errNoErasers = errors.New("access: nobody has said what deletes the rows of a case")

// EraseWith names what deletes the rows of all rooms. It is called once, before the
// gate is used; without it nothing can be erased.
func (g *Gate) EraseWith(rooms ...Eraser) { g.erasers = rooms }

// Erase deletes every row of the pass's case in every room ([Gate.EraseWith]) and every
// right to it, destroys its key, and empties what entries about it carry sealed. Nothing
// of the case can be read after that. The entry of this command is the tombstone: it
// names the key with the digest of its wrapping. The action must be one whose entry says
// ERASE.
//
// The gate's [Restrictions] take note on commit, so that a restored backup loses
// the key again.
func (p *Pass) Erase(ctx context.Context) error {
	if p == nil || p.tx == nil || !p.writes || p.act.Case.IsZero() || actions[p.act.Action].journal != journal.Erase {
		return errNoPass
	}
	if len(p.gate.erasers) == 0 {
		return errNoErasers
	}
	s := ident.SubjectOf(p.act.Case)
	sealer, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	for _, erase := range p.gate.erasers {
		if err := erase(ctx, p.tx, sealer, p.act.Case); err != nil {
			return err
		}
	}
	sealer.Close()
	p.sealer, p.rights = nil, nil
	if err := eraseRights(ctx, p.tx, p.act.Case); err != nil {
		return err
	}
	if err := p.gate.journal.EmptyPayloads(ctx, p.tx, s); err != nil {
		return err
	}
	digest, err := p.gate.custody.Destroy(ctx, p.tx, s)
	if err != nil {
		return err
	}
	p.Wrote(tableKey, s[:], 1, digest)
	if note := p.gate.restrict; note != nil {
		p.tx.OnCommit(func() { note.Destroyed(s) })
	}
	return nil
}

// EraseAgain destroys the key of a case that was erased after a restored backup was
// made, deletes every right to it, and enters the tombstone anew. It is for the
// restore, before the node serves; rooms are those of [Gate.EraseWith]. A case that
// the database does not know is NotFound.
func EraseAgain(ctx context.Context, tx *store.Tx, k *keys.Custody, j *journal.Journal, of ident.Case, rooms ...Eraser) error {
	s := ident.SubjectOf(of)
	sealer, err := k.Sealer(ctx, tx, s)
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.New(fault.NotFound, "no-such-case")
	case fault.CodeOf(err) == "key-destroyed":
		sealer = nil
	case err != nil:
		return err
	default:
		defer sealer.Close()
	}
	for _, erase := range rooms {
		if err := erase(ctx, tx, sealer, of); err != nil {
			return err
		}
	}
	digest, err := k.Destroy(ctx, tx, s)
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.New(fault.NotFound, "no-such-case")
	case err != nil:
		return err
	}
	if err := eraseRights(ctx, tx, of); err != nil {
		return err
	}
	if err := j.EmptyPayloads(ctx, tx, s); err != nil {
		return err
	}
	_, err = j.Append(ctx, tx, journal.Entry{
		Action: journal.Erase, What: "erasure.again", Strength: "shell", Role: "node", Via: "cli", Zone: "loopback",
		Purpose: "maintenance", Subjects: []ident.Subject{s}, Outcome: journal.OK,
		Rows: []journal.RowState{{Table: tableKey, Row: s[:], Version: 1, MAC: digest}},
	})
	return err
}

// eraseRights deletes every right to a case.
func eraseRights(ctx context.Context, tx *store.Tx, of ident.Case) error {
	for _, query := range []string{sqlEraseReach, sqlErasePermit, sqlEraseWithhold, sqlErasePart, sqlEraseGlass} {
		if _, err := tx.Exec(ctx, query, of); err != nil {
			return fmt.Errorf("erase rights: %w", err)
		}
	}
	return nil
}
