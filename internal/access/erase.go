package access

import (
	"context"
	"fmt"

	"causeway/internal/ident"
	"causeway/internal/journal"
)

// tableKey is the name under which a tombstone names the key that was destroyed.
const tableKey = "keys_subject"

// ErasedTables are the tables of access, and of the keepers below it, of which
// [Pass.Erase] deletes every row of a case.
func ErasedTables() []string { return []string{tableReach, tablePermit, tableWithhold, tableKey} }

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
	for _, query := range []string{sqlEraseReach, sqlErasePermit, sqlEraseWithhold} {
		if _, err := p.tx.Exec(ctx, query, p.act.Case); err != nil {
			return fmt.Errorf("erase rights: %w", err)
		}
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
