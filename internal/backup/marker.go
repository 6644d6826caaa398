package backup

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"causeway/internal/fault"
	"causeway/internal/store"
)

// markerName is the file that says that a restore into a node's directory has
// begun and not ended. While it is there nobody may serve the node.
const markerName = "restore-unfinished"

// The steps of a restore, as the marker remembers them.
const (
	phaseLoading = "loading" // the rows are coming
	phaseLoaded  = "loaded"  // all rows are there and proven
)

// marker is the content of that file.
type marker struct {
	Backup   string `json:"backup"`   // which backup
	Database string `json:"database"` // where to
	Phase    string `json:"phase"`
	Plan     *plan  `json:"plan,omitempty"`
}

// plan is what a restore found out before it changed anything that it would find
// out from: a restore that goes on after a crash must not look at the anchor
// again, which may be its own by then.
type plan struct {
	Epoch int64 `json:"epoch"` // of the log from now on
	Lost  Lost  `json:"lost"`
}

// Unfinished refuses with code "incomplete-restore" while a restore into dir has
// not ended. Whoever opens a node asks first. Starting the restore again goes on
// with it or begins anew.
func Unfinished(dir string) error {
	switch _, err := os.Lstat(filepath.Join(dir, markerName)); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return diskError(err)
	}
	return fault.New(fault.Unavailable, "incomplete-restore")
}

// readMarker returns the marker of dir, nil when there is none.
func readMarker(dir string) (*marker, error) {
	b, err := os.ReadFile(filepath.Join(dir, markerName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, diskError(err)
	}
	var m marker
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "incomplete-restore", errors.New("the marker of the restore cannot be read"))
	}
	return &m, nil
}

// begin writes the marker of a new restore. It refuses when there is one.
func (m *marker) begin(dir string) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fault.Wrap(fault.Internal, "restore-marker", err)
	}
	path := filepath.Join(dir, markerName)
	if _, err := os.Lstat(path); err == nil {
		return fault.New(fault.Conflict, "incomplete-restore")
	}
	return replaceFile(path, b)
}

// save writes the marker of a restore that goes on.
func (m *marker) save(dir string) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fault.Wrap(fault.Internal, "restore-marker", err)
	}
	return replaceFile(filepath.Join(dir, markerName), b)
}

// remove ends a restore.
func removeMarker(dir string) error {
	if err := os.Remove(filepath.Join(dir, markerName)); err != nil {
		return diskError(err)
	}
	return syncDir(dir)
}

// place names the database of a configuration, without its password.
func place(cfg store.Config) string {
	if cfg.Engine == store.SQLite {
		path, err := filepath.Abs(cfg.Path)
		if err != nil {
			path = cfg.Path
		}
		return "sqlite " + path
	}
	return "postgres schema " + cfg.Schema
}

// databaseFiles are the files of an SQLite database.
func databaseFiles(cfg store.Config) []string {
	return []string{cfg.Path, cfg.Path + "-wal", cfg.Path + "-shm", cfg.Path + "-journal"}
}

// discard removes a half-filled SQLite database, which the marker says is ours.
func discard(cfg store.Config) error {
	for _, path := range databaseFiles(cfg) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return diskError(err)
		}
	}
	return syncDir(filepath.Dir(cfg.Path))
}
