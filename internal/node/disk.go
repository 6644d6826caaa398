package node

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
)

// The disk watch. A reserve file is let go when the disk fills up, so that
// sign-outs, the node's stop and the entries of emergency reads can still be
// written; new work is refused until space is back.
const (
	reserveSize = 64 << 20
	fullBelow   = 48 << 20  // free bytes
	spaceAgain  = 256 << 20 // free bytes, with the reserve back in place
)

// disk is what the watch found.
type disk struct {
	free atomic.Int64
	full atomic.Bool
}

// watchDisk looks at the free space and switches the gate.
func (n *Node) watchDisk(ctx context.Context) {
	free, ok := freeBytes(n.Dir)
	if !ok {
		return // a system without an answer: the database reports a full disk itself
	}
	n.disk.free.Store(free)
	path := filepath.Join(n.Dir, reserveFile)
	switch {
	case free < fullBelow && !n.disk.full.Load():
		n.disk.full.Store(true)
		n.Gate.Full(true)
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			n.Log.ErrorContext(ctx, "letting the reserve go", slog.Any("err", err))
		}
		n.Log.ErrorContext(ctx, "the disk is full: new work is refused", slog.Int64("size", free))
	case free >= spaceAgain:
		if err := keepReserve(path); err != nil {
			n.Log.ErrorContext(ctx, "keeping a reserve", slog.Any("err", err))
			return
		}
		if n.disk.full.CompareAndSwap(true, false) {
			n.Gate.Full(false)
			n.Log.InfoContext(ctx, "there is space again")
		}
	}
}

// keepReserve makes the reserve file if it is not there. It holds random-looking
// nothing: zeros, written out so that the space is really taken.
func keepReserve(path string) error {
	if s, err := os.Stat(path); err == nil && s.Size() >= reserveSize {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	block := make([]byte, 1<<20)
	for range reserveSize >> 20 {
		if _, err = f.Write(block); err != nil {
			break
		}
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = os.Remove(path) // half a reserve helps nobody
	}
	return err
}
