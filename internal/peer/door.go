package peer

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// Bounds of the listener. A line may be slow; a connection that says nothing is not kept.
const (
	requestWithin = 10 * time.Minute // a part of an attachment over a line of 16 kB/s
	headerWithin  = handshakeWithin  // the handshake is held to it too
	idleWithin    = 5 * time.Minute
	stopWithin    = 15 * time.Second
	maxHeaders    = 8 << 10
	streamsMost   = 64      // requests at once on one connection
	linesMost     = 1024    // connections at once
	streamBuffer  = 1 << 20 // what is read of one request before it is asked for
)

// bodyLimit is the most bytes of an envelope without its attachments: the length field,
// header and what seals the largest padded payload with its note.
const bodyLimit = 4 + cx.NoteLimit + 2*cx.PayloadLimit + 2*cx.NoteLimit

// witnessLimit is the most bytes of a checkpoint with its proof.
const witnessLimit = 1 << 20

// MediaEnvelope is the media type of envelopes.
const MediaEnvelope = "application/vnd.causeway.cx1"

// mediaNote is the media type of receipts, errors and comparisons.
const mediaNote = "text/plain; charset=utf-8"

// headerOffset tells how much of an attachment is here.
const headerOffset = "Causeway-Offset"

// prefix is what all paths of this version begin with.
const prefix = "/cx/1/"

// Door answers other nodes. It is an http.Handler, made with [NewDoor], and served with
// [Door.Serve].
type Door struct {
	c     Config
	meter *meter
	notes *notes
	tally *Tally
}

// NewDoor returns the door of a node.
func NewDoor(c Config) *Door {
	return &Door{c: c, meter: newMeter(c.Clock), notes: newNotes(), tally: NewTally()}
}

// Tally returns what the door has counted.
func (d *Door) Tally() *Tally { return d.tally }

// Serve answers on ln until ctx ends, then lets requests finish.
func (d *Door) Serve(ctx context.Context, ln net.Listener) error {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	s := &http.Server{
		Handler: d, Protocols: protocols, ReadHeaderTimeout: headerWithin, ReadTimeout: requestWithin, WriteTimeout: requestWithin, IdleTimeout: idleWithin, MaxHeaderBytes: maxHeaders,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: streamsMost, MaxReceiveBufferPerStream: streamBuffer,
			MaxReceiveBufferPerConnection: 4 * streamBuffer, SendPingTimeout: quietWithin, PingTimeout: silentMost,
		},
		// Errors of the transport carry addresses and bytes of the other side.
		//lint:allow log the server takes no other kind; it discards
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	done := make(chan error, 1)
	go func() {
		done <- s.Serve(tls.NewListener(&bounded{Listener: ln, free: make(chan struct{}, linesMost)}, serverTLS(d.c.Own)))
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err := s.Shutdown(stop)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.Close()
	}
	if serr := <-done; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, serr)
	}
	return err
}

// bounded lets so many connections in at once; others wait in the system's queue.
type bounded struct {
	net.Listener
	free chan struct{}
}

// Accept implements net.Listener.
func (b *bounded) Accept() (net.Conn, error) {
	b.free <- struct{}{}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.free
		return nil, err
	}
	patientConn(c)
	return &countedConn{Conn: c, leave: sync.OnceFunc(func() { <-b.free })}, nil
}

type countedConn struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	c.leave()
	return c.Conn.Close()
}

// nothing is the answer to whoever is not known, and to everything that is not there: the
// same bytes for all, without a word of what program answers. A stranger's connection
// ends with it.
func nothing(w http.ResponseWriter) {
	w.Header()["Date"] = nil
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusNotFound)
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := identityOf(r.TLS)
	if key == nil {
		nothing(w)
		return
	}
	p, ok, err := d.c.Partners.Holder(r.Context(), key)
	if err != nil {
		d.c.Log.ErrorContext(r.Context(), "who is at the door", slog.String("kind", fault.KindOf(err).String()), slog.Any("err", err))
	}
	if err != nil || !ok {
		nothing(w)
		return
	}
	p.Limits = p.Limits.orDefault()
	answer := d.route(r)
	if answer == nil {
		nothing(w)
		return
	}
	w.Header()["Date"] = nil
	if wait := d.meter.admit(p.ID, p.Limits); wait > 0 {
		d.refuse(w, r, p, cx.Limit, wait)
		return
	}
	answer(w, r, p)
}

// route returns what answers a request, nil for what is not there.
func (d *Door) route(r *http.Request) func(http.ResponseWriter, *http.Request, Partner) {
	path, ok := strings.CutPrefix(r.URL.Path, prefix)
	if !ok || r.URL.RawPath != "" {
		return nil
	}
	blob, isBlob := strings.CutPrefix(path, "blob/")
	switch {
	case path == "inbox" && r.Method == http.MethodPost:
		return d.inbox
	case path == "hand" && r.Method == http.MethodPost:
		return d.hand
	case isBlob && r.Method == http.MethodHead:
		return d.withDigest(blob, d.blobHead)
	case isBlob && r.Method == http.MethodPut:
		return d.withDigest(blob, d.blobPut)
	case path == "outbox" && r.Method == http.MethodGet:
		return d.outbox
	case path == "sync" && r.Method == http.MethodPost:
		return d.sync
	case path == "log" && r.Method == http.MethodPost:
		return d.log
	case d.c.Witness != nil && slices.Contains(witnessPaths, path) && r.Method == http.MethodPost:
		return d.witness
	}
	return nil
}

