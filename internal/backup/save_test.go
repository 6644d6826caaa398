package backup_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"causeway/internal/access"
	"causeway/internal/backup"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

func TestSave(t *testing.T) {
	each(t, func(t *testing.T, n *node) {
		_, c := n.worker("amara")
		n.register(c)
		folder := filepath.Join(t.TempDir(), "backups")
		var told int64
		s, err := backup.Save(ctx, folder, n.backupSource(), n.recipients(), func(rows int64) { told = rows })
		must(t, err)
		if got, want := filepath.Base(s.Path), "XA-test-20260302T090000Z.causeway.age"; got != want {
			t.Errorf("name = %s, want %s", got, want)
		}
		m := s.Manifest
		if m.Node != nodeName || m.Engine != string(n.db.Engine()) || m.Fingerprint != n.ring.Fingerprint() ||
			!m.Made.Equal(start) || m.Rows == 0 || told != m.Rows || m.Journal.Size == 0 || m.Journal.Checkpoint == "" ||
			string(m.Config) != `{"name":"XA-test"}` || !slices.Contains(m.Schema, "0001_store_lease.sql") {
			t.Errorf("manifest = %+v, told %d", m, told)
		}
		if info, err := os.Stat(s.Path); err != nil || info.Mode().Perm() != 0o600 || info.Size() != s.Bytes {
			t.Errorf("file = %v, %v", info, err)
		}
		noneInClear(t, folder)
		if len(files(t, folder)) != 1 {
			t.Errorf("files = %d, want one", len(files(t, folder)))
		}
		// A second one within the same second does not replace the first.
		_, err = backup.Save(ctx, folder, n.backupSource(), n.recipients(), nil)
		want(t, err, fault.Conflict, "backup-exists")
		if len(files(t, folder)) != 1 {
			t.Errorf("files = %d, want one", len(files(t, folder)))
		}
	})
}

// TestSaveWhileWriting: the snapshot holds whole commands and nothing else.
func TestSaveWhileWriting(t *testing.T) {
	each(t, func(t *testing.T, n *node) {
		id, c := n.worker("amara")
		first := n.register(c)
		stop := make(chan struct{})
		var workers sync.WaitGroup
		for range 3 {
			workers.Add(1)
			go func() {
				defer workers.Done()
				for {
					select {
					case <-stop:
						return
					default:
					}
					child, err := n.cases.Register(ctx, c, ident.New[ident.Command](), child())
					if err == nil {
						_, err = n.name(c, child)
					}
					if err != nil {
						t.Errorf("work during a backup: %v", err)
						return
					}
				}
			}()
		}
		folder := t.TempDir()
		var saved []string
		for range 3 {
			s, err := backup.Save(ctx, folder, n.backupSource(), n.recipients(), nil)
			must(t, err)
			saved = append(saved, s.Path)
			n.clk.Advance(time.Minute)
		}
		close(stop)
		workers.Wait()
		for _, path := range saved {
			b, err := os.ReadFile(path)
			must(t, err)
			out, err := backup.Check(ctx, bytes.NewReader(b), []age.Identity{n.identity}, backup.Drill{All: all, Ring: n.ring, Clock: n.clk})
			if err != nil || out.Opened == 0 || out.Erased != 0 {
				t.Errorf("drill: %d opened, %d erased, %v", out.Opened, out.Erased, err)
			}
		}
		b, err := os.ReadFile(saved[len(saved)-1])
		must(t, err)
		to := n.target()
		_, err = n.restore(b, to)
		must(t, err)
		again := n.reopen(t, to)
		again.verify()
		if _, err := again.name(again.caller(id), first); err != nil {
			t.Error(err)
		}
		for _, r := range rowsOf(t, again.db) {
			if r.Table == "casework_case" {
				if name, err := again.name(again.caller(id), ident.Case(r.Values[slices.Index(r.Columns, "id")].([]byte))); err != nil || name != marker {
					t.Errorf("a case of the backup: %q, %v", name, err)
				}
			}
		}
	})
}

