package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

var errOwn = errors.New("the function's own error")

func TestFailedWriteLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		hook := false
		err := db.Write(bg, func(tx *store.Tx) error {
			tx.OnCommit(func() { hook = true })
			if err := tx.Last(store.Stmt{SQL: insertRow, Args: []any{2, "y"}}); err != nil {
				return err
			}
			return errors.Join(exec(tx, insertRow, 1, "x"), errOwn)
		})
		if !errors.Is(err, errOwn) || hook || count(t, db) != 0 {
			t.Errorf("error %v, hook %v, rows %d; want the own error, false, 0", err, hook, count(t, db))
		}
	}, tables)
}

func TestHooksAndLastStatementsRun(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		hooks := 0
		var affected int64
		write(t, db, func(tx *store.Tx) error {
			tx.OnCommit(func() { hooks += count(t, db) })
			return errors.Join(
				exec(tx, insertRow, 1, "x"),
				tx.Last(store.Stmt{SQL: insertRow, Args: []any{2, "y"}},
					store.Stmt{SQL: `UPDATE test_row SET label = 'z'`, Affected: &affected}),
				exec(tx, insertRow, 3, "x"))
		})
		if hooks != 3 || affected != 3 {
			t.Errorf("the hook saw %d rows, the last statement %d; want 3 and 3", hooks, affected)
		}
		// Nothing but last statements.
		write(t, db, func(tx *store.Tx) error { return tx.Last(store.Stmt{SQL: insertRow, Args: []any{4, "x"}}) })
		err := db.Write(bg, func(tx *store.Tx) error {
			return errors.Join(exec(tx, insertRow, 5, "x"), tx.Last(store.Stmt{SQL: insertRow, Args: []any{4, "x"}}))
		})
		want(t, err, fault.Conflict, "exists")
		if got := count(t, db); got != 4 {
			t.Errorf("got %d rows, want 4", got)
		}
	}, tables)
}

func TestFailedStatementDoomsTheTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) error { return exec(tx, insertRow, 1, "x") })
		var later error
		err := db.Write(bg, func(tx *store.Tx) error {
			_ = exec(tx, insertRow, 2, "x")
			_ = exec(tx, insertRow, 1, "x") // overlooked
			later = exec(tx, insertRow, 3, "x")
			return nil
		})
		want(t, err, fault.Conflict, "exists")
		want(t, later, fault.Conflict, "exists")
		if got := count(t, db); got != 1 {
			t.Errorf("got %d rows, want 1", got)
		}
	}, tables)
}

func TestSavepoint(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		hooks := 0
		write(t, db, func(tx *store.Tx) error {
			if err := exec(tx, insertRow, 1, "x"); err != nil {
				return err
			}
			err := tx.Savepoint(bg, func() error { // undone, with what is inside
				tx.OnCommit(func() { hooks += 100 })
				return errors.Join(
					tx.Last(store.Stmt{SQL: insertRow, Args: []any{90, "x"}}),
					tx.Savepoint(bg, func() error { return exec(tx, insertRow, 91, "x") }),
					exec(tx, insertRow, 1, "x"))
			})
			want(t, err, fault.Conflict, "exists")
			if err := tx.Savepoint(bg, func() error { return errOwn }); !errors.Is(err, errOwn) {
				t.Errorf("got %v, want the own error", err)
			}
			return tx.Savepoint(bg, func() error { // kept, without what fails inside
				tx.OnCommit(func() { hooks++ })
				_ = tx.Savepoint(bg, func() error {
					return errors.Join(exec(tx, insertRow, 92, "x"), errOwn)
				})
				return exec(tx, insertRow, 2, "x")
			})
		})
		if got := count(t, db); got != 2 || hooks != 1 {
			t.Errorf("got %d rows and %d hooks, want 2 and 1", got, hooks)
		}
	}, tables)
}

func TestBatch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var n int64
		write(t, db, func(tx *store.Tx) error {
			return tx.Batch(bg,
				store.Stmt{SQL: insertRow, Args: []any{1, "x"}},
				store.Stmt{SQL: insertRow, Args: []any{2, "x"}},
				store.Stmt{SQL: `UPDATE test_row SET label = $1 WHERE id > $2`, Args: []any{"y", 0}, Affected: &n})
		})
		if n != 2 {
			t.Errorf("affected %d, want 2", n)
		}
		err := db.Write(bg, func(tx *store.Tx) error {
			return tx.Batch(bg,
				store.Stmt{SQL: insertRow, Args: []any{3, "x"}},
				store.Stmt{SQL: insertRow, Args: []any{1, "x"}},
				store.Stmt{SQL: insertRow, Args: []any{4, "x"}})
		})
		want(t, err, fault.Conflict, "exists")
		if got := count(t, db); got != 2 {
			t.Errorf("got %d rows, want 2", got)
		}
	}, tables)
}

