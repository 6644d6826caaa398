package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/fault"
)

// Load fills a freshly created database with the rows that next returns until it
// returns [io.EOF]. Tables and columns are checked against the schema: an
// unknown one is refused, a column that is missing takes its default, so a dump
// of an older schema fits a newer one. Foreign keys are checked at the end.
//
// After an error the database is not to be used: SQLite's file refuses to open
// (code "incomplete-restore"), PostgreSQL has undone everything. Load refuses a
// database that is not empty with code "not-empty".
func (db *DB) Load(ctx context.Context, next func() (table string, columns []string, row []any, err error)) error {
	tables, err := db.Tables()
	if err != nil {
		return err
	}
	return db.engine.load(ctx, &loadSource{tables: tables, next: next})
}

// loadSource reads rows for the engines: run after run of rows that share table
// and columns.
type loadSource struct {
	tables []Table
	next   func() (string, []string, []any, error)

	table   string
	columns []Column
	names   []string
	row     []any // read but not yet taken
	err     error // why there are no more rows; io.EOF at the end
}

// advance reads a row. It reports whether the row belongs to the current run.
func (s *loadSource) advance() bool {
	table, names, row, err := s.next()
	if err != nil {
		s.row, s.err = nil, err
		return false
	}
	same := table == s.table && slices.Equal(names, s.names)
	if !same {
		if s.err = s.describe(table, names); s.err != nil {
			return false
		}
	}
	if len(row) != len(s.columns) {
		s.err = fault.Wrap(fault.Invalid, "backup-value", fmt.Errorf("table %s: row of another length", table))
		return false
	}
	s.row = make([]any, len(row))
	for i, c := range s.columns {
		if s.row[i], s.err = portableValue(c, row[i]); s.err != nil {
			s.err = fmt.Errorf("load table %s: %w", table, s.err)
			return false
		}
	}
	return same
}

// describe looks up the columns of a new run.
func (s *loadSource) describe(table string, names []string) error {
	i := slices.IndexFunc(s.tables, func(t Table) bool { return t.Name == table })
	if i < 0 {
		return fault.Wrap(fault.Invalid, "backup-table", errUnknownTable)
	}
	columns := make([]Column, len(names))
	for j, name := range names {
		c, ok := s.tables[i].column(name)
		if !ok || slices.Contains(names[:j], name) {
			return fault.Wrap(fault.Invalid, "backup-column", fmt.Errorf("table %s: %w", table, errUnknownColumn))
		}
		columns[j] = c
	}
	s.table, s.columns, s.names = table, columns, slices.Clone(names)
	return nil
}

var (
	errUnknownTable  = errors.New("a table that this program does not have")
	errUnknownColumn = errors.New("a column that this program does not have")
	errDangling      = errors.New("a row refers to one that is not there")
)

const (
	loadRows   = 20000    // rows in one transaction on SQLite
	loadBytes  = 24 << 20 // or so many bytes of them, which the page cache can hold
	loadParams = 400      // placeholders in one INSERT
)

func (e *sqliteEngine) load(ctx context.Context, src *loadSource) error {
	return e.writer.exclusive(ctx, func(c *sqliteConn) error {
		if err := emptyTables(ctx, c, src.tables); err != nil {
			return err
		}
		// user_version says that the file is half filled; Open looks at it.
		// Foreign keys come last: rows may refer to later ones.
		if err := c.all(`PRAGMA user_version = 1`, `PRAGMA foreign_keys = OFF`, `PRAGMA temp_store = FILE`); err != nil {
			return err
		}
		err := withoutIndexes(ctx, c, func() error { return loadSQLite(ctx, c, src) })
		if undo := c.rollback(); err == nil {
			err = undo
		}
		if again := c.all(`PRAGMA foreign_keys = ON`, `PRAGMA temp_store = MEMORY`); err == nil {
			err = again
		}
		if err != nil {
			return err
		}
		rows, err := c.query(ctx, `PRAGMA foreign_key_check`, nil)
		if err != nil {
			return err
		}
		dangling := rows.Next()
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		if dangling {
			return fault.Wrap(fault.Invalid, "rule", errDangling)
		}
		return c.control(`PRAGMA user_version = 0`)
	})
}

// withoutIndexes drops the indexes, runs fill and makes them again: sorting once
// is much quicker than finding a place for each row. The sorting needs space
// that the caller has put into files; the driver encrypts them.
func withoutIndexes(ctx context.Context, c *sqliteConn, fill func() error) error {
	rows, err := c.query(ctx, sqlSQLiteIndexes, nil)
	if err != nil {
		return err
	}
	var drop, create []string
	for rows.Next() {
		var name, ddl string
		if err := rows.Scan(&name, &ddl); err != nil {
			return errors.Join(err, rows.Close())
		}
		drop, create = append(drop, `DROP INDEX `+identifiers([]string{name})), append(create, ddl)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	if err := c.all(drop...); err != nil {
		return err
	}
	if err := fill(); err != nil {
		return err
	}
	return c.all(create...)
}

// all runs statements until one fails.
func (c *sqliteConn) all(queries ...string) error {
	for _, query := range queries {
		if err := c.control(query); err != nil {
			return err
		}
	}
	return nil
}

// loadSQLite inserts the rows, many in a statement and many statements in a
// transaction.
func loadSQLite(ctx context.Context, c *sqliteConn, src *loadSource) error {
	if err := c.control(sqlBeginWrite); err != nil {
		return err
	}
	rows, size := 0, 0
	var args []any
	src.advance()
	for src.err == nil {
		table, names := src.table, src.names
		most := max(1, loadParams/max(len(names), 1))
		args = append(args[:0], src.row...)
		count := 1
		for src.advance() && count < most {
			args = append(args, src.row...)
			count++
		}
		if _, err := c.exec(ctx, insertRows(table, names, count), args); err != nil {
			return err
		}
		rows, size = rows+count, size+bytesIn(args)
		if rows >= loadRows || size >= loadBytes {
			if err := errors.Join(ctx.Err(), c.control(sqlCommit), c.control(sqlBeginWrite)); err != nil {
				return err
			}
			rows, size = 0, 0
			c.trim()
		}
	}
	if !errors.Is(src.err, io.EOF) {
		return src.err
	}
	return c.control(sqlCommit)
}

// insertRows makes an INSERT of our own catalogue's names and count rows.
func insertRows(table string, names []string, count int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO ` + identifiers([]string{table}) + ` (` + identifiers(names) + `) VALUES `)
	for i := range count {
		if i > 0 {
			b.WriteString(`, `)
		}
		b.WriteByte('(')
		for j := range names {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(i*len(names) + j + 1))
		}
		b.WriteByte(')')
	}
	return b.String()
}

func bytesIn(args []any) int {
	n := 0
	for _, arg := range args {
		switch v := arg.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		default:
			n += 8
		}
	}
	return n
}

// emptyTables refuses when a table holds rows.
func emptyTables(ctx context.Context, s session, tables []Table) error {
	for _, t := range tables {
		rows, err := s.query(ctx, `SELECT 1 FROM `+identifiers([]string{t.Name})+` LIMIT 1`, nil)
		if err != nil {
			return err
		}
		found := rows.Next()
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		if found {
			return fault.New(fault.Conflict, "not-empty")
		}
	}
	return nil
}
