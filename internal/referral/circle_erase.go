package referral

import (
	"context"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// CircleTables are the tables of which [EraseCircle] deletes a case's rows.
func CircleTables() []string { return []string{disclosureTable, markTable, memberTable, requestTable} }

// EraseCircle deletes every disclosure of a case, every person of its circle and what
// was asked of it, in the transaction of the tombstone.
func EraseCircle(ctx context.Context, tx *store.Tx, _ *keys.Sealer, of ident.Case) error {
	for _, query := range []string{sqlEraseMarks, sqlEraseDisclosures, sqlEraseMembers, sqlEraseRequests} {
		if _, err := tx.Exec(ctx, query, of); err != nil {
			return fmt.Errorf("erase circle: %w", err)
		}
	}
	return nil
}

// ReconciledCircle hands the rows of circles to the reconciliation with the journal
// (journal.Rows), as they are stored.
type ReconciledCircle struct{}

// Each gives fn every row that belongs to a case.
func (ReconciledCircle) Each(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	err := eachRow(ctx, tx, func(scan func(...any) error) error {
		var at, number int64
		var tell *int64
		var unit, notes bool
		var of, id, to, request, author, digest, blob, mac []byte
		var purpose, basis string
		if err := scan(&at, &number, &tell, &unit, &notes, &of, &id, &to, &purpose, &basis, &request, &author, &digest, &blob, &mac); err != nil {
			return err
		}
		var by, answers any // in the order of Disclosure.columns
		if tell != nil {
			by = *tell
		}
		if request != nil {
			answers = request
		}
		return fn(disclosureTable, digest, 1, mac, []any{at, number, by, unit, notes, of, id, to, purpose, basis, answers, author, digest, blob})
	}, sqlSelectDisclosures, s)
	if err != nil {
		return err
	}
	err = eachRow(ctx, tx, func(scan func(...any) error) error {
		var at int64
		var of, id, about, author, mac []byte
		var kind string
		if err := scan(&at, &of, &id, &about, &kind, &author, &mac); err != nil {
			return err
		}
		return fn(markTable, id, 1, mac, []any{at, of, id, about, kind, author})
	}, sqlSelectMarks, s)
	if err != nil {
		return err
	}
	for _, l := range []access.Ledger{memberLedger, requestLedger} {
		if err := l.Stored(ctx, tx, s, fn); err != nil {
			return err
		}
	}
	return nil
}

// All gives fn every row of the tables that [ReconciledCircle.Each] reads.
func (ReconciledCircle) All(ctx context.Context, tx *store.Tx, fn func(s ident.Subject, table string, row []byte) error) error {
	for _, t := range []struct{ table, query string }{
		{disclosureTable, sqlAllDisclosures}, {markTable, sqlAllMarks}, {memberTable, sqlAllMembers}, {requestTable, sqlAllRequests},
	} {
		err := eachRow(ctx, tx, func(scan func(...any) error) error {
			var in, id []byte
			if err := scan(&in, &id); err != nil {
				return err
			}
			var s ident.Subject
			copy(s[:], in)
			return fn(s, t.table, id)
		}, t.query)
		if err != nil {
			return err
		}
	}
	return nil
}
