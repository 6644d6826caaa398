package bench

import (
	"os"
	"path/filepath"
)

// rawSync is a file of which one block at a time is written over and made
// durable: the floor under every durable act on this disk. The blocks are there
// already, so that no sync has to record that the file grew; a database that
// lets its log grow pays more.
type rawSync struct {
	f *os.File
	b []byte
	n int64
}

const (
	rawBlock = 4096
	rawSize  = 32 << 20
)

func newRawSync(dir string) (*rawSync, error) {
	f, err := os.Create(filepath.Join(dir, "raw"))
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(make([]byte, rawSize)); err != nil {
		_ = f.Close() // the write's error says more
		return nil, err
	}
	return &rawSync{f: f, b: make([]byte, rawBlock)}, f.Sync()
}

// once writes a block and waits until the disk has it.
func (r *rawSync) once() error {
	r.b[0]++
	r.n = (r.n + 1) % (rawSize / rawBlock)
	if _, err := r.f.WriteAt(r.b, r.n*rawBlock); err != nil {
		return err
	}
	return fdatasync(r.f)
}

// close removes the file.
func (r *rawSync) close() error {
	err := r.f.Close()
	if rerr := os.Remove(r.f.Name()); err == nil {
		err = rerr
	}
	return err
}
