package store

import (
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"causeway/internal/fault"
)

// postgresEngine is a server with a pool for writing and one for reading, so
// that readers never queue behind writers.
type postgresEngine struct {
	cfg     Config
	writers *sql.DB
	readers *sql.DB
}

func createPostgres(ctx context.Context, cfg Config) error {
	pool, err := postgresPool(ctx, cfg, 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := checkCollation(ctx, pool); err != nil {
		return err
	}
	there, err := schemaExists(ctx, pool, cfg.Schema)
	if err != nil {
		return err
	}
	if there {
		return fault.New(fault.Conflict, "database-exists")
	}
	if _, err := pool.ExecContext(ctx, `CREATE SCHEMA `+pgx.Identifier{cfg.Schema}.Sanitize()); err != nil {
		return cleanPostgres(err)
	}
	return runMigrations(ctx, Postgres, pool, cfg.Migrations)
}

// schemaExists reports whether the schema holds our tables. An empty schema that
// an administrator prepared for us does not count.
func schemaExists(ctx context.Context, pool *sql.DB, schema string) (bool, error) {
	var there bool
	err := pool.QueryRowContext(ctx, sqlPGSchema, schema).Scan(&there)
	return there, cleanPostgres(err)
}

// existingPostgres returns a pool of one connection to a database of ours.
func existingPostgres(ctx context.Context, cfg Config) (*sql.DB, error) {
	pool, err := postgresPool(ctx, cfg, 1)
	if err != nil {
		return nil, err
	}
	var there bool
	err = checkCollation(ctx, pool)
	if err == nil {
		there, err = schemaExists(ctx, pool, cfg.Schema)
	}
	if err == nil && !there {
		err = fault.New(fault.Unavailable, "no-database")
	}
	if err != nil {
		_ = pool.Close() // the first error is the one to report
		return nil, err
	}
	return pool, nil
}

func openPostgres(ctx context.Context, cfg Config) (*postgresEngine, error) {
	pool, err := existingPostgres(ctx, cfg)
	if err != nil {
		return nil, err
	}
	e := &postgresEngine{cfg: cfg, writers: pool}
	if err := checkSchema(ctx, Postgres, pool, cfg.Migrations); err != nil {
		return nil, errors.Join(err, e.close())
	}
	pool.SetMaxOpenConns(cfg.Writers)
	pool.SetMaxIdleConns(cfg.Writers)
	if e.readers, err = postgresPool(ctx, cfg, cfg.Readers); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// checkCollation refuses a database that does not order text by its bytes:
// lists would come in another order than on SQLite, and an index built under one
// version of a language's rules goes wrong with the next.
func checkCollation(ctx context.Context, pool *sql.DB) error {
	var collation, encoding string
	var sorted bool
	if err := pool.QueryRowContext(ctx, sqlPGCollation).Scan(&collation, &encoding, &sorted); err != nil {
		return cleanPostgres(err)
	}
	named := collation == "C" || collation == "POSIX" ||
		strings.EqualFold(collation, "C.UTF-8") || strings.EqualFold(collation, "C.utf8")
	if !named || !sorted || encoding != "UTF8" {
		return fault.Wrap(fault.Unavailable, "wrong-collation", errCollation)
	}
	return nil
}

var errCollation = errors.New(`create the database with ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0`)

// postgresPool opens connections whose tables are those of our schema. pgx keeps
// the prepared statements of each connection.
func postgresPool(_ context.Context, cfg Config, size int) (*sql.DB, error) {
	conf, err := pgx.ParseConfig(cfg.DSN)
	if err != nil {
		// The error may quote the connection string and its password.
		return nil, fault.Wrap(fault.Invalid, "dsn", errDSN)
	}
	conf.RuntimeParams["search_path"] = pgx.Identifier{cfg.Schema}.Sanitize()
	conf.RuntimeParams["timezone"] = "UTC"
	if conf.RuntimeParams["application_name"] == "" {
		conf.RuntimeParams["application_name"] = "causeway"
	}
	conf.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	conf.StatementCacheCapacity = statementCache
	pool := stdlib.OpenDB(*conf, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, sqlPGDurable)
		return err
	}))
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return pool, nil
}

var errDSN = errors.New("the connection string cannot be read")

func (e *postgresEngine) close() error {
	var errs []error
	for _, pool := range []*sql.DB{e.writers, e.readers} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return cleanPostgres(errors.Join(errs...))
}

// cleanPostgres turns the driver's errors into ours.
func cleanPostgres(err error) error { return clean(Postgres, err, postgresError) }

