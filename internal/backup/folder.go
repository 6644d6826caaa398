package backup

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"causeway/internal/fault"
)

// Suffix ends the name of a finished backup that was read again and found right.
const Suffix = ".causeway.age"

// partial ends the name of a backup that is being written.
const partial = ".partial"

// stamp is the time in a name, UTC.
const stamp = "20060102T150405Z"

// abandoned is how old an unfinished file is before it counts as left behind.
const abandoned = 24 * time.Hour

// Saved is a finished backup.
type Saved struct {
	Path     string
	Manifest Manifest
	Bytes    int64
}

// Save writes a backup into folder: under a temporary name, synced, read again
// from its first row to its signature, and only then under its own name, which
// says node and time. The file is readable for its owner only.
func Save(ctx context.Context, folder string, src Source, recipients []string, progress Progress) (Saved, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Saved{}, diskError(err)
	}
	if err := sweep(folder, src.Node, src.Clock.Now()); err != nil {
		return Saved{}, err
	}
	temp := filepath.Join(folder, fileName(src.Node, src.Clock.Now())+"."+randomName()+partial)
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return Saved{}, diskError(err)
	}
	s, err := save(ctx, f, src, recipients, progress)
	if cerr := f.Close(); err == nil {
		err = diskError(cerr)
	}
	if err == nil {
		err = crash("backup-verified")
	}
	if err == nil {
		s.Path = filepath.Join(folder, fileName(src.Node, s.Manifest.Made))
		err = finish(temp, s.Path)
	}
	if err != nil {
		_ = os.Remove(temp) // sealed; the error that matters is the one above
		return Saved{}, err
	}
	return s, crash("backup-named")
}

// save fills f and reads it again.
func save(ctx context.Context, f *os.File, src Source, recipients []string, progress Progress) (Saved, error) {
	if err := crash("backup-begun"); err != nil {
		return Saved{}, err
	}
	m, key, err := write(ctx, f, src, recipients, progress)
	if err != nil {
		return Saved{}, err
	}
	defer clear(key)
	if err := f.Sync(); err != nil {
		return Saved{}, diskError(err)
	}
	if err := crash("backup-written"); err != nil {
		return Saved{}, err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return Saved{}, diskError(err)
	}
	again, err := readAll(ctx, f, src.Ring, age.NewInjectedFileKeyIdentity(key))
	if err != nil {
		return Saved{}, fmt.Errorf("read the backup again: %w", err)
	}
	if !equal(again, m) {
		return Saved{}, altered("read again, the backup is another")
	}
	return Saved{Manifest: m, Bytes: size}, nil
}

// readAll reads a backup to its end and returns its closing manifest.
func readAll(ctx context.Context, f io.Reader, ring Ring, identity age.Identity) (Manifest, error) {
	r, err := Open(bufio.NewReaderSize(f, 1<<20), ring, identity)
	if err != nil {
		return Manifest{}, err
	}
	for n := 0; ; n++ {
		if n%tellEvery == 0 && ctx.Err() != nil {
			return Manifest{}, fault.Wrap(fault.Unavailable, "try-again", ctx.Err())
		}
		_, _, _, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Manifest(), nil
		}
		if err != nil {
			return Manifest{}, err
		}
	}
}

func equal(a, b Manifest) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(x) == string(y)
}

// finish gives the backup its name, which must not be taken: two backups of one
// second are two files.
func finish(temp, path string) error {
	if err := os.Link(temp, path); err == nil {
		return errors.Join(diskError(os.Remove(temp)), syncDir(filepath.Dir(path)))
	} else if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Conflict, "backup-exists")
	}
	// A file system without links, such as that of a stick.
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Conflict, "backup-exists")
	}
	if err := os.Rename(temp, path); err != nil {
		return diskError(err)
	}
	return syncDir(filepath.Dir(path))
}

// fileName is the name of a node's backup of a time.
func fileName(node string, at time.Time) string {
	return strings.ReplaceAll(node, "/", "_") + "-" + at.UTC().Format(stamp) + Suffix
}

// parseName returns the time in the name of a finished backup of node.
func parseName(name, node string) (time.Time, bool) {
	rest, ok := strings.CutPrefix(name, strings.ReplaceAll(node, "/", "_")+"-")
	if !ok {
		return time.Time{}, false
	}
	at, err := time.Parse(stamp+Suffix, rest)
	return at, err == nil
}

// Found is a finished backup in a folder.
type Found struct {
	Path  string
	Made  time.Time // when its snapshot began, to the second
	Bytes int64
}

// List returns the finished backups of a node in folder, newest first. A folder
// that does not exist holds none.
func List(folder, node string) ([]Found, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, diskError(err)
	}
	var out []Found
	for _, e := range entries {
		at, ok := parseName(e.Name(), node)
		info, err := e.Info()
		if !ok || err != nil || !info.Mode().IsRegular() { // gone meanwhile, or none of ours
			continue
		}
		out = append(out, Found{filepath.Join(folder, e.Name()), at, info.Size()})
	}
	slices.SortFunc(out, func(a, b Found) int { return cmp.Or(b.Made.Compare(a.Made), cmp.Compare(a.Path, b.Path)) })
	return out, nil
}

// Prune removes the backups of a node that are older than maxAge at now, and
// returns their paths: an erased child stays readable in a backup until the
// backup or the keys are gone. It never removes the newest, however old: it is all
// there is. As long as no newer one was made the keys it needs are kept as well
// (keys.Evidence), so nothing is final until backups are made again.
func Prune(folder, node string, maxAge time.Duration, now time.Time) ([]string, error) {
	if maxAge <= 0 {
		return nil, fault.New(fault.Internal, "backup-max-age")
	}
	all, err := List(folder, node)
	if err != nil {
		return nil, err
	}
	var gone []string
	for i, b := range all {
		if i == 0 || now.Sub(b.Made) <= maxAge {
			continue
		}
		if err := os.Remove(b.Path); err != nil {
			return gone, diskError(err)
		}
		gone = append(gone, b.Path)
	}
	if len(gone) > 0 {
		err = syncDir(folder)
	}
	return gone, err
}

// sweep removes the unfinished files that a crash left behind.
func sweep(folder, node string, now time.Time) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return diskError(err)
	}
	for _, e := range entries {
		name, unfinished := strings.CutSuffix(e.Name(), partial)
		if !unfinished || len(name) < 17 {
			continue
		}
		at, ok := parseName(name[:len(name)-17], node) // without "." and 16 random characters
		if ok && now.Sub(at) > abandoned {
			_ = os.Remove(filepath.Join(folder, e.Name())) // tried again next time
		}
	}
	return nil
}
