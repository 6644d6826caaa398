package backup_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"causeway/internal/access"
	"causeway/internal/backup"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// TestRoundTrip goes from each engine to the other and back, row by row.
func TestRoundTrip(t *testing.T) {
	each(t, func(t *testing.T, n *node) {
		_, c := n.worker("amara")
		for range 3 {
			n.note(c, n.register(c))
		}
		sealed := n.write()
		original := byText(rowsOf(t, n.db))
		places := []store.Config{postgres(t), n.target().Store, postgres(t)}
		if n.db.Engine() == store.Postgres {
			places = []store.Config{n.target().Store, postgres(t), n.target().Store}
		}
		for _, cfg := range places {
			cfg.Clock = n.clk
			db, err := store.Create(ctx, cfg)
			must(t, err)
			r, err := backup.Open(bytes.NewReader(sealed), n.ring, n.identity)
			must(t, err)
			must(t, db.Load(ctx, r.Next))
			if diff := cmp.Diff(byText(rowsOf(t, db)), original); diff != "" {
				t.Errorf("got (-), want (+) on %s:\n%s", cfg.Engine, diff)
			}
			src := n.backupSource()
			src.DB, src.Journal = db, nil // signing would add a checkpoint
			var b bytes.Buffer
			_, err = backup.Write(ctx, &b, src, n.recipients(), nil)
			must(t, err)
			sealed = b.Bytes()
			must(t, db.Close())
		}
	})
}

func TestRestoredNodeServes(t *testing.T) {
	each(t, func(t *testing.T, n *node) {
		id, c := n.worker("amara")
		case1 := n.register(c)
		n.note(c, case1)
		in, err := n.signIn("amara")
		must(t, err)
		open := n.invite("benoit")
		sealed := n.write()
		lost := n.register(c) // after the backup
		signed := n.anchorNote()
		size, err := n.journal.Size(ctx)
		must(t, err)

		n.targets(t, func(t *testing.T, to backup.Target) {
			to.Anchor = filepath.Join(to.Dir, "anchor")
			must(t, os.WriteFile(to.Anchor, signed, 0o600))
			out, err := n.restore(sealed, to)
			must(t, err)
			if out.Epoch != 2 || !out.Lost.Known || out.Lost.To != size || out.Lost.Entries() != size-out.Manifest.Journal.Size {
				t.Errorf("epoch %d, lost %+v of size %d; want epoch 2 and what came after %d", out.Epoch, out.Lost, size, out.Manifest.Journal.Size)
			}
			again := n.reopen(t, to)
			if name, err := again.name(again.caller(id), case1); err != nil || name != marker {
				t.Errorf("name = %q, %v, want %q", name, err, marker)
			}
			if _, err := again.name(again.caller(id), lost); !fault.Is(err, fault.NotFound) {
				t.Errorf("a case after the backup = %v, want not found", err)
			}
			if _, err := again.office.Session(ctx, in.Token); fault.CodeOf(err) != "session-ended" {
				t.Errorf("session = %v, want ended", err)
			}
			if _, _, err := again.office.Admit(ctx, open.Token, open.Voice, again.source); err == nil {
				t.Error("an invitation survived the restore")
			}
			if _, err := again.signIn("amara"); err != nil {
				t.Errorf("signing in again: %v", err)
			}
			report := again.verify()
			if len(report.Restores) != 1 || report.Actions["RESTORE"] != 1 || !strings.Contains(report.Restores[0].Cause, "are lost") {
				t.Errorf("restores = %+v, entries %d, want one that says what is lost", report.Restores, report.Actions["RESTORE"])
			}
			kept, err := journal.ReadAnchors(fmt.Sprintf("%s.epoch-1.size-%d", to.Anchor, size))
			if err != nil || len(kept) != 1 || kept[0].Note != string(signed) {
				t.Errorf("the lost log's anchor = %v, %v, want it kept", kept, err)
			}
			// And once more into the next epoch.
			further := again.write()
			to2 := n.target()
			if out, err := again.restore(further, to2); err != nil || out.Epoch != 3 || out.Lost.Known {
				t.Errorf("epoch %d, lost %+v, %v; want 3, unknown", out.Epoch, out.Lost, err)
			}
		})
	})
}

// TestAnchorOfAnotherHistory: the anchor vouches for entries that the backup
// should hold and does not.
func TestAnchorOfAnotherHistory(t *testing.T) {
	n := onSQLite(t)
	_, c := n.worker("amara")
	n.register(c)
	r, err := backup.Open(bytes.NewReader(n.write()), n.ring, n.identity)
	must(t, err)
	// Somebody works on a copy that was made behind the program's back.
	cfg := n.target().Store
	cfg.Clock = n.clk
	db, err := store.Create(ctx, cfg)
	must(t, err)
	defer db.Close()
	must(t, db.Load(ctx, r.Next))
	twin := *n
	twin.dir = t.TempDir()
	twin.open(db)
	twin.register(twin.as(c.Staff(), access.RoleCaseWorker))
	forked := twin.anchorNote()

	n.register(c)
	n.register(c)
	to := n.target()
	to.Anchor = filepath.Join(to.Dir, "anchor")
	must(t, os.WriteFile(to.Anchor, forked, 0o600))
	_, err = n.restore(n.write(), to)
	want(t, err, fault.Invalid, "backup-journal")
	if !strings.Contains(err.Error(), "anchor file") {
		t.Errorf("%v does not name the anchor", err)
	}
	want(t, backup.Unfinished(to.Dir), fault.Unavailable, "incomplete-restore")
}

