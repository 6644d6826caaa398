package backup

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"causeway/internal/fault"
	"causeway/internal/store"
)

// schemaNames lists the migrations of a schema, by number.
func schemaNames(fsys fs.FS) ([]string, error) {
	if fsys == nil {
		return nil, fault.New(fault.Internal, "backup-without-schema")
	}
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil || len(names) == 0 {
		return nil, fault.Wrap(fault.Internal, "backup-without-schema", errors.Join(err, errNoMigrations))
	}
	slices.Sort(names)
	return names, nil
}

var errNoMigrations = errors.New("no migrations")

// Schema returns the migrations that the database at cfg has had, of all those
// of this program: all of them unless some are pending.
func Schema(ctx context.Context, cfg store.Config, all fs.FS) (had fs.FS, pending []store.Migration, err error) {
	cfg.Migrations = all
	if pending, err = store.Pending(ctx, cfg); err != nil {
		return nil, nil, err
	}
	names, err := schemaNames(all)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range pending {
		names = slices.DeleteFunc(names, func(name string) bool { return name == m.Name })
	}
	return onlyFS{all, names}, pending, nil
}

// known returns the migrations of a backup, as files of this program. A backup
// with a migration that this program does not have is "schema-newer".
func known(all fs.FS, names []string) (fs.FS, error) {
	have, err := schemaNames(all)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !slices.Contains(have, name) {
			return nil, fault.New(fault.Unavailable, "schema-newer")
		}
	}
	if len(names) == 0 {
		return nil, altered("the manifest names no migration")
	}
	return onlyFS{all, names}, nil
}

// onlyFS shows some files of a folder, as if the others were not there.
type onlyFS struct {
	fs.FS
	names []string
}

// Open opens one of the files, or the folder.
func (o onlyFS) Open(name string) (fs.File, error) {
	if name != "." && !slices.Contains(o.names, name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	f, err := o.FS.Open(name)
	if err != nil || name != "." {
		return f, err
	}
	dir, ok := f.(fs.ReadDirFile)
	if !ok {
		return nil, errors.Join(f.Close(), &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid})
	}
	return onlyDir{dir, o.names}, nil
}

type onlyDir struct {
	fs.ReadDirFile
	names []string
}

// ReadDir lists the files that are shown.
func (d onlyDir) ReadDir(n int) ([]fs.DirEntry, error) {
	entries, err := d.ReadDirFile.ReadDir(n)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return !slices.Contains(d.names, e.Name()) }), err
}
