package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"causeway/internal/fault"
)

// sqliteConn is one connection with its prepared statements. One goroutine uses
// it at a time.
type sqliteConn struct {
	conn  *sql.Conn
	path  string              // of the database file
	stmts map[string]prepared // by the statement as the caller wrote it
	// interruptible connections stop a statement when its context ends. The
	// writer's does not: an interrupted change undoes the whole transaction,
	// and with it the work of others who share it.
	interruptible bool
}

type prepared struct {
	stmt *sql.Stmt
	args int
}

func newSQLiteConn(ctx context.Context, pool *sql.DB, path string) (*sqliteConn, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &sqliteConn{conn: conn, path: path, stmts: map[string]prepared{}}, nil
}

var errArguments = errors.New("store: wrong number of arguments")

func (c *sqliteConn) prepare(query string, args int) (*sql.Stmt, error) {
	p, ok := c.stmts[query]
	if !ok {
		text, n := numbered(query)
		stmt, err := c.conn.PrepareContext(context.Background(), text)
		if err != nil {
			return nil, err
		}
		p = prepared{stmt, n}
		c.stmts[query] = p
	}
	if p.args != args {
		return nil, fault.Wrap(fault.Internal, "database", errArguments)
	}
	return p.stmt, nil
}

// trim empties an overgrown statement cache. It is called between transactions,
// when no statement is in use.
func (c *sqliteConn) trim() {
	if len(c.stmts) <= statementCache {
		return
	}
	for _, p := range c.stmts {
		_ = p.stmt.Close() // a statement that fails to close is gone all the same
	}
	clear(c.stmts)
}

func (c *sqliteConn) context(ctx context.Context) context.Context {
	if c.interruptible {
		return ctx
	}
	return context.Background()
}

func (c *sqliteConn) exec(ctx context.Context, query string, args []any) (int64, error) {
	stmt, err := c.prepare(query, len(args))
	if err != nil {
		return 0, err
	}
	res, err := stmt.ExecContext(c.context(ctx), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *sqliteConn) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	stmt, err := c.prepare(query, len(args))
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(c.context(ctx), args...)
}

func (c *sqliteConn) batch(ctx context.Context, stmts []Stmt) error {
	for _, s := range stmts {
		n, err := c.exec(ctx, s.SQL, s.Args)
		if err != nil {
			return err
		}
		if s.Affected != nil {
			*s.Affected = n
		}
	}
	return nil
}

func (c *sqliteConn) savepoint() error { return c.control(sqlSavepoint) }

func (c *sqliteConn) release() error { return c.control(sqlRelease) }

func (c *sqliteConn) rollbackTo() error {
	if err := c.control(sqlRollbackTo); err != nil {
		return err
	}
	return c.control(sqlRelease)
}

func (c *sqliteConn) clean(err error) error {
	if e := sqliteError(err); e != nil && e.class == classIO && asDB(err) == nil && diskFull(c.path) {
		// The driver forgets why a write failed.
		e.class = classFull
		return e.fault()
	}
	return cleanSQLite(err)
}

// control runs a transaction statement.
func (c *sqliteConn) control(query string) error {
	_, err := c.exec(context.Background(), query, nil)
	return err
}

// inTransaction asks SQLite whether a transaction is open: some failures, such
// as a full disk, roll it back on their own.
func (c *sqliteConn) inTransaction() bool {
	open := false
	err := c.conn.Raw(func(raw any) error {
		conn, ok := raw.(driver.Conn)
		if !ok {
			return fmt.Errorf("store: unexpected driver connection %T", raw)
		}
		open = !conn.Raw().GetAutocommit()
		return nil
	})
	return err == nil && open
}

// rollback leaves the connection without a transaction.
func (c *sqliteConn) rollback() error {
	defer c.forgetLog()
	if !c.inTransaction() {
		return nil
	}
	return c.control(sqlRollback)
}

// forgetLog tells the writer's log that a transaction has ended without a sync.
func (c *sqliteConn) forgetLog() {
	if c.interruptible {
		return // a reader has written nothing
	}
	_ = c.conn.Raw(func(raw any) error {
		conn, ok := raw.(driver.Conn)
		if !ok {
			return nil
		}
		file, err := conn.Raw().FileControl("main", sqlite3.FCNTL_JOURNAL_POINTER)
		if log, ok := file.(*walFile); ok && err == nil {
			log.forget()
		}
		return nil // without a log there is nothing to forget
	})
}

func (c *sqliteConn) close() error {
	for _, p := range c.stmts {
		_ = p.stmt.Close() // the connection goes with it
	}
	clear(c.stmts)
	return c.conn.Close()
}

// readers is the pool of read-only connections.
type readers struct {
	free   chan *sqliteConn // nil: a place whose connection is not open yet
	size   int
	pool   *sql.DB
	path   string
	closed chan struct{}
}

// newReaders fills the pool with empty places: a connection is opened when it is
// first needed, as its page cache costs memory.
func newReaders(ctx context.Context, pool *sql.DB, cfg *Config) (*readers, error) {
	size := cfg.Readers
	r := &readers{
		free: make(chan *sqliteConn, size), size: size,
		pool: pool, path: cfg.Path, closed: make(chan struct{}),
	}
	first, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	for range size - 1 {
		r.free <- nil
	}
	r.free <- first
	return r, nil
}

func (r *readers) open(ctx context.Context) (*sqliteConn, error) {
	c, err := newSQLiteConn(context.WithoutCancel(ctx), r.pool, r.path)
	if err != nil {
		return nil, err
	}
	c.interruptible = true
	return c, nil
}

func (r *readers) take(ctx context.Context) (*sqliteConn, error) {
	select {
	case <-r.closed:
		return nil, errClosed
	default:
	}
	select {
	case <-r.closed:
		return nil, errClosed
	case c := <-r.free:
		if c != nil {
			return c, nil
		}
		c, err := r.open(ctx)
		if err != nil {
			r.free <- nil
		}
		return c, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// close waits for every reader to come back.
func (r *readers) close() error {
	close(r.closed)
	var errs []error
	for range r.size {
		if c := <-r.free; c != nil {
			errs = append(errs, c.close())
		}
	}
	return errors.Join(errs...)
}

func (e *sqliteEngine) read(ctx context.Context, fn func(*Tx) error) error {
	c, err := e.readers.take(ctx)
	if err != nil {
		return cleanSQLite(err)
	}
	defer func() { e.readers.free <- c }()
	return readOn(c, &e.cfg, fn)
}

// readOn runs fn over one snapshot, which begins with its first query.
func readOn(c *sqliteConn, cfg *Config, fn func(*Tx) error) (err error) {
	c.trim()
	if err := injected(cfg, "begin"); err != nil {
		return c.clean(err)
	}
	if err := c.control(sqlBeginRead); err != nil {
		return c.clean(err)
	}
	tx := newTx(c, cfg)
	defer func() { // also when fn panics
		err = tx.end(err)
		if undo := c.rollback(); undo != nil && err == nil {
			err = c.clean(undo)
		}
	}()
	return fn(tx)
}

// injected calls the test's fault hook.
func injected(cfg *Config, op string) error {
	if cfg.Fault == nil {
		return nil
	}
	return cfg.Fault(op)
}