func TestRowsMustBeClosed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) error { return exec(tx, insertRow, 1, "x") })
		err := db.Write(bg, func(tx *store.Tx) error {
			if _, err := tx.Query(bg, `SELECT id FROM test_row`); err != nil {
				return err
			}
			return exec(tx, insertRow, 2, "x")
		})
		want(t, err, fault.Internal, "database")
		// Rows that are left open when the function returns do no harm.
		write(t, db, func(tx *store.Tx) error {
			_, err := tx.Query(bg, `SELECT id FROM test_row`)
			return err
		})
	}, tables)
}

func TestTransactionEndsWithItsFunction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var kept *store.Tx
		write(t, db, func(tx *store.Tx) error { kept = tx; return nil })
		want(t, exec(kept, insertRow, 1, "x"), fault.Internal, "database")
	}, tables)
}

func TestPanicRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		func() {
			defer func() {
				if got := recover(); got != "in the function" {
					t.Errorf("recovered %v", got)
				}
			}()
			_ = db.Write(bg, func(tx *store.Tx) error {
				_ = tx.Savepoint(bg, func() error {
					_ = exec(tx, insertRow, 1, "x")
					panic("in the function")
				})
				return nil
			})
		}()
		var wg sync.WaitGroup
		wg.Go(func() { // as testing's FailNow does
			_ = db.Write(bg, func(tx *store.Tx) error {
				_ = exec(tx, insertRow, 2, "x")
				runtime.Goexit()
				return nil
			})
		})
		wg.Wait()
		write(t, db, func(tx *store.Tx) error { return exec(tx, insertRow, 3, "x") })
		if got := count(t, db); got != 1 {
			t.Errorf("got %d rows, want 1", got)
		}
	}, tables)
}

func TestCancelledWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(bg)
		err := db.Write(ctx, func(tx *store.Tx) error {
			err := exec(tx, insertRow, 1, "x")
			cancel()
			_, second := tx.Exec(ctx, insertRow, 2, "x")
			return errors.Join(err, second)
		})
		if !errors.Is(err, context.Canceled) || fault.KindOf(err) != fault.Unavailable {
			t.Errorf("got %v", err)
		}
		ran := false
		err = db.Write(ctx, func(*store.Tx) error { ran = true; return nil })
		if err == nil || ran {
			t.Errorf("a write began after its context had ended: %v", err)
		}
		if got := count(t, db); got != 0 {
			t.Errorf("got %d rows, want 0", got)
		}
	}, tables)
}

