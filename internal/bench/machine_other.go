//go:build !linux

package bench

import (
	"os"
	"time"
)

// fdatasync makes a file durable; this system has no cheaper call.
func fdatasync(f *os.File) error { return f.Sync() }

// cpuTime is not measured here.
func cpuTime() time.Duration { return 0 }

// resident is not measured here.
func resident() (now, most int64) { return 0, 0 }

// forget has no effect here.
func forget(string) error { return nil }

func residentMost(int) int64 { return 0 }
