package peer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"causeway/internal/peer"
	"causeway/protocol/cx"
)

// scissors passes bytes between a client and a door, and cuts every connection after a
// number of bytes from the client.
type scissors struct {
	ln   net.Listener
	to   string
	each int64
	cuts atomic.Int64
	most int64
}

func newScissors(t *testing.T, to string, each, most int64) *scissors {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scissors{ln: ln, to: to, each: each, most: most}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go s.pass(c)
		}
	}()
	return s
}

func (s *scissors) pass(c net.Conn) {
	defer c.Close()
	far, err := net.Dial("tcp", s.to)
	if err != nil {
		return
	}
	defer far.Close()
	go func() { _, _ = io.Copy(c, far); _ = c.Close() }()
	if s.cuts.Load() >= s.most {
		_, _ = io.Copy(far, c)
		return
	}
	_, _ = io.CopyN(far, c, s.each)
	s.cuts.Add(1)
}

// outgoing puts an attachment into the spool of an end.
func outgoing(t *testing.T, e *end, b []byte) (cx.Digest, *os.File) {
	t.Helper()
	o, err := e.spool.Create()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Write(b); err != nil {
		t.Fatal(err)
	}
	d, _, err := o.Commit()
	if err != nil {
		t.Fatal(err)
	}
	f, err := e.spool.OpenOut(d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return d, f
}

func whole(t *testing.T, e *end, from *end, d cx.Digest, want []byte) {
	t.Helper()
	f, err := e.spool.Open(from.id, d)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes arrived, %v, want the %d that were sent", len(got), err, len(want))
	}
}

// TestUploadGoesOnAfterCuts: an attachment comes over a line that is cut again and again,
// and what arrived stays.
func TestUploadGoesOnAfterCuts(t *testing.T) {
	a, b := pair(t)
	const cuts = 20
	s := newScissors(t, b.addr, 700_000, cuts)
	p := b.partner()
	p.URL = "https://" + s.ln.Addr().String()
	a.register.set(p)
	content, _ := someBytes(20 << 20)
	d, f := outgoing(t, a, content)
	tries := 0
	for {
		tries++
		err := a.client.Upload(t.Context(), "xb.moi", d, f)
		if err == nil {
			break
		}
		if tries > 4*cuts {
			t.Fatalf("after %d tries: %v", tries, err)
		}
	}
	if s.cuts.Load() < cuts {
		t.Errorf("%d cuts, want at least %d", s.cuts.Load(), cuts)
	}
	whole(t, b, a, d, content)
	if err := a.client.Upload(t.Context(), "xb.moi", d, f); err != nil {
		t.Errorf("the same again: %v", err)
	}
}

// TestUploadHealsADamagedPart: bytes that were lost at the peer make the digest wrong; the
// upload begins anew once.
func TestUploadHealsADamagedPart(t *testing.T) {
	a, b := pair(t)
	content, _ := someBytes(1 << 20)
	d, f := outgoing(t, a, content)
	if _, err := b.spool.Append("xa.dcs", d, 0, large, bytes.NewReader(make([]byte, 4096))); err != nil {
		t.Fatal(err)
	}
	if err := a.client.Upload(t.Context(), "xb.moi", d, f); err != nil {
		t.Fatal(err)
	}
	whole(t, b, a, d, content)
	// A file that changed after it was named is refused in the end.
	d, f = outgoing(t, a, append(content, 1))
	if err := os.Truncate(f.Name(), 4096); err != nil {
		t.Fatal(err)
	}
	if err := a.client.Upload(t.Context(), "xb.moi", d, f); !errors.Is(err, cx.BlobMismatch) {
		t.Errorf("a damaged file: %v", err)
	}
}

func TestBlobLimits(t *testing.T) {
	a, b := pair(t)
	p := a.partner()
	p.Limits = peer.Limits{Blob: 1 << 20, Spool: 3 << 20}
	b.register.set(p)
	content, _ := someBytes(1<<20 + 1)
	d, f := outgoing(t, a, content)
	if err := a.client.Upload(t.Context(), "xb.moi", d, f); !errors.Is(err, cx.TooLarge) {
		t.Errorf("larger than agreed: %v", err)
	}
	var err error
	for range 4 {
		content, _ := someBytes(1 << 20)
		d, f := outgoing(t, a, content)
		err = a.client.Upload(t.Context(), "xb.moi", d, f)
	}
	if !errors.Is(err, cx.Limit) {
		t.Errorf("more than may wait here: %v", err)
	}
}

// TestFetch: a node that cannot be called asks for what waits for it, with attachments.
func TestFetch(t *testing.T) {
	a, b := pair(t)
	content, _ := someBytes(9 << 20)
	d, _ := outgoing(t, b, content)
	for i := range 3 {
		id := cx.NewID(a.clock.Now())
		b.office.waiting = append(b.office.waiting, id)
		b.office.queued[id] = []byte{byte('a' + i)}
	}
	var got []string
	take := func(e []byte) error { got = append(got, string(e)); return nil }
	n, err := a.client.Fetch(t.Context(), "xb.moi", cx.ID{}, take)
	if err != nil || n != 3 || got[0]+got[1]+got[2] != "abc" {
		t.Errorf("Fetch = %d, %v, %q", n, err, got)
	}
	if n, err = a.client.Fetch(t.Context(), "xb.moi", b.office.waiting[1], take); err != nil || n != 1 || got[3] != "c" {
		t.Errorf("Fetch after the second = %d, %v, %q", n, err, got)
	}
	if err := a.client.Download(t.Context(), "xb.moi", d, large, a.spool); !errors.Is(err, cx.BlobMissing) {
		t.Errorf("an attachment that no message to us names: %v", err)
	}
	b.office.named[d] = true
	if err := a.client.Download(t.Context(), "xb.moi", d, large, a.spool); err != nil {
		t.Fatal(err)
	}
	whole(t, a, b, d, content)
}

// TestFullDisk: a disk without room is said to be one, and nothing is half there.
func TestFullDisk(t *testing.T) {
	a, b := pair(t)
	content, _ := someBytes(4096)
	d, f := outgoing(t, a, content)
	*b.full = true
	err := a.client.Upload(context.WithoutCancel(t.Context()), "xb.moi", d, f)
	var r *peer.Refusal
	if !errors.As(err, &r) || r.Code != cx.Busy || r.Wait == 0 {
		t.Errorf("a full disk: %v", err)
	}
	if _, err := os.Stat(filepath.Join("in", "xa.dcs", d.String())); err == nil {
		t.Error("it was written")
	}
}
