package access

import (
	"context"
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

// Erase destroys the key of the pass's case, deletes every right to it and empties
// what entries about it carry sealed. Nothing of the case can be read after that,
// and the room deletes its own rows in the same transaction. The entry of this
// command is the tombstone: it names the key with the digest of its wrapping. The
// action must be one whose entry says ERASE.
//
// The gate's [Restrictions] take note on commit, so that a restored backup loses
// the key again.
func (p *Pass) Erase(ctx context.Context) error {
	if p == nil || p.tx == nil || !p.writes || p.act.Case.IsZero() || actions[p.act.Action].journal != journal.Erase {
		return errNoPass
	}
	s := ident.SubjectOf(p.act.Case)
	if p.sealer != nil {
		p.sealer.Close()
	}
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
// restore, before the node serves; rooms deletes the rows of the rooms in the same
// transaction, before the key: nil where the key cannot be had any more. A case that
// the database does not know is NotFound.
func EraseAgain(ctx context.Context, tx *store.Tx, k *keys.Custody, j *journal.Journal, of ident.Case,
	rooms func(*keys.Sealer) error,
) error {
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
	if err := rooms(sealer); err != nil {
		return err
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
		Action: journal.Erase, What: "check.expire", Strength: "shell", Role: "node", Via: "cli", Zone: "loopback",
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
