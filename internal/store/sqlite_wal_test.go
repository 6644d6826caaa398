package store_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

const insertSealed = `INSERT INTO test_row (id, label, sealed) VALUES ($1, $2, $3)`

// TestLogHoldsWhatWasAnswered copies the files of an open database, as a crash
// would leave them, and opens the copy: what was answered is in it.
func TestLogHoldsWhatWasAnswered(t *testing.T) {
	cfg := storetest.SQLite(t, tables)
	db, err := store.Open(bg, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows := map[int][]byte{}
	for i := range 300 {
		blob := make([]byte, 1+i*37%9000) // frames end at every place of a block
		if _, err := rand.Read(blob); err != nil {
			t.Fatal(err)
		}
		write(t, db, func(tx *store.Tx) error { return exec(tx, insertSealed, i, "x", blob) })
		rows[i] = blob
		if i%60 == 59 {
			checkCopy(t, cfg, rows)
		}
	}
}

// checkCopy opens a copy of a database's files and compares its rows.
func checkCopy(t *testing.T, cfg store.Config, want map[int][]byte) {
	t.Helper()
	from := cfg.Path
	cfg.Path = filepath.Join(t.TempDir(), "copy.db")
	for _, part := range []string{"", "-wal"} {
		b, err := os.ReadFile(from + part)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(cfg.Path+part, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := store.Open(bg, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Integrity(bg); err != nil {
		t.Fatal(err)
	}
	err = db.Read(bg, func(tx *store.Tx) error {
		for id, blob := range want {
			var got []byte
			if err := tx.QueryRow(bg, `SELECT sealed FROM test_row WHERE id = $1`, id).Scan(&got); err != nil {
				return err
			}
			if !bytes.Equal(got, blob) {
				t.Errorf("row %d came back with %d bytes, want %d", id, len(got), len(blob))
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestReadersMeetTheWriterInTheLog has readers read the newest row while the
// writer appends to the block that holds it.
func TestReadersMeetTheWriterInTheLog(t *testing.T) {
	db := storetest.New(t, tables)
	ctx, stop := context.WithCancel(bg)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for ctx.Err() == nil {
				err := db.Read(bg, func(tx *store.Tx) error {
					rows, err := tx.Query(bg, `SELECT id, sealed FROM test_row ORDER BY id DESC LIMIT 20`)
					if err != nil {
						return err
					}
					defer rows.Close()
					for rows.Next() {
						var id int
						var blob []byte
						if err := rows.Scan(&id, &blob); err != nil {
							return err
						}
						if !bytes.Equal(blob, patterned(id)) {
							return errors.New("a row is not as it was written")
						}
					}
					return rows.Err()
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 400 {
		write(t, db, func(tx *store.Tx) error { return exec(tx, insertSealed, i, "x", patterned(i)) })
	}
	stop()
	wg.Wait()
}

// patterned is a blob whose bytes follow from its number.
func patterned(id int) []byte { return bytes.Repeat([]byte{byte(id), byte(id >> 8), 1}, 1+id%700) }
