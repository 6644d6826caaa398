package journal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// refused opens the journal and returns the code it is refused with.
func (r *rig) refused(t testing.TB) string {
	t.Helper()
	_, err := r.tryOpen()
	if err == nil {
		return ""
	}
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("refused with %v, want kind unavailable", err)
	}
	return fault.CodeOf(err)
}

func TestStartRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, r *rig)
		want   string
	}{
		{"nothing", func(*testing.T, *rig) {}, ""},
		{"anchor missing", func(t *testing.T, r *rig) {
			if err := os.Remove(r.anchor); err != nil {
				t.Fatal(err)
			}
		}, ""},
		{"anchor edited", func(t *testing.T, r *rig) { r.rewriteAnchor(t, "\n300\n", "\n200\n") }, "journal-anchor-altered"},
		{"anchor of another node", func(t *testing.T, r *rig) { r.rewriteAnchor(t, nodeName, "XB-test") }, "journal-anchor-altered"},
		{"anchor emptied", func(t *testing.T, r *rig) {
			if err := os.WriteFile(r.anchor, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "journal-anchor-altered"},
		{"head's root edited", func(t *testing.T, r *rig) { r.exec(t, `UPDATE journal_head SET root = $1`, bytesOf(32)) }, "journal-altered"},
		{"head's root cut", func(t *testing.T, r *rig) { r.exec(t, `UPDATE journal_head SET root = $1`, bytesOf(31)) }, "journal-altered"},
		{"head's edge edited", func(t *testing.T, r *rig) { r.exec(t, `UPDATE journal_head SET frontier = $1`, bytesOf(32*4)) }, "journal-altered"},
		{"head's size lowered", func(t *testing.T, r *rig) { r.exec(t, `UPDATE journal_head SET size = size - 1`) }, "journal-altered"},
		{"head below zero", func(t *testing.T, r *rig) { r.exec(t, `UPDATE journal_head SET size = -5`) }, "journal-altered"},
		{"head gone", func(t *testing.T, r *rig) { r.exec(t, `DELETE FROM journal_head`) }, "journal-truncated"},
		{"unfinished tile edited", func(t *testing.T, r *rig) {
			r.exec(t, `UPDATE journal_tile SET data = $1 WHERE level = 0 AND n = 1`, bytesOf(32*44))
		}, "journal-altered"},
		{"unfinished tile gone", func(t *testing.T, r *rig) { r.exec(t, `DELETE FROM journal_tile WHERE level = 0 AND n = 1`) }, "journal-altered"},
		{"checkpoint edited", func(t *testing.T, r *rig) {
			r.exec(t, `UPDATE journal_checkpoint SET note = replace(note, '300', '299')`)
		}, "journal-checkpoint-altered"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			each(t, func(t *testing.T, r *rig) {
				r.fill(t, 300)
				r.checkpoint(t)
				tt.change(t, r)
				if got := r.refused(t); got != tt.want {
					t.Errorf("refused with %q, want %q", got, tt.want)
				}
			})
		})
	}
}

func (r *rig) rewriteAnchor(t testing.TB, old, new string) {
	t.Helper()
	b, err := os.ReadFile(r.anchor)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(b), old, new, 1)
	if changed == string(b) {
		t.Fatalf("the anchor has no %q", old)
	}
	if err := os.WriteFile(r.anchor, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestStartRefusesAnotherKey(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 10)
	r.checkpoint(t)
	other := newRig(t, storetest.New(t), r.clk) // another node's keyring
	r.ring = other.ring
	if got, want := r.refused(t), "journal-checkpoint-altered"; got != want {
		t.Errorf("refused with %q, want %q", got, want)
	}
}

// copies keeps older states of an SQLite file to put back.
type copies struct {
	*rig
	cfg store.Config
}

func withCopies(t testing.TB) *copies {
	t.Helper()
	clk := clock.NewFake(start)
	cfg := storetest.SQLite(t, storetest.WithClock(clk))
	db, err := store.Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := &copies{cfg: cfg}
	c.rig = newRig(t, db, clk)
	t.Cleanup(func() { _ = c.db.Close() }) // of the state that is open then
	return c
}

