package store

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"causeway/internal/fault"
)

// groupSize bounds how many functions share one commit, and groupTime how long
// the first of them waits for the others.
const (
	groupSize = 64
	groupTime = 20 * time.Millisecond
)

// writer owns the one connection that changes an SQLite file. Its goroutine
// takes every waiting function, gives each a turn in one shared transaction, and
// commits once: syncing the disk is what a write costs, so sharing it is what
// makes many writers fast.
//
// Each function runs in its caller's own goroutine while the writer waits for
// it. A panic, or a runtime.Goexit such as testing's FailNow, therefore ends the
// caller and not the writer. A caller who meets nobody does the whole transaction
// by itself: waking the writer and being woken by it costs as much as the rows.
type writer struct {
	busy  sync.Mutex  // held while a transaction is open; guards conn
	conn  *sqliteConn // used by run, and by the caller whose turn it is
	cfg   *Config
	queue chan *ticket

	waiting atomic.Int32 // callers in the queue or in a group
	crowded atomic.Bool  // the last group had more than one

	mu      sync.RWMutex // guards closed against sending to queue
	closed  bool
	stopped chan struct{} // closed when run has ended
}

// ticket is one caller's place in the queue.
type ticket struct {
	turn   chan *Tx     // the writer gives the caller a turn; once more after a rerun
	done   chan outcome // the caller hands it back
	result chan error   // the writer's last word
	state  atomic.Int32 // waiting, then claimed by one side
	// exclusive asks for the bare connection, outside of any transaction: the
	// Tx of the turn is nil.
	exclusive bool

	tx  *Tx   // of the last turn; run's
	err error // result of the last turn; run's
}

const (
	ticketWaiting int32 = iota
	ticketTaken
	ticketWithdrawn
)

type outcome struct {
	err error
	// left says that the function did not return: it panicked or ended its
	// goroutine.
	left bool
}

func newTicket() *ticket {
	return &ticket{turn: make(chan *Tx, 1), done: make(chan outcome, 1), result: make(chan error, 1)}
}

func newWriter(c *sqliteConn, cfg *Config) *writer {
	w := &writer{conn: c, cfg: cfg, queue: make(chan *ticket, groupSize), stopped: make(chan struct{})}
	go w.run()
	return w
}

// close lets everybody in the queue finish and closes the connection.
func (w *writer) close() error {
	w.mu.Lock()
	first := !w.closed
	w.closed = true
	w.mu.Unlock()
	if first {
		close(w.queue)
	}
	<-w.stopped
	w.busy.Lock()
	defer w.busy.Unlock()
	return w.conn.close()
}

// enter puts a ticket into the queue.
func (w *writer) enter(ctx context.Context, t *ticket) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- t:
		return nil
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, "try-again", ctx.Err())
	}
}

// write waits for a turn, takes it and waits for the commit.
func (w *writer) write(ctx context.Context, fn func(*Tx) error) ([]func(), error) {
	var hooks []func()
	work := func(tx *Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		hooks = tx.hooks
		if len(tx.last) == 0 || tx.doomed != nil {
			return nil
		}
		tx.closeRows()
		if err := tx.session.batch(ctx, tx.last); err != nil {
			return tx.fail(tx.session.clean(err))
		}
		return nil
	}
	if w.meetsNobody() {
		err := w.direct(ctx, work)
		return hooks, err
	}
	err := w.queueUp(ctx, newTicket(), work)
	return hooks, err
}

// exclusive runs fn on the writer's connection outside of any transaction.
func (w *writer) exclusive(ctx context.Context, fn func(*sqliteConn) error) error {
	t := newTicket()
	t.exclusive = true
	return w.queueUp(ctx, t, func(*Tx) error { return fn(w.conn) })
}

func (w *writer) queueUp(ctx context.Context, t *ticket, fn func(*Tx) error) error {
	w.waiting.Add(1)
	defer w.waiting.Add(-1)
	if err := w.enter(ctx, t); err != nil {
		return err
	}
	giveUp := ctx.Done()
	for {
		select {
		case tx := <-t.turn:
			t.take(tx, func(tx *Tx) error {
				if err := ctx.Err(); err != nil {
					return fault.Wrap(fault.Unavailable, "try-again", err)
				}
				return fn(tx)
			})
		case err := <-t.result:
			return err
		case <-giveUp:
			if t.state.CompareAndSwap(ticketWaiting, ticketWithdrawn) {
				return fault.Wrap(fault.Unavailable, "try-again", ctx.Err())
			}
			giveUp = nil // the turn has begun: see it through
		}
	}
}

// take runs fn in the caller's goroutine. If fn does not return, take waits
// until its work is rolled back before the panic goes on.
func (t *ticket) take(tx *Tx, fn func(*Tx) error) {
	out := outcome{left: true}
	defer func() {
		t.done <- out
		if out.left {
			<-t.result
		}
	}()
	err := fn(tx)
	out = outcome{err: err}
}

// run is the writer's goroutine; close waits for it.
func (w *writer) run() {
	defer close(w.stopped)
	var alone []*ticket   // to run anew, each by itself
	var waiting []*ticket // left over from the last group
	for {
		var first *ticket
		if len(alone)+len(waiting) == 0 {
			var ok bool
			if first, ok = <-w.queue; !ok {
				return
			}
		}
		alone, waiting = w.round(first, alone, waiting)
	}
}

