//go:build linux || darwin

package store

import "syscall"

// diskFull reports whether less than a megabyte is left where path lies.
func diskFull(path string) bool {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return false
	}
	return s.Bavail*uint64(s.Bsize) < 1<<20
}
