// Package store keeps Causeway's rows, on SQLite in one encrypted file or on
// PostgreSQL, behind one transaction type and one SQL text.
//
// It runs whole functions as transactions and retries them, so that nobody
// above it handles a lost race or a lost connection; it makes, upgrades, copies
// and checks the schema; and it gives database errors a kind. It must never
// show a statement's arguments, in an error or in a log: they are a child's
// data. It knows no other package's tables.
//
// Start at [DB.Write] and [Tx]; [Create], [Open] and [Migrate] come before them.
//
// # The SQL that both engines understand
//
// Placeholders are $1, $2 and so on. DDL uses TEXT, BIGINT, BOOLEAN and BYTEA.
// Times are UTC microseconds in BIGINT. Every ORDER BY ends in a unique column
// and says NULLS FIRST or LAST where a NULL can occur. One query's rows are read
// to their end or closed before the next statement. SUM is written as
// CAST(SUM(x) AS BIGINT): other types have no twin on the other engine.
//
// # What keeps many writers fast on PostgreSQL
//
// A write does not look whether a row exists in order to insert it: it inserts
// with ON CONFLICT DO NOTHING and looks at the number of rows. Under
// SERIALIZABLE two writers that each look for a new row and then insert it
// collide as long as the table is small. What nothing else in the transaction
// reads goes into [Tx.Last], and the rest of the writing into one [Tx.Batch].
package store

import (
	"context"
	"io/fs"
	"sync"

	"causeway/internal/clock"
	"causeway/internal/fault"
)

// Engine names a database engine.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"   // one encrypted file, one machine
	Postgres Engine = "postgres" // a server, several instances of the node
)

// Config says where a database is.
type Config struct {
	Engine  Engine
	Path    string // SQLite: the database file
	FileKey []byte // SQLite: 32 bytes; required, there is no unencrypted file
	DSN     string // PostgreSQL: connection string
	Schema  string // PostgreSQL: the schema that holds our tables, default "causeway"
	Readers int    // connections for reading, default 4
	Writers int    // PostgreSQL: connections for writing, default 16

	Clock      clock.Clock // default the machine's
	Migrations fs.FS       // default those of this binary; tests bring their own

	// Fault is nil in production. Tests set it to make the database fail: it is
	// called before every operation with one of "begin", "exec", "query",
	// "batch", "savepoint", "commit", and with "committed" after a commit whose
	// answer may be lost. An error it returns takes the place of the
	// operation's own; see [ErrInjectedConflict] and its neighbours.
	Fault func(op string) error
}

func (c Config) withDefaults() Config {
	if c.Schema == "" {
		c.Schema = "causeway"
	}
	if c.Readers <= 0 {
		c.Readers = 4
	}
	if c.Writers <= 0 {
		c.Writers = 16
	}
	if c.Clock == nil {
		c.Clock = clock.System()
	}
	if c.Migrations == nil {
		c.Migrations = builtin()
	}
	return c
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	cfg    Config
	engine engine
	close  sync.Once
	err    error // result of the first Close
}

// engine is what SQLite and PostgreSQL do differently.
type engine interface {
	// write runs fn once in a transaction of its own and makes it durable.
	// It returns the hooks to run now that it is committed. alone asks that no
	// other write of this process runs meanwhile.
	write(ctx context.Context, fn func(*Tx) error, alone bool) ([]func(), error)
	read(ctx context.Context, fn func(*Tx) error) error
	// dump is read for a snapshot that may stay open for long.
	dump(ctx context.Context, fn func(*Tx) error) error
	load(ctx context.Context, src *loadSource) error
	// columns is a query for table, column and type of all columns.
	columns() (query string, args []any)
	size(ctx context.Context) (int64, error)
	checkpoint(ctx context.Context) error
	integrity(ctx context.Context) error
	close() error
}

// Create makes a new, empty database with every table, and opens it. It refuses
// with code "database-exists" when there is one already.
func Create(ctx context.Context, cfg Config) (*DB, error) {
	cfg = cfg.withDefaults()
	if err := createEmpty(ctx, cfg); err != nil {
		return nil, err
	}
	return Open(ctx, cfg)
}

func createEmpty(ctx context.Context, cfg Config) error {
	switch cfg.Engine {
	case SQLite:
		return createSQLite(ctx, cfg)
	case Postgres:
		return createPostgres(ctx, cfg)
	}
	return fault.New(fault.Invalid, "unknown-engine")
}

// Open opens an existing database. It refuses, with kind Unavailable and a code:
//
//   - "no-database": there is none at this place
//   - "not-a-database": the file is not one of ours
//   - "wrong-file-key": the file cannot be read with this key
//   - "wrong-collation": the PostgreSQL database does not sort by bytes
//   - "schema-newer": a newer version of the program has changed the tables
//   - "schema-older": migrations are pending, see [Migrate]
//   - "incomplete-restore": a [DB.Load] was interrupted
func Open(ctx context.Context, cfg Config) (*DB, error) {
	cfg = cfg.withDefaults()
	db := &DB{cfg: cfg}
	var err error
	switch cfg.Engine {
	case SQLite:
		db.engine, err = openSQLite(ctx, cfg)
	case Postgres:
		db.engine, err = openPostgres(ctx, cfg)
	default:
		return nil, fault.New(fault.Invalid, "unknown-engine")
	}
	if err != nil {
		return nil, err
	}
	return db, nil
}

// errClosed answers those who come after Close.
var errClosed = fault.New(fault.Unavailable, "closed")

// Engine returns the engine of the database.
func (db *DB) Engine() Engine { return db.cfg.Engine }

// Clock returns the clock the database was opened with.
func (db *DB) Clock() clock.Clock { return db.cfg.Clock }

// Close waits for running transactions and closes the database. Later calls
// return what the first returned.
func (db *DB) Close() error {
	db.close.Do(func() { db.err = db.engine.close() })
	return db.err
}