// round serves one group: the first of those to run alone, those left over, or
// whoever waits together with first. It returns who is still to be served.
func (w *writer) round(first *ticket, alone, waiting []*ticket) ([]*ticket, []*ticket) {
	w.busy.Lock()
	defer w.busy.Unlock()
	var group []*ticket
	switch {
	case len(alone) > 0:
		group, alone = alone[:1], alone[1:]
	case len(waiting) > 0:
		group, waiting = waiting, nil
	default:
		group = w.gather(first)
		w.crowded.Store(len(group) > 1)
	}
	if group[0].exclusive {
		w.lend(group[0])
		return alone, waiting
	}
	again, left := w.commit(group)
	return append(alone, again...), append(waiting, left...)
}

// gather takes whoever waits already; it does not wait for more. A ticket for
// exclusive use stays alone.
func (w *writer) gather(first *ticket) []*ticket {
	group := []*ticket{first}
	if first.exclusive {
		return group
	}
	// The callers of the last commit have just been woken. Letting them reach
	// the queue costs microseconds and spares many of them a sync of their own.
	runtime.Gosched()
	for len(group) < groupSize {
		select {
		case t, ok := <-w.queue:
			if !ok {
				return group
			}
			if t.exclusive {
				w.lend(t) // no transaction is open yet
				continue
			}
			group = append(group, t)
		default:
			return group
		}
	}
	return group
}

// lend gives the connection to one caller.
func (w *writer) lend(t *ticket) {
	if !t.state.CompareAndSwap(ticketWaiting, ticketTaken) {
		return
	}
	w.conn.trim()
	t.turn <- nil
	out := <-t.done
	err := out.err
	if undo := w.conn.rollback(); err == nil {
		err = undo
	}
	t.result <- redact(w.conn, err)
}

// commit runs a group in one transaction. It returns the tickets whose work was
// lost when another's failure destroyed the transaction, and those it did not
// come to.
func (w *writer) commit(group []*ticket) (again, left []*ticket) {
	if err := w.begin(); err != nil {
		w.answerAll(group, w.conn.clean(err))
		return nil, nil
	}
	start := w.cfg.Clock.Now()
	alone := len(group) == 1
	var ran []*ticket
	for i, t := range group {
		if i > 0 && w.cfg.Clock.Now().Sub(start) > groupTime {
			left = group[i:]
			break
		}
		if t.tx == nil && !t.state.CompareAndSwap(ticketWaiting, ticketTaken) {
			continue
		}
		gone, intact := w.turn(t, alone)
		if !gone {
			ran = append(ran, t)
		}
		if !intact {
			return w.salvage(t, ran), group[i+1:]
		}
		if gone {
			// Its goroutine waits to panic on; its part is rolled back.
			t.result <- nil
		}
	}
	w.finish(ran)
	return nil, left
}

// turn gives one ticket its turn. It reports whether the function left without
// returning, and whether the shared transaction is still whole.
func (w *writer) turn(t *ticket, alone bool) (gone, intact bool) {
	if !alone {
		if err := w.conn.savepoint(); err != nil {
			t.err = w.conn.clean(err)
			return false, false
		}
	}
	t.tx = newTx(w.conn, w.cfg)
	t.turn <- t.tx
	out := <-t.done
	t.err = t.tx.end(out.err)
	if !out.left && t.err == nil {
		if alone {
			return false, true
		}
		if err := w.conn.release(); err != nil {
			t.err = w.conn.clean(err)
			return false, false
		}
		return false, true
	}
	if alone || !w.conn.inTransaction() {
		return out.left, false
	}
	// Undo this function's work only; the others' stays.
	if w.conn.rollbackTo() != nil {
		return out.left, false
	}
	return out.left, true
}

// salvage ends a transaction that cannot go on. The ticket that broke it gets
// its own error; those whose work went with it run again, each by itself.
func (w *writer) salvage(broken *ticket, ran []*ticket) (again []*ticket) {
	err := w.conn.rollback()
	for _, t := range ran {
		if t != broken && t.err == nil {
			again = append(again, t)
		} else if t != broken {
			t.result <- t.err
		}
	}
	if broken.err == nil {
		broken.err = w.conn.clean(err)
	}
	broken.result <- broken.err
	return again
}

// finish commits and tells everybody. Nobody hears of success or failure before:
// a refusal may rest on what another function of the group wrote.
func (w *writer) finish(ran []*ticket) {
	wrote := false
	for _, t := range ran {
		wrote = wrote || t.err == nil
	}
	if !wrote {
		if err := w.conn.rollback(); err != nil {
			w.answerAll(ran, w.conn.clean(err))
			return
		}
		w.answer(ran)
		return
	}
	err := injected(w.cfg, "commit")
	if err == nil {
		err = w.conn.control(sqlCommit)
	}
	if err != nil {
		_ = w.conn.rollback() // the commit's error says more
		w.answerAll(ran, w.conn.clean(err))
		return
	}
	if err := injected(w.cfg, "committed"); err != nil {
		w.answerAll(ran, w.conn.clean(err))
		return
	}
	w.answer(ran)
}

func (w *writer) answer(ran []*ticket) {
	for _, t := range ran {
		t.result <- t.err
	}
}

func (w *writer) answerAll(group []*ticket, err error) {
	for _, t := range group {
		t.result <- err
	}
}

func (e *sqliteEngine) write(ctx context.Context, fn func(*Tx) error, _ bool) ([]func(), error) {
	return e.writer.write(ctx, fn)
}
