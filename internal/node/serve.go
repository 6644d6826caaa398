package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"sync"
	"time"

	"causeway/internal/fault"

	"golang.org/x/sync/errgroup"
)

// Bounds of the listener: patient enough for a bad network, not for idle ones.
const (
	headerWithin = 10 * time.Second
	readWithin   = 5 * time.Minute // a large import over a slow line
	writeWithin  = 5 * time.Minute
	idleWithin   = 2 * time.Minute
	stopWithin   = 15 * time.Second
	maxHeaders   = 32 << 10
)

// ListenFor opens a listener for staff pages.
func ListenFor(address string) (net.Listener, error) {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "listen-in-use", err)
	}
	return ln, nil
}

// Serve listens where the configuration says and serves until ctx ends.
func (n *Node) Serve(ctx context.Context, ready func(url string)) error {
	ln, err := ListenFor(n.Config.Listen)
	if err != nil {
		return errors.Join(err, n.Close())
	}
	return n.ServeOn(ctx, ln, ready)
}

// ServeOn serves on ln until ctx ends, then stops in order: requests, then the
// housekeeping, then the journal and the database.
func (n *Node) ServeOn(ctx context.Context, ln net.Listener, ready func(url string)) error {
	err := n.serve(ctx, ln, ready)
	if cerr := n.Close(); err == nil {
		err = cerr
	}
	return err
}

func (n *Node) serve(ctx context.Context, ln net.Listener, ready func(url string)) error {
	handler, err := n.handler()
	if err != nil {
		_ = ln.Close() // nothing was served on it
		return err
	}
	if !n.Config.Demo && n.Config.TLS == nil && len(n.Config.Proxy) == 0 && !loopback(ln.Addr()) {
		_ = ln.Close() // nothing was served on it
		return fault.InvalidField("listen", "loopback-only")
	}
	if n.Config.TLS != nil {
		c := &certificate{files: *n.Config.TLS, now: n.Clock.Now}
		if _, err := c.get(nil); err != nil {
			_ = ln.Close() // nothing was served on it
			return fmt.Errorf("read certificate: %w", err)
		}
		ln = tls.NewListener(ln, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}})
	}
	jobs, stopJobs := context.WithCancel(context.WithoutCancel(ctx))
	defer stopJobs()
	housekeeping := make(chan error, 1)
	up := make(chan struct{})
	go func() { housekeeping <- n.Run(jobs, func() { close(up) }) }()
	select {
	case <-up:
	case err := <-housekeeping:
		_ = ln.Close() // nothing was served on it
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	if err := n.servePeers(g, ctx); err != nil {
		_ = ln.Close() // nothing was served on it
		return err
	}
	n.listen(g, ctx, ln, handler)
	if n.Config.Metrics != "" {
		mln, err := net.Listen("tcp", n.Config.Metrics)
		if err != nil {
			_ = ln.Close() // nothing was served on it
			return fault.Wrap(fault.Unavailable, "listen-in-use", err)
		}
		n.listen(g, ctx, mln, n.metricsHandler())
	}
	n.served.Store(n.Clock.Now().UnixMicro())
	if ready != nil {
		ready(n.address(ln.Addr()))
	}
	err = g.Wait()
	stopJobs()
	if herr := <-housekeeping; err == nil {
		err = herr
	}
	return err
}

// listen serves handler on ln until ctx ends, then lets requests finish.
func (n *Node) listen(g *errgroup.Group, ctx context.Context, ln net.Listener, handler http.Handler) {
	s := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerWithin, ReadTimeout: readWithin, WriteTimeout: writeWithin,
		IdleTimeout: idleWithin, MaxHeaderBytes: maxHeaders,
		// Errors of the transport carry addresses and bytes of the other side:
		// counted nowhere, logged nowhere.
		//lint:allow log the server takes no other kind; it discards
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	g.Go(func() error {
		if err := s.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		if err := s.Shutdown(stop); err != nil {
			return s.Close()
		}
		return nil
	})
}

// address returns what a person opens: the configured origin, in a demo with the port that
// it has this time.
func (n *Node) address(a net.Addr) string {
	if !n.Config.Demo {
		return n.Config.Origin
	}
	_, port, err := net.SplitHostPort(a.String())
	if err != nil || !loopback(a) {
		return n.Config.Origin
	}
	origin, err := url.Parse(n.Config.Origin)
	if err != nil {
		return n.Config.Origin // checked when the configuration was read
	}
	return "http://" + net.JoinHostPort(origin.Hostname(), port)
}

func loopback(a net.Addr) bool {
	p, err := netip.ParseAddrPort(a.String())
	return err == nil && p.Addr().IsLoopback()
}

// certificate is a TLS certificate that is read again when its files change.
type certificate struct {
	files TLS

	mu     sync.Mutex // guards the fields below
	loaded *tls.Certificate
	stamp  time.Time
	looked time.Time
	now    func() time.Time
}

// certificateEvery is how often the files are looked at.
const certificateEvery = 30 * time.Second

// get returns the certificate. A renewed file that does not parse leaves the one
// before in use.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if c.loaded != nil && now.Sub(c.looked) < certificateEvery {
		return c.loaded, nil
	}
	c.looked = now
	s, err := os.Stat(c.files.Certificate)
	if err == nil && (c.loaded == nil || !s.ModTime().Equal(c.stamp)) {
		var cert tls.Certificate
		if cert, err = tls.LoadX509KeyPair(c.files.Certificate, c.files.Key); err == nil {
			c.loaded, c.stamp = &cert, s.ModTime()
		}
	}
	if c.loaded == nil {
		return nil, err
	}
	return c.loaded, nil
}
