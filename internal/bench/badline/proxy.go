package badline

import (
	"errors"
	"io"
	"net"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// never is more bytes than any connection carries.
const never = 1 << 40

// Proxy is a line of loopback connections that is late by its delay each way, breaks three
// of ten connections after some bytes, and can be cut for all at once. Its packets are not
// lost: it is for systems on which no [Line] can be laid.
type Proxy struct {
	Ends [2]*End // nil where no process was started

	work          sync.WaitGroup
	passed, bytes atomic.Int64

	mu     sync.Mutex // guards the fields below
	delay  time.Duration
	open   map[io.Closer]bool
	opened int64
	cuts   int64
	off    bool
}

// NewProxy returns a proxy with a delay each way.
func NewProxy(delay time.Duration) *Proxy {
	return &Proxy{delay: delay, open: map[io.Closer]bool{}}
}

// Becomes makes the line another from now on; nothing but the delay counts.
func (p *Proxy) Becomes(q Quality) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = q.Delay
}

// Start starts the two processes that prepare makes, as they are.
func (p *Proxy) Start(prepare func(n int) (*exec.Cmd, error)) error {
	for i := range p.Ends {
		cmd, err := prepare(i)
		if err == nil {
			p.Ends[i], err = started(cmd)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Through lets an address be reached over the line, and returns where. The address may
// become known later: it is asked for with each connection.
func (p *Proxy) Through(address func() string) (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	p.hold(ln)
	p.work.Go(func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", address())
			if err != nil {
				_ = near.Close() // the caller tries again
				continue
			}
			left := p.hold(near, far)
			p.work.Go(func() { p.pass(far, near, left) })
			p.work.Go(func() { p.pass(near, far, never) })
		}
	})
	return ln.Addr().String(), nil
}

// hold remembers what a cut closes, and returns after how many bytes a connection breaks.
func (p *Proxy) hold(all ...io.Closer) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range all {
		p.open[c] = true
		if _, conn := c.(net.Conn); conn && p.off {
			_ = c.Close() // it came while the line is cut
		}
	}
	if p.opened++; p.opened%10 == 2 || p.opened%10 == 5 || p.opened%10 == 8 {
		return 1000 + int(p.opened*7919%20_000)
	}
	return never
}

// pass brings bytes on, each late by the delay, until so many have passed.
func (p *Proxy) pass(to, from net.Conn, left int) {
	waits := make(chan late, waitMost)
	p.work.Go(func() {
		for w := range waits {
			time.Sleep(time.Until(w.at))
			if _, err := to.Write(w.packet); err == nil { // a line that was cut loses it
				p.passed.Add(1)
				p.bytes.Add(int64(len(w.packet)))
			}
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
		p.mu.Lock()
		delay := p.delay
		p.mu.Unlock()
		waits <- late{time.Now().Add(delay), b[:n]}
	}
	p.mu.Lock()
	p.cuts++
	p.mu.Unlock()
	_ = from.Close()
}

// Cut breaks every connection that is open and lets none in, or lets them in again.
func (p *Proxy) Cut(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.off == cut {
		return
	}
	if p.off = cut; cut {
		p.breakAll(false)
	}
}

// breakAll closes what is open, with last also what is listened on. The caller holds mu.
func (p *Proxy) breakAll(last bool) {
	for c := range p.open {
		if _, conn := c.(net.Conn); conn || last {
			_ = c.Close() // that is the cut
			delete(p.open, c)
			p.cuts++
		}
	}
}

// Counts returns what the line has seen.
func (p *Proxy) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Counts{Passed: p.passed.Load(), Bytes: p.bytes.Load(), Opened: p.opened, Cuts: p.cuts}
}

// Close ends the processes, if there are any, and the line.
func (p *Proxy) Close() error {
	err := errors.Join(p.Ends[0].stop(), p.Ends[1].stop())
	p.mu.Lock()
	p.breakAll(true)
	p.mu.Unlock()
	p.work.Wait()
	return err
}
