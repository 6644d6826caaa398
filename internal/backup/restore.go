package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"filippo.io/age"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// House is what a restore needs from the packages above the journal, made over
// the restored database.
type House interface {
	Restrained
	// Void ends every session, ceremony and invitation (staff.Office).
	Void(ctx context.Context, tx *store.Tx) error
	// Rebind makes the keyed digests of accounts anew (staff.Office).
	Rebind(ctx context.Context, tx *store.Tx) error
}

// Target is where a backup is restored to.
type Target struct {
	Dir   string       // the node's directory: the marker of an unfinished restore lies here
	Store store.Config // an empty place on either engine
	All   fs.FS        // every migration of this program
	Ring  *keys.Ring   // the node's keyring
	Clock clock.Clock
	// Anchor is the path of the journal's anchor file. If it survived, it tells
	// how many entries are lost.
	Anchor string
	// Restrictions is the restrictions file. It must be there, unless
	// NoRestrictions says that it is lost: then what was erased, withheld or
	// blocked since the backup is open again, and the operator answers for it.
	Restrictions   string
	NoRestrictions bool
	// Packs are journal packs of this node that others kept: the erasures in them are
	// put into force again too.
	Packs []string
	// House makes the rest of the node over the restored database.
	House    func(ctx context.Context, db *store.DB, j *journal.Journal, c *keys.Custody) (House, error)
	Progress Progress
}

// Restored says what a restore did.
type Restored struct {
	Manifest Manifest
	Migrated []string // migrations the backup had not had
	Epoch    int64    // of the journal from now on
	Lost     Lost
	Replayed Replayed
	Resumed  bool // it went on with a restore that was interrupted
}

// restore is one run of [Restore].
type restore struct {
	Target
	reader       *Reader
	first        Manifest // the opening one
	had          fs.FS    // migrations of the backup
	restrictions []Restriction
	marker       *marker
	out          Restored
}

// Restore brings a backup back into an empty place, on either engine, and makes
// it a node that may serve: the rows are proven to be those that were written,
// pending migrations run, the journal is verified, a new epoch of the log begins
// with a signed statement, sessions and invitations end, the restrictions file
// is replayed, and a RESTORE entry says what is lost.
//
// It refuses to overwrite ("not-empty"). Interrupted at any moment it leaves a
// directory that [Unfinished] refuses; the same restore started again goes on.
// Another backup may be tried after one that turned out to be altered.
func Restore(ctx context.Context, r io.Reader, identities []age.Identity, t Target) (Restored, error) {
	if t.Ring == nil || t.House == nil || t.Clock == nil || t.Dir == "" {
		return Restored{}, fault.New(fault.Internal, "restore-target")
	}
	reader, err := Open(r, t.Ring, identities...)
	if err != nil {
		return Restored{}, err
	}
	reader.progress = t.Progress
	t.Store.Clock = t.Clock
	w := &restore{Target: t, reader: reader, first: reader.Manifest()}
	w.out.Manifest = w.first
	if w.first.Node != t.Ring.NodeName() {
		return w.out, fault.New(fault.Unavailable, "keyring-other")
	}
	if w.had, err = known(t.All, w.first.Schema); err != nil {
		return w.out, err
	}
	if w.restrictions, err = t.readRestrictions(); err != nil {
		return w.out, err
	}
	erased, err := t.readTombstones(ctx)
	if err != nil {
		return w.out, err
	}
	w.restrictions = append(w.restrictions, erased...)
	if _, err := readAnchor(t.Anchor, t.Ring); err != nil {
		return w.out, err
	}
	for _, step := range []func(context.Context) error{w.prepare, w.load, w.migrate, w.finish} {
		if err := step(ctx); err != nil {
			return w.out, fmt.Errorf("restore: %w", err)
		}
	}
	return w.out, nil
}

