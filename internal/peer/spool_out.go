package peer

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"os"
	"path/filepath"

	"causeway/protocol/cx"
)

// Outgoing is an attachment that is being written to go out. What is written must be
// ciphertext already.
type Outgoing struct {
	spool *Spool
	file  *os.File
	hash  hash.Hash
	size  int64
}

// Create begins an attachment that is to go out. It is finished with Commit or Discard.
func (s *Spool) Create() (*Outgoing, error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, outFolder), "new-*"+partEnding)
	if err != nil {
		return nil, diskFault(fmt.Errorf("make attachment: %w", err))
	}
	return &Outgoing{spool: s, file: f, hash: sha256.New()}, nil
}

// Write implements io.Writer.
func (o *Outgoing) Write(b []byte) (int, error) {
	n, err := o.file.Write(b)
	o.hash.Write(b[:n]) // a hash takes every write
	o.size += int64(n)
	return n, diskFault(err)
}

// Commit names the attachment by its digest when it is on the disk.
func (o *Outgoing) Commit() (d cx.Digest, size int64, err error) {
	d = cx.Digest(o.hash.Sum(nil))
	err = o.file.Sync()
	if cerr := o.file.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(o.file.Name(), o.spool.out(d))
	}
	if err == nil {
		err = syncFolder(filepath.Join(o.spool.dir, outFolder))
	}
	return d, o.size, diskFault(err)
}

// Discard forgets an attachment that was not committed.
func (o *Outgoing) Discard() {
	_ = o.file.Close()           // what was not committed is of no use
	_ = os.Remove(o.file.Name()) // a leftover expires
}
