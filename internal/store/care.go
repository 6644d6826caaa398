package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"causeway/internal/fault"
)

// Size returns how many bytes the database takes on disk.
func (db *DB) Size(ctx context.Context) (int64, error) { return db.engine.size(ctx) }

// Checkpoint moves SQLite's log into the file and cuts it to nothing, as far as
// readers of old snapshots allow. On PostgreSQL it does nothing.
func (db *DB) Checkpoint(ctx context.Context) error { return db.engine.checkpoint(ctx) }

// Integrity looks for damage: SQLite's own quick check or PostgreSQL's list of
// broken indexes, and tables or columns that are not as the migrations made
// them. Damage is a fault with code "database-damaged". It reads everything and
// takes its time; it does not stop writers.
func (db *DB) Integrity(ctx context.Context) error {
	if err := db.engine.integrity(ctx); err != nil {
		return err
	}
	want, err := catalogue(db.cfg.Migrations)
	if err != nil {
		return err
	}
	return db.Read(ctx, func(tx *Tx) error {
		got, err := tx.columns(ctx, db.engine)
		if err != nil {
			return err
		}
		return compareCatalogue(got, want)
	})
}

func damaged(what string) error {
	return fault.Wrap(fault.Internal, "database-damaged", errors.New(what))
}

// columns reads the columns of every table from the engine's own catalogue.
func (tx *Tx) columns(ctx context.Context, e engine) (map[string][]string, error) {
	query, args := e.columns()
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string][]string{}
	for rows.Next() {
		var table, column, typ string
		if err := rows.Scan(&table, &column, &typ); err != nil {
			return nil, tx.session.clean(err)
		}
		out[table] = append(out[table], column+" "+strings.ToUpper(typ))
	}
	return out, tx.session.clean(rows.Err())
}

// compareCatalogue finds tables and columns that differ from the migrations.
func compareCatalogue(got map[string][]string, want []Table) error {
	for _, t := range want {
		columns := got[t.Name]
		if columns == nil {
			return damaged("table missing: " + t.Name)
		}
		for _, c := range t.Columns {
			if !slices.Contains(columns, c.Name+" "+string(c.Type)) &&
				!slices.Contains(columns, c.Name+" "+sqliteTypes[string(c.Type)]) {
				return damaged("column missing or of another type: " + t.Name + "." + c.Name)
			}
		}
		if len(columns) != len(t.Columns) {
			return damaged("column too many: " + t.Name)
		}
		delete(got, t.Name)
	}
	delete(got, "store_migration")
	for name := range got {
		return damaged("table too many: " + name)
	}
	return nil
}

func (e *sqliteEngine) size(context.Context) (int64, error) {
	var total int64
	for _, name := range sqliteFiles(e.cfg.Path) {
		info, err := os.Stat(name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, fault.Wrap(fault.Unavailable, "disk-failure", fmt.Errorf("size of database: %w", err))
		}
		total += info.Size()
	}
	return total, nil
}

func (e *sqliteEngine) checkpoint(ctx context.Context) error {
	e.checkpoints.mu.Lock() // of two at once, one would be refused
	defer e.checkpoints.mu.Unlock()
	return e.writer.exclusive(ctx, func(c *sqliteConn) error {
		rows, err := c.query(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`, nil)
		if err != nil {
			return err
		}
		for rows.Next() { // one row of numbers; a busy checkpoint is no error
		}
		return errors.Join(rows.Err(), rows.Close())
	})
}

func (e *sqliteEngine) integrity(ctx context.Context) error {
	return e.dump(ctx, func(tx *Tx) error {
		var verdict string
		err := tx.QueryRow(ctx, `PRAGMA quick_check(1)`).Scan(&verdict)
		if err != nil {
			return err
		}
		if verdict != "ok" {
			return damaged("quick check") // the verdict may quote a value
		}
		return nil
	})
}

func (e *sqliteEngine) columns() (string, []any) { return sqlSQLiteColumns, nil }

func (e *postgresEngine) size(ctx context.Context) (total int64, err error) {
	err = e.readers.QueryRowContext(ctx, sqlPGSize, e.cfg.Schema).Scan(&total)
	return total, cleanPostgres(err)
}

func (e *postgresEngine) checkpoint(context.Context) error { return nil }

func (e *postgresEngine) integrity(ctx context.Context) error {
	var broken int64
	if err := e.readers.QueryRowContext(ctx, sqlPGBroken, e.cfg.Schema).Scan(&broken); err != nil {
		return cleanPostgres(err)
	}
	if broken > 0 {
		return damaged("invalid index")
	}
	return nil
}

func (e *postgresEngine) columns() (string, []any) { return sqlPGColumns, []any{e.cfg.Schema} }
