package forms

import (
	"context"
	"fmt"

	"causeway/internal/ident"
	"causeway/internal/store"
)

// Reconciled hands the revisions of records to the reconciliation with the
// journal (journal.Rows). It shows no content.
type Reconciled struct{}

// Each gives fn every revision of a case, as it is stored.
func (Reconciled) Each(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	return eachRow(ctx, tx, func(scan func(...any) error) error {
		var number, at, version int64
		var record, id, author, blob, mac []byte
		var form, state string
		if err := scan(&number, &at, &version, &record, &id, &form, &state, &author, &blob, &mac); err != nil {
			return err
		}
		var by any
		if author != nil {
			by = author
		}
		// In the order of stored.columns.
		return fn(revisionTable, id, 1, mac, []any{s[:], record, number, at, form, version, state, by, blob})
	}, sqlSelectCase, s)
}

// All gives fn every row of the table that [Reconciled.Each] reads.
func (Reconciled) All(ctx context.Context, tx *store.Tx, fn func(s ident.Subject, table string, row []byte) error) error {
	return eachRow(ctx, tx, func(scan func(...any) error) error {
		var in, id []byte
		if err := scan(&in, &id); err != nil {
			return err
		}
		var s ident.Subject
		copy(s[:], in)
		return fn(s, revisionTable, id)
	}, sqlAllRows)
}

func eachRow(ctx context.Context, tx *store.Tx, fn func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read records: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Erase deletes every record of a case, when the case is erased.
func Erase(ctx context.Context, tx *store.Tx, of ident.Case) error {
	if _, err := tx.Exec(ctx, sqlErase, of); err != nil {
		return fmt.Errorf("erase records: %w", err)
	}
	return nil
}
