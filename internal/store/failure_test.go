package store_test

import (
	"testing"

	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// TestServerDropsConnections: the server ends our sessions, as it does when it
// restarts or hands over to another. The work is repeated on a new connection.
func TestServerDropsConnections(t *testing.T) {
	db := storetest.NewPostgres(t, tables)
	const own = `SELECT pg_backend_pid()`
	const end = `SELECT pg_terminate_backend(CAST($1 AS INTEGER))`
	runs := 0
	write(t, db, func(tx *store.Tx) error {
		runs++
		var session int
		if err := tx.QueryRow(bg, own).Scan(&session); err != nil {
			return err
		}
		if err := exec(tx, insertRow, 1, "x"); err != nil {
			return err
		}
		if runs == 1 {
			read(t, db, func(tx *store.Tx) error { return tx.QueryRow(bg, end, session).Scan(new(bool)) })
		}
		return exec(tx, insertRow, 2, "x")
	})
	if got := count(t, db); runs != 2 || got != 2 {
		t.Errorf("%d runs, %d rows; want 2 and 2", runs, got)
	}
}
