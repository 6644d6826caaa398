package store_test

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

const benchInsert = `INSERT INTO test_row (id, label, open, sealed, version) VALUES ($1, $2, $3, $4, $5)`

func benchWrite(b *testing.B, db *store.DB, id *atomic.Int64, sealed []byte) {
	ctx := context.Background()
	if err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, benchInsert, id.Add(1), "open", false, sealed, 1)
		return err
	}); err != nil {
		b.Error(err)
	}
}

func payload(b *testing.B) []byte {
	sealed := make([]byte, 300)
	if _, err := rand.Read(sealed); err != nil {
		b.Fatal(err)
	}
	return sealed
}

func eachEngine(b *testing.B, body func(b *testing.B, db *store.DB)) {
	b.Run("sqlite", func(b *testing.B) { body(b, storetest.New(b, tables)) })
	b.Run("postgres", func(b *testing.B) { body(b, storetest.NewPostgres(b, tables)) })
}

// BenchmarkSync is the disk alone: append a block and sync it.
func BenchmarkSync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 8192)
	for b.Loop() {
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInsert is one durable row by one caller.
func BenchmarkInsert(b *testing.B) {
	eachEngine(b, func(b *testing.B, db *store.DB) {
		var id atomic.Int64
		sealed := payload(b)
		for b.Loop() {
			benchWrite(b, db, &id, sealed)
		}
	})
}

// BenchmarkInsert16 is durable rows by 16 callers at once; the figure is the
// time per row.
func BenchmarkInsert16(b *testing.B) {
	eachEngine(b, func(b *testing.B, db *store.DB) {
		var id atomic.Int64
		sealed := payload(b)
		b.SetParallelism(8) // times two processors
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				benchWrite(b, db, &id, sealed)
			}
		})
	})
}

// BenchmarkBulk is rows in transactions of 500, each in a savepoint.
func BenchmarkBulk(b *testing.B) {
	eachEngine(b, func(b *testing.B, db *store.DB) {
		ctx := context.Background()
		sealed := payload(b)
		id, left := 0, b.N
		for left > 0 {
			if err := db.Write(ctx, func(tx *store.Tx) error {
				for range min(left, 500) {
					id++
					if err := tx.Savepoint(ctx, func() error {
						_, err := tx.Exec(ctx, benchInsert, id, "open", false, sealed, 1)
						return err
					}); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
			left -= min(left, 500)
		}
	})
}

// BenchmarkReadRow is one row by its key.
func BenchmarkReadRow(b *testing.B) {
	eachEngine(b, func(b *testing.B, db *store.DB) {
		var id atomic.Int64
		sealed := payload(b)
		for range 1000 {
			benchWrite(b, db, &id, sealed)
		}
		ctx := context.Background()
		n := 0
		for b.Loop() {
			n = n%1000 + 1
			if err := db.Read(ctx, func(tx *store.Tx) error {
				var label string
				return tx.QueryRow(ctx, `SELECT label FROM test_row WHERE id = $1`, n).Scan(&label)
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEmptyWrite is what a write costs besides its statements and the disk.
func BenchmarkEmptyWrite(b *testing.B) {
	eachEngine(b, func(b *testing.B, db *store.DB) {
		ctx := context.Background()
		for b.Loop() {
			if err := db.Write(ctx, func(*store.Tx) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
}
