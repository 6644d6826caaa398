package person

import (
	"context"

	"causeway/internal/ident"
	"causeway/internal/store"
)

// Table is the name the journal knows person rows by.
const Table = table

// AllStored gives fn the identifier of every person row and every earlier version,
// and the case whose key it says it is under, for reconciliation: as they are
// stored, which need not be as they were written.
func AllStored(ctx context.Context, tx *store.Tx, fn func(table string, subject ident.Case, id []byte) error) error {
	for table, query := range map[string]string{Table: sqlAllPersons, VersionTable: sqlAllVersions} {
		if err := eachStored(ctx, tx, query, func(subject ident.Case, id []byte) error { return fn(table, subject, id) }); err != nil {
			return err
		}
	}
	return nil
}

func eachStored(ctx context.Context, tx *store.Tx, query string, fn func(subject ident.Case, id []byte) error) error {
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, in []byte
		if err := rows.Scan(&id, &in); err != nil {
			return err
		}
		var subject ident.Case
		copy(subject[:], in)
		if err := fn(subject, id); err != nil {
			return err
		}
	}
	return rows.Err()
}
