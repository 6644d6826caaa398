package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// How long the end of a transaction may take when its caller is gone already.
const (
	commitTime   = 30 * time.Second
	rollbackTime = 5 * time.Second
	closeTime    = 500 * time.Millisecond // to say goodbye to a server that may be gone
)

// postgresConn runs the statements of one transaction.
type postgresConn struct {
	conn    *sql.Conn
	reading bool // a transaction that was opened READ ONLY
}

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

func (c *postgresConn) batch(ctx context.Context, stmts []Stmt) error {
	return c.raw(func(conn *pgConn) error { return conn.send(ctx, stmts...) })
}

// savepoint keeps the statement for the next round trip; it cannot fail there
// unless the transaction has failed already.
func (c *postgresConn) savepoint() error {
	return c.raw(func(conn *pgConn) error { conn.later(sqlSavepoint); return nil })
}

func (c *postgresConn) release() error {
	return c.raw(func(conn *pgConn) error {
		if n := len(conn.pending); n > 0 && conn.pending[n-1] == sqlSavepoint {
			conn.pending = conn.pending[:n-1] // nothing happened in between
			return nil
		}
		conn.later(sqlRelease)
		return nil
	})
}

func (c *postgresConn) rollbackTo() error {
	return c.raw(func(conn *pgConn) error {
		// Inner savepoints that never went out are forgotten with the outer
		// one's work, and so is the outer one if it never went out itself.
		for n := len(conn.pending); n > 0; n-- {
			last := conn.pending[n-1]
			conn.pending = conn.pending[:n-1]
			if last == sqlSavepoint {
				return nil
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), commitTime)
		defer cancel()
		// One simple query: a failed transaction takes no other.
		_, err := conn.conn.PgConn().Exec(ctx, sqlRollbackTo+`; `+sqlRelease).ReadAll()
		return err
	})
}

func (c *postgresConn) clean(err error) error {
	if e := postgresError(err); e != nil && e.state == stateReadOnly && c.reading {
		// Our own read that tries to write is a mistake; only in a write does
		// this mean that the server has become a standby.
		e.class = classOther
		return e.fault()
	}
	return cleanPostgres(err)
}

// raw reaches our driver's connection below database/sql.
func (c *postgresConn) raw(fn func(*pgConn) error) error {
	return c.conn.Raw(func(raw any) error {
		conn, ok := raw.(*pgConn)
		if !ok {
			return fmt.Errorf("store: unexpected driver connection %T", raw)
		}
		return fn(conn)
	})
}

// write runs fn SERIALIZABLE. The version check of an update protects one row;
// it does not protect a decision that rests on other rows (the permit in force,
// the second administrator), which under REPEATABLE READ two transactions could
// each read before the other changes it. SQLite has one writer at a time and so
// is serializable anyway: what is right on one engine must be right on both. The
// price is a retry now and then, which fn is written for.
func (e *postgresEngine) write(ctx context.Context, fn func(*Tx) error, alone bool) ([]func(), error) {
	places := int64(1)
	if alone {
		places = int64(e.cfg.Writers)
	}
	if err := e.places.Acquire(ctx, places); err != nil {
		return nil, cleanPostgres(err)
	}
	defer e.places.Release(places)
	tx, err := e.transact(ctx, e.writers, sqlPGBeginWrite, fn)
	if err != nil {
		return nil, err
	}
	return tx.hooks, nil
}

// read runs fn over one snapshot.
func (e *postgresEngine) read(ctx context.Context, fn func(*Tx) error) error {
	_, err := e.transact(ctx, e.readers, sqlPGBeginRead, fn)
	return err
}

func (e *postgresEngine) dump(ctx context.Context, fn func(*Tx) error) error {
	_, err := e.transact(ctx, e.readers, sqlPGBeginRead, fn)
	return err
}

func (e *postgresEngine) transact(ctx context.Context, pool *sql.DB, begin string, fn func(*Tx) error) (*Tx, error) {
	tx, err := e.attempt(ctx, pool, begin, fn)
	if err == nil {
		return tx, nil
	}
	if cause := asDB(err); cause != nil && cause.class == classLost {
		// The idle connections of the pool have most likely died with this one,
		// and each would cost another try.
		size := pool.Stats().MaxOpenConnections
		pool.SetMaxIdleConns(0)
		pool.SetMaxIdleConns(size)
	}
	return nil, err
}

func (e *postgresEngine) attempt(ctx context.Context, pool *sql.DB, begin string, fn func(*Tx) error) (*Tx, error) {
	if err := injected(&e.cfg, "begin"); err != nil {
		return nil, cleanPostgres(err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, cleanPostgres(err)
	}
	defer conn.Close()
	c := &postgresConn{conn: conn, reading: begin == sqlPGBeginRead}
	if err := c.raw(func(p *pgConn) error { p.later(begin); return nil }); err != nil {
		return nil, cleanPostgres(err)
	}
	tx := newTx(c, &e.cfg)
	tx.keeps = !c.reading
	defer func() { // also when fn panics
		tx.closeRows()
		tx.ended = true
		c.finish()
	}()
	err = fn(tx)
	last := append(tx.puts, tx.last...)
	if err := tx.end(err); err != nil {
		return nil, err
	}
	if c.reading {
		return tx, nil // nothing to commit; a rollback is as good
	}
	if err := e.commit(ctx, c, last); err != nil {
		return nil, cleanPostgres(err)
	}
	return tx, nil
}

// commit sends the transaction's last statements and its COMMIT in one round
// trip. It goes on when the caller is gone: nobody would know how it ended.
func (e *postgresEngine) commit(ctx context.Context, c *postgresConn, last []Stmt) error {
	if err := injected(&e.cfg, "commit"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime)
	defer cancel()
	err := c.raw(func(p *pgConn) error {
		if p.idle() && len(last) == 0 {
			return nil // no statement went out
		}
		return p.send(ctx, append(last, Stmt{SQL: sqlCommit})...)
	})
	if err != nil {
		return err
	}
	return injected(&e.cfg, "committed")
}

// finish leaves the connection without a transaction, or closed.
func (c *postgresConn) finish() {
	_ = c.raw(func(p *pgConn) error {
		p.pending = p.pending[:0]
		if p.idle() || p.conn.IsClosed() {
			return nil
		}
		ctx, cancel := context.WithTimeout(context.Background(), rollbackTime)
		defer cancel()
		// If it fails, the pool sees the open transaction and drops the
		// connection; the server rolls back then.
		_, err := p.conn.PgConn().Exec(ctx, sqlRollback).ReadAll()
		return err
	})
}
