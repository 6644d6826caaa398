package badline

import (
	"errors"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// The two ends have addresses of their own network, and nothing else.
const (
	firstAddress  = "10.213.77.1"
	secondAddress = "10.213.77.2"
)

// Address returns the address of the n-th end, 0 or 1.
func Address(n int) string {
	if n == 0 {
		return firstAddress
	}
	return secondAddress
}

// Bounds of what is on its way.
const (
	packetMost = 2048 // the devices have an ordinary MTU
	waitMost   = 4096 // packets on their way in one direction; what comes then is lost, as in a full queue
)

// Line is a line between two processes, until it is closed.
type Line struct {
	Ends [2]*End

	mu      sync.Mutex // guards quality
	quality Quality
	cut     atomic.Bool
	devices [2]*os.File
	work    sync.WaitGroup

	passed, lost, bytes, opened, cuts atomic.Int64
}

// Lay starts the two processes that prepare makes, each in a network namespace of its own,
// and the line between them. A process calls [Join] before all else. The error is
// [ErrNotHere] where the system does not allow it; prepare may be called again.
func Lay(q Quality, prepare func(n int) (*exec.Cmd, error)) (*Line, error) {
	l := &Line{quality: q}
	for i := range l.Ends {
		var err error
		if l.Ends[i], l.devices[i], err = enter(i, prepare); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	for i := range l.devices {
		waits := make(chan late, waitMost)
		l.work.Go(func() { l.take(l.devices[i], waits) })
		l.work.Go(func() { l.bring(l.devices[1-i], waits) })
	}
	return l, nil
}

// late is a packet on its way.
type late struct {
	at     time.Time
	packet []byte
}

// take reads what one end sends, and loses some of it, until the line closes.
func (l *Line) take(from *os.File, waits chan<- late) {
	defer close(waits)
	for {
		b := make([]byte, packetMost)
		n, err := from.Read(b)
		if err != nil {
			return
		}
		q := l.now()
		if begins(b[:n]) {
			l.opened.Add(1)
		}
		if l.cut.Load() || chance() < q.Loss || len(waits) == cap(waits) {
			l.lost.Add(1)
			continue
		}
		waits <- late{time.Now().Add(q.Delay), b[:n]}
	}
}

// begins reports whether an IPv4 packet is the first of a connection: SYN without ACK.
func begins(p []byte) bool {
	const tcp, syn, ack = 6, 0x02, 0x10
	if len(p) < 20 || p[0]>>4 != 4 || p[9] != tcp {
		return false
	}
	at := int(p[0]&15)*4 + 13
	return len(p) > at && p[at]&(syn|ack) == syn
}

// bring writes packets to the other end when their time has come, in their order.
func (l *Line) bring(to *os.File, waits <-chan late) {
	for w := range waits {
		time.Sleep(time.Until(w.at))
		if _, err := to.Write(w.packet); err != nil {
			l.lost.Add(1) // that end is gone, or the line was closed
			continue
		}
		l.passed.Add(1)
		l.bytes.Add(int64(len(w.packet)))
	}
}

func (l *Line) now() Quality {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.quality
}

// Becomes makes the line another from now on.
func (l *Line) Becomes(q Quality) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.quality = q
}

// Cut stops every packet, or lets them through again.
func (l *Line) Cut(cut bool) {
	if l.cut.Swap(cut) != cut && cut {
		l.cuts.Add(1)
	}
}

// Counts returns what the line has seen. A connection whose first packet was sent again
// counts again.
func (l *Line) Counts() Counts {
	return Counts{Passed: l.passed.Load(), Lost: l.lost.Load(), Bytes: l.bytes.Load(), Opened: l.opened.Load(), Cuts: l.cuts.Load()}
}

// Close ends both processes and takes the line away; the namespaces go with the processes.
func (l *Line) Close() error {
	err := errors.Join(l.Ends[0].stop(), l.Ends[1].stop())
	for _, d := range l.devices {
		if d != nil {
			err = errors.Join(err, d.Close())
		}
	}
	l.work.Wait()
	return err
}
