package backup_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"testing"

	"causeway/internal/backup"
	"causeway/internal/clock"
	"causeway/internal/store"
)

// benchRows is how many sealed events the measured database holds: about 60 MB
// of rows, most of it ciphertext.
const benchRows = 100_000

// benchNode is a node whose database is filled with rows that look sealed.
func benchNode(b *testing.B) *node {
	b.Helper()
	cfg := store.Config{Engine: store.SQLite, Path: filepath.Join(b.TempDir(), "node.db"), FileKey: make([]byte, 32)}
	clk := clock.NewFake(start)
	cfg.Clock = clk
	db, err := store.Create(ctx, cfg)
	must(b, err)
	i := int64(0)
	must(b, db.Load(ctx, func() (string, []string, []any, error) {
		if i++; i > benchRows {
			return "", nil, nil, io.EOF
		}
		blob := make([]byte, 560)
		_, _ = rand.Read(blob)
		return "casework_event", []string{"case_id", "seq", "id", "at", "kind", "author", "sealed", "row_mac"},
			[]any{blob[:16], i, blob[16:32], i, "note", blob[32:48], blob[64:544], blob[544:]}, nil
	}))
	b.Cleanup(func() { must(b, db.Close()) })
	return newNode(b, db, clk)
}

func BenchmarkWrite(b *testing.B) {
	n := benchNode(b)
	for b.Loop() {
		c := &counter{w: io.Discard}
		m, err := backup.Write(ctx, c, n.backupSource(), n.recipients(), nil)
		must(b, err)
		b.SetBytes(c.n)
		b.ReportMetric(float64(c.n)/float64(m.Rows), "B/row")
	}
}

// BenchmarkSave also writes the file, syncs it and reads it again.
func BenchmarkSave(b *testing.B) {
	n := benchNode(b)
	for b.Loop() {
		folder := b.TempDir()
		s, err := backup.Save(ctx, folder, n.backupSource(), n.recipients(), nil)
		must(b, err)
		b.SetBytes(s.Bytes)
		must(b, os.RemoveAll(folder))
	}
}

func BenchmarkRead(b *testing.B) {
	n := benchNode(b)
	sealed := n.write()
	b.SetBytes(int64(len(sealed)))
	for b.Loop() {
		r, err := backup.Open(bytes.NewReader(sealed), n.ring, n.identity)
		must(b, err)
		_, err = last(r)
		must(b, err)
	}
}

func BenchmarkRestore(b *testing.B) {
	n := benchNode(b)
	sealed := n.write()
	b.SetBytes(int64(len(sealed)))
	for b.Loop() {
		to := n.target()
		_, err := n.restore(sealed, to)
		must(b, err)
	}
}

// last reads a backup to its end and counts its rows.
func last(r *backup.Reader) (n int, err error) {
	for {
		if _, _, _, err := r.Next(); err != nil {
			if err == io.EOF {
				err = nil
			}
			return n, err
		}
		n++
	}
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return c.w.Write(b)
}
