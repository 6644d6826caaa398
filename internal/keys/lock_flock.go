//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package keys

import (
	"os"
	"syscall"

	"causeway/internal/fault"
)

// lockFile keeps two processes, a server and a command, from changing the
// keyring at once: each would write a generation that lacks the other's key.
// It waits; a change takes milliseconds. The lock ends with the process.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "keyring-write", err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, fault.Wrap(fault.Unavailable, "keyring-write", err)
	}
	return func() { _ = f.Close() }, nil // closing releases the lock
}
