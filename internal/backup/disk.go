package backup

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"causeway/internal/fault"
)

// failpoint is nil in production. Crash tests set it to end the process, or to
// make the step fail, at a named place.
var failpoint func(step string) error

func crash(step string) error {
	if failpoint == nil {
		return nil
	}
	return failpoint(step)
}

// diskError gives a failure of the disk its kind.
func diskError(err error) error { return fault.Wrap(fault.Unavailable, "disk-failure", err) }

// syncDir makes new names durable. Windows has no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return diskError(err)
	}
	return diskError(errors.Join(d.Sync(), d.Close()))
}

// replaceFile puts data in the place of path, so that after a crash the old or
// the new file is there, whole.
func replaceFile(path string, data []byte) error {
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+randomName())
	err := newFile(temp, data)
	if err == nil {
		err = diskError(os.Rename(temp, path))
	}
	if err != nil {
		_ = os.Remove(temp) // the error that matters is the one above
		return err
	}
	return syncDir(filepath.Dir(path))
}

// newFile writes a file that only its owner can read, and syncs it.
func newFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return diskError(err)
	}
	_, err = f.Write(data)
	return diskError(errors.Join(err, f.Sync(), f.Close()))
}

func randomName() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails; a name that exists is refused
	return hex.EncodeToString(b[:])
}
