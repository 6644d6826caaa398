package journal_test

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"testing"

	"causeway/internal/journal"
	"causeway/internal/store"

	"golang.org/x/mod/sumdb/tlog"
)

// The vectors of the Certificate Transparency project for RFC 6962: eight
// leaves, and the roots of the trees of the first one, two and so on.
var (
	vectorLeaves = []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	vectorRoots  = []string{
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
)

func TestVectorsOfRFC6962(t *testing.T) {
	if got, want := hex.EncodeToString(hash(journal.RootOf(nil))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; got != want {
		t.Errorf("root of the empty tree = %s, want %s", got, want)
	}
	var leaves [][]byte
	for i, l := range vectorLeaves {
		b, err := hex.DecodeString(l)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, b)
		if got := hex.EncodeToString(hash(journal.RootOf(leaves))); got != vectorRoots[i] {
			t.Errorf("root of %d leaves = %s, want %s", i+1, got, vectorRoots[i])
		}
	}
}

func hash(h tlog.Hash) []byte { return h[:] }

// memory is the tree as x/mod keeps it.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = m[x]
	}
	return out, nil
}

func (m *memory) add(t testing.TB, n int64, leaf tlog.Hash) {
	t.Helper()
	hashes, err := tlog.StoredHashesForRecordHash(n, leaf, m)
	if err != nil {
		t.Fatal(err)
	}
	*m = append(*m, hashes...)
}

// boundaries are the sizes at which tiles of some level begin or end.
var boundaries = []int64{1, 2, 3, 4, 7, 8, 255, 256, 257, 511, 512, 513, 4096, 65_535, 65_536, 65_537, 65_792, 65_793, 70_000}

func TestTreeAgreesWithTlog(t *testing.T) {
	var g journal.Growing
	var m memory
	for n := int64(0); n < 70_000; n++ {
		leaf := tlog.RecordHash([]byte{byte(n), byte(n >> 8), byte(n >> 16)})
		g.Add(leaf)
		m.add(t, n, leaf)
		if size := n + 1; size < 1100 || size%997 == 0 || slices.Contains(boundaries, size) {
			want, err := tlog.TreeHash(size, m)
			if err != nil {
				t.Fatal(err)
			}
			if got := g.Root(); got != want {
				t.Fatalf("root of %d leaves = %v, want %v", size, got, want)
			}
		}
	}
	tiles := 0
	g.Tiles(func(level, n int64, hashes []tlog.Hash) {
		tiles++
		tile := tlog.Tile{H: 8, L: int(level), N: n, W: len(hashes)}
		want, err := tlog.ReadTileData(tile, m)
		if err != nil {
			t.Fatalf("tile %d/%d: %v", level, n, err)
		}
		if got := slices.Concat(slices.Collect(parts(hashes))...); !slices.Equal(got, want) {
			t.Errorf("tile %d/%d differs from that of tlog", level, n)
		}
	})
	if want := 274 + 2 + 1; tiles != want { // of 70,000, 273 and 1 hashes
		t.Errorf("tiles = %d, want %d", tiles, want)
	}
}

func parts(hashes []tlog.Hash) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for i := range hashes {
			if !yield(hashes[i][:]) {
				return
			}
		}
	}
}

