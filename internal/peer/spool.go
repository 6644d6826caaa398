package peer

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// PartSize is the most bytes of an attachment that one request carries.
const PartSize = 8 << 20

// copyBuffer is what a part is moved with: what an attachment of any size costs in memory.
const copyBuffer = 128 << 10

// spoolKeep is how long an upload that nobody goes on with stays, and how long a whole
// attachment waits for the message that names it.
const spoolKeep = 7 * 24 * time.Hour

// Spool keeps the ciphertext of attachments in files: those that come in, each peer's in
// a folder of its own, and those that wait to go out. A file is named by the digest of
// its bytes, which is looked at before it gets the name.
//
// Several instances of a node share one folder, or one of them has the door.
type Spool struct {
	dir   string
	clock clock.Clock

	mu   sync.Mutex // guards busy
	busy map[string]bool
}

// OpenSpool makes the folders of a spool in dir.
func OpenSpool(dir string, c clock.Clock) (*Spool, error) {
	for _, sub := range []string{inFolder, outFolder} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("make spool: %w", err)
		}
	}
	return &Spool{dir: dir, clock: c, busy: map[string]bool{}}, nil
}

const (
	inFolder    = "in"
	keptFolder  = "kept"
	outFolder   = "out"
	partEnding  = ".part"
	stateEnding = ".state"
)

// in is the path of what a peer sends. A node id is letters, digits, dashes and dots,
// and begins with a letter: it names no other folder.
func (s *Spool) in(from identity.NodeID, d cx.Digest) string {
	return filepath.Join(s.dir, inFolder, string(from), d.String())
}

// kept is the path of what a message of a peer has taken.
func (s *Spool) kept(from identity.NodeID, d cx.Digest) string {
	return filepath.Join(s.dir, keptFolder, string(from), d.String())
}

func (s *Spool) out(d cx.Digest) string { return filepath.Join(s.dir, outFolder, d.String()) }

// hold makes a file one request's for its time.
func (s *Spool) hold(path string) (release func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[path] {
		return nil, cx.Busy
	}
	s.busy[path] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.busy, path)
	}, nil
}

// Progress is how much of an attachment is here for good.
type Progress struct {
	Size  int64
	Whole bool // all of it, and the digest is right
}

// Progress returns how much of an attachment of a peer is here.
func (s *Spool) Progress(from identity.NodeID, d cx.Digest) (Progress, error) {
	for _, path := range []string{s.in(from, d), s.kept(from, d)} {
		switch info, err := os.Stat(path); {
		case err == nil:
			return Progress{info.Size(), true}, nil
		case !errors.Is(err, fs.ErrNotExist):
			return Progress{}, fmt.Errorf("look at attachment: %w", err)
		}
	}
	_, size, err := readState(s.in(from, d))
	return Progress{Size: size}, err
}

// Append writes the next part of an attachment, which begins at offset, and returns when
// the bytes are on the disk. limit is how large the whole may be. Offset 0 begins anew.
// A part that does not begin where the last one ended is a [cx.BlobMismatch]; the progress
// says where to go on. After the last byte the digest fits, and the attachment is whole.
func (s *Spool) Append(from identity.NodeID, d cx.Digest, offset, limit int64, part io.Reader) (Progress, error) {
	path := s.in(from, d)
	release, err := s.hold(path)
	if err != nil {
		return Progress{}, err
	}
	defer release()
	was, err := s.Progress(from, d)
	if err != nil || was.Whole {
		return was, err
	}
	if offset != 0 && offset != was.Size {
		return was, cx.BlobMismatch
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return was, diskFault(err)
	}
	now, sum, err := appendPart(path, offset, limit, part)
	if err != nil {
		return was, err
	}
	if sum != d {
		return Progress{Size: now}, nil
	}
	if err := os.Rename(path+partEnding, path); err != nil {
		return was, diskFault(err)
	}
	_ = os.Remove(path + stateEnding) // its upload is over; a leftover expires
	return Progress{now, true}, diskFault(syncFolder(filepath.Dir(path)))
}

// appendPart writes a part at an offset where the running digest stands, and returns the
// new size with the digest of everything so far.
func appendPart(path string, offset, limit int64, part io.Reader) (size int64, sum cx.Digest, err error) {
	h, _, err := readState(path)
	if err != nil {
		return 0, sum, err
	}
	if offset == 0 {
		h = sha256.New()
	}
	f, err := os.OpenFile(path+partEnding, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, sum, diskFault(err)
	}
	// What a part that was cut off has left behind the last good byte goes.
	if err = f.Truncate(offset); err == nil {
		_, err = f.Seek(offset, io.SeekStart)
	}
	in := &line{from: part}
	var n int64
	if err == nil {
		room := min(limit-offset, PartSize)
		n, err = io.CopyBuffer(io.MultiWriter(onlyWriter{f}, h), io.LimitReader(in, room+1), make([]byte, copyBuffer))
		if err == nil && n > room {
			err = cx.TooLarge
		}
	}
	// A line that was cut takes nothing back: what came over it is kept, so that even the
	// worst line gets on.
	if err == nil || in.cut {
		err = errors.Join(err, f.Sync(), writeState(path, h, offset+n))
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return 0, sum, diskFault(err)
	}
	return offset + n, cx.Digest(h.Sum(nil)), nil
}

// line reads a part and remembers that it was the reading that failed.
type line struct {
	from io.Reader
	cut  bool
}

// Read implements io.Reader.
func (l *line) Read(b []byte) (int, error) {
	n, err := l.from.Read(b)
	l.cut = err != nil && !errors.Is(err, io.EOF)
	return n, err
}

// onlyWriter hides what would let a copy choose a larger buffer.
type onlyWriter struct{ io.Writer }

// readState returns the running digest of an unfinished upload and how many bytes it
// stands for; a fresh one where nothing was begun.
func readState(path string) (hash.Hash, int64, error) {
	h := sha256.New()
	b, err := os.ReadFile(path + stateEnding)
	if errors.Is(err, fs.ErrNotExist) {
		return h, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read state of upload: %w", err)
	}
	u, ok := h.(encoding.BinaryUnmarshaler)
	if !ok || len(b) < 8 || u.UnmarshalBinary(b[8:]) != nil {
		return sha256.New(), 0, nil // a state of another program: begin anew
	}
	return h, int64(binary.BigEndian.Uint64(b)), nil
}

// writeState keeps the running digest, so that going on does not read everything again.
func writeState(path string, h hash.Hash, size int64) error {
	m, ok := h.(encoding.BinaryMarshaler)
	if !ok {
		return cx.Internal
	}
	b, err := m.MarshalBinary()
	if err != nil {
		return err
	}
	return writeDurably(path+stateEnding, append(binary.BigEndian.AppendUint64(nil, uint64(size)), b...))
}

// writeDurably replaces a file by a whole new one that is on the disk.
func writeDurably(path string, b []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// diskFault says of a full disk that it is one: the peer tries again later, and nothing
// is half there.
func diskFault(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.Wrap(fault.Unavailable, "disk-full", err)
	}
	return err
}
