//go:build unix

package node

import "syscall"

// freeBytes returns the space this process may still use on the disk of path.
func freeBytes(path string) (int64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}
