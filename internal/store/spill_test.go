package store_test

import (
	"bytes"
	"testing"

	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// TestTransactionLargerThanTheCache: pages go to the log before the commit and
// are changed there when they are touched again, headers apart from pages.
func TestTransactionLargerThanTheCache(t *testing.T) {
	cfg := storetest.SQLite(t, tables)
	db, err := store.Open(bg, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const rows = 9500 // one to a page, more pages than the cache holds
	blob := func(i int) []byte { return bytes.Repeat([]byte{byte(i), byte(i >> 8), 3}, 2400) }
	write(t, db, func(tx *store.Tx) error {
		for i := range rows {
			if err := exec(tx, insertSealed, i, "x", blob(i)); err != nil {
				return err
			}
		}
		return exec(tx, `UPDATE test_row SET version = 2`)
	})
	want := map[int][]byte{}
	for i := 0; i < rows; i += 97 {
		want[i] = blob(i)
	}
	if err := db.Integrity(bg); err != nil {
		t.Error(err)
	}
	checkCopy(t, cfg, want)
}
