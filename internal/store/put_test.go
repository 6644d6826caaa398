package store_test

import (
	"errors"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// TestPut writes rows nobody waits for: what follows in the transaction sees
// them, an undone savepoint takes its own along, and one that cannot be written
// fails the transaction, wherever the failure comes to light.
func TestPut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		put := func(tx *store.Tx, id int) error { return tx.Put(bg, insertRow, id, "x") }
		write(t, db, func(tx *store.Tx) error {
			err := errors.Join(put(tx, 1), put(tx, 2))
			var seen int
			err = errors.Join(err, tx.QueryRow(bg, `SELECT COUNT(*) FROM test_row`).Scan(&seen))
			if seen != 2 {
				t.Errorf("a query sees %d rows, want 2", seen)
			}
			undone := tx.Savepoint(bg, func() error { return errors.Join(put(tx, 3), errOwn) })
			if !errors.Is(undone, errOwn) {
				t.Errorf("savepoint: %v", undone)
			}
			return errors.Join(err, tx.Savepoint(bg, func() error { return put(tx, 4) }), put(tx, 5))
		})
		if n := count(t, db); n != 4 {
			t.Errorf("%d rows, want 4", n)
		}

		twice := map[string]func(tx *store.Tx) error{
			"before the commit": func(tx *store.Tx) error { return errors.Join(put(tx, 6), put(tx, 6)) },
			"before a query": func(tx *store.Tx) error {
				var n int
				return errors.Join(put(tx, 6), put(tx, 6), tx.QueryRow(bg, `SELECT COUNT(*) FROM test_row`).Scan(&n))
			},
			"in a savepoint": func(tx *store.Tx) error {
				return tx.Savepoint(bg, func() error { return errors.Join(put(tx, 6), put(tx, 6)) })
			},
		}
		for name, fn := range twice {
			if err := db.Write(bg, fn); !fault.Is(err, fault.Conflict) || count(t, db) != 4 {
				t.Errorf("twice, %s: got %v and %d rows, want a conflict and 4", name, err, count(t, db))
			}
		}
	}, tables)
}