// inbox takes an envelope: POST /cx/1/inbox. 201 says that it is stored for good, and
// carries the receipt.
func (d *Door) inbox(w http.ResponseWriter, r *http.Request, p Partner) {
	if d.c.Full() {
		d.refuse(w, r, p, cx.Busy, fullWait)
		return
	}
	body, ok := d.body(w, r, p, bodyLimit)
	if !ok {
		return
	}
	counted := &counter{from: body}
	receipt, err := d.c.Post.Receive(r.Context(), p.ID, counted)
	d.note(r.Context(), p, 1, counted.n)
	if err != nil {
		d.fail(w, r, p, err)
		return
	}
	d.tally.received()
	w.Header().Set("Content-Type", mediaNote)
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(receipt) // a peer that is gone asks again and gets the same
}

// sync answers a comparison of streams: POST /cx/1/sync.
func (d *Door) sync(w http.ResponseWriter, r *http.Request, p Partner) {
	body, ok := d.body(w, r, p, cx.SyncNoteLimit)
	if !ok {
		return
	}
	answer, err := d.c.Post.Sync(r.Context(), p.ID, body)
	if err != nil {
		d.fail(w, r, p, err)
		return
	}
	if d.c.Asked != nil {
		d.c.Asked(p.ID)
	}
	w.Header().Set("Content-Type", mediaNote)
	_, _ = w.Write(answer) // a peer that is gone asks again
}

// witnessPaths are what a witness answers.
var witnessPaths = []string{"witness/add-checkpoint", "witness/add-statement"}

// witness hands over to what cosigns checkpoints, which sees the path below
// /cx/1/witness.
func (d *Door) witness(w http.ResponseWriter, r *http.Request, p Partner) {
	body, ok := d.body(w, r, p, witnessLimit)
	if !ok {
		return
	}
	r.Body = io.NopCloser(body)
	http.StripPrefix(prefix+"witness", d.c.Witness).ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), fromKey{}, p.ID)))
}

// body returns what may be read of a request's body. One that says that it is too long
// is refused before a byte is read; one that is longer than it says ends there.
func (d *Door) body(w http.ResponseWriter, r *http.Request, p Partner, limit int64) (io.Reader, bool) {
	if r.ContentLength > limit {
		d.refuse(w, r, p, cx.TooLarge, 0)
		return nil, false
	}
	return &capped{from: r.Body, left: limit}, true
}

// capped ends with [cx.TooLarge] where a body goes on beyond its limit.
type capped struct {
	from io.Reader
	left int64
}

// Read implements io.Reader.
func (c *capped) Read(b []byte) (int, error) {
	if int64(len(b)) > c.left+1 {
		b = b[:c.left+1]
	}
	n, err := c.from.Read(b)
	c.left -= int64(n)
	if c.left < 0 {
		return 0, cx.TooLarge
	}
	return n, err
}

// counter counts what was read.
type counter struct {
	from io.Reader
	n    int64
}

// Read implements io.Reader.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	return n, err
}

// note adds to what a peer has sent today, and raises the alarm when it is too much.
func (d *Door) note(ctx context.Context, p Partner, messages, bytes int64) {
	if !d.meter.count(p.ID, p.Limits, messages, bytes) {
		return
	}
	d.c.Log.WarnContext(ctx, "a peer sends more than was agreed", slog.String("peer", string(p.ID)))
	d.tally.alarmed()
	if err := d.c.Alarm(ctx, p.ID); err != nil {
		d.c.Log.ErrorContext(ctx, "alarm about a peer", slog.String("peer", string(p.ID)), slog.Any("err", err))
	}
}

// How long a peer waits before it asks again.
const (
	fullWait = 10 * time.Minute // a disk is full until somebody comes
	busyWait = 5 * time.Second
)

// fail answers an error: its code, or what its kind says of it.
func (d *Door) fail(w http.ResponseWriter, r *http.Request, p Partner, err error) {
	code, wait := cx.CodeOf(err), time.Duration(0)
	if code == cx.Internal {
		switch {
		case r.Context().Err() != nil:
			return // the peer is gone; nobody hears the answer
		case fault.CodeOf(err) == "disk-full":
			code, wait = cx.Busy, fullWait
		case fault.Is(err, fault.Unavailable), fault.Is(err, fault.Conflict):
			code, wait = cx.Busy, busyWait
		default:
			d.c.Log.ErrorContext(r.Context(), "answer a peer", slog.String("peer", string(p.ID)), slog.Any("err", err))
		}
	}
	if code == cx.Busy || code == cx.Recovering {
		wait = max(wait, busyWait)
	}
	d.refuse(w, r, p, code, wait)
}

// refuse answers with a code, as a signed note.
func (d *Door) refuse(w http.ResponseWriter, r *http.Request, p Partner, code cx.Code, wait time.Duration) {
	d.tally.refused(code)
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	w.Header().Set("Content-Type", mediaNote)
	w.WriteHeader(code.Status())
	if r.Method != http.MethodHead && d.c.Refuse != nil {
		_, _ = w.Write(d.notes.of(r.Context(), d.c, p.ID, code)) // a peer that is gone asks again
	}
}

// fromKey is the context's key of who asks.
type fromKey struct{}

// From returns the peer on whose behalf a request to the witness is made.
func From(ctx context.Context) (identity.NodeID, bool) {
	id, ok := ctx.Value(fromKey{}).(identity.NodeID)
	return id, ok
}
