package consent

import (
	"context"
	"fmt"

	"causeway/internal/ident"
	"causeway/internal/store"
)

// Reconciled hands the records to the reconciliation with the journal (journal.Rows).
// It shows no content.
type Reconciled struct{}

// Each gives fn every record of a case, as it is stored.
func (Reconciled) Each(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	err := eachRow(ctx, tx, func(scan func(...any) error) error {
		var at, seq int64
		var id, author, blob, mac []byte
		if err := scan(&at, &seq, &id, &author, &blob, &mac); err != nil {
			return err
		}
		// In the order of Privileged.columns.
		return fn(privilegedTable, id, 1, mac, []any{at, seq, s[:], author, blob})
	}, sqlSelectPrivileged, s)
	if err != nil {
		return err
	}
	return eachRow(ctx, tx, func(scan func(...any) error) error {
		var at, seq int64
		var until *int64
		var id, to, about, author, blob, mac []byte
		var kind, purpose, state, basis string
		if err := scan(&at, &seq, &until, &id, &to, &about, &kind, &purpose, &state, &basis, &author, &blob, &mac); err != nil {
			return err
		}
		// In the order of Record.columns.
		return fn(recordTable, id, 1, mac, []any{
			at, seq, until, s[:], opt(to == nil, to), opt(about == nil, about), kind, purpose, state, basis, opt(author == nil, author), blob,
		})
	}, sqlSelectRecords, s)
}

// All gives fn every row of the tables that [Reconciled.Each] reads.
func (Reconciled) All(ctx context.Context, tx *store.Tx, fn func(s ident.Subject, table string, row []byte) error) error {
	pairs := func(table string) func(func(...any) error) error {
		return func(scan func(...any) error) error {
			var in, id []byte
			if err := scan(&in, &id); err != nil {
				return err
			}
			var s ident.Subject
			copy(s[:], in)
			return fn(s, table, id)
		}
	}
	if err := eachRow(ctx, tx, pairs(recordTable), sqlAllRecords); err != nil {
		return err
	}
	return eachRow(ctx, tx, pairs(privilegedTable), sqlAllPrivileged)
}

func eachRow(ctx context.Context, tx *store.Tx, fn func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read consents: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
