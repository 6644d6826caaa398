//go:build !unix

package node

// freeBytes has no answer here; the database reports a full disk itself.
func freeBytes(string) (int64, bool) { return 0, false }