// keep returns a copy of the database as it is.
func (c *copies) keep(t testing.TB) []byte {
	t.Helper()
	c.close(t)
	b, err := os.ReadFile(c.cfg.Path)
	if err != nil {
		t.Fatal(err)
	}
	c.start(t)
	c.j = c.open(t)
	return b
}

// putBack replaces the database by a copy, as somebody with the disk does.
func (c *copies) putBack(t testing.TB, b []byte) {
	t.Helper()
	c.close(t)
	for _, name := range []string{c.cfg.Path + "-wal", c.cfg.Path + "-shm"} {
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(c.cfg.Path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	c.start(t)
}

func (c *copies) close(t testing.TB) {
	t.Helper()
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
}

func (c *copies) start(t testing.TB) {
	t.Helper()
	var err error
	if c.db, err = store.Open(ctx, c.cfg); err != nil {
		t.Fatal(err)
	}
}

func TestOlderCopyIsRefused(t *testing.T) {
	c := withCopies(t)
	c.fill(t, 40)
	c.checkpoint(t)
	old := c.keep(t)
	c.fill(t, 20)
	c.checkpoint(t)
	c.putBack(t, old)
	if got, want := c.refused(t), "journal-rolled-back"; got != want {
		t.Errorf("refused with %q, want %q", got, want)
	}
	rep := c.verify(t)
	if f := finding(rep, "anchor-fork"); rep.Exit != journal.Altered || f == nil || f.Index != 40 {
		t.Errorf("verify = %s, %+v, want the anchor not reached", rep.Says, rep.Findings)
	}
}

// TestForkIsRefused: an older copy goes on differently, past the anchor's size.
func TestForkIsRefused(t *testing.T) {
	c := withCopies(t)
	c.fill(t, 40)
	c.checkpoint(t)
	old := c.keep(t)
	c.fill(t, 20)
	c.checkpoint(t)
	kept := c.anchors(t)
	c.putBack(t, old)
	if err := os.Remove(c.anchor); err != nil {
		t.Fatal(err)
	}
	c.j = c.open(t)
	c.fill(t, 30)
	c.checkpoint(t)
	if err := os.WriteFile(c.anchor, []byte(kept[0].Note), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := c.refused(t), "journal-fork"; got != want {
		t.Errorf("refused with %q, want %q", got, want)
	}
	rep := c.verify(t)
	if f := finding(rep, "anchor-fork"); rep.Exit != journal.Altered || f == nil || f.Table != "anchor" {
		t.Errorf("verify = %s, %+v, want the fork", rep.Says, rep.Findings)
	}
}

// TestTruncatedLogIsRefused: an older log with the newer checkpoint.
func TestTruncatedLogIsRefused(t *testing.T) {
	c := withCopies(t)
	c.fill(t, 40)
	c.checkpoint(t)
	old := c.keep(t)
	c.fill(t, 20)
	signed := c.checkpoint(t)
	c.putBack(t, old)
	c.exec(t, `INSERT INTO journal_checkpoint (epoch, size, at, note) VALUES (1, 60, 0, $1)`, signed)
	if got, want := c.refused(t), "journal-truncated"; got != want {
		t.Errorf("refused with %q, want %q", got, want)
	}
	rep := c.verify(t)
	if f := finding(rep, "checkpoint-beyond"); rep.Exit != journal.Altered || f == nil || f.Index != 40 {
		t.Errorf("verify = %s, %+v, want entries missing from 40 on", rep.Says, rep.Findings)
	}
}

// TestRestoredEpochIsAccepted: an older copy with a signed statement goes on
// under a new name, and what was lost stays visibly lost.
func TestRestoredEpochIsAccepted(t *testing.T) {
	c := withCopies(t)
	c.fill(t, 40)
	c.checkpoint(t)
	old := c.keep(t)
	c.fill(t, 20)
	c.append(t, read(ident.New[ident.Subject]())) // left without a place by the restore
	c.checkpoint(t)
	before := c.anchors(t)
	c.putBack(t, old)
	e, err := journal.OpenEpoch(ctx, c.db, c.clk, c.ring, nodeName, "disk failed")
	if err != nil || e.Epoch != 2 || e.StartSize != 40 {
		t.Fatalf("epoch = %+v, %v", e, err)
	}
	c.j = c.open(t)
	if got, want := c.j.Origin(), "causeway/"+nodeName+"/2"; got != want {
		t.Errorf("origin = %s, want %s", got, want)
	}
	c.fill(t, 300)
	c.checkpoint(t)
	c.j = c.open(t)
	rep := c.verify(t)
	if rep.Exit != journal.Sound || len(rep.Restores) != 1 || rep.Restores[0].Size != 40 || rep.Restores[0].Cause != "disk failed" {
		t.Errorf("verify = %s, %+v, restores %+v", rep.Says, rep.Findings, rep.Restores)
	}

	rep, err = journal.Verify(ctx, journal.FromDatabase(c.db), journal.Options{Keys: c.keys(t), Anchors: append(before, c.anchors(t)...)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f := finding(rep, "anchor-lost"); rep.Exit != journal.Incomplete || f == nil || !strings.Contains(f.What, "to 60") {
		t.Errorf("verify with what an auditor kept = %s, %+v, want entries 40 to 60 lost", rep.Says, rep.Findings)
	}

	if err := os.WriteFile(c.anchor, []byte(c.anchors(t)[0].Note), 0o600); err != nil {
		t.Fatal(err)
	}
	c.putBack(t, old)
	if got, want := c.refused(t), "journal-rolled-back"; got != want {
		t.Errorf("the old copy once more: refused with %q, want %q", got, want)
	}
}

func TestEpochCauseIsOneLine(t *testing.T) {
	r := onSQLite(t)
	for _, cause := range []string{"", "a\nsize 0", "a\rb"} {
		if _, err := journal.OpenEpoch(ctx, r.db, r.clk, r.ring, nodeName, cause); !fault.Is(err, fault.Invalid) {
			t.Errorf("cause %q: %v, want invalid", cause, err)
		}
	}
}

// TestCrashBeforeAnchor: the checkpoint is stored and the anchor is not yet.
func TestCrashBeforeAnchor(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.fill(t, 10)
		r.checkpoint(t)
		first := r.anchors(t)[0].Note
		r.fill(t, 10)
		r.sequence(t)
		dir := filepath.Dir(r.anchor)
		if err := os.Rename(dir, dir+"-away"); err != nil { // the volume is gone
			t.Fatal(err)
		}
		signed, err := r.j.Checkpoint(ctx)
		if err == nil || signed == "" {
			t.Fatalf("checkpoint = %q, %v, want it and an error about the anchor", signed, err)
		}
		if err := os.Rename(dir+"-away", dir); err != nil {
			t.Fatal(err)
		}
		if got := r.anchors(t)[0].Note; got != first {
			t.Fatal("the anchor was written after all")
		}
		r.j = r.open(t)
		again, err := r.j.Checkpoint(ctx)
		if err != nil || again != signed {
			t.Errorf("checkpoint after the crash = %q, %v, want the same", again, err)
		}
		if got := r.anchors(t)[0].Note; got != signed {
			t.Error("the anchor was not completed")
		}
		r.sound(t, 20)
	})
}

// TestEmptyJournal has nothing to sign and is sound.
func TestEmptyJournal(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		if signed := r.checkpoint(t); signed != "" {
			t.Errorf("checkpoint of nothing = %q", signed)
		}
		r.sound(t, 0)
		if _, err := journal.OpenEpoch(ctx, r.db, r.clk, r.ring, nodeName, "moved"); err != nil {
			t.Fatal(err)
		}
		r.j = r.open(t)
		r.fill(t, 3)
		r.checkpoint(t)
		r.sound(t, 3)
	})
}

// finding returns the finding of a check.
func finding(rep *journal.Report, check string) *journal.Finding {
	for i := range rep.Findings {
		if rep.Findings[i].Check == check {
			return &rep.Findings[i]
		}
	}
	return nil
}
