//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package backup

import (
	"errors"
	"os"
	"syscall"
)

// lock keeps two processes, a server and a command, from adding to one file at
// once. It waits; adding takes milliseconds. Closing the file ends it.
func lock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			return diskError(err)
		}
	}
}
