package store

import (
	"context"

	"causeway/internal/fault"
)

// meetsNobody reports whether the caller may use the connection at once, and if
// so holds busy. Where several came together a moment ago they share a commit.
func (w *writer) meetsNobody() bool {
	if w.waiting.Load() > 0 || w.crowded.Load() || !w.busy.TryLock() {
		return false
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		w.busy.Unlock()
		return false // the queue says so
	}
	return true
}

// direct runs one function in a transaction of its own, in the caller's
// goroutine.
func (w *writer) direct(ctx context.Context, fn func(*Tx) error) error {
	left := true
	defer func() {
		if left {
			_ = w.conn.rollback() // the panic, or the end of the goroutine, says more
		}
		w.busy.Unlock()
	}()
	if err := ctx.Err(); err != nil {
		left = false
		return fault.Wrap(fault.Unavailable, "try-again", err)
	}
	if err := w.begin(); err != nil {
		left = false
		return w.conn.clean(err)
	}
	t := newTicket()
	t.tx = newTx(w.conn, w.cfg)
	t.err = t.tx.end(fn(t.tx))
	left = false
	if t.err == nil {
		w.finish([]*ticket{t})
	} else {
		w.salvage(t, nil)
	}
	return <-t.result
}

// begin opens a transaction.
func (w *writer) begin() error {
	w.conn.trim()
	if err := injected(w.cfg, "begin"); err != nil {
		return err
	}
	return w.conn.control(sqlBeginWrite)
}
