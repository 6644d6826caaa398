package backup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// Drill says how a backup is tried.
type Drill struct {
	All   fs.FS       // every migration of this program
	Ring  *keys.Ring  // may be nil: then no key is tried and the signature not looked at
	Clock clock.Clock // of the node
	Temp  string      // where there is room for the database; "" for the system's place
	// Marker is a file that is written when the drill has passed: health reads
	// the time of the last one from it. It may be "".
	Marker   string
	Progress Progress
}

// Tried is the report of a drill.
type Tried struct {
	Manifest Manifest
	Journal  *journal.Report
	Migrated []string
	Signed   bool // the signature is this node's; false without a keyring
	// Of a sample of subjects, how many keys opened, and how many have none any
	// more because they were erased.
	Opened, Erased int
	Took           time.Duration
}

// sampleParts and sampleEach say how many subjects are tried: the newest of
// each part of the log.
const (
	sampleParts = 20
	sampleEach  = 10
)

// Check is the drill: it restores a backup into a temporary database, verifies
// the whole journal, opens a sample of keys, and takes everything away again.
// The temporary file is encrypted under a key that is kept nowhere. An error
// means that this backup, with this identity and this keyring, would not bring
// the node back.
func Check(ctx context.Context, r io.Reader, identities []age.Identity, d Drill) (Tried, error) {
	begun := d.Clock.Now()
	out, err := d.run(ctx, r, identities)
	if err != nil {
		return out, fmt.Errorf("drill: %w", err)
	}
	out.Took = d.Clock.Now().Sub(begun)
	if d.Marker != "" {
		text := fmt.Sprintf("%s backup %s of %s\n", d.Clock.Now().Format(time.RFC3339), out.Manifest.ID, out.Manifest.Made.Format(time.RFC3339))
		err = replaceFile(d.Marker, []byte(text))
	}
	return out, err
}

func (d *Drill) run(ctx context.Context, r io.Reader, identities []age.Identity) (out Tried, err error) {
	var ring Ring // stays nil without a keyring
	if d.Ring != nil {
		ring = d.Ring
	}
	reader, err := Open(r, ring, identities...)
	if err != nil {
		return out, err
	}
	reader.progress = d.Progress
	out.Manifest = reader.Manifest()
	had, err := known(d.All, out.Manifest.Schema)
	if err != nil {
		return out, err
	}
	dir, err := os.MkdirTemp(d.Temp, "causeway-drill-")
	if err != nil {
		return out, diskError(err)
	}
	defer func() {
		if rerr := os.RemoveAll(dir); err == nil {
			err = diskError(rerr)
		}
	}()
	cfg := store.Config{Engine: store.SQLite, Path: filepath.Join(dir, "drill.db"), FileKey: make([]byte, 32), Readers: 1, Clock: d.Clock}
	if _, err := rand.Read(cfg.FileKey); err != nil {
		return out, fault.Wrap(fault.Internal, "randomness", err)
	}
	defer clear(cfg.FileKey)
	if err := d.load(ctx, cfg, had, reader, &out); err != nil {
		return out, err
	}
	out.Manifest, out.Signed = reader.Manifest(), ring != nil
	cfg.Migrations = d.All
	db, err := store.Open(ctx, cfg)
	if err != nil {
		return out, err
	}
	err = d.examine(ctx, db, ring, &out)
	return out, errors.Join(err, db.Close())
}

// load fills the temporary database and brings it into the form of this program.
func (d *Drill) load(ctx context.Context, cfg store.Config, had fs.FS, reader *Reader, out *Tried) error {
	cfg.Migrations = had
	db, err := store.Create(ctx, cfg)
	if err != nil {
		return err
	}
	if err := crash("drill-created"); err != nil {
		return errors.Join(err, db.Close())
	}
	err = db.Load(ctx, reader.Next)
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	cfg.Migrations = d.All
	pending, err := store.Pending(ctx, cfg)
	if err != nil {
		return err
	}
	for _, m := range pending {
		out.Migrated = append(out.Migrated, m.Name)
	}
	return store.Migrate(ctx, cfg)
}

// examine looks at what was restored.
func (d *Drill) examine(ctx context.Context, db *store.DB, ring Ring, out *Tried) error {
	if err := db.Integrity(ctx); err != nil {
		return err
	}
	var anchors []journal.Anchor
	if s := out.Manifest.Journal; s != nil && s.Checkpoint != "" && ring != nil {
		anchors = append(anchors, journal.Anchor{Name: "manifest of the backup", Note: s.Checkpoint})
	}
	var err error
	if out.Journal, err = verifyJournal(ctx, db, ring, out.Manifest.Node, out.Manifest.Made, anchors); err != nil {
		return err
	}
	if d.Ring == nil {
		return nil
	}
	return d.tryKeys(ctx, db, out)
}

// tryKeys compares the keyring with the database and opens a sample of keys. It
// opens no record.
func (d *Drill) tryKeys(ctx context.Context, db *store.DB, out *Tried) error {
	custody := keys.New(d.Ring, d.Clock)
	j, err := journal.Open(ctx, db, d.Clock, d.Ring, journal.Config{Node: out.Manifest.Node})
	if err != nil {
		return err
	}
	return db.Read(ctx, func(tx *store.Tx) error {
		out.Opened, out.Erased = 0, 0
		if err := custody.Check(ctx, tx); err != nil {
			return fmt.Errorf("compare keyring: %w", err)
		}
		seen := map[ident.Subject]bool{}
		for part := range int64(sampleParts) {
			before := out.Journal.Size - part*out.Journal.Size/sampleParts
			lines, _, err := j.Entries(ctx, tx, journal.Filter{Outcome: journal.OK}, before, sampleEach)
			if err != nil {
				return err
			}
			for _, line := range lines {
				for _, s := range line.Header.Subjects {
					if len(s) != len(ident.Subject{}) {
						continue
					}
					if err := tryKey(ctx, tx, custody, ident.Subject(s), seen, out); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

func tryKey(ctx context.Context, tx *store.Tx, custody *keys.Custody, s ident.Subject, seen map[ident.Subject]bool, out *Tried) error {
	if seen[s] {
		return nil
	}
	seen[s] = true
	o, err := custody.Opener(ctx, tx, s, tx.Now())
	switch {
	case err == nil:
		o.Close()
		out.Opened++
		return nil
	case fault.Is(err, fault.NotFound):
		out.Erased++
		return nil
	}
	return fmt.Errorf("open a subject key: %w", err)
}
