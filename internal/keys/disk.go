package keys

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"causeway/internal/fault"
)

// failpoint is nil in production. Crash tests set it to stop the writing of a
// file at a named step, leaving the disk as a crash would.
var failpoint func(step, path string) error

func crash(step, path string) error {
	if failpoint == nil {
		return nil
	}
	return failpoint(step, path)
}

// replaceFile puts data in the place of path, so that after a crash at any moment
// the old or the new file is there, whole: temporary file, fsync, rename, fsync
// of the directory. The old content is then overwritten, as well as the file
// system lets us.
func replaceFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	temp := tempPrefix(path) + randomName() + ".tmp"
	if err := writeNew(temp, data); err != nil {
		_ = os.Remove(temp) // the error that matters is the one above
		return err
	}
	if err := crash("written", path); err != nil {
		return err
	}
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		old = nil // no old file, or one that we may not overwrite
	} else {
		defer old.Close()
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return err
	}
	if err := crash("renamed", path); err != nil {
		return err
	}
	if err := syncDir(dir); err != nil {
		return err
	}
	if err := crash("synced", path); err != nil {
		return err
	}
	if old != nil {
		scrub(old)
	}
	return nil
}

func tempPrefix(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".")
}

func randomName() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails; a repeated name would be refused below
	return hex.EncodeToString(b[:])
}

func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// scrub overwrites a file that no longer has a name. Failure changes nothing for
// the caller: the new file is in place.
func scrub(f *os.File) {
	info, err := f.Stat()
	if err != nil || info.Size() > maxFile {
		return
	}
	if _, err := f.WriteAt(make([]byte, info.Size()), 0); err == nil {
		_ = f.Sync()
	}
}

// syncDir makes a rename durable. Windows has no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// removeTemps takes away what a crash left beside path. The caller holds the
// lock, so no other process is writing there.
func removeTemps(path string) {
	left, err := filepath.Glob(globQuote(tempPrefix(path)) + "*.tmp")
	if err != nil {
		return
	}
	for _, name := range left {
		_ = os.Remove(name) // tried again at the next change
	}
}

// globQuote quotes the characters that Glob would interpret.
func globQuote(s string) string {
	if runtime.GOOS == "windows" {
		return s // its Glob knows no quoting
	}
	var out []byte
	for _, c := range []byte(s) {
		if c == '*' || c == '?' || c == '[' || c == '\\' {
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return string(out)
}

// readCopy reads one place of the keyring. A file that others can read is
// refused: it may have been copied already, and somebody must know.
func readCopy(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, "keyring-missing")
	case err != nil:
		return nil, fault.Wrap(fault.Unavailable, "keyring-unreadable", err)
	case !info.Mode().IsRegular() || info.Size() > maxFile:
		return nil, damaged()
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fault.New(fault.Denied, "keyring-permissions")
	}
	b, err := os.ReadFile(path)
	return b, fault.Wrap(fault.Unavailable, "keyring-unreadable", err)
}
