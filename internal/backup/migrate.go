package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"causeway/internal/store"
)

// Upgrade says what [Migrate] works on. The source's DB and Schema are filled in.
type Upgrade struct {
	Store      store.Config
	All        fs.FS // every migration of this program
	Source     Source
	Folder     string
	Recipients []string
	Progress   Progress
}

// Migrate brings the database of a node that is stopped into the form of this
// program, after a backup in the form it has. It returns the backup and the
// migrations it ran; without any pending it does nothing.
//
// The journal is verified before the backup is sealed, unless a pending
// migration changes its tables, which this program cannot read yet.
func Migrate(ctx context.Context, u Upgrade) (Saved, []store.Migration, error) {
	had, pending, err := Schema(ctx, u.Store, u.All)
	if err != nil || len(pending) == 0 {
		return Saved{}, nil, err
	}
	saved, err := u.backup(ctx, had, pending)
	if err != nil {
		return Saved{}, nil, fmt.Errorf("backup before migration: %w", err)
	}
	cfg := u.Store
	cfg.Migrations = u.All
	if err := store.Migrate(ctx, cfg); err != nil {
		return saved, nil, err
	}
	return saved, pending, nil
}

// backup saves the database as it is before the pending migrations.
func (u *Upgrade) backup(ctx context.Context, had fs.FS, pending []store.Migration) (Saved, error) {
	cfg := u.Store
	cfg.Migrations = had
	db, err := store.Open(ctx, cfg)
	if err != nil {
		return Saved{}, err
	}
	src := u.Source
	src.DB, src.Schema, src.Journal = db, had, nil
	for _, m := range pending {
		src.unverified = src.unverified || strings.Contains(m.Name, "_journal_")
	}
	saved, err := Save(ctx, u.Folder, src, u.Recipients, u.Progress)
	return saved, errors.Join(err, db.Close())
}
