package backup

import (
	"io"
	"testing"
)

// SetFailpoint calls hook at every named step until the test ends.
func SetFailpoint(t testing.TB, hook func(step string) error) {
	failpoint = hook
	t.Cleanup(func() { failpoint = nil })
}

// NewReader reads the stream inside the seal.
func NewReader(plain io.Reader, ring Ring) (*Reader, error) { return newReader(plain, ring) }
