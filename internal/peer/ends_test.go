package peer_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/peer"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// register is what an end knows of its partners: a map that tests change.
type register struct {
	mu  sync.Mutex // guards all
	all map[identity.NodeID]peer.Partner
}

func (r *register) set(p peer.Partner) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all[p.ID] = p
}

func (r *register) Holder(_ context.Context, key ed25519.PublicKey) (peer.Partner, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.all {
		if slices.ContainsFunc(p.Transport, func(k ed25519.PublicKey) bool { return bytes.Equal(k, key) }) {
			return p, true, nil
		}
	}
	return peer.Partner{}, false, nil
}

func (r *register) Named(_ context.Context, id identity.NodeID) (peer.Partner, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.all[id]
	return p, ok, nil
}

func (r *register) All(context.Context) ([]peer.Partner, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []peer.Partner
	for _, p := range r.all {
		out = append(out, p)
	}
	return out, nil
}

// office stands in for the post office where only the door is tested.
type office struct {
	mu      sync.Mutex // guards the fields below
	got     map[identity.NodeID][][]byte
	waiting []cx.ID
	queued  map[cx.ID][]byte
	named   map[cx.Digest]bool
	taken   func(answer []byte)
	err     error
	only    string // the one thing that err is about; "": everything

	came  atomic.Int64                  // envelopes
	held  atomic.Pointer[chan struct{}] // they are answered when this is closed; nil: at once
	stuck atomic.Pointer[chan struct{}] // the same, of the next alone
}

func (o *office) Receive(_ context.Context, from identity.NodeID, body io.Reader) ([]byte, error) {
	b, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	o.came.Add(1)
	for _, until := range []*chan struct{}{o.held.Load(), o.stuck.Swap(nil)} {
		if until != nil {
			<-*until
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil && (o.only == "" || o.only == string(b)) {
		return nil, o.err
	}
	o.got[from] = append(o.got[from], b)
	if o.taken != nil {
		o.taken(b)
	}
	return []byte("receipt for " + string(b)), nil
}

func (o *office) ReceiveHand(ctx context.Context, from identity.NodeID, hand [][]byte) (out []peer.Brought) {
	for _, b := range hand {
		answer, err := o.Receive(ctx, from, bytes.NewReader(b))
		if out = append(out, peer.Brought{Answer: answer, Err: err}); err != nil {
			break
		}
	}
	return out
}

func (o *office) Sync(_ context.Context, from identity.NodeID, question io.Reader) ([]byte, error) {
	b, err := io.ReadAll(question)
	return append([]byte(from+" asks "), b...), err
}

// Placed implements peer.Post: a leaf is proven by its own digits.
func (o *office) Placed(_ context.Context, leaves []cx.Digest) ([][]byte, error) {
	out := make([][]byte, len(leaves))
	for i, d := range leaves {
		if d[0] != 0 {
			out[i] = []byte(d.String())
		}
	}
	return out, nil
}

func (o *office) Waiting(_ context.Context, _ identity.NodeID, after cx.ID, most int) ([]cx.ID, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at := slices.Index(o.waiting, after) + 1
	return slices.Clone(o.waiting[at:min(at+most, len(o.waiting))]), nil
}

func (o *office) Parcel(_ context.Context, _ identity.NodeID, id cx.ID) (peer.Parcel, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	b, ok := o.queued[id]
	if !ok {
		return peer.Parcel{}, fault.New(fault.NotFound, "no-such-message")
	}
	p := peer.Parcel{ID: id, Body: b}
	for d := range o.named {
		p.Blobs = append(p.Blobs, d)
	}
	return p, nil
}

func (o *office) Names(_ context.Context, _ identity.NodeID, d cx.Digest) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.named[d], nil
}

func (o *office) Outside(context.Context, identity.NodeID, []byte) (*cx.Header, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h := &cx.Header{}
	for d := range o.named {
		h.Blobs = append(h.Blobs, cx.Blob{Digest: d, Size: large})
	}
	return h, nil
}

// end is one end of a pair.
type end struct {
	id       identity.NodeID
	key      ed25519.PrivateKey
	register *register
	office   *office
	spool    *peer.Spool
	clock    *clock.Fake
	door     *peer.Door
	client   *peer.Client
	addr     string
	alarms   chan identity.NodeID
	full     *bool
	witness  http.Handler // nil: one that repeats what it is shown
}

func (e *end) public() ed25519.PublicKey { return e.key.Public().(ed25519.PublicKey) }

func (e *end) partner() peer.Partner {
	return peer.Partner{ID: e.id, URL: "https://" + e.addr, Transport: []ed25519.PublicKey{e.public()}}
}

// codeNote and readCode stand in for signed notes of refusal.
func codeNote(_ context.Context, _ identity.NodeID, _ cx.ID, code cx.Code) []byte {
	return []byte("causeway/error/1\n" + string(code))
}

func readCode(_ identity.NodeID, note []byte) cx.Code {
	b, ok := bytes.CutPrefix(note, []byte("causeway/error/1\n"))
	if !ok {
		return cx.Internal
	}
	return cx.Code(b)
}

// newEnd serves the door of a node on loopback until the test ends.
func newEnd(t *testing.T, id identity.NodeID) *end {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &end{
		id: id, key: key, register: &register{all: map[identity.NodeID]peer.Partner{}}, addr: ln.Addr().String(),
		office: &office{got: map[identity.NodeID][][]byte{}, queued: map[cx.ID][]byte{}, named: map[cx.Digest]bool{}},
		clock:  clock.NewFake(time.Now()), alarms: make(chan identity.NodeID, 10), full: new(bool),
	}
	if e.spool, err = peer.OpenSpool(t.TempDir(), e.clock); err != nil {
		t.Fatal(err)
	}
	own := func() (*tls.Certificate, error) { return peer.Certificate(e.key) }
	e.door = peer.NewDoor(peer.Config{
		Self: id, Clock: e.clock, Log: slog.New(slog.DiscardHandler), Partners: e.register, Post: e.office, Spool: e.spool,
		Own: own, Refuse: codeNote, Full: func() bool { return *e.full },
		Alarm: func(_ context.Context, who identity.NodeID) error { e.alarms <- who; return nil },
		Witness: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if e.witness != nil {
				e.witness.ServeHTTP(w, r)
				return
			}
			from, _ := peer.From(r.Context())
			b, _ := io.ReadAll(r.Body)
			_, _ = w.Write([]byte(string(from) + " shows " + string(b) + " at " + r.URL.Path))
		}),
	})
	e.client = peer.NewClient(e.register, own, readCode, nil)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.door.Serve(ctx, ln) }()
	t.Cleanup(func() {
		e.client.Close()
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return e
}

// pair returns two ends that know each other.
func pair(t *testing.T) (a, b *end) {
	t.Helper()
	a, b = newEnd(t, "xa.dcs"), newEnd(t, "xb.moi")
	a.register.set(b.partner())
	b.register.set(a.partner())
	return a, b
}

// HandOut implements Post.
func (o *office) HandOut(context.Context, identity.NodeID, int) ([][]byte, error) { return nil, nil }
