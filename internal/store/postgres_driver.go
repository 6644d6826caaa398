package store

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// pgConnector makes the connections that transactions run on. It stands below
// database/sql in the place of pgx's own driver for one reason: a transaction
// that begins, sets savepoints and commits pays a round trip for each of these
// there, and here they travel with the statements.
type pgConnector struct{ conf *pgx.ConnConfig }

// Connect opens a connection.
func (c pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, c.conf)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, sqlPGDurable); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return &pgConn{conn: conn}, nil
}

// Driver returns the connector itself; the pool is made from the connector.
func (c pgConnector) Driver() driver.Driver { return c }

// Open is never called: connections come from Connect.
func (c pgConnector) Open(string) (driver.Conn, error) { return nil, errUnsupported }

var errUnsupported = errors.New("store: not supported by this driver")

// pgConn is one connection. One transaction uses it at a time.
type pgConn struct {
	conn *pgx.Conn
	// pending are BEGIN and savepoint statements that go out in front of the
	// next statement.
	pending []string
}

// Prepare is not needed: pgx prepares and caches by itself.
func (c *pgConn) Prepare(string) (driver.Stmt, error) { return nil, errUnsupported }

// Begin is not needed: transactions are begun by [pgConn.begin].
func (c *pgConn) Begin() (driver.Tx, error) { return nil, errUnsupported }

// Close ends the connection.
func (c *pgConn) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	return c.conn.Close(ctx)
}

// IsValid reports whether the pool may keep the connection.
func (c *pgConn) IsValid() bool { return !c.conn.IsClosed() && c.idle() }

// ResetSession refuses a connection that is not as a new one.
func (c *pgConn) ResetSession(context.Context) error {
	c.pending = nil
	if !c.IsValid() {
		return driver.ErrBadConn
	}
	return nil
}

// idle reports whether no transaction is open on the server.
func (c *pgConn) idle() bool { return c.conn.PgConn().TxStatus() == 'I' }

// later keeps a statement for the next round trip.
func (c *pgConn) later(query string) { c.pending = append(c.pending, query) }

// send runs what is pending and then the statements, in one round trip.
func (c *pgConn) send(ctx context.Context, stmts ...Stmt) error {
	var b pgx.Batch
	skip := c.queuePending(&b)
	for _, s := range stmts {
		b.Queue(s.SQL, s.Args...)
	}
	results := c.conn.SendBatch(ctx, &b)
	for i := range skip + len(stmts) {
		tag, err := results.Exec()
		if err != nil {
			_ = results.Close() // repeats the error
			return err
		}
		if i >= skip && stmts[i-skip].Affected != nil {
			*stmts[i-skip].Affected = tag.RowsAffected()
		}
		if i == skip+len(stmts)-1 && tag.String() == "ROLLBACK" && stmts[i-skip].SQL == sqlCommit {
			err = errRolledBack
		}
		if err != nil {
			_ = results.Close()
			return err
		}
	}
	return results.Close()
}

// errRolledBack: PostgreSQL answers COMMIT of a failed transaction by rolling
// back, without an error.
var errRolledBack = &dbError{engine: Postgres, class: classConflict, state: "rolled back at commit"}

func (c *pgConn) queuePending(b *pgx.Batch) int {
	n := len(c.pending)
	for _, query := range c.pending {
		b.Queue(query)
	}
	c.pending = c.pending[:0]
	return n
}

// ExecContext runs a statement.
func (c *pgConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(c.pending) > 0 {
		var n int64
		err := c.send(ctx, Stmt{SQL: query, Args: plain(args), Affected: &n})
		return driver.RowsAffected(n), err
	}
	tag, err := c.conn.Exec(ctx, query, plain(args)...)
	return driver.RowsAffected(tag.RowsAffected()), err
}

// QueryContext runs a query.
func (c *pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if len(c.pending) == 0 {
		rows, err := c.conn.Query(ctx, query, plain(args)...)
		if err != nil {
			return nil, err
		}
		return firstRow(&pgRows{rows: rows})
	}
	var b pgx.Batch
	skip := c.queuePending(&b)
	b.Queue(query, plain(args)...)
	results := c.conn.SendBatch(ctx, &b)
	for range skip {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // repeats the error
			return nil, err
		}
	}
	rows, err := results.Query()
	if err != nil {
		_ = results.Close()
		return nil, err
	}
	return firstRow(&pgRows{rows: rows, batch: results})
}

func plain(args []driver.NamedValue) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a.Value
	}
	return out
}

// pgRows reads the rows of one query.
type pgRows struct {
	rows  pgx.Rows
	batch pgx.BatchResults // that the query was part of, or nil
	first bool             // a row is read ahead
}

// firstRow reads ahead, because pgx reports a query's failure with its rows.
func firstRow(r *pgRows) (driver.Rows, error) {
	r.first = r.rows.Next()
	if err := r.rows.Err(); err != nil {
		_ = r.Close() // repeats the error
		return nil, err
	}
	return r, nil
}

// Columns returns the names of the columns.
func (r *pgRows) Columns() []string {
	fields := r.rows.FieldDescriptions()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

// Close gives up the remaining rows.
func (r *pgRows) Close() error {
	r.rows.Close()
	err := r.rows.Err()
	if r.batch != nil {
		if closed := r.batch.Close(); err == nil {
			err = closed
		}
	}
	return err
}

// Next reads a row.
func (r *pgRows) Next(dest []driver.Value) error {
	if !r.first && !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	r.first = false
	fields := r.rows.FieldDescriptions()
	for i, raw := range r.rows.RawValues() {
		v, err := pgValue(fields[i].DataTypeOID, fields[i].Format, raw)
		if err != nil {
			return fmt.Errorf("column %s: %w", fields[i].Name, err)
		}
		dest[i] = v
	}
	return nil
}

var errColumnType = errors.New("type without a twin on SQLite; use CAST")

// pgValue decodes the few types that our columns and expressions have. Others
// would read differently on the two engines and are refused.
func pgValue(oid uint32, format int16, raw []byte) (driver.Value, error) {
	if raw == nil {
		return nil, nil
	}
	switch oid {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.NameOID, pgtype.UnknownOID:
		return string(raw), nil
	}
	if format != pgx.BinaryFormatCode {
		return nil, errColumnType
	}
	switch {
	case oid == pgtype.ByteaOID:
		return append([]byte{}, raw...), nil
	case oid == pgtype.Int8OID && len(raw) == 8:
		return int64(binary.BigEndian.Uint64(raw)), nil
	case oid == pgtype.Int4OID && len(raw) == 4:
		return int64(int32(binary.BigEndian.Uint32(raw))), nil
	case oid == pgtype.Int2OID && len(raw) == 2:
		return int64(int16(binary.BigEndian.Uint16(raw))), nil
	case oid == pgtype.BoolOID && len(raw) == 1:
		return raw[0] == 1, nil
	case oid == pgtype.Float8OID && len(raw) == 8:
		return math.Float64frombits(binary.BigEndian.Uint64(raw)), nil
	}
	return nil, errColumnType
}
