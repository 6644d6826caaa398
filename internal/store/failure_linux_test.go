package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/store"
)

// TestFullDisk fills a small file system.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3m"); err != nil {
		t.Skipf("cannot mount a small file system here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	cfg := store.Config{Engine: store.SQLite, Path: filepath.Join(dir, "full.db"), FileKey: make([]byte, 32)}
	tables(&cfg)
	db, err := store.Create(bg, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	written := 0
	for err == nil && written < 10000 {
		err = db.Write(bg, func(tx *store.Tx) error {
			return errors.Join(
				exec(tx, insertRow, 2*written, strings.Repeat("x", 2000)),
				exec(tx, insertRow, 2*written+1, strings.Repeat("x", 2000)))
		})
		if err == nil {
			written++
		}
	}
	want(t, err, fault.Unavailable, "disk-full")
	if got := count(t, db); got != 2*written {
		t.Errorf("%d rows, want %d: a write was halved", got, 2*written)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *store.Tx) error { return exec(tx, insertRow, -1, "space again") })
	if err := db.Integrity(bg); err != nil {
		t.Error(err)
	}
}
