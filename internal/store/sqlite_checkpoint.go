package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// checkpointer copies the log into the file beside the writer, so that no commit
// waits for it: most of it while others write, and then, in their way for a few
// milliseconds, what they have added meanwhile. Only a log that was copied to
// its end can be written over from its beginning.
type checkpointer struct {
	cfg    Config
	writer *writer
	wake   chan struct{} // closed to stop
	done   chan struct{}

	pages atomic.Int64 // of the log at which the next run is due

	mu   sync.Mutex // held while a checkpoint runs; guards pool and conn
	pool *sql.DB    // opened when first needed
	conn *sql.Conn
}

func newCheckpointer(cfg Config, w *writer) (*checkpointer, error) {
	c := &checkpointer{cfg: cfg, writer: w, wake: make(chan struct{}, 1), done: make(chan struct{})}
	c.pages.Store(checkpointPages)
	err := withSQLite(w.conn.conn, func(conn *sqlite3.Conn) error {
		conn.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
			if int64(pages) >= c.pages.Load() {
				select {
				case c.wake <- struct{}{}:
				default: // it is awake
				}
			}
			return nil
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	go c.run()
	return c, nil
}

// run is the checkpointer's goroutine; close waits for it.
func (c *checkpointer) run() {
	defer close(c.done)
	for range c.wake {
		if left, err := c.once(); err == nil && left == 0 {
			c.pages.Store(checkpointPages)
		} else {
			// A reader of an old snapshot is in the way, or the disk is full: the
			// next run is due when the log has grown by as much again.
			c.pages.Add(checkpointPages)
		}
	}
}

// once copies what can be copied and returns how many pages of the log are left.
func (c *checkpointer) once() (left int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.open(); err != nil {
		return 0, err
	}
	if _, err := c.copy(); err != nil {
		return 0, err
	}
	c.writer.busy.Lock()
	defer c.writer.busy.Unlock()
	return c.copy()
}

func (c *checkpointer) copy() (left int, err error) {
	err = withSQLite(c.conn, func(conn *sqlite3.Conn) error {
		pages, copied, err := conn.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
		left = pages - copied
		return err
	})
	return left, err
}

func (c *checkpointer) open() (err error) {
	if c.conn != nil {
		return nil
	}
	if c.pool == nil {
		c.pool, err = sqlitePool(c.cfg, 1, func(conn *sqlite3.Conn) error {
			return pragmas(conn, "synchronous=FULL", "cache_size=-256", "wal_autocheckpoint=0")
		})
		if err != nil {
			return err
		}
	}
	c.conn, err = c.pool.Conn(context.Background())
	return err
}

// close stops the goroutine and closes the connection. Nobody writes any more.
func (c *checkpointer) close() error {
	close(c.wake)
	<-c.done
	if c.pool == nil {
		return nil
	}
	if c.conn != nil {
		_ = c.conn.Close() // goes back to the pool, which is closed next
	}
	return c.pool.Close()
}

// withSQLite reaches the connection below database/sql.
func withSQLite(conn *sql.Conn, fn func(*sqlite3.Conn) error) error {
	return conn.Raw(func(raw any) error {
		c, ok := raw.(driver.Conn)
		if !ok {
			return fmt.Errorf("store: unexpected driver connection %T", raw)
		}
		return fn(c.Raw())
	})
}