// TestEmptyNode: a node on which nothing has happened yet.
func TestEmptyNode(t *testing.T) {
	clk := clock.NewFake(start)
	n := onSQLite(t)
	n.clk = clk
	src := n.backupSource()
	src.DB = storetest.New(t, storetest.WithClock(clk))
	src.Journal = nil
	var b bytes.Buffer
	_, err := backup.Write(ctx, &b, src, n.recipients(), nil)
	must(t, err)
	to := n.target()
	out, err := n.restore(b.Bytes(), to)
	if err != nil || out.Epoch != 2 || out.Manifest.Rows != 0 {
		t.Errorf("epoch %d, %d rows, %v", out.Epoch, out.Manifest.Rows, err)
	}
	n.reopen(t, to).verify()
}

// TestAnchorOfALaterEpoch: the backup is older than another restore.
func TestAnchorOfALaterEpoch(t *testing.T) {
	n := onSQLite(t)
	id, c := n.worker("amara")
	case1 := n.register(c)
	sealed := n.write()
	to := n.target()
	to.Anchor = filepath.Join(to.Dir, "anchor")
	_, err := n.restore(sealed, to)
	must(t, err)
	second := n.reopen(t, to)
	for range 5 {
		second.note(second.caller(id), case1)
	}
	signed := second.anchorNote()

	to = n.target() // the first backup again
	to.Anchor = filepath.Join(to.Dir, "anchor")
	must(t, os.WriteFile(to.Anchor, signed, 0o600))
	out, err := n.restore(sealed, to)
	must(t, err)
	if out.Epoch != 3 {
		t.Errorf("epoch = %d, want 3: 2 was used", out.Epoch)
	}
	report := n.reopen(t, to).verify()
	if len(report.Restores) != 2 {
		t.Errorf("restores = %+v, want one for each epoch", report.Restores)
	}
}

func TestPendingEntriesComeAlong(t *testing.T) {
	n := onSQLite(t)
	id, c := n.worker("amara")
	case1 := n.register(c)
	src := n.backupSource()
	src.Journal = nil // nothing is sequenced
	var b bytes.Buffer
	_, err := backup.Write(ctx, &b, src, n.recipients(), nil)
	must(t, err)
	to := n.target()
	_, err = n.restore(b.Bytes(), to)
	must(t, err)
	again := n.reopen(t, to)
	if name, err := again.name(again.caller(id), case1); err != nil || name != marker {
		t.Errorf("name = %q, %v", name, err)
	}
	if report := again.verify(); report.Actions["CREATE"] == 0 {
		t.Errorf("actions = %v, want the registration", report.Actions)
	}
}

func TestRestoreRefuses(t *testing.T) {
	n := onSQLite(t)
	_, c := n.worker("amara")
	n.register(c)
	sealed := n.write()
	stranger := onSQLite(t)

	t.Run("a place with a database", func(t *testing.T) {
		n.targets(t, func(t *testing.T, to backup.Target) {
			db, err := store.Create(ctx, to.Store)
			must(t, err)
			must(t, db.Close())
			_, err = n.restore(sealed, to)
			want(t, err, fault.Conflict, "not-empty")
			must(t, backup.Unfinished(to.Dir))
		})
	})
	t.Run("a place with a log of a database", func(t *testing.T) {
		to := n.target()
		must(t, os.WriteFile(to.Store.Path+"-wal", []byte("x"), 0o600))
		_, err := n.restore(sealed, to)
		want(t, err, fault.Conflict, "not-empty")
	})
	t.Run("another identity", func(t *testing.T) {
		to := n.target()
		_, err := backup.Restore(ctx, bytes.NewReader(sealed), []age.Identity{stranger.identity}, to)
		want(t, err, fault.Denied, "wrong-identity")
		must(t, backup.Unfinished(to.Dir))
	})
	t.Run("another keyring", func(t *testing.T) {
		to := n.target()
		to.Ring = stranger.ring
		_, err := n.restore(sealed, to)
		want(t, err, fault.Invalid, "backup-not-ours")
		want(t, backup.Unfinished(to.Dir), fault.Unavailable, "incomplete-restore")
	})
	t.Run("no restrictions file", func(t *testing.T) {
		to := n.target()
		to.NoRestrictions = false
		_, err := n.restore(sealed, to)
		want(t, err, fault.Unavailable, "restrictions-missing")
		to.Restrictions = filepath.Join(to.Dir, "gone")
		_, err = n.restore(sealed, to)
		want(t, err, fault.Unavailable, "restrictions-missing")
	})
	t.Run("an anchor that does not verify", func(t *testing.T) {
		to := n.target()
		to.Anchor = filepath.Join(to.Dir, "anchor")
		must(t, os.WriteFile(to.Anchor, []byte("causeway/XA-test/1\n5\nAAAA\n"), 0o600))
		_, err := n.restore(sealed, to)
		want(t, err, fault.Unavailable, "journal-anchor-altered")
		must(t, backup.Unfinished(to.Dir))
	})
	t.Run("a newer program's", func(t *testing.T) {
		to := n.target()
		to.All = without(t, "0070_intake_import.sql")
		_, err := n.restore(sealed, to)
		want(t, err, fault.Unavailable, "schema-newer")
	})
	t.Run("a backup beside another that was begun", func(t *testing.T) {
		to := n.target()
		frames := split(t, unpack(t, n, sealed))
		_, err := n.restore(pack(t, n, join(frames[:len(frames)-1])), to)
		want(t, err, fault.Invalid, "backup-altered")
		want(t, backup.Unfinished(to.Dir), fault.Unavailable, "incomplete-restore")
		elsewhere := to
		elsewhere.Store.Path += "2"
		_, err = n.restore(sealed, elsewhere)
		want(t, err, fault.Conflict, "restore-another")
		n.clk.Advance(time.Hour)
		out, err := n.restore(n.write(), to) // another backup, the same place
		if err != nil || out.Resumed {
			t.Errorf("a good backup after an altered one: resumed %v, %v", out.Resumed, err)
		}
		n.reopen(t, to).verify()
	})
}

