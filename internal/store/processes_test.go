package store_test

import (
	"testing"

	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// TestTwoProcessesShareAFile: a command beside the running node writes too, and
// starts the log anew so that it ends where the node's own writing ended.
func TestTwoProcessesShareAFile(t *testing.T) {
	cfg := storetest.SQLite(t, tables)
	var dbs [2]*store.DB
	for i := range dbs {
		db, err := store.Open(bg, cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		dbs[i] = db
	}
	id := 0
	rows := map[int][]byte{}
	insert := func(db *store.DB, n int) {
		for range n {
			id++
			rows[id] = patterned(id)
			write(t, db, func(tx *store.Tx) error { return exec(tx, insertSealed, id, "x", rows[id]) })
		}
	}
	for round := range 12 {
		first, second := dbs[round%2], dbs[1-round%2]
		if err := first.Checkpoint(bg); err != nil {
			t.Fatal(err)
		}
		insert(first, 5)
		if err := second.Checkpoint(bg); err != nil {
			t.Fatal(err)
		}
		insert(second, 5)
		insert(first, 3)
		_ = second.Write(bg, func(tx *store.Tx) error {
			if err := exec(tx, insertSealed, -1, "x", patterned(9)); err != nil {
				return err
			}
			return errOwn
		})
		insert(second, 3)
		checkCopy(t, cfg, rows)
	}
	if got := count(t, dbs[0]); got != id {
		t.Errorf("%d rows, want %d", got, id)
	}
}
