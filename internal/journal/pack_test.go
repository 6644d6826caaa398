package journal_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
)

// pack exports the journal.
func (r *rig) pack(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	err := journal.WritePack(ctx, r.db, &b, journal.PackOptions{Node: nodeName, Keys: r.keys(t), Now: r.clk.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// verifyPack opens and verifies a pack.
func verifyPack(b []byte, o journal.Options) (*journal.Report, error) {
	p, err := journal.ReadPack(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	return journal.Verify(ctx, p, o, nil)
}

func TestPackVerifiesAsTheDatabase(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, n := range []int{0, 1, 255, 1, 1, 600} {
			r.fill(t, n)
			r.checkpoint(t)
			r.fill(t, 2)
			o := journal.Options{Keys: r.keys(t), Now: r.clk.Now()}
			if n > 0 {
				o.Anchors = r.anchors(t)
			}
			got, err := verifyPack(r.pack(t), o)
			if err != nil {
				t.Fatal(err)
			}
			want := r.verifyWith(t, o)
			want.Source, want.SubjectIndex = "pack", "not part of this source"
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after %d more (-database +pack):\n%s", n, diff)
			}
			r.sequence(t)
		}
	})
}

func TestPackOfEverything(t *testing.T) {
	s := newSmall(t)
	b := s.pack(t)
	rep, err := verifyPack(b, s.options(t))
	if err != nil {
		t.Fatal(err)
	}
	want(t, rep, journal.Sound, "")
	if rep.Erased != 1 || rep.ErasedPayloads != 2 || rep.Pending != 4 || len(rep.Restores) != 1 {
		t.Errorf("report = %+v", rep)
	}
	for _, payload := range query[[]byte](t, s.db, `SELECT sealed FROM journal_entry WHERE sealed IS NOT NULL`) {
		if bytes.Contains(b, payload) {
			t.Error("a sealed payload is in the pack")
		}
	}
	path := filepath.Join(t.TempDir(), "pack.tar")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := journal.OpenPack(path)
	if err != nil {
		t.Fatal(err)
	}
	if p.Node() != nodeName || !p.Made().Equal(s.clk.Now()) || p.Checkpoint() != s.anchors(t)[0].Note {
		t.Errorf("pack of %s made %v", p.Node(), p.Made())
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// TestPackTrust: with the keys in the pack itself the report says so.
func TestPackTrust(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 20)
	r.checkpoint(t)
	b := r.pack(t)
	rep, err := verifyPack(b, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want(t, rep, journal.Sound, "")
	var text strings.Builder
	if err := rep.Text(&text); err != nil {
		t.Fatal(err)
	}
	if !rep.OwnKeys || !strings.Contains(text.String(), "keys in the pack itself") {
		t.Errorf("not said that the keys are the pack's own:\n%s", &text)
	}
	other := onSQLite(t)
	rep, err = verifyPack(b, journal.Options{Keys: other.keys(t)})
	if err != nil {
		t.Fatal(err)
	}
	want(t, rep, journal.Altered, "checkpoint-signature")
}

// TestPackUnfinishedErasure: the export says that a payload was still there.
func TestPackUnfinishedErasure(t *testing.T) {
	r := onSQLite(t)
	s := ident.New[ident.Subject]()
	e := write(s, 1)
	e.Payload = bytesOf(40)
	r.append(t, e)
	r.erase(t, s, false)
	rep, err := verifyPack(r.pack(t), journal.Options{Keys: r.keys(t)})
	if err != nil {
		t.Fatal(err)
	}
	want(t, rep, journal.Incomplete, "erasure-unfinished")
}

// TestExportRefusesWhatItCannotShow: a log without this form is not dressed up.
func TestExportRefusesWhatItCannotShow(t *testing.T) {
	for name, change := range map[string]string{
		"entry missing":     `DELETE FROM journal_entry WHERE idx = 5`,
		"identifier edited": `UPDATE journal_entry SET entry_id = header WHERE idx = 5`,
		"tile cut":          `UPDATE journal_tile SET data = substr(data, 1, 33)`,
		"tile of level 9":   `INSERT INTO journal_tile (level, n, data) SELECT 9, 0, data FROM journal_tile`,
		"second head":       `INSERT INTO journal_head (log, size, root, frontier, last_at) SELECT 'x', size, root, frontier, last_at FROM journal_head`,
		"chain cut":         `UPDATE journal_chain SET head = substr(head, 1, 31)`,
		"pending edited":    `UPDATE journal_pending SET header = entry_id`,
	} {
		t.Run(name, func(t *testing.T) {
			r := onSQLite(t)
			r.fill(t, 20)
			r.checkpoint(t)
			r.fill(t, 1)
			r.exec(t, change)
			err := journal.WritePack(ctx, r.db, io.Discard, journal.PackOptions{Node: nodeName, Keys: r.keys(t), Now: start})
			if got := fault.CodeOf(err); got != "journal-altered" {
				t.Errorf("export = %v, want journal-altered", err)
			}
		})
	}
	r := onSQLite(t)
	r.fill(t, 20)
	full := errors.New("disk full")
	err := journal.WritePack(ctx, r.db, writerFunc(func([]byte) (int, error) { return 0, full }), journal.PackOptions{Node: nodeName, Now: start})
	if !errors.Is(err, full) {
		t.Errorf("export to a full disk = %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// item is one member of a pack in a test.
type item struct {
	name    string
	content []byte
}

// unpack reads the members with the library's own reader.
func unpack(t testing.TB, b []byte) []item {
	t.Helper()
	var out []item
	for tr := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, item{h.Name, content})
	}
}

// repack writes members again, with a right digest at the end: what somebody
// does who alters a pack with care.
func repack(t testing.TB, items []item) []byte {
	t.Helper()
	var b bytes.Buffer
	sum := sha256.New()
	w := tar.NewWriter(io.MultiWriter(&b, sum))
	for _, i := range items {
		if i.name == "end.txt" {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			i.content = fmt.Appendf(nil, "end\nsha256 %x\n", sum.Sum(nil))
		}
		err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: i.name, Size: int64(len(i.content)), Mode: 0o444, ModTime: start, Format: tar.FormatUSTAR})
		if err == nil {
			_, err = w.Write(i.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPackIsALogInTheTilesLayout reads a pack as C2SP tlog-tiles, with nothing of
// ours: every entry bundle and every tile, and the checkpoint's root.
func TestPackIsALogInTheTilesLayout(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 800)
	r.checkpoint(t)
	files := map[string][]byte{}
	for _, i := range unpack(t, r.pack(t)) {
		files[i.name] = i.content
	}
	var m memory
	for n := int64(0); n < 800; n += 256 {
		name := fmt.Sprintf("tile/entries/%03d", n/256)
		if n == 768 {
			name += ".p/32"
		}
		rest, ok := files[name]
		if !ok {
			t.Fatalf("no %s", name)
		}
		for at := n; len(rest) > 0; at++ {
			size := binary.BigEndian.Uint16(rest)
			m.add(t, at, tlog.RecordHash(rest[2:2+size]))
			rest = rest[2+size:]
		}
	}
	text, _, _ := cut3(string(files["checkpoint"]))
	c, err := journal.ParseCheckpoint(text)
	if err != nil {
		t.Fatal(err)
	}
	root, err := tlog.TreeHash(800, m)
	if err != nil || c.Size != 800 || c.Root != root {
		t.Errorf("checkpoint = %+v, want 800 %v", c, root)
	}
	for name, tile := range map[string]tlog.Tile{
		"tile/0/000": {H: 8, L: 0, N: 0, W: 256}, "tile/0/003.p/32": {H: 8, L: 0, N: 3, W: 32}, "tile/1/000.p/3": {H: 8, L: 1, N: 0, W: 3},
	} {
		want, err := tlog.ReadTileData(tile, m)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(files[name], want) {
			t.Errorf("%s is not the tile", name)
		}
	}
}

func TestNotAPack(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, dir, filepath.Join(dir, "nothing")} {
		if _, err := journal.OpenPack(path); err == nil {
			t.Errorf("%s: accepted", path)
		}
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "pack.txt", Size: 3}); err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte("abc"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"a tar of something else": b.Bytes(), "text": bytes.Repeat([]byte("text\n"), 1000), "zeros": make([]byte, 4096)} {
		if _, err := verifyPack(file, journal.Options{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestAnchorsOfAnAuditor: a directory with checkpoints, proofs and packs that
// were collected on earlier visits.
func TestAnchorsOfAnAuditor(t *testing.T) {
	c := withCopies(t)
	dir := t.TempDir()
	keep := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.fill(t, 30)
	keep("visit-1.checkpoint", []byte(c.checkpoint(t)))
	old := c.keep(t)
	c.fill(t, 30)
	c.checkpoint(t)
	keep("visit-2.tar", c.pack(t))
	ids := c.append(t, read(ident.New[ident.Subject]()))
	c.checkpoint(t)
	p, err := c.j.Prove(ctx, ids[0])
	if err != nil {
		t.Fatal(err)
	}
	keep("one-entry.tlog-proof", []byte(p.String()))
	keep(".hidden", []byte("not read"))
	anchors, err := journal.ReadAnchors(dir)
	if err != nil || len(anchors) != 3 {
		t.Fatalf("anchors = %d, %v, want 3", len(anchors), err)
	}
	o := journal.Options{Keys: c.keys(t), Anchors: anchors}
	rep := c.verifyWith(t, o)
	want(t, rep, journal.Sound, "")
	if rep.Anchors != 3 {
		t.Errorf("anchors compared = %d, want 3", rep.Anchors)
	}

	c.putBack(t, old)
	c.clk.Advance(1)
	c.anchor = filepath.Join(t.TempDir(), "anchor")
	c.j = c.open(t)
	c.fill(t, 40) // another history, from entry 30 on
	c.checkpoint(t)
	rep = c.verifyWith(t, o)
	f := finding(rep, "anchor-fork")
	if rep.Exit != journal.Altered || f == nil {
		t.Errorf("verify = %s, %+v, want the fork", rep.Says, rep.Findings)
	}

	keep("broken.tlog-proof", []byte("c2sp.org/tlog-proof@v1\n"))
	if _, err := journal.ReadAnchors(dir); err == nil {
		t.Error("a broken proof among the anchors: accepted")
	}
}