func TestCancelledRead(t *testing.T) {
	const forever = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n`
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithTimeout(bg, 50*time.Millisecond)
		defer cancel()
		err := db.Read(ctx, func(tx *store.Tx) error {
			return tx.QueryRow(ctx, forever).Scan(new(int))
		})
		want(t, err, fault.Unavailable, "try-again")
		gone, leave := context.WithCancel(bg)
		time.AfterFunc(50*time.Millisecond, leave)
		err = db.Read(gone, func(tx *store.Tx) error {
			return tx.QueryRow(gone, forever).Scan(new(int))
		})
		want(t, err, fault.Unavailable, "try-again")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the caller went, and the error does not say so: %v", err)
		}
		if got := count(t, db); got != 0 {
			t.Errorf("%d rows, want 0", got)
		}
	}, tables)
}

func TestRetryRunsTheWholeFunction(t *testing.T) {
	for _, op := range []string{"begin", "exec", "query", "batch", "commit"} {
		for _, cause := range []error{store.ErrInjectedConflict, store.ErrInjectedLost} {
			t.Run(fmt.Sprint(op, " ", cause), func(t *testing.T) {
				var faults storetest.Faults
				storetest.Each(t, func(t *testing.T, db *store.DB) {
					faults.Add(op, cause, cause)
					runs, hooks := 0, 0
					write(t, db, func(tx *store.Tx) error {
						runs++
						tx.OnCommit(func() { hooks++ })
						err := errors.Join(
							exec(tx, insertRow, 1, "x"),
							tx.QueryRow(bg, countRows).Scan(new(int)),
							tx.Batch(bg, store.Stmt{SQL: insertRow, Args: []any{2, "y"}}))
						if err != nil {
							return errOwn // whatever the function makes of it
						}
						return nil
					})
					wantRuns := 3
					if op == "begin" {
						wantRuns = 1
					}
					if got := count(t, db); runs != wantRuns || hooks != 1 || got != 2 {
						t.Errorf("%d runs, %d hooks, %d rows; want %d, 1, 2", runs, hooks, got, wantRuns)
					}
				}, tables, storetest.WithFault(faults.Hook))
			})
		}
	}
}

func TestRetryGivesUp(t *testing.T) {
	hook := func(op string) error {
		if op == "commit" {
			return store.ErrInjectedConflict
		}
		return nil
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		runs := 0
		err := db.Write(bg, func(tx *store.Tx) error { runs++; return exec(tx, insertRow, 1, "x") })
		want(t, err, fault.Unavailable, "try-again")
		if runs < 5 || runs > 50 || count(t, db) != 0 {
			t.Errorf("%d runs, %d rows", runs, count(t, db))
		}
	}, tables, storetest.WithFault(hook))
}

func TestDiskFailuresAreNotRetried(t *testing.T) {
	for cause, code := range map[error]string{store.ErrInjectedFull: "disk-full", store.ErrInjectedIO: "disk-failure"} {
		t.Run(code, func(t *testing.T) {
			var faults storetest.Faults
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				runs := 0
				faults.Add("commit", cause)
				err := db.Write(bg, func(tx *store.Tx) error { runs++; return exec(tx, insertRow, 1, "x") })
				want(t, err, fault.Unavailable, code)
				if runs != 1 || count(t, db) != 0 {
					t.Errorf("%d runs, %d rows; want 1 and 0", runs, count(t, db))
				}
			}, tables, storetest.WithFault(faults.Hook))
		})
	}
}

// TestLostAnswer: the commit happened and nobody was told. The function looks
// for its identifier first, as every command does.
func TestLostAnswer(t *testing.T) {
	var faults storetest.Faults
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		faults.Add("committed", store.ErrInjectedLost)
		runs := 0
		write(t, db, func(tx *store.Tx) error {
			runs++
			err := tx.QueryRow(bg, `SELECT id FROM test_row WHERE id = 1`).Scan(new(int))
			if !fault.Is(err, fault.NotFound) {
				return err
			}
			return exec(tx, insertRow, 1, "x")
		})
		if got := count(t, db); runs != 2 || got != 1 {
			t.Errorf("%d runs, %d rows; want 2 and 1", runs, got)
		}
	}, tables, storetest.WithFault(faults.Hook))
}

// TestWriteSkew: a rule about two rows holds although each writer changes only
// one of them.
func TestWriteSkew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) error {
			return errors.Join(exec(tx, insertRow, 1, "on duty"), exec(tx, insertRow, 2, "on duty"))
		})
		const others = `SELECT COUNT(*) FROM test_row WHERE label = 'on duty' AND id <> $1`
		var wg sync.WaitGroup
		for id := 1; id <= 2; id++ {
			wg.Go(func() {
				_ = db.Write(bg, func(tx *store.Tx) error {
					var n int
					if err := tx.QueryRow(bg, others, id).Scan(&n); err != nil {
						return err
					}
					time.Sleep(20 * time.Millisecond)
					if n == 0 {
						return errOwn // somebody must stay
					}
					return exec(tx, `UPDATE test_row SET label = 'gone' WHERE id = $1`, id)
				})
			})
		}
		wg.Wait()
		var left int
		read(t, db, func(tx *store.Tx) error { return tx.QueryRow(bg, others, 0).Scan(&left) })
		if left != 1 {
			t.Errorf("%d on duty, want 1", left)
		}
	}, tables)
}

func TestManyWriters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) error { return exec(tx, insertRow, 0, "0") })
		const callers, each = 16, 20
		var refused atomic.Int64
		var wg sync.WaitGroup
		for c := range callers {
			wg.Go(func() {
				for i := range each {
					id := 1 + c*each + i
					err := db.Write(bg, func(tx *store.Tx) error {
						if err := exec(tx, insertRow, id, "x"); err != nil {
							return err
						}
						if i%5 == 0 {
							return errOwn
						}
						return nil
					})
					if errors.Is(err, errOwn) {
						refused.Add(1)
					} else if err != nil {
						t.Errorf("write: %v", err)
					}
				}
			})
		}
		wg.Wait()
		if got, want := count(t, db), 1+callers*each-int(refused.Load()); got != want || refused.Load() != callers*each/5 {
			t.Errorf("got %d rows, want %d; %d refused", got, want, refused.Load())
		}
	}, tables)
}
