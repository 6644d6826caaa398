package peer

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// The plan of tries: soon at first, patiently later. After a day somebody is told; until
// the message expires it is tried every hour.
const (
	firstWait = 5 * time.Second
	longWait  = 15 * time.Minute
	hourly    = time.Hour
	urgentFor = 24 * time.Hour
)

// patience returns how long to wait before the next try: after tried tries without
// success, the first of them since ago. A peer that asked to be left alone for a time is.
func patience(tried int, since time.Duration, asked time.Duration) time.Duration {
	wait := hourly
	if since < urgentFor {
		wait = min(firstWait<<min(tried, 10), longWait)
	}
	// Jitter over the whole: two nodes that a line cut off together do not come back
	// together.
	return asked + max(time.Second, time.Duration(chance()*float64(wait)))
}

// chance returns a number from 0 to below 1.
func chance() float64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return float64(binary.NativeEndian.Uint64(b[:])>>11) / (1 << 53)
}
