package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"causeway/internal/fault"
)

// Dump gives every row of every table of the program to emit, from one snapshot
// of the database, while others go on writing. Values are int64, string, []byte,
// bool or nil whatever the engine, so that [DB.Load] takes them on either.
// Leases and the list of migrations are left out. row is emit's until it
// returns; the values in it are its to keep.
func (db *DB) Dump(ctx context.Context, emit func(table string, columns []string, row []any) error) error {
	tables, err := db.Tables()
	if err != nil {
		return err
	}
	return db.engine.dump(ctx, func(tx *Tx) error {
		for _, t := range tables {
			if err := dumpTable(ctx, tx, t, db.cfg.Engine == Postgres, emit); err != nil {
				return err
			}
		}
		return nil
	})
}

// dumpTable emits a table's rows. PostgreSQL is asked for the order of the
// primary key: in any other, SQLite would take long to load a clustered table.
// SQLite itself reads in that order, or in the order of insertion, by nature.
func dumpTable(ctx context.Context, tx *Tx, t Table, ordered bool, emit func(string, []string, []any) error) error {
	names := make([]string, len(t.Columns))
	row := make([]any, len(t.Columns))
	into := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
		into[i] = &row[i]
	}
	query := `SELECT ` + identifiers(names) + ` FROM ` + identifiers([]string{t.Name})
	if ordered && len(t.key) > 0 {
		query += ` ORDER BY ` + identifiers(t.key)
	}
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return tx.session.clean(err)
		}
		for i, c := range t.Columns {
			if row[i], err = portableValue(c, row[i]); err != nil {
				return fmt.Errorf("dump table %s: %w", t.Name, err)
			}
		}
		if err := emit(t.Name, names, row); err != nil {
			return err
		}
	}
	return tx.session.clean(rows.Err())
}

var errValue = errors.New("a value does not have its column's type")

// portableValue returns v as the column's type says, or an error that names the
// column.
func portableValue(c Column, v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case int64:
		if c.Type == BigInt {
			return v, nil
		}
		if c.Type == Boolean && (v == 0 || v == 1) { // SQLite
			return v == 1, nil
		}
	case string:
		if c.Type == Text && storable(v) {
			return v, nil
		}
	case []byte:
		if c.Type == Bytea {
			return v, nil
		}
	case bool:
		if c.Type == Boolean {
			return v, nil
		}
	}
	return nil, fault.Wrap(fault.Invalid, "backup-value", fmt.Errorf("column %s: %w", c.Name, errValue))
}

// identifiers quotes names of our own catalogue.
func identifiers(names []string) string {
	return `"` + strings.Join(names, `", "`) + `"`
}

func (e *sqliteEngine) dump(ctx context.Context, fn func(*Tx) error) error {
	// A connection of its own: a dump must not take a reader from the pages.
	pool, err := sqlitePool(e.cfg, 1, scanSetup)
	if err != nil {
		return cleanSQLite(err)
	}
	defer pool.Close()
	c, err := newSQLiteConn(context.WithoutCancel(ctx), pool, e.cfg.Path)
	if err != nil {
		return cleanSQLite(err)
	}
	c.interruptible = true
	defer c.close()
	return readOn(c, &e.cfg, fn)
}

// Scan is [DB.Read] for work that reads everything once and takes its time, such
// as verifying the journal: it has a connection of its own, with a small page
// cache, so that it takes no reader from the pages and keeps no memory that it
// has no use for. fn may run several times, as in [DB.Write].
func (db *DB) Scan(ctx context.Context, fn func(*Tx) error) error {
	return db.repeat(ctx, func(int) error { return db.engine.dump(ctx, fn) })
}
