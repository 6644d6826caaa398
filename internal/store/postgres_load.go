package store

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
)

// load copies the rows in one transaction, so that all of them come or none.
// Foreign keys are dropped first and made again at the end: rows may refer to
// later ones, and checking them together is quicker than one by one.
func (e *postgresEngine) load(ctx context.Context, src *loadSource) error {
	conn, err := e.writers.Conn(ctx)
	if err != nil {
		return cleanPostgres(err)
	}
	defer conn.Close()
	c := &postgresConn{conn: conn}
	defer c.finish()
	if _, err := conn.ExecContext(ctx, `BEGIN`); err != nil {
		return cleanPostgres(err)
	}
	if err := loadPostgres(ctx, c, src); err != nil {
		return redact(c, err)
	}
	if err := c.batch(ctx, []Stmt{{SQL: sqlCommit}}); err != nil {
		return cleanPostgres(err)
	}
	// The planner knows nothing of the new rows yet.
	if _, err := conn.ExecContext(ctx, `ANALYZE`); err != nil {
		return cleanPostgres(err)
	}
	return nil
}

func loadPostgres(ctx context.Context, c *postgresConn, src *loadSource) error {
	if err := emptyTables(ctx, c, src.tables); err != nil {
		return err
	}
	restore, err := c.dropRules(ctx)
	if err != nil {
		return err
	}
	src.advance()
	for src.err == nil {
		if err := c.copyRun(ctx, src); err != nil {
			return err
		}
	}
	if !errors.Is(src.err, io.EOF) {
		return src.err
	}
	return c.all(ctx, restore)
}

// dropRules drops the foreign keys and the indexes that are not those of a
// constraint. It returns the statements that make them again.
func (c *postgresConn) dropRules(ctx context.Context) (restore []string, err error) {
	keys, err := c.triples(ctx, sqlPGForeignKeys)
	if err != nil {
		return nil, err
	}
	indexes, err := c.triples(ctx, sqlPGIndexes)
	if err != nil {
		return nil, err
	}
	var drop []string
	for _, k := range keys {
		drop = append(drop, `ALTER TABLE `+k[0]+` DROP CONSTRAINT `+k[1])
	}
	for _, i := range indexes {
		drop = append(drop, `DROP INDEX `+i[0])
		restore = append(restore, i[1])
	}
	for _, k := range keys { // behind the unique indexes they may rest on
		restore = append(restore, `ALTER TABLE `+k[0]+` ADD CONSTRAINT `+k[1]+` `+k[2])
	}
	return restore, c.all(ctx, drop)
}

// triples reads rows of three texts, with names quoted by the server.
func (c *postgresConn) triples(ctx context.Context, query string) (out [][3]string, err error) {
	rows, err := c.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t [3]string
		if err := rows.Scan(&t[0], &t[1], &t[2]); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

func (c *postgresConn) all(ctx context.Context, queries []string) error {
	for _, query := range queries {
		if _, err := c.conn.ExecContext(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// copyRun copies one run of rows.
func (c *postgresConn) copyRun(ctx context.Context, src *loadSource) error {
	table, names := src.table, src.names
	run := &copySource{src: src}
	err := c.raw(func(conn *pgConn) error {
		_, err := conn.conn.CopyFrom(ctx, pgx.Identifier{table}, names, run)
		return err
	})
	switch {
	case src.err != nil && !errors.Is(src.err, io.EOF):
		return src.err
	case err != nil:
		return fmt.Errorf("load table %s: %w", table, cleanPostgres(err))
	}
	return nil
}

// copySource shows a run of rows to pgx. The first is there already; the row
// after the last is the first of the next run.
type copySource struct {
	src     *loadSource
	started bool
}

func (s *copySource) Next() bool {
	if !s.started {
		s.started = true
		return true
	}
	return s.src.advance()
}

func (s *copySource) Values() ([]any, error) { return s.src.row, nil }

func (s *copySource) Err() error {
	if s.src.err == nil || errors.Is(s.src.err, io.EOF) {
		return nil
	}
	return s.src.err
}
