package intake

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"filippo.io/age"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// The spool keeps the content of files that are being imported: one age file
// each, whose key stands only in the sealed part of the import's row. Destroying
// the row makes the file unreadable even where the disk keeps its blocks.

// spooled is a file in the spool, readable from any place. It is a
// [sheet.Source]. One goroutine reads it.
type spooled struct {
	content io.ReaderAt
	size    int64
	file    *os.File
	read    int64 // bytes
}

// ReadAt implements io.ReaderAt.
func (s *spooled) ReadAt(b []byte, off int64) (int, error) {
	n, err := s.content.ReadAt(b, off)
	s.read += int64(n)
	return n, err
}

// estimate returns how many rows there are in all, judged by how much of the file
// it took to read the first ones.
func (s *spooled) estimate(rows int64) int64 {
	if s.read <= 0 {
		return 0
	}
	return max(rows, int64(float64(rows)*float64(s.size)/float64(s.read)))
}

func (s *spooled) Size() int64  { return s.size }
func (s *spooled) Close() error { return s.file.Close() }

const spoolEnd = ".age"

func spoolName(dir string, id ident.Import) string { return filepath.Join(dir, id.String()+spoolEnd) }

// spool writes r to a new file, encrypted as it comes, at most limit bytes. It
// returns the key and the size of the content.
func spool(dir string, id ident.Import, r io.Reader, limit int64) (key sealed.Text, size int64, err error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return sealed.Text{}, 0, fmt.Errorf("make spool key: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return sealed.Text{}, 0, diskFault("make spool", err)
	}
	f, err := os.OpenFile(spoolName(dir, id), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return sealed.Text{}, 0, diskFault("make spool file", err)
	}
	size, err = encrypt(f, identity.Recipient(), r, limit)
	if closing := f.Close(); err == nil && closing != nil {
		err = diskFault("close spool file", closing)
	}
	if err != nil {
		return sealed.Text{}, 0, errors.Join(err, unspool(dir, id))
	}
	return sealed.NewText(identity.String()), size, nil
}

func encrypt(f *os.File, to age.Recipient, r io.Reader, limit int64) (int64, error) {
	w, err := age.Encrypt(f, to)
	if err != nil {
		return 0, diskFault("write spool file", err)
	}
	source := &counted{r: r}
	size, err := io.Copy(w, io.LimitReader(source, limit+1))
	switch {
	case err != nil && source.err != nil:
		return 0, fault.Wrap(fault.Invalid, "upload-broken", err) // the sender, not our disk
	case err != nil:
		return 0, diskFault("write spool file", err)
	case size > limit:
		return 0, fault.New(fault.Invalid, "file-too-big")
	}
	if err := w.Close(); err != nil {
		return 0, diskFault("write spool file", err)
	}
	if err := f.Sync(); err != nil { // an import taken up after a crash reads it again
		return 0, diskFault("write spool file", err)
	}
	return size, nil
}

// counted remembers whether reading failed.
type counted struct {
	r   io.Reader
	err error
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// openSpool opens a file of the spool. A file that is gone or was changed is a
// fault; it is never read in part.
func openSpool(dir string, id ident.Import, key sealed.Text) (*spooled, error) {
	identity, err := age.ParseX25519Identity(key.Reveal())
	if err != nil {
		return nil, fault.New(fault.Internal, "spool-key")
	}
	f, err := os.Open(spoolName(dir, id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.Expired, "file-gone")
	}
	if err != nil {
		return nil, diskFault("open spool file", err)
	}
	s, err := decrypt(f, identity)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func decrypt(f *os.File, identity age.Identity) (*spooled, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, diskFault("open spool file", err)
	}
	r, size, err := age.DecryptReaderAt(f, info.Size(), identity)
	if err != nil {
		return nil, fault.Wrap(fault.Expired, "file-gone", err)
	}
	return &spooled{content: r, size: size, file: f}, nil
}

// unspool removes a file; one that is gone is no fault.
func unspool(dir string, id ident.Import) error {
	if err := os.Remove(spoolName(dir, id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove spool file: %w", err)
	}
	return nil
}

// spoolFiles returns the imports that have a file.
func spoolFiles(dir string) ([]ident.Import, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read spool: %w", err)
	}
	var ids []ident.Import
	for _, e := range entries {
		name, ours := strings.CutSuffix(e.Name(), spoolEnd)
		if id, err := ident.Parse[ident.Import](name); ours && err == nil {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// diskFault tells a full disk from other failures.
func diskFault(what string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.Wrap(fault.Unavailable, "disk-full", err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
