package peer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// Open opens a whole attachment of a peer. Whoever reads it compares its digest again.
func (s *Spool) Open(from identity.NodeID, d cx.Digest) (*os.File, error) {
	f, err := openFile(s.in(from, d))
	if errors.Is(err, cx.BlobMissing) {
		f, err = openFile(s.kept(from, d))
	}
	return f, err
}

// Take makes the attachments that a message names the message's: they do not expire, and
// are no more part of what waits. It returns [cx.BlobMissing] when one is not whole, and
// [cx.BlobMismatch] when one has another size. Taking twice changes nothing.
func (s *Spool) Take(from identity.NodeID, blobs []cx.Blob) error {
	for _, b := range blobs {
		info, err := os.Stat(s.kept(from, b.Digest))
		if errors.Is(err, fs.ErrNotExist) {
			info, err = os.Stat(s.in(from, b.Digest))
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return cx.BlobMissing
		case err != nil:
			return fmt.Errorf("look at attachment: %w", err)
		case info.Size() != b.Size:
			return cx.BlobMismatch
		}
	}
	for _, b := range blobs {
		to := s.kept(from, b.Digest)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return diskFault(err)
		}
		err := os.Rename(s.in(from, b.Digest), to)
		if errors.Is(err, fs.ErrNotExist) {
			continue // taken before
		}
		if err == nil {
			err = errors.Join(syncFolder(filepath.Dir(to)), syncFolder(filepath.Dir(s.in(from, b.Digest))))
		}
		if err != nil {
			return diskFault(err)
		}
	}
	return nil
}

// OpenOut opens an attachment that goes out.
func (s *Spool) OpenOut(d cx.Digest) (*os.File, error) { return openFile(s.out(d)) }

func openFile(path string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, cx.BlobMissing
	}
	if err != nil {
		return nil, fmt.Errorf("open attachment: %w", err)
	}
	return f, nil
}

// Remove forgets an attachment of a peer, whole or not.
func (s *Spool) Remove(from identity.NodeID, d cx.Digest) error {
	path := s.in(from, d)
	return errors.Join(gone(path), gone(path+partEnding), gone(path+stateEnding), gone(s.kept(from, d)))
}

// RemoveOut forgets an attachment that went out.
func (s *Spool) RemoveOut(d cx.Digest) error { return gone(s.out(d)) }

func gone(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove attachment: %w", err)
	}
	return nil
}

// Taken returns how many bytes of a peer's attachments lie here.
func (s *Spool) Taken(from identity.NodeID) (int64, error) {
	var sum int64
	err := eachFile(filepath.Join(s.dir, inFolder, string(from)), func(_ string, info fs.FileInfo) error {
		sum += info.Size()
		return nil
	})
	return sum, err
}

// eachFile visits the files of a folder; one that is not there has none.
func eachFile(dir string, visit func(path string, info fs.FileInfo) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read spool: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err != nil {
			return fmt.Errorf("read spool: %w", err)
		}
		if err := visit(filepath.Join(dir, e.Name()), info); err != nil {
			return err
		}
	}
	return nil
}

// Expire removes what nobody has gone on with, and what no message has named, for longer
// than it is kept.
func (s *Spool) Expire(context.Context) error {
	before := s.clock.Now().Add(-spoolKeep)
	old := func(path string, info fs.FileInfo) error {
		if info.ModTime().After(before) {
			return nil
		}
		return gone(path)
	}
	peers, err := os.ReadDir(filepath.Join(s.dir, inFolder))
	if err != nil {
		return fmt.Errorf("read spool: %w", err)
	}
	for _, p := range peers {
		if err := eachFile(filepath.Join(s.dir, inFolder, p.Name()), old); err != nil {
			return err
		}
	}
	// Of what goes out only what was never finished expires.
	return eachFile(filepath.Join(s.dir, outFolder), func(path string, info fs.FileInfo) error {
		if filepath.Ext(path) != partEnding {
			return nil
		}
		return old(path, info)
	})
}
