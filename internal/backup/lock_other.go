//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package backup

import "os"

// lock does nothing here: on these systems only the server, or only a command
// while the server is stopped, may end access. Lines of two processes that fall
// together are found as altered.
func lock(*os.File) error { return nil }
