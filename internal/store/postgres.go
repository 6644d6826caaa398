package store

import (
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/sync/semaphore"

	"causeway/internal/fault"
)

// postgresEngine is a server with a pool for writing and one for reading, so
// that readers never queue behind writers.
type postgresEngine struct {
	cfg     Config
	writers *sql.DB
	readers *sql.DB
	// places has one for each writer connection. A transaction that has lost
	// several races takes all of them and so runs alone in this process.
	places *semaphore.Weighted
}

func createPostgres(ctx context.Context, cfg Config) error {
	pool, err := administration(cfg)
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
	pool, err := administration(cfg)
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
	defer pool.Close()
	if err := checkSchema(ctx, Postgres, pool, cfg.Migrations); err != nil {
		return nil, err
	}
	conf, err := postgresConfig(cfg)
	if err != nil {
		return nil, err
	}
	// SERIALIZABLE watches what a transaction has read. A scan of a whole table,
	// which the planner likes for a small one, makes every insert elsewhere a
	// conflict; the writer's statements all have an index.
	forWriters := conf.Copy()
	forWriters.RuntimeParams["enable_seqscan"] = "off"
	return &postgresEngine{
		cfg:     cfg,
		writers: sized(sql.OpenDB(pgConnector{forWriters}), cfg.Writers),
		readers: sized(sql.OpenDB(pgConnector{conf}), cfg.Readers),
		places:  semaphore.NewWeighted(int64(cfg.Writers)),
	}, nil
}

func sized(pool *sql.DB, size int) *sql.DB {
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return pool
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

// postgresConfig says how to connect so that names mean the tables of our
// schema. pgx keeps the prepared statements of each connection.
func postgresConfig(cfg Config) (*pgx.ConnConfig, error) {
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
	if conf.ConnectTimeout == 0 {
		conf.ConnectTimeout = 10 * time.Second
	}
	// A server that vanished without a word is found out in half a minute.
	conf.DialFunc = (&net.Dialer{
		Timeout:         conf.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	}).DialContext
	conf.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	conf.StatementCacheCapacity = statementCache
	return conf, nil
}

// administration returns one connection for looking at the schema and changing
// it.
func administration(cfg Config) (*sql.DB, error) {
	conf, err := postgresConfig(cfg)
	if err != nil {
		return nil, err
	}
	return sized(stdlib.OpenDB(*conf), 1), nil
}

var errDSN = errors.New("the connection string cannot be read")

func (e *postgresEngine) close() error {
	return cleanPostgres(errors.Join(e.writers.Close(), e.readers.Close()))
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

// stateReadOnly: the server or the transaction takes no writes.
const stateReadOnly = "25006"

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
	case "57P01", "57P02", "57P03", stateReadOnly: // shutting down, starting, or a standby
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
