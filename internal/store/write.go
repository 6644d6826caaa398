package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"time"

	"causeway/internal/fault"
)

// Write runs fn in one transaction and returns nil once the disk holds what it
// did.
//
// fn may run several times: it is repeated as a whole when the transaction lost
// a race or its connection, each time with a new [Tx], after everything it did
// before is undone. So fn assigns to outer variables, it does not append or
// count. When the connection is lost during the commit nobody knows whether it
// happened: what must not happen twice carries an identifier that fn looks for
// first. fn must not call Write again; on SQLite it would wait for itself.
//
// Every transaction sees the database as if it ran alone (SERIALIZABLE), so a
// rule checked by reading holds when the change is committed.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.repeat(ctx, func(try int) error {
		hooks, err := db.engine.write(ctx, fn, try > conflictShared)
		if err != nil {
			return err
		}
		for _, hook := range hooks {
			hook()
		}
		return nil
	})
}

// Read runs fn over one snapshot of the database, on a connection that cannot
// write. It never waits for a writer and costs no disk sync. fn may run several
// times, as in [DB.Write].
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return db.repeat(ctx, func(int) error { return db.engine.read(ctx, fn) })
}

// How long to go on. A lost race is repeated soon and often: with version checks
// it is rare and short. A lost connection is repeated for half a minute, the
// time a cluster takes to choose a new primary. A busy file has already waited
// for busyMillis.
const (
	conflictShared = 3 // tries beside other writers; after that, alone
	conflictTries  = 12
	conflictFirst  = time.Millisecond
	conflictMost   = 250 * time.Millisecond
	lostTries      = 40
	lostFirst      = 20 * time.Millisecond
	lostMost       = time.Second
	busyTries      = 3
)

// repeat runs once until it succeeds, fails for good, or has been tried enough.
func (db *DB) repeat(ctx context.Context, once func(try int) error) error {
	for try := 1; ; try++ {
		err := once(try)
		if err == nil {
			return nil
		}
		pause, ok := backoff(err, try)
		if !ok {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fault.Wrap(fault.Unavailable, "try-again", ctx.Err())
		}
	}
}

// backoff says how long to wait before the next try, if there is to be one.
func backoff(err error, try int) (time.Duration, bool) {
	e := asDB(err)
	if e == nil {
		return 0, false
	}
	first, most, tries := conflictFirst, conflictMost, conflictTries
	switch e.class {
	case classConflict:
	case classBusy:
		tries = busyTries
	case classLost:
		first, most, tries = lostFirst, lostMost, lostTries
	default:
		return 0, false
	}
	if try >= tries {
		return 0, false
	}
	pause := min(first<<min(try-1, 16), most)
	return pause/2 + jitter(pause/2), true
}

// jitter returns a random duration below d, so that those who collided do not
// collide again.
func jitter(d time.Duration) time.Duration {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil || d <= 0 {
		return 0 // without jitter the retry is merely less well spread
	}
	return time.Duration(binary.LittleEndian.Uint64(b[:]) % uint64(d))
}
