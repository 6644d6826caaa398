package deadline

import (
	"context"

	"causeway/internal/ident"
	"causeway/internal/store"
)

// Reconciled hands the rows of deadlines and their steps to the reconciliation
// with the journal (journal.Rows): codes, dates and identifiers, as stored.
type Reconciled struct{}

// Each gives fn every row about a case.
func (Reconciled) Each(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	err := eachRow(ctx, tx, func(scan func(...any) error) error {
		var set, due, level, version int64
		var next, ended *int64
		var of, id, about, owner, unit, mac []byte
		var kind, state string
		if err := scan(&set, &due, &next, &ended, &level, &version, &of, &id, &kind, &state, &about, &owner, &unit, &mac); err != nil {
			return err
		}
		// In the order of Deadline.columns.
		return fn(table, id, version, mac, []any{set, due, next, ended, level, of, kind, state, about, owner, unit})
	}, sqlOfCase, s)
	if err != nil {
		return err
	}
	return eachRow(ctx, tx, func(scan func(...any) error) error {
		var planned, at int64
		var of, deadline, id, staff, unit, mac []byte
		var step string
		if err := scan(&planned, &at, &of, &deadline, &step, &id, &staff, &unit, &mac); err != nil {
			return err
		}
		// In the order of Step.columns.
		return fn(stepTable, id, 1, mac, []any{planned, at, of, deadline, step, staff, unit})
	}, sqlStepsOfCase, s)
}

// All gives fn every row of the tables that [Reconciled.Each] reads.
func (Reconciled) All(ctx context.Context, tx *store.Tx, fn func(s ident.Subject, table string, row []byte) error) error {
	for _, q := range []struct{ table, query string }{{table, sqlAll}, {stepTable, sqlAllSteps}} {
		err := eachRow(ctx, tx, func(scan func(...any) error) error {
			var of, id []byte
			if err := scan(&of, &id); err != nil {
				return err
			}
			var s ident.Subject
			copy(s[:], of)
			return fn(s, q.table, id)
		}, q.query)
		if err != nil {
			return err
		}
	}
	return nil
}

// eachRow runs fn for each row of a query.
func eachRow(ctx context.Context, tx *store.Tx, fn func(scan func(...any) error) error, query string, args ...any) error {
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
