package peer

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// Patience with a bad line: one that loses every third packet, is half a second late and is
// cut now and then carries a handshake in a minute and an envelope in two. What is given up
// while it moves begins anew, and never ends.
const (
	dialWithin      = time.Minute
	handshakeWithin = 2 * time.Minute
	answerWithin    = 5 * time.Minute // from the last byte of a question to the first of its answer
	askWithin       = requestWithin
	quietWithin     = 30 * time.Second // after which the other end is asked whether it is there
	silentMost      = 3 * time.Minute  // without a sign of it the connection is over
	againWithin     = 4 * time.Second  // what was lost is sent again, at the latest
	standsStill     = 8 * time.Second  // without an answer another connection is tried too
	triesMost       = 3                // connections for one envelope, at most
	keepWithin      = 4 * time.Minute  // an unused connection: a little less than the other end keeps it
	notSentMost     = 32 << 10         // bytes that the kernel holds and has not sent
)

// Refusal is a peer's answer that it does not take what was sent.
type Refusal struct {
	Code  cx.Code
	Wait  time.Duration // what it asks us to wait; 0: it does not say
	Note  []byte        // the signed note, where one came
	Where int64         // an upload: where to go on, -1 elsewhere
}

// Error implements error. It names the code and nothing of the message.
func (r *Refusal) Error() string { return "refused by the peer: " + string(r.Code) }

// Unwrap returns the code, so that [cx.CodeOf] finds it.
func (r *Refusal) Unwrap() error { return r.Code }

// ReadError reads the code out of a signed note of refusal from a peer. It returns
// [cx.Internal] for a note that the peer did not sign.
type ReadError func(from identity.NodeID, note []byte) cx.Code

// Client knocks at the doors of other nodes. It follows no redirect, asks no proxy that
// the configuration does not name, and goes on only with the key that the pair's
// schedule names for the other side. It is safe for concurrent use.
type Client struct {
	partners  Partners
	own       func() (*tls.Certificate, error)
	readError ReadError
	proxy     *url.URL // nil: none
	still     time.Duration

	mu    sync.Mutex // guards lines
	lines map[identity.NodeID]*wire
}

// wire is the way to one peer: some connections, of which the first is enough on a good
// line. On a bad one a lost packet stops only what shares its connection.
type wire struct {
	url   *url.URL
	pins  []ed25519.PublicKey
	lines [linesEach]struct {
		http *http.Client
		busy atomic.Int32 // questions that wait for an answer
	}
}

// linesEach is how many connections there are to a peer at most.
const linesEach = 8

// pick returns the connection with the least to do, the first of several.
func (w *wire) pick() (*http.Client, *atomic.Int32) {
	best := &w.lines[0]
	for i := range w.lines {
		if l := &w.lines[i]; l.busy.Load() < best.busy.Load() {
			best = l
		}
	}
	best.busy.Add(1)
	return best.http, &best.busy
}

// close ends the connections that are not in use.
func (w *wire) close() {
	for i := range w.lines {
		w.lines[i].http.CloseIdleConnections()
	}
}

// NewClient returns a client. proxy is the address of a proxy that the operator named, nil
// for none; the environment is not asked.
func NewClient(partners Partners, own func() (*tls.Certificate, error), readError ReadError, proxy *url.URL) *Client {
	return &Client{partners: partners, own: own, readError: readError, proxy: proxy, still: standsStill, lines: map[identity.NodeID]*wire{}}
}

// Close ends the connections that are not in use.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.lines {
		w.close()
	}
	clear(c.lines)
}

// wireTo returns the way to a peer. When its address or its keys are others than before,
// the connections that were made under the old ones are not used again.
func (c *Client) wireTo(ctx context.Context, to identity.NodeID) (*wire, error) {
	p, ok, err := c.partners.Named(ctx, to)
	if err != nil {
		return nil, err
	}
	if !ok || len(p.Transport) == 0 {
		return nil, fault.New(fault.NotFound, "peer-unknown")
	}
	u, err := url.Parse(p.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return nil, fault.New(fault.Invalid, "peer-address")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.lines[to]
	same := func(a, b ed25519.PublicKey) bool { return bytes.Equal(a, b) }
	if w != nil && *w.url == *u && slices.EqualFunc(w.pins, p.Transport, same) {
		return w, nil
	}
	if w != nil {
		w.close()
	}
	w = &wire{url: u, pins: slices.Clone(p.Transport)}
	for i := range w.lines {
		w.lines[i].http = &http.Client{
			Transport:     c.transport(w.pins),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	c.lines[to] = w
	return w, nil
}

// transport speaks HTTP/2 to whoever holds one of the keys.
func (c *Client) transport(pins []ed25519.PublicKey) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	t := &http.Transport{
		Protocols: protocols, DisableCompression: true, IdleConnTimeout: keepWithin,
		DialContext:         (&net.Dialer{Timeout: dialWithin, KeepAlive: quietWithin, ControlContext: patient}).DialContext,
		TLSHandshakeTimeout: handshakeWithin, ResponseHeaderTimeout: answerWithin, MaxResponseHeaderBytes: maxHeaders,
		TLSClientConfig: clientTLS(c.own, func() []ed25519.PublicKey { return pins }),
		HTTP2: &http.HTTP2Config{
			MaxReceiveBufferPerStream: streamBuffer, MaxReceiveBufferPerConnection: 4 * streamBuffer,
			SendPingTimeout: quietWithin, PingTimeout: silentMost,
		},
	}
	if c.proxy != nil {
		t.Proxy = http.ProxyURL(c.proxy)
	}
	return t
}

// ask sends one question. The answer's body is to be closed.
func (c *Client) ask(ctx context.Context, to identity.NodeID, method, path string, body io.Reader, size int64) (*http.Response, error) {
	w, err := c.wireTo(ctx, to)
	if err != nil {
		return nil, err
	}
	path, query, _ := strings.Cut(path, "?")
	u := *w.url
	u.Path, u.RawQuery = strings.TrimSuffix(u.Path, "/")+prefix+path, query
	r, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "peer-address", err)
	}
	r.ContentLength = size
	r.Header.Set("User-Agent", "") // no word of what program asks
	if body != nil {
		r.Header.Set("Content-Type", MediaEnvelope)
	}
	line, busy := w.pick()
	resp, err := line.Do(r)
	if err != nil {
		busy.Add(-1)
		return nil, unreachable(err)
	}
	resp.Body = &answerBody{ReadCloser: resp.Body, over: sync.OnceFunc(func() { busy.Add(-1) })}
	return resp, nil
}