// postgresError recognises an error of PostgreSQL or of the way to it.
func postgresError(err error) *dbError {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		out := &dbError{engine: Postgres, class: postgresClass(e.Code), state: e.Code}
		out.where = strings.Trim(e.TableName+" "+e.ColumnName+e.ConstraintName, " ")
		if strings.HasPrefix(e.Code, "42") {
			// A mistake in a statement of ours: the message names columns and
			// types. Other messages may quote a value.
			out.where = e.Message
		}
		return out
	}
	if lost(err) {
		return &dbError{engine: Postgres, class: classLost, state: "connection lost"}
	}
	return nil
}

// lost reports whether err means that the server is not there (any more).
func lost(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	var certificate *x509.CertificateInvalidError
	switch {
	case errors.As(err, &certificate):
		return false
	case errors.As(err, &connect), errors.As(err, &network):
		return true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return true
	}
	return pgconn.SafeToRetry(err)
}

// postgresClass reads an SQLSTATE.
func postgresClass(state string) class {
	switch state {
	case "23505":
		return classExists
	case "23503", "23514", "23502", "23001", "22P02", "22003", "22001":
		return classRule
	case "40001", "40P01":
		return classConflict
	case "53300", "55P03", "57014": // too many connections, lock not available, cancelled
		return classBusy
	case "53100":
		return classFull
	case "58030", "XX001", "XX002":
		return classIO
	case "57P01", "57P02", "57P03", "25006": // shutting down, starting, or a standby
		return classLost
	}
	switch {
	case strings.HasPrefix(state, "08"):
		return classLost
	case strings.HasPrefix(state, "53"), strings.HasPrefix(state, "40"):
		return classConflict
	}
	return classOther
}

// postgresConn runs the statements of one transaction.
type postgresConn struct{ conn *sql.Conn }

func (c *postgresConn) exec(ctx context.Context, query string, args []any) (int64, error) {
	res, err := c.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *postgresConn) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	return c.conn.QueryContext(ctx, query, args...)
}

// batch sends all statements before it reads the first answer.
func (c *postgresConn) batch(ctx context.Context, stmts []Stmt) error {
	return c.raw(func(conn *pgx.Conn) error {
		var b pgx.Batch
		for _, s := range stmts {
			b.Queue(s.SQL, s.Args...)
		}
		results := conn.SendBatch(ctx, &b)
		for _, s := range stmts {
			tag, err := results.Exec()
			if err != nil {
				return errors.Join(err, results.Close())
			}
			if s.Affected != nil {
				*s.Affected = tag.RowsAffected()
			}
		}
		return results.Close()
	})
}

// raw reaches the driver's connection below database/sql.
func (c *postgresConn) raw(fn func(*pgx.Conn) error) error {
	return c.conn.Raw(func(raw any) error {
		conn, ok := raw.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("store: unexpected driver connection %T", raw)
		}
		return fn(conn.Conn())
	})
}

func (c *postgresConn) clean(err error) error { return cleanPostgres(err) }

// write runs fn SERIALIZABLE. The version check of an update protects one row;
// it does not protect a decision that rests on other rows (the permit in force,
// the second administrator), which under REPEATABLE READ two transactions could
// each read before the other changes it. SQLite has one writer at a time and so
// is serializable anyway: what is right on one engine must be right on both. The
// price is a retry now and then, which fn is written for.
func (e *postgresEngine) write(ctx context.Context, fn func(*Tx) error) ([]func(), error) {
	tx, err := e.transact(ctx, e.writers, &sql.TxOptions{Isolation: sql.LevelSerializable}, fn)
	if err != nil {
		return nil, err
	}
	return tx.hooks, nil
}

// read runs fn over one snapshot.
func (e *postgresEngine) read(ctx context.Context, fn func(*Tx) error) error {
	_, err := e.transact(ctx, e.readers, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
	return err
}

func (e *postgresEngine) transact(ctx context.Context, pool *sql.DB, opts *sql.TxOptions, fn func(*Tx) error) (*Tx, error) {
	if err := injected(&e.cfg, "begin"); err != nil {
		return nil, cleanPostgres(err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, cleanPostgres(err)
	}
	defer conn.Close()
	inner, err := conn.BeginTx(ctx, opts)
	if err != nil {
		return nil, cleanPostgres(err)
	}
	tx := newTx(&postgresConn{conn}, &e.cfg)
	committed := false
	defer func() { // also when fn panics
		if !committed {
			tx.closeRows()
			tx.ended = true
			_ = inner.Rollback() // what led here says more
		}
	}()
	if err := tx.end(fn(tx)); err != nil {
		return nil, err
	}
	if opts.ReadOnly {
		return tx, nil // nothing to commit; the rollback is as good
	}
	if err := injected(&e.cfg, "commit"); err != nil {
		return nil, cleanPostgres(err)
	}
	if err := inner.Commit(); err != nil {
		return nil, cleanPostgres(err)
	}
	committed = true
	if err := injected(&e.cfg, "committed"); err != nil {
		return nil, cleanPostgres(err)
	}
	return tx, nil
}
