//go:build !linux

package peer

import (
	"context"
	"net"
	"syscall"
)

// patient leaves a socket as the system makes it.
func patient(context.Context, string, string, syscall.RawConn) error { return nil }

// patientConn leaves a connection as the system makes it.
func patientConn(net.Conn) {}
