package access

import (
	"context"
	"fmt"

	"causeway/internal/ident"
	"causeway/internal/store"
)

// Reconciled hands the rows of who reaches which case, of what permits a use and
// of withholdings to the reconciliation with the journal (journal.Rows), ended
// ones too. A row that this program did not write has no identifier and is named
// by its holder, a permit by purpose and basis.
type Reconciled struct{}

// Each gives fn every row about a case.
func (Reconciled) Each(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	err := readRights(ctx, tx, s[:], func(r *right) error {
		return fn(r.table, r.name(), r.version, r.mac, r.columns(s[:]))
	})
	if err != nil {
		return err
	}
	return eachGlass(ctx, tx, func(g *Glass) error {
		return fn(tableGlass, g.ID[:], g.version, g.mac, g.columns())
	}, sqlSelectGlassOf, s)
}

// All gives fn every row of the tables that [Reconciled.Each] reads.
func (Reconciled) All(ctx context.Context, tx *store.Tx, fn func(s ident.Subject, table string, row []byte) error) error {
	rows, err := tx.Query(ctx, sqlAllRights)
	if err != nil {
		return fmt.Errorf("read all rights: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r right
		var of []byte
		if err := rows.Scan(&r.table, &of, &r.id, &r.holder, &r.purpose, &r.basis); err != nil {
			return fmt.Errorf("read all rights: %w", err)
		}
		var s ident.Subject
		copy(s[:], of)
		if err := fn(s, r.table, r.name()); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return allGlassRows(ctx, tx, fn)
}

func allGlassRows(ctx context.Context, tx *store.Tx, fn func(s ident.Subject, table string, row []byte) error) error {
	rows, err := tx.Query(ctx, sqlAllGlass)
	if err != nil {
		return fmt.Errorf("read all break-glass: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s ident.Subject
		var id ident.Glass
		if err := rows.Scan(&s, &id); err != nil {
			return fmt.Errorf("read all break-glass: %w", err)
		}
		if err := fn(s, tableGlass, id[:]); err != nil {
			return err
		}
	}
	return rows.Err()
}
