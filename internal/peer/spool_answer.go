package peer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// What a bundle brought is answered by the next one back. The answers lie in the spool for
// a month and go with every bundle of that time: a stick may be lost, and an answer that
// comes twice changes nothing.

const answerFolder = "answer"

// answerKeep is how long an answer goes with every bundle. An envelope whose answer was
// lost comes again, and is answered again.
const answerKeep = 30 * 24 * time.Hour

func (s *Spool) answerDir(to identity.NodeID) string {
	return filepath.Join(s.dir, answerFolder, string(to))
}

// keepAnswer keeps a signed answer for the next bundle to a peer.
func (s *Spool) keepAnswer(to identity.NodeID, note []byte) error {
	dir := s.answerDir(to)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return diskFault(err)
	}
	return diskFault(writeDurably(filepath.Join(dir, cx.DigestOf(note).String()), note))
}

// answers returns the answers that go to a peer.
func (s *Spool) answers(to identity.NodeID) ([][]byte, error) {
	var out [][]byte
	before := s.clock.Now().Add(-answerKeep)
	err := eachFile(s.answerDir(to), func(path string, info fs.FileInfo) error {
		if info.ModTime().Before(before) {
			return gone(path)
		}
		b, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("read answer: %w", err)
		}
		if _, derr := cx.ParseDigest(filepath.Base(path)); derr == nil && len(b) > 0 {
			out = append(out, b)
		}
		return nil
	})
	return out, err
}

const askedFolder = "asked"

// Asked keeps what a peer is asked by a bundle until its answer comes, and returns what it
// was asked first: a question that is on its way is not asked in other words. A nil
// question keeps nothing.
func (s *Spool) Asked(of identity.NodeID, question []byte) ([]byte, error) {
	dir := filepath.Join(s.dir, askedFolder)
	path := filepath.Join(dir, string(of))
	info, err := os.Stat(path)
	switch {
	case err == nil && info.ModTime().After(s.clock.Now().Add(-answerKeep)):
		return os.ReadFile(path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read question: %w", err)
	case question == nil:
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, diskFault(err)
	}
	return question, diskFault(writeDurably(path, question))
}

// Heard forgets what a peer was asked: the answer is here.
func (s *Spool) Heard(of identity.NodeID) error {
	return gone(filepath.Join(s.dir, askedFolder, string(of)))
}