// TestJournalIsCheckedBeforeSealing: what is altered is not sealed.
func TestJournalIsCheckedBeforeSealing(t *testing.T) {
	each(t, func(t *testing.T, n *node) {
		_, c := n.worker("amara")
		n.register(c)
		n.anchorNote()
		must(t, n.db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE journal_entry SET sealed = $1, header = header WHERE idx = 2`, []byte("x"))
			if err == nil {
				_, err = tx.Exec(ctx, `DELETE FROM journal_entry WHERE idx = 1`)
			}
			return err
		}))
		folder := t.TempDir()
		_, err := backup.Save(ctx, folder, n.backupSource(), n.recipients(), nil)
		want(t, err, fault.Invalid, "backup-journal")
		if !strings.Contains(err.Error(), "idx 1") {
			t.Errorf("%v does not name the place", err)
		}
		if len(files(t, folder)) != 0 {
			t.Error("a file is left")
		}
	})
}

func TestRecipients(t *testing.T) {
	n := onSQLite(t)
	_, c := n.worker("amara")
	n.register(c)
	plain, err := age.GenerateX25519Identity()
	must(t, err)
	second, err := backup.NewKit()
	must(t, err)
	write := func(to ...string) ([]byte, error) {
		var b bytes.Buffer
		_, err := backup.Write(ctx, &b, n.backupSource(), to, nil)
		return b.Bytes(), err
	}
	for name, id := range map[string]age.Identity{"the kit": n.identity, "a second kit": identityOf(t, second)} {
		b, err := write(n.kit.Recipient(), second.Recipient())
		must(t, err)
		if _, err := backup.Open(bytes.NewReader(b), n.ring, id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	b, err := write(plain.Recipient().String())
	must(t, err)
	if _, err := backup.Open(bytes.NewReader(b), n.ring, plain); err != nil {
		t.Errorf("x25519: %v", err)
	}
	for code, to := range map[string][]string{
		"required":         nil,
		"age-recipient":    {plain.String()}, // the secret in place of the public key
		"recipients-mixed": {n.kit.Recipient(), plain.Recipient().String()},
	} {
		_, err := write(to...)
		got := fault.FieldsOf(err)
		if len(got) != 1 || got[0] != (fault.Field{Name: "backup.recipients", Code: code}) {
			t.Errorf("%s: got %v", code, err)
		}
		if err != nil && strings.Contains(err.Error(), "AGE-SECRET") {
			t.Errorf("the error shows a secret")
		}
	}
}

func TestDiskFailsWhileWriting(t *testing.T) {
	n := onSQLite(t)
	_, c := n.worker("amara")
	for range 60 {
		n.register(c)
	}
	_, err := backup.Write(ctx, &failing{after: 10_000}, n.backupSource(), n.recipients(), nil)
	if !errors.Is(err, errDisk) {
		t.Errorf("got %v, want the disk's error", err)
	}
}

var errDisk = errors.New("no space")

// failing is a disk that is full after some bytes.
type failing struct{ after int }

func (f *failing) Write(b []byte) (int, error) {
	if f.after -= len(b); f.after < 0 {
		return 0, errDisk
	}
	return len(b), nil
}

func TestListAndPrune(t *testing.T) {
	folder := t.TempDir()
	day := 24 * time.Hour
	for _, name := range []string{
		"XA-test-20260101T000000Z.causeway.age", "XA-test-20260201T000000Z.causeway.age", "XA-test-20260301T000000Z.causeway.age",
		"XA-test2-20200101T000000Z.causeway.age", "XA-test-20200101T000000Z.causeway.age.0123456789abcdef.partial",
		"XA-test-2020.causeway.age", "other",
	} {
		must(t, os.WriteFile(filepath.Join(folder, name), []byte(name), 0o600))
	}
	found, err := backup.List(folder, "XA-test")
	must(t, err)
	if len(found) != 3 || !found[0].Made.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) || found[0].Bytes == 0 {
		t.Errorf("found = %+v", found)
	}
	gone, err := backup.Prune(folder, "XA-test", 35*day, start)
	must(t, err)
	if diff := cmp.Diff(gone, []string{filepath.Join(folder, "XA-test-20260101T000000Z.causeway.age")}); diff != "" {
		t.Error(diff)
	}
	gone, err = backup.Prune(folder, "XA-test", 35*day, start.Add(400*day))
	must(t, err)
	if len(gone) != 1 || len(files(t, folder)) != 5 {
		t.Errorf("gone = %v, left = %d; want the newest and what is not ours to stay", gone, len(files(t, folder)))
	}
	if found, err := backup.List(filepath.Join(folder, "none"), "XA-test"); err != nil || found != nil {
		t.Errorf("no folder: %v, %v", found, err)
	}
	if _, err := backup.Prune(folder, "XA-test", 0, start); err == nil {
		t.Error("no greatest age was taken for one")
	}
}

func TestCheck(t *testing.T) {
	each(t, func(t *testing.T, n *node) {
		_, c := n.worker("amara")
		case1 := n.register(c)
		n.register(c)
		must(t, n.db.Write(ctx, func(tx *store.Tx) error {
			return (&house{n.office, n.custody, n.journal}).Destroy(ctx, tx, ident.SubjectOf(case1))
		}))
		sealed := n.write()
		temp := t.TempDir()
		d := backup.Drill{All: all, Ring: n.ring, Clock: n.clk, Temp: temp, Marker: filepath.Join(t.TempDir(), "restore-drill")}
		backup.SetFailpoint(t, func(step string) error {
			if step == "drill-created" {
				noneInClear(t, temp)
			}
			return nil
		})
		out, err := backup.Check(ctx, bytes.NewReader(sealed), []age.Identity{n.identity}, d)
		must(t, err)
		if !out.Signed || out.Opened != 1 || out.Erased != 1 || out.Journal.Size == 0 || out.Manifest.Rows == 0 {
			t.Errorf("tried = %+v", out)
		}
		if b, err := os.ReadFile(d.Marker); err != nil || !strings.Contains(string(b), out.Manifest.ID) {
			t.Errorf("marker = %s, %v", b, err)
		}
		if left := files(t, temp); len(left) != 0 {
			t.Errorf("left = %d files", len(left))
		}
		// Without the keyring the rows and the journal can still be tried.
		d.Ring = nil
		if out, err := backup.Check(ctx, bytes.NewReader(sealed), []age.Identity{n.identity}, d); err != nil || out.Signed || out.Opened != 0 {
			t.Errorf("without a keyring: %+v, %v", out, err)
		}
	})
}

func TestCheckFails(t *testing.T) {
	n := onSQLite(t)
	_, c := n.worker("amara")
	n.register(c)
	sealed := n.write()
	stranger := onSQLite(t)
	try := func(sealed []byte, d backup.Drill) error {
		d.All, d.Clock, d.Temp, d.Marker = all, n.clk, t.TempDir(), filepath.Join(t.TempDir(), "drill")
		_, err := backup.Check(ctx, bytes.NewReader(sealed), []age.Identity{n.identity}, d)
		if _, serr := os.Stat(d.Marker); err != nil && serr == nil {
			t.Error("a drill that failed left its marker")
		}
		if len(files(t, d.Temp)) != 0 {
			t.Error("a drill that failed left files")
		}
		return err
	}
	want(t, try(sealed, backup.Drill{Ring: stranger.ring}), fault.Invalid, "backup-not-ours")
	want(t, try(sealed[:len(sealed)-1], backup.Drill{Ring: n.ring}), fault.Invalid, "backup-altered")

	// The keyring lacks what the database needs: an older copy of it.
	old := filepath.Join(t.TempDir(), "old")
	copyFile(t, filepath.Join(n.dir, "keyring"), old)
	must(t, n.db.Write(ctx, func(tx *store.Tx) error { _, err := n.custody.RotateEpoch(ctx, tx); return err }))
	n.register(n.as(ident.New[ident.Staff](), access.RoleCaseWorker))
	later := n.write()
	must(t, try(later, backup.Drill{Ring: n.ring}))
	want(t, try(later, backup.Drill{Ring: openRing(t, old)}), fault.Unavailable, "key-unknown")
}
