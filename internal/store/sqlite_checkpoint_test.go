package store_test

import (
	"bytes"
	"os"
	"testing"

	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// TestLogStaysSmall writes many times what the log may hold: it is copied into
// the file meanwhile and written over.
func TestLogStaysSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 300 MB")
	}
	cfg := storetest.SQLite(t, tables)
	db, err := store.Open(bg, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows := map[int][]byte{}
	most := int64(0)
	for range 60 { // each changes every page
		write(t, db, func(tx *store.Tx) error {
			for i := range 600 {
				rows[i] = bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 4000)
				if err := exec(tx, `INSERT INTO test_row (id, label, open, sealed) VALUES ($1, $2, FALSE, $3)
					ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed`, i, "x", rows[i]); err != nil {
					return err
				}
			}
			return nil
		})
		info, err := os.Stat(cfg.Path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, info.Size())
	}
	if most > 100<<20 {
		t.Errorf("the log grew to %d MB", most>>20)
	}
	checkCopy(t, cfg, rows)
}
