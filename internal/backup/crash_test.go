//go:build unix

package backup_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"

	"causeway/internal/backup"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// errand is what a process that is to be killed gets to do.
type errand struct {
	Step     string // where to kill it
	Do       string // "save" or "restore"
	Keyring  string
	Identity string
	Backup   string // restore: the file
	Folder   string // save: where to
	Dir      string
	Anchor   string
	Place    place
}

// place is a store.Config that can be handed to another process.
type place struct {
	Engine            store.Engine
	Path, DSN, Schema string
	Key               []byte
}

func placeOf(c store.Config) place { return place{c.Engine, c.Path, c.DSN, c.Schema, c.FileKey} }

func (p place) config() store.Config {
	return store.Config{Engine: p.Engine, Path: p.Path, DSN: p.DSN, Schema: p.Schema, FileKey: p.Key}
}

const errandVariable = "CAUSEWAY_BACKUP_ERRAND"

// TestErrand is no test: it is the process that the crash tests kill.
func TestErrand(t *testing.T) {
	text := os.Getenv(errandVariable)
	if text == "" {
		return // nobody to kill
	}
	var e errand
	must(t, json.Unmarshal([]byte(text), &e))
	kill := func(step string) error {
		if step == e.Step {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			time.Sleep(time.Minute)
		}
		return nil
	}
	backup.SetFailpoint(t, kill)
	ring, err := keys.OpenRing([]string{e.Keyring}, keys.PlainFile())
	must(t, err)
	ids, err := age.ParseIdentities(strings.NewReader(e.Identity))
	must(t, err)
	n := &node{t: t, dir: e.Dir, clk: clock.NewFake(start.Add(time.Hour)), ring: ring, identity: ids[0]}
	if e.Do == "save" {
		cfg := e.Place.config()
		cfg.Clock = n.clk
		db, err := store.Open(ctx, cfg)
		must(t, err)
		n.open(db)
		_, err = backup.Save(ctx, e.Folder, n.backupSource(), []string{e.recipient(t)}, nil)
		must(t, err)
		return
	}
	f, err := os.Open(e.Backup)
	must(t, err)
	_, err = backup.Restore(ctx, f, ids, backup.Target{
		Dir: e.Dir, Store: e.Place.config(), All: all, Ring: ring, Clock: n.clk, Anchor: e.Anchor, NoRestrictions: true,
		House: n.house, Progress: func(int64) { _ = kill("rows") },
	})
	must(t, err)
}

func (e *errand) recipient(t testing.TB) string {
	id, err := age.ParseHybridIdentity(e.Identity)
	must(t, err)
	return id.Recipient().String()
}

// run starts the process and makes sure that it was killed where it should be.
func (e errand) run(t *testing.T, temp string) {
	t.Helper()
	text, err := json.Marshal(e)
	must(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestErrand$", "-test.count=1")
	cmd.Env = append(os.Environ(), errandVariable+"="+string(text), "TMPDIR="+temp)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("%s was not killed: %v\n%s", e.Step, err, out)
	}
}

func (n *node) errand(do, step string) errand {
	page := n.kit.Page(backup.KitFacts{})
	i := strings.Index(page, "AGE-SECRET-KEY")
	end := strings.Index(page[i:], "\n\n")
	return errand{
		Step: step, Do: do, Keyring: filepath.Join(n.dir, "keyring"), Dir: n.dir,
		Identity: strings.Join(strings.Fields(page[i:i+end]), ""),
	}
}

