package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// together runs functions so that they share one commit on SQLite: they queue up
// behind a first write, which ends when all of them wait. It returns their
// errors.
func together(t *testing.T, db *store.DB, commits *int, fns ...func(tx *store.Tx) error) []error {
	t.Helper()
	inside, release := make(chan struct{}), make(chan struct{})
	var first, rest sync.WaitGroup
	first.Go(func() {
		if err := db.Write(bg, func(*store.Tx) error { close(inside); <-release; return nil }); err != nil {
			t.Errorf("first write: %v", err)
		}
	})
	<-inside
	errs := make([]error, len(fns))
	for i, fn := range fns {
		rest.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = errPanic
				}
			}()
			errs[i] = db.Write(bg, fn)
		})
		// One after the other, so that they stand in the queue in this order. The
		// writer itself takes the first of them out of the queue and waits with it.
		for store.Waiting(db) < i+1 || store.Queued(db) < i {
			time.Sleep(time.Millisecond)
		}
	}
	settle()
	*commits = -1 // that of the first write
	close(release)
	first.Wait()
	rest.Wait()
	return errs
}

var errPanic = errors.New("panicked")

// group returns a database, a counter of its commits and a source of faults.
func group(t *testing.T) (*store.DB, *int, *storetest.Faults) {
	t.Helper()
	return groupAt(t, clock.NewFake(time.Unix(1_800_000_000, 0)))
}

// groupAt is group with a clock of the test's, so that a slow machine does not
// part a group.
func groupAt(t *testing.T, c clock.Clock) (*store.DB, *int, *storetest.Faults) {
	t.Helper()
	commits := new(int) // changed by the writer alone, read when it rests
	faults := new(storetest.Faults)
	db := storetest.New(t, tables, storetest.WithClock(c), storetest.WithFault(func(op string) error {
		if op == "commit" {
			*commits++
		}
		return faults.Hook(op)
	}))
	return db, commits, faults
}

func insert(id int) func(tx *store.Tx) error {
	return func(tx *store.Tx) error { return exec(tx, insertRow, id, "x") }
}

func TestGroupSharesOneCommit(t *testing.T) {
	db, commits, _ := group(t)
	refuse := func(tx *store.Tx) error { return errors.Join(exec(tx, insertRow, 9, "x"), errOwn) }
	leave := func(tx *store.Tx) error {
		_ = exec(tx, insertRow, 10, "x")
		panic("out of the group")
	}
	errs := together(t, db, commits, insert(1), refuse, insert(2), leave, insert(2), insert(3))
	for i, ok := range []bool{true, false, true, false, false, true} {
		if (errs[i] == nil) != ok {
			t.Errorf("write %d: %v", i, errs[i])
		}
	}
	if !errors.Is(errs[1], errOwn) || !errors.Is(errs[3], errPanic) {
		t.Errorf("got %v and %v, want the own error and the panic", errs[1], errs[3])
	}
	want(t, errs[4], fault.Conflict, "exists")
	if got := count(t, db); got != 3 || *commits != 1 {
		t.Errorf("%d rows in %d commits, want 3 in 1", got, *commits)
	}
}

// TestGroupIsPartedInTime: the first of a group does not wait for slow others.
func TestGroupIsPartedInTime(t *testing.T) {
	c := clock.NewFake(time.Unix(1_800_000_000, 0))
	db, commits, _ := groupAt(t, c)
	slow := func(tx *store.Tx) error { c.Advance(time.Minute); return insert(1)(tx) }
	if err := errors.Join(together(t, db, commits, slow, insert(2), insert(3))...); err != nil {
		t.Error(err)
	}
	if got := count(t, db); got != 3 || *commits != 2 {
		t.Errorf("%d rows in %d commits, want 3 in 2", got, *commits)
	}
}

func TestGroupFailsTogetherAtItsCommit(t *testing.T) {
	db, commits, faults := group(t)
	faults.Add("commit", nil, store.ErrInjectedFull) // nil for the first write
	refuse := func(tx *store.Tx) error { return exec(tx, insertRow, 1, "x") }
	for i, err := range together(t, db, commits, insert(1), refuse, insert(2)) {
		// The refusal too: it rests on a row that never came to be.
		if fault.CodeOf(err) != "disk-full" {
			t.Errorf("write %d: %v, want disk-full", i, err)
		}
	}
	if got := count(t, db); got != 0 {
		t.Errorf("%d rows, want 0", got)
	}
	write(t, db, insert(1))
}

// TestGroupSurvivesALostTransaction: SQLite may undo everything when one
// statement meets a full disk. The others run again, by themselves.
func TestGroupSurvivesALostTransaction(t *testing.T) {
	db, commits, _ := group(t)
	runs := 0
	counted := func(tx *store.Tx) error { runs++; return exec(tx, insertRow, 1, "x") }
	destroy := func(tx *store.Tx) error {
		if err := exec(tx, `ROLLBACK`); err != nil { // as SQLite itself would
			return err
		}
		return errOwn
	}
	errs := together(t, db, commits, counted, destroy, insert(2))
	if errs[0] != nil || !errors.Is(errs[1], errOwn) || errs[2] != nil {
		t.Errorf("got %v", errs)
	}
	if got := count(t, db); got != 2 || runs != 2 {
		t.Errorf("%d rows after %d runs of the first, want 2 and 2", got, runs)
	}
}

func TestGroupLosesAWaiterWhoGivesUp(t *testing.T) {
	db, commits, _ := group(t)
	ctx, cancel := context.WithCancel(bg)
	ran := false
	var gone error
	errs := together(t, db, commits, func(tx *store.Tx) error {
		return insert(1)(tx)
	}, insert(2))
	if errs[0] != nil || errs[1] != nil {
		t.Fatalf("got %v", errs)
	}
	inside, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Write(bg, func(*store.Tx) error { close(inside); <-release; return nil })
	})
	<-inside
	wg.Go(func() {
		gone = db.Write(ctx, func(*store.Tx) error { ran = true; return nil })
		close(release) // it came back although the writer is busy
	})
	settle()
	cancel()
	wg.Wait()
	if !errors.Is(gone, context.Canceled) || ran {
		t.Errorf("got %v, ran %v", gone, ran)
	}
}

func TestCloseWaitsForWriters(t *testing.T) {
	cfg := storetest.SQLite(t, tables)
	db, err := store.Open(bg, cfg)
	if err != nil {
		t.Fatal(err)
	}
	inside := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := db.Write(bg, func(tx *store.Tx) error {
			close(inside)
			settle()
			return exec(tx, insertRow, 1, "x")
		}); err != nil {
			t.Errorf("write: %v", err)
		}
	})
	<-inside
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Errorf("close: %v", err)
	}
	wg.Wait()
	if err := db.Write(bg, insert(2)); err == nil {
		t.Error("a closed database took a write")
	}
	if err := db.Read(bg, func(*store.Tx) error { return nil }); err == nil {
		t.Error("a closed database took a read")
	}
	again, err := store.Open(bg, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := count(t, again); got != 1 {
		t.Errorf("%d rows, want 1", got)
	}
}
