//go:build !linux

package bench

import "errors"

var errNoMount = errors.New("no small file system can be made on this system")

// mountSmall is for Linux only.
func mountSmall(string, int64) (func() error, error) { return nil, errNoMount }

// freeSpace is for Linux only.
func freeSpace(string) (int64, error) { return 0, errNoMount }