// TestKilledRestore kills a restore at every step, on both engines: the place
// refuses to serve, and the same restore started again ends it.
func TestKilledRestore(t *testing.T) {
	n := onSQLite(t)
	id, c := n.worker("amara")
	case1 := n.register(c)
	sealed := filepath.Join(n.dir, "one"+backup.Suffix)
	must(t, os.WriteFile(sealed, n.write(), 0o600))
	n.register(c)
	signed := n.anchorNote()
	steps := []string{
		"restore-marked", "restore-created", "rows", "restore-loaded", "restore-proven", "restore-migrated",
		"restore-planned", "restore-epoch", "restore-settled", "restore-signed", "restore-ended",
	}
	n.targets(t, func(t *testing.T, first backup.Target) {
		for i, step := range steps {
			if first.Store.Engine == store.Postgres && i%2 == 0 && step != "rows" {
				continue // making schemas takes long; these steps do the same on both
			}
			t.Run(step, func(t *testing.T) {
				to := n.target()
				if first.Store.Engine == store.Postgres {
					to.Store = postgres(t)
				}
				to.Anchor = filepath.Join(to.Dir, "anchor")
				must(t, os.WriteFile(to.Anchor, signed, 0o600))
				e := n.errand("restore", step)
				e.Backup, e.Dir, e.Anchor, e.Place = sealed, to.Dir, to.Anchor, placeOf(to.Store)
				temp := t.TempDir()
				e.run(t, temp)
				if step != "restore-ended" {
					want(t, backup.Unfinished(to.Dir), fault.Unavailable, "incomplete-restore")
				}
				noneInClear(t, to.Dir, temp)
				again, err := n.restoreFile(sealed, to)
				if step == "restore-ended" {
					want(t, err, fault.Conflict, "not-empty")
				} else if err != nil || !again.Resumed || again.Epoch != 2 || again.Lost.Entries() == 0 {
					t.Errorf("started again: %+v, %v", again.Lost, err)
				}
				noneInClear(t, to.Dir, temp)
				back := n.reopen(t, to)
				if name, err := back.name(back.caller(id), case1); err != nil || name != marker {
					t.Errorf("name = %q, %v", name, err)
				}
				if report := back.verify(); len(report.Restores) != 1 {
					t.Errorf("restores = %+v, want one epoch opened once", report.Restores)
				}
			})
		}
	})
}

// restoreFile restores from a file after checking that the place refuses.
func (n *node) restoreFile(path string, to backup.Target) (backup.Restored, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return backup.Restored{}, err
	}
	n.clk.Set(start.Add(2 * time.Hour))
	return n.restore(b, to)
}

// TestKilledBackup: whenever a backup is killed, no file with a finished name is
// left that is not whole, and nothing is in clear.
func TestKilledBackup(t *testing.T) {
	cfg := store.Config{Engine: store.SQLite, Path: filepath.Join(t.TempDir(), "node.db"), FileKey: make([]byte, 32)}
	clk := clock.NewFake(start)
	cfg.Clock = clk
	db, err := store.Create(ctx, cfg)
	must(t, err)
	n := newNode(t, db, clk)
	_, c := n.worker("amara")
	n.register(c)
	must(t, db.Close())
	for _, step := range []string{"backup-begun", "backup-written", "backup-verified", "backup-named"} {
		t.Run(step, func(t *testing.T) {
			folder, temp := t.TempDir(), t.TempDir()
			e := n.errand("save", step)
			e.Folder, e.Place = folder, placeOf(cfg)
			e.run(t, temp)
			noneInClear(t, folder, temp, filepath.Dir(cfg.Path))
			found, err := backup.List(folder, nodeName)
			must(t, err)
			if (step == "backup-named") != (len(found) == 1) {
				t.Errorf("finished backups = %v", found)
			}
			for _, f := range found {
				b, err := os.ReadFile(f.Path)
				must(t, err)
				_, err = backup.Check(ctx, bytes.NewReader(b), []age.Identity{n.identity}, backup.Drill{All: all, Ring: n.ring, Clock: n.clk})
				must(t, err)
			}
			// The next backup works, and a day later what was left is gone.
			db, err := store.Open(ctx, cfg)
			must(t, err)
			defer db.Close()
			n.clk.Advance(26 * time.Hour)
			n.open(db)
			_, err = backup.Save(ctx, folder, n.backupSource(), n.recipients(), nil)
			must(t, err)
			for path := range files(t, folder) {
				if !strings.HasSuffix(path, backup.Suffix) {
					t.Errorf("%s is left", filepath.Base(path))
				}
			}
		})
	}
}