// readRestrictions reads the restrictions file before anything is written.
func (t *Target) readRestrictions() ([]Restriction, error) {
	if t.NoRestrictions {
		return nil, nil
	}
	if t.Restrictions == "" {
		return nil, fault.New(fault.Unavailable, "restrictions-missing")
	}
	f, err := os.Open(t.Restrictions)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Unavailable, "restrictions-missing")
	}
	if err != nil {
		return nil, diskError(err)
	}
	defer f.Close()
	list, _, err := ReadRestrictions(f, t.Ring)
	return list, err
}

// prepare finds out whether the place is empty or holds the beginning of this
// very restore, and marks it.
func (w *restore) prepare(ctx context.Context) error {
	var err error
	if w.marker, err = readMarker(w.Dir); err != nil {
		return err
	}
	if w.marker == nil {
		if err := w.empty(ctx); err != nil {
			return err
		}
		w.marker = &marker{Backup: w.first.ID, Database: place(w.Store), Phase: phaseLoading}
		return errors.Join(w.marker.begin(w.Dir), crash("restore-marked"))
	}
	w.out.Resumed = true
	if w.marker.Database != place(w.Store) {
		return fault.New(fault.Conflict, "restore-another")
	}
	if w.marker.Backup == w.first.ID {
		return nil
	}
	// Another backup than the one that was begun. PostgreSQL has undone a load
	// that was interrupted; a whole one is for an administrator to drop.
	if w.Store.Engine == store.Postgres && w.marker.Phase != phaseLoading {
		return fault.New(fault.Conflict, "restore-another")
	}
	w.out.Resumed = false
	w.marker = &marker{Backup: w.first.ID, Database: place(w.Store), Phase: phaseLoading}
	return w.marker.save(w.Dir)
}

// empty refuses a place that has a database, of whatever state.
func (w *restore) empty(ctx context.Context) error {
	if w.Store.Engine == store.SQLite {
		for _, path := range databaseFiles(w.Store) {
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				return fault.New(fault.Conflict, "not-empty")
			}
		}
		return nil
	}
	cfg := w.Store
	cfg.Migrations = w.All
	_, err := store.Pending(ctx, cfg)
	switch code := fault.CodeOf(err); {
	case code == "no-database":
		return nil
	case err == nil, code == "schema-newer":
		return fault.New(fault.Conflict, "not-empty")
	}
	return err
}

// load fills a database that has the form of the backup.
func (w *restore) load(ctx context.Context) error {
	if w.marker.Phase != phaseLoading {
		return nil
	}
	db, err := w.create(ctx)
	if err != nil {
		return err
	}
	if err := crash("restore-created"); err != nil {
		return errors.Join(err, db.Close())
	}
	err = db.Load(ctx, w.reader.Next)
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	switch {
	case w.out.Resumed && w.Store.Engine == store.Postgres && fault.CodeOf(err) == "not-empty":
		// The load was committed, only the marker does not say so yet.
	case err != nil:
		return err
	default:
		w.out.Manifest = w.reader.Manifest()
	}
	if err := crash("restore-loaded"); err != nil {
		return err
	}
	w.marker.Phase = phaseLoaded
	return errors.Join(w.marker.save(w.Dir), crash("restore-proven"))
}

// create makes the database. What an interrupted run left is ours: the marker
// was written when there was nothing.
func (w *restore) create(ctx context.Context) (*store.DB, error) {
	cfg := w.Store
	cfg.Migrations = w.had
	if cfg.Engine == store.SQLite {
		if err := discard(cfg); err != nil {
			return nil, err
		}
	}
	db, err := store.Create(ctx, cfg)
	if fault.CodeOf(err) != "database-exists" {
		return db, err
	}
	if err := store.Migrate(ctx, cfg); err != nil {
		return nil, err
	}
	return store.Open(ctx, cfg)
}

// migrate brings the database into the form of this program.
func (w *restore) migrate(ctx context.Context) error {
	cfg := w.Store
	cfg.Migrations = w.All
	pending, err := store.Pending(ctx, cfg)
	if err != nil {
		return err
	}
	for _, m := range pending {
		w.out.Migrated = append(w.out.Migrated, m.Name)
	}
	return errors.Join(store.Migrate(ctx, cfg), crash("restore-migrated"))
}
