package backup_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"causeway/internal/backup"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// packFile exports a node's journal as an auditor takes it away.
func (n *node) packFile(t testing.TB) string {
	t.Helper()
	_, err := n.journal.Sequence(ctx)
	must(t, err)
	_, err = n.journal.Checkpoint(ctx)
	must(t, err)
	keys, err := n.ring.VerifierKeys(n.journal.Origin())
	must(t, err)
	var b bytes.Buffer
	must(t, journal.WritePack(ctx, n.db, &b, journal.PackOptions{Node: nodeName, Keys: keys, Now: n.clk.Now().Truncate(time.Second)}))
	path := filepath.Join(t.TempDir(), "pack")
	must(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

// TestTombstonesOfAPack: a child erased after the backup stays erased, though nothing but
// a pack that somebody kept tells of it.
func TestTombstonesOfAPack(t *testing.T) {
	each(t, func(t *testing.T, n *node) {
		id, c := n.worker("amara")
		erased, kept := n.register(c), n.register(c)
		saved := n.write()
		must(t, n.db.Write(ctx, func(tx *store.Tx) error {
			return (&house{n.office, n.custody, n.journal}).Destroy(ctx, tx, ident.Subject(erased))
		}))
		pack := n.packFile(t)
		n.targets(t, func(t *testing.T, to backup.Target) {
			to.Packs = []string{pack, pack}
			out, err := n.restore(saved, to)
			must(t, err)
			if out.Replayed.Destroyed != 1 || out.Replayed.Unknown != 0 {
				t.Errorf("replayed %+v", out.Replayed)
			}
			again := n.reopen(t, to)
			if _, err := again.name(again.caller(id), erased); err == nil {
				t.Error("the erased case can be read")
			}
			if _, err := again.name(again.caller(id), kept); err != nil {
				t.Errorf("the other case: %v", err)
			}
		})
		b, err := os.ReadFile(pack)
		must(t, err)
		b[len(b)/2] ^= 1
		bad := filepath.Join(t.TempDir(), "pack")
		must(t, os.WriteFile(bad, b, 0o600))
		to := n.target()
		to.Packs = []string{bad}
		if _, err := n.restore(saved, to); fault.CodeOf(err) != "pack-altered" {
			t.Errorf("a pack that was changed: %v", err)
		}
	})
}
