// Package badline joins two processes by the worst line there is: packets are lost, come
// late and stop coming for a while. It is for tests and measurements only.
//
// Each process lives in a network namespace of its own with one tunnel device; between
// the two devices this program carries the packets, or does not. So it is the system's own
// TCP that meets the loss, also on a kernel without netem. Where a system lets nobody make
// namespaces, a [Proxy] that loses connections stands in: a milder line.
//
// It must never carry anything of a real node. Start at [Lay].
package badline

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os/exec"
	"time"
)

// ErrNotHere says that this system does not let a line be laid; what wraps it says why.
var ErrNotHere = errors.New("no line between network namespaces can be laid here: it needs Linux, /dev/net/tun, and root or unprivileged user namespaces")

// Quality is how bad a line is.
type Quality struct {
	Loss  float64       // of 1: how many packets are lost, in each direction
	Delay time.Duration // of each packet, in each direction
}

// Counts is what a line has seen.
type Counts struct {
	Passed, Lost int64 // packets, both directions together; of a proxy: pieces that passed, none lost
	Bytes        int64 // that passed
	Opened       int64 // connections that were begun
	Cuts         int64
}

// End is a process at one end of a line.
type End struct {
	Orders  io.WriteCloser // its standard input: it ends when this does
	Answers io.Reader      // its standard output

	cmd *exec.Cmd
}

// started starts a process and returns it as an end.
func started(cmd *exec.Cmd) (*End, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &End{Orders: in, Answers: out, cmd: cmd}, cmd.Start()
}

// stop tells the process to end and waits for it. nil is no process.
func (e *End) stop() error {
	if e == nil || e.cmd.Process == nil {
		return nil
	}
	_ = e.Orders.Close() // it may have ended already
	_, _ = io.Copy(io.Discard, e.Answers)
	return e.cmd.Wait()
}

// chance returns a number from 0 to below 1.
func chance() float64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return float64(binary.NativeEndian.Uint64(b[:])>>11) / math.Exp2(53)
}