// TestAlteredBackups: whatever is done to the file, it is refused by name, and
// nothing that could be opened is left.
func TestAlteredBackups(t *testing.T) {
	n := onSQLite(t)
	_, c := n.worker("amara")
	for range 40 { // more than one piece of the seal
		n.register(c)
	}
	sealed := n.write()
	n.clk.Advance(time.Minute)
	other := n.write()
	flip := func(at int) []byte {
		b := slices.Clone(sealed)
		b[at] ^= 1
		return b
	}
	end := len(sealed)
	for name, b := range map[string][]byte{
		"empty":             {},
		"of another kind":   []byte("PK\x03\x04 not an age file"),
		"cut in the header": sealed[:100],
		"cut in the middle": sealed[:end/2],
		"cut at the end":    sealed[:end-1],
		"flipped early":     flip(end / 4),
		"flipped late":      flip(end - 20),
		"twice":             slices.Concat(sealed, sealed),
		"two":               slices.Concat(sealed, other),
		"longer":            append(slices.Clone(sealed), 0),
		"another's end":     slices.Concat(sealed[:end/2], other[len(other)/2:]),
	} {
		t.Run(name, func(t *testing.T) {
			to := n.target()
			_, err := n.restore(b, to)
			if code := fault.CodeOf(err); code != "backup-altered" && code != "not-a-backup" {
				t.Errorf("got %v, want altered", err)
			}
			if _, err := store.Open(ctx, to.Store); err == nil {
				t.Error("the rest can be opened")
			}
		})
	}
}

func TestRebindUnderAnotherRoot(t *testing.T) {
	n := onSQLite(t)
	id, c := n.worker("amara")
	case1 := n.register(c)
	src := n.backupSource()
	src.Ring = otherRoot{n.ring}
	var b bytes.Buffer
	_, err := backup.Write(ctx, &b, src, n.recipients(), nil)
	must(t, err)
	to := n.target()
	_, err = n.restore(b.Bytes(), to)
	must(t, err)
	again := n.reopen(t, to)
	if _, err := again.name(again.caller(id), case1); err != nil {
		t.Error(err)
	}
	if got := again.verify().Actions["RESTORE"]; got != 2 {
		t.Errorf("RESTORE entries = %d, want the restore and the rows bound anew", got)
	}
}

// otherRoot is a keyring before its root secret was changed.
type otherRoot struct{ backup.Ring }

func (otherRoot) Fingerprint() string { return "0000-0000-0000-0000-0000" }

func TestOlderBackupIsMigrated(t *testing.T) {
	n := onSQLite(t)
	id, c := n.worker("amara")
	case1 := n.register(c)
	sealed := n.write()
	n.targets(t, func(t *testing.T, to backup.Target) {
		to.All = with(t, "0079_intake_later.sql", `-- +goose Up
CREATE TABLE intake_later (id BYTEA NOT NULL PRIMARY KEY, word TEXT NOT NULL);
ALTER TABLE casework_view ADD COLUMN later BIGINT;
`)
		out, err := n.restore(sealed, to)
		must(t, err)
		if diff := cmp.Diff(out.Migrated, []string{"0079_intake_later.sql"}); diff != "" {
			t.Error(diff)
		}
		to.Store.Migrations = to.All
		again := n.reopen(t, to)
		must(t, again.db.Integrity(ctx))
		if _, err := again.name(again.as(id, access.RoleCaseWorker), case1); err != nil {
			t.Error(err)
		}
	})
}
