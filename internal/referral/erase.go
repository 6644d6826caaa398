package referral

import (
	"context"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/facts"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// ErasedTables names the tables of which [EraseRows] deletes every row of a case.
func ErasedTables() []string {
	return []string{stepTable, threadTable, destinationTable, claimTable, bookingTable, abroadTable, protectionTable, termTable, backTable}
}

// EraseRows deletes every row of a case in this room, and its facts, which are found
// only with its key: without one (nil) they stay, and nothing leads from them to
// anybody.
func EraseRows(ctx context.Context, tx *store.Tx, s *keys.Sealer, of ident.Case) error {
	if s != nil {
		var ids [][]byte
		err := eachStored(ctx, tx, func(scan func(...any) error) error {
			var id []byte
			err := scan(&id)
			ids = append(ids, id)
			return err
		}, sqlThreadIDs, of)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := facts.Erase(ctx, tx, s, factReferral, id); err != nil {
				return err
			}
		}
	}
	for _, query := range []string{sqlEraseSteps, sqlEraseThreads, sqlEraseDestinations, sqlEraseClaims, sqlEraseBookings, sqlEraseAbroad, sqlEraseProtections, sqlEraseTerms, sqlEraseBack} {
		if _, err := tx.Exec(ctx, query, of); err != nil {
			return fmt.Errorf("erase referrals: %w", err)
		}
	}
	return nil
}

// Reconciled hands the rows of this room to the reconciliation with the journal.
type Reconciled struct{}

// Each gives fn every row about a case.
func (Reconciled) Each(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	err := eachStored(ctx, tx, func(scan func(...any) error) error {
		var t Thread
		if err := t.scan(scan); err != nil {
			return err
		}
		return fn(threadTable, t.ID[:], t.version, t.mac, t.columns())
	}, sqlSelectThreads, s)
	if err != nil {
		return err
	}
	err = eachStored(ctx, tx, func(scan func(...any) error) error {
		var d Destination
		if err := d.scan(scan); err != nil {
			return err
		}
		return fn(destinationTable, d.thread[:], 1, d.mac, d.columns())
	}, sqlCaseDestinations, s)
	for _, l := range []access.Ledger{claimLedger, abroadLedger, protectionLedger, termLedger} {
		if err == nil {
			err = l.Stored(ctx, tx, s, fn)
		}
	}
	if err == nil {
		err = eachStored(ctx, tx, func(scan func(...any) error) error {
			var b Booking
			if err := b.scan(scan); err != nil {
				return err
			}
			return fn(bookingTable, b.thread[:], b.Version, b.MAC, b.Digested(b.columns()))
		}, sqlCaseBookings, s)
	}
	if err != nil {
		return err
	}
	return eachStored(ctx, tx, func(scan func(...any) error) error {
		var t Step
		if err := t.scan(scan); err != nil {
			return err
		}
		return fn(stepTable, t.id[:], 1, t.mac, t.columns())
	}, sqlCaseSteps, s)
}

// All gives fn every row of the tables that [Reconciled.Each] reads.
func (Reconciled) All(ctx context.Context, tx *store.Tx, fn func(s ident.Subject, table string, row []byte) error) error {
	for _, q := range []struct{ table, query string }{{threadTable, sqlAllThreads}, {stepTable, sqlAllSteps}, {destinationTable, sqlAllDestinations}, {claimTable, sqlAllClaims}, {abroadTable, sqlAllAbroad}, {protectionTable, sqlAllProtections}, {termTable, sqlAllTerms}, {bookingTable, sqlAllBookings}} {
		err := eachStored(ctx, tx, func(scan func(...any) error) error {
			var s ident.Subject
			var id []byte
			if err := scan(&s, &id); err != nil {
				return err
			}
			return fn(s, q.table, id)
		}, q.query)
		if err != nil {
			return err
		}
	}
	return nil
}

// eachStored runs fn for each row of a query.
func eachStored(ctx context.Context, tx *store.Tx, fn func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
