package bench

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"causeway/protocol/handover"
)

// lossy is a line of loopback connections that is late by its delay each way, breaks three
// of ten connections after some bytes, and can be cut for all at once.
type lossy struct {
	delay time.Duration
	work  sync.WaitGroup

	mu   sync.Mutex // guards the fields below
	open map[io.Closer]bool
	n    int // what was opened so far
	cuts int
}

// through lets a door be reached over the line, and returns where.
func (l *lossy) through(door string, _ int) (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	l.hold(ln)
	l.work.Go(func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", door)
			if err != nil {
				_ = near.Close() // the caller tries again
				continue
			}
			left := l.hold(near, far)
			l.work.Go(func() { l.pass(far, near, left) })
			l.work.Go(func() { l.pass(near, far, 1<<40) })
		}
	})
	return ln.Addr().String(), nil
}

// hold remembers what a cut closes, and returns after how many bytes a connection breaks.
func (l *lossy) hold(all ...io.Closer) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range all {
		l.open[c] = true
	}
	if l.n++; l.n%10 == 2 || l.n%10 == 5 || l.n%10 == 8 {
		return 1000 + l.n*7919%20_000
	}
	return 1 << 40
}

// pass brings bytes on, each late by the delay, until so many have passed.
func (l *lossy) pass(to, from net.Conn, left int) {
	type late struct {
		at time.Time
		b  []byte
	}
	waits := make(chan late, 1000)
	l.work.Go(func() {
		for w := range waits {
			time.Sleep(time.Until(w.at))
			_, _ = to.Write(w.b) // a line that was cut loses it
		}
		_ = to.Close()
	})
	defer close(waits)
	for left > 0 {
		b := make([]byte, 4096)
		n, err := from.Read(b)
		if err != nil {
			return
		}
		left -= n
		waits <- late{time.Now().Add(l.delay), b[:n]}
	}
	l.mu.Lock()
	l.cuts++
	l.mu.Unlock()
	_ = from.Close()
}

// cut breaks every connection that is open, and with last the line itself.
func (l *lossy) cut(last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		if _, conn := c.(net.Conn); conn || last {
			_ = c.Close() // that is the cut
			delete(l.open, c)
			l.cuts++
		}
	}
}

// TestBadLine: over a line that is half a second late each way and is cut again and again,
// with a clock that is ten minutes off at one end, a referral and a transfer go through
// their whole life.
func TestBadLine(t *testing.T) {
	l := &lossy{delay: 500 * time.Millisecond, open: map[io.Closer]bool{}}
	t.Cleanup(func() {
		l.cut(true)
		l.work.Wait()
	})
	skewed := new(ahead)
	skewed.pass(10 * time.Minute)
	c := weddedOver(t, &Options{far: skewed, through: l.through})
	for _, e := range []*nodeEnd{c.a, c.b} {
		c.must("serve", e.serve(t.Context()))
	}
	looks := 0
	c.carries = func() {
		if looks++; looks%40 == 0 { // every ten seconds
			l.cut(false)
		}
		time.Sleep(250 * time.Millisecond)
	}
	legs := []*leg{c.sends("referral"), c.sends("transfer")}
	c.rests(legs)
	for _, steps := range [][2]handover.Event{
		{handover.Accept, handover.Accept},
		{handover.Start, handover.Release},
		{"", handover.Assume},
		{handover.Complete, handover.Complete},
		{handover.Confirm, handover.Confirm},
	} {
		for i, l := range legs {
			switch e := steps[i]; e {
			case "":
			case handover.Release, handover.Confirm:
				l.does(e, handover.Sender)
			default:
				l.does(e, handover.Receiver)
			}
		}
		c.rests(legs)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cuts == 0 {
		t.Error("the line was never cut")
	}
	t.Logf("%d sockets, %d cuts", l.n, l.cuts)
}
