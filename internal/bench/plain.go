package bench

import (
	"context"
	"crypto/rand"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// plain is what the audited acts are compared with: tables of the same form, on
// the same engine and in the same file, written without decision and without
// journal.
type plain struct {
	db  *store.DB
	row []byte
}

const (
	plainInsert  = `INSERT INTO bench_row (id, sealed) VALUES ($1, $2)`
	plainSeen    = `SELECT result FROM bench_command WHERE command = $1`
	plainCommand = `INSERT INTO bench_command (command, actor, action, result, at) VALUES ($1, $2, $3, $4, $5)`
	plainCount   = `SELECT COUNT(*) FROM bench_view WHERE staff_id = $1`
	plainView    = `INSERT INTO bench_view (id, staff_id, filter, sealed, version, made_at) VALUES ($1, $2, $3, $4, 1, $5)`
)

// plainTables has the form of the program's own tables.
var plainTables = []string{
	`CREATE TABLE bench_row (id BYTEA NOT NULL PRIMARY KEY, sealed BYTEA NOT NULL)`,
	`CREATE TABLE bench_command (command BYTEA NOT NULL PRIMARY KEY, actor BYTEA, action TEXT NOT NULL, result TEXT NOT NULL, at BIGINT NOT NULL)`,
	`CREATE TABLE bench_view (staff_id BYTEA NOT NULL, id BYTEA NOT NULL, filter TEXT NOT NULL, sealed BYTEA NOT NULL,
		version BIGINT NOT NULL, made_at BIGINT NOT NULL, PRIMARY KEY (staff_id, id))`,
}

// newPlain makes the tables beside the node's.
func newPlain(ctx context.Context, db *store.DB) (*plain, error) {
	p := &plain{db: db, row: make([]byte, 400)}
	if _, err := rand.Read(p.row); err != nil {
		return nil, err
	}
	return p, db.Write(ctx, func(tx *store.Tx) error {
		for _, ddl := range plainTables {
			if db.Engine() == store.SQLite {
				ddl += " WITHOUT ROWID"
			}
			if _, err := tx.Exec(ctx, ddl); err != nil {
				return err
			}
		}
		return nil
	})
}

// bare makes one row durable.
func (p *plain) bare(ctx context.Context) error {
	return p.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, plainInsert, ident.Beside[ident.Command](), p.row)
		return err
	})
}

// view does what saving a view does, without decision and journal: it looks for
// the command, counts the person's views, writes the view and keeps the command.
func (p *plain) view(ctx context.Context, staff ident.Staff) error {
	cmd := ident.Beside[ident.Command]()
	return p.db.Write(ctx, func(tx *store.Tx) error {
		var result string
		if err := tx.QueryRow(ctx, plainSeen, cmd).Scan(&result); !fault.Is(err, fault.NotFound) {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, plainCount, staff).Scan(&n); err != nil {
			return err
		}
		id := ident.Beside[ident.View]()
		if _, err := tx.Exec(ctx, plainView, id, staff, "{}", p.row[:80], tx.Micros()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, plainCommand, cmd, staff, "view.save", id.String(), tx.Micros())
		return err
	})
}
