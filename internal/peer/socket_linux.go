package peer

import (
	"context"
	"net"
	"syscall"
	"time"
)

// Options of TCP that the standard library does not name (linux/tcp.h).
const (
	tcpThinLinearTimeouts = 16
	tcpUserTimeout        = 18
	tcpNotSentLowat       = 25
	tcpRTOMax             = 44 // since Linux 6.15
)

// patient makes a socket fit for a line that loses packets. A kernel that does not know an
// option does as it always did.
func patient(_ context.Context, _, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		for option, value := range map[int]int{
			// What was sent is sent again at a steady pace, not after twice as long each time:
			// where every other packet is lost, waits that double have no mean.
			tcpThinLinearTimeouts: 1,
			tcpRTOMax:             int(againWithin / time.Millisecond),
			// A connection lives as long as something of it arrives.
			tcpUserTimeout: int(silentMost / time.Millisecond),
			// What the kernel has taken and not sent is little: so a question about the
			// connection is not stuck behind it, and a limit of time is about the line.
			tcpNotSentLowat: notSentMost,
		} {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, option, value) // an older kernel
		}
	})
}

// patientConn makes an accepted connection so.
func patientConn(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		if raw, err := t.SyscallConn(); err == nil {
			_ = patient(context.Background(), "", "", raw) // as above
		}
	}
}
