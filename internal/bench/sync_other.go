//go:build !linux

package bench

import "os"

// fdatasync makes a file durable; this system has no cheaper call.
func fdatasync(f *os.File) error { return f.Sync() }