// TestLogAgreesWithTlog builds a real log past the first tile of level 1 and
// compares what was signed at every boundary.
func TestLogAgreesWithTlog(t *testing.T) {
	size, cuts := int64(65_800), []int64{1, 2, 255, 256, 257, 512, 65_535, 65_536, 65_537, 65_800}
	if testing.Short() {
		size, cuts = 600, []int64{1, 2, 255, 256, 257, 511, 512, 513, 600}
	}
	r := onSQLite(t)
	for at := int64(0); at < size; {
		next := cuts[slices.IndexFunc(cuts, func(c int64) bool { return c > at })]
		r.fill(t, int(next-at))
		r.checkpoint(t)
		at = next
	}
	var m memory
	for i, h := range r.headers(t) {
		m.add(t, int64(i), tlog.RecordHash(h))
	}
	got := r.checkpoints(t)
	if len(got) != len(cuts) {
		t.Fatalf("checkpoints = %d, want %d", len(got), len(cuts))
	}
	for i, c := range got {
		want, err := tlog.TreeHash(cuts[i], m)
		if err != nil {
			t.Fatal(err)
		}
		if c.Size != cuts[i] || c.Root != want {
			t.Errorf("checkpoint = %d %v, want %d %v", c.Size, c.Root, cuts[i], want)
		}
	}
	if rep := r.verify(t); rep.Exit != journal.Sound || rep.Size != size {
		t.Errorf("verify = %s of %d, want sound of %d", rep.Says, rep.Size, size)
	}
	for _, before := range cuts {
		proof, err := r.j.Consistency(ctx, before, size)
		if err != nil {
			t.Fatal(err)
		}
		old, _ := tlog.TreeHash(before, m)
		now, _ := tlog.TreeHash(size, m)
		if err := tlog.CheckTree(proof, size, now, before, old); err != nil {
			t.Errorf("consistency of %d with %d: %v", before, size, err)
		}
	}
}

// headers returns the stored headers in order.
func (r *rig) headers(t testing.TB) [][]byte {
	t.Helper()
	return query[[]byte](t, r.db, `SELECT header FROM journal_entry ORDER BY idx`)
}

// checkpoints returns what the stored checkpoints say, in order.
func (r *rig) checkpoints(t testing.TB) []journal.Checkpoint {
	t.Helper()
	var out []journal.Checkpoint
	for _, text := range query[string](t, r.db, `SELECT note FROM journal_checkpoint ORDER BY epoch, size`) {
		body, _, _ := cut3(text)
		c, err := journal.ParseCheckpoint(body)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// cut3 returns the first three lines of a note.
func cut3(text string) (string, string, bool) {
	lines := 0
	for i := range text {
		if text[i] == '\n' {
			if lines++; lines == 3 {
				return text[:i+1], text[i+1:], true
			}
		}
	}
	return text, "", false
}

// query returns one column.
func query[T any](t testing.TB, db *store.DB, q string, args ...any) []T {
	t.Helper()
	var out []T
	err := db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(ctx, q, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var v T
			if err := rows.Scan(&v); err != nil {
				return err
			}
			out = append(out, v)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// exec changes the database behind the journal's back.
func (r *rig) exec(t testing.TB, q string, args ...any) {
	t.Helper()
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, q, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCheckpointText(t *testing.T) {
	c := journal.Checkpoint{Origin: "causeway/XA-test/1", Size: 7, Root: tlog.RecordHash([]byte("x"))}
	got, err := journal.ParseCheckpoint(c.Text())
	if err != nil || got != c {
		t.Errorf("parsed = %+v, %v, want %+v", got, err, c)
	}
	root := base64.StdEncoding.EncodeToString(c.Root[:])
	for name, text := range map[string]string{
		"empty":             "",
		"no origin":         "\n7\n" + root + "\n",
		"extension line":    c.Text() + "more\n",
		"no last newline":   c.Text()[:len(c.Text())-1],
		"negative size":     "o\n-1\n" + root + "\n",
		"size with a zero":  "o\n07\n" + root + "\n",
		"size with a plus":  "o\n+7\n" + root + "\n",
		"short root":        "o\n7\n" + root[:20] + "\n",
		"root not base64":   "o\n7\n" + root[:40] + "!!!!\n",
		"root with a break": "o\n7\n" + root[:10] + "\r" + root[10:] + "\n",
	} {
		if got, err := journal.ParseCheckpoint(text); err == nil {
			t.Errorf("%s: accepted as %+v", name, got)
		}
	}
}

func FuzzCheckpoint(f *testing.F) {
	f.Add("causeway/XA-test/1\n7\n" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n")
	f.Add("o\n0\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := journal.ParseCheckpoint(text)
		if err == nil && c.Text() != text {
			t.Errorf("%q is written again as %q", text, c.Text())
		}
	})
}