// answerBody tells when an answer was read.
type answerBody struct {
	io.ReadCloser
	over func()
}

// Close implements io.Closer.
func (b *answerBody) Close() error {
	b.over()
	return b.ReadCloser.Close()
}

// unreachable says that no peer answered. An error of the transport names addresses, so
// only its kind is kept.
func unreachable(err error) error {
	if code := fault.CodeOf(err); code == "peer-key" || code == "peer-protocol" {
		return fault.New(fault.Denied, code)
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fault.New(fault.Unavailable, "peer-timeout")
	}
	return fault.New(fault.Unavailable, "peer-unreachable")
}

// refusal reads an answer that is not the one hoped for.
func (c *Client) refusal(from identity.NodeID, resp *http.Response) error {
	if resp.StatusCode == http.StatusNotFound {
		return fault.New(fault.Denied, "peer-unknown-here") // the empty answer to whoever is not known
	}
	if resp.StatusCode < 400 {
		return fault.New(fault.Unavailable, "peer-answer") // a redirect, or an answer of another program
	}
	r := &Refusal{Code: cx.Internal, Where: -1}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		r.Wait = min(time.Duration(s)*time.Second, 24*time.Hour)
	}
	if n, err := strconv.ParseInt(resp.Header.Get(headerOffset), 10, 64); err == nil && n >= 0 {
		r.Where = n
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, cx.NoteLimit+1))
	if err == nil && len(b) > 0 && c.readError != nil {
		r.Note, r.Code = b, c.readError(from, b)
	}
	return r
}

// answer reads a whole answer of at most limit bytes.
func (c *Client) answer(from identity.NodeID, resp *http.Response, status int, limit int64) ([]byte, error) {
	defer resp.Body.Close()
	if resp.StatusCode != status {
		return nil, c.refusal(from, resp)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, unreachable(err)
	}
	if int64(len(b)) > limit {
		return nil, fault.New(fault.Unavailable, "peer-answer")
	}
	return b, nil
}

// Deliver sends an envelope, or a note in its frame, and returns the answer, which
// the caller verifies. The error is a [*Refusal] where the peer answered.
func (c *Client) Deliver(ctx context.Context, to identity.NodeID, envelope []byte) (receipt []byte, err error) {
	return post(ctx, c, to, "inbox", envelope, func(resp *http.Response) ([]byte, error) {
		return c.answer(to, resp, http.StatusCreated, cx.NoteLimit)
	})
}

// Sync asks a peer to compare streams.
func (c *Client) Sync(ctx context.Context, to identity.NodeID, question []byte) (answer []byte, err error) {
	return post(ctx, c, to, "sync", question, func(resp *http.Response) ([]byte, error) {
		return c.answer(to, resp, http.StatusOK, cx.SyncLimit)
	})
}

// post brings something to a peer that it takes once, however often it comes, and returns
// the answer as it is read. Where none comes for a while and another connection is idle, it goes over that
// one too: on a bad line one connection may stand still for a minute beside one that moves.
func post[T any](ctx context.Context, c *Client, to identity.NodeID, path string, body []byte, read func(*http.Response) (T, error)) (T, error) {
	type outcome struct {
		answer T
		err    error
	}
	outcomes := make(chan outcome, triesMost)
	var work sync.WaitGroup
	defer work.Wait()
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	try := func() {
		work.Go(func() {
			var out outcome
			resp, err := c.ask(ctx, to, http.MethodPost, path, bytes.NewReader(body), int64(len(body)))
			if out.err = err; err == nil {
				out.answer, out.err = read(resp)
			}
			outcomes <- out
		})
	}
	again := time.NewTicker(c.still)
	defer again.Stop()
	try()
	for begun, open := 1, 1; ; {
		select {
		case out := <-outcomes:
			var r *Refusal
			if open--; out.err == nil || open == 0 || errors.As(out.err, &r) {
				return out.answer, out.err
			}
		case <-again.C:
			if begun < triesMost && c.idle(to) {
				begun, open = begun+1, open+1
				try()
			}
		}
	}
}

// idle reports whether a connection to a peer has nothing to do.
func (c *Client) idle(to identity.NodeID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.lines[to]
	if w == nil {
		return false
	}
	for i := range w.lines {
		if w.lines[i].busy.Load() == 0 {
			return true
		}
	}
	return false
}

// Witness returns how what cosigns checkpoints at a peer is reached, and the address
// below which it answers.
func (c *Client) Witness(ctx context.Context, to identity.NodeID) (*http.Client, string, error) {
	w, err := c.wireTo(ctx, to)
	if err != nil {
		return nil, "", err
	}
	return w.lines[0].http, strings.TrimSuffix(w.url.String(), "/") + prefix + "witness", nil
}
