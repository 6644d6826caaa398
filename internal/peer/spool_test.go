package peer_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
	"time"

	"causeway/internal/clock"
	"causeway/internal/peer"
	"causeway/protocol/cx"
)

const large = 2 << 30

func newSpool(t *testing.T) (*peer.Spool, string, *clock.Fake) {
	t.Helper()
	dir, c := t.TempDir(), clock.NewFake(time.Now())
	s, err := peer.OpenSpool(dir, c)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir, c
}

// someBytes returns n random bytes and their digest.
func someBytes(n int) ([]byte, cx.Digest) {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b, cx.DigestOf(b)
}

func TestSpoolTakesPartsInOrder(t *testing.T) {
	s, _, _ := newSpool(t)
	b, d := someBytes(3 << 20)
	if _, err := s.Append("xa.dcs", d, 1<<20, large, bytes.NewReader(b[1<<20:])); !errors.Is(err, cx.BlobMismatch) {
		t.Errorf("a part before its turn: %v, want blob_mismatch", err)
	}
	p, err := s.Append("xa.dcs", d, 0, large, bytes.NewReader(b[:1<<20]))
	if err != nil || p != (peer.Progress{Size: 1 << 20}) {
		t.Fatalf("first part: %+v, %v", p, err)
	}
	if _, err := s.Open("xa.dcs", d); !errors.Is(err, cx.BlobMissing) {
		t.Errorf("half an attachment opens: %v", err)
	}
	p, err = s.Append("xa.dcs", d, 1<<20, large, bytes.NewReader(b[1<<20:]))
	if err != nil || p != (peer.Progress{Size: 3 << 20, Whole: true}) {
		t.Fatalf("last part: %+v, %v", p, err)
	}
	if _, err := s.Open("xb.moi", d); !errors.Is(err, cx.BlobMissing) {
		t.Errorf("another peer's attachment opens: %v", err)
	}
	f, err := s.Open("xa.dcs", d)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, b) {
		t.Errorf("read back %d bytes, %v", len(got), err)
	}
}

// TestSpoolGoesOnAfterCut: what came before a cut stays, also over a new start, and what
// a crash left behind the last good byte is not counted.
func TestSpoolGoesOnAfterCut(t *testing.T) {
	s, dir, c := newSpool(t)
	b, d := someBytes(1 << 20)
	cut := io.MultiReader(bytes.NewReader(b[:300_000]), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := s.Append("xa.dcs", d, 0, large, cut); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("a cut: %v", err)
	}
	part := filepath.Join(dir, "in", "xa.dcs", d.String()+".part")
	f, err := os.OpenFile(part, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("what a crash left"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = peer.OpenSpool(dir, c); err != nil {
		t.Fatal(err)
	}
	p, err := s.Progress("xa.dcs", d)
	if err != nil || p.Size != 300_000 {
		t.Fatalf("after the cut: %+v, %v", p, err)
	}
	p, err = s.Append("xa.dcs", d, p.Size, large, bytes.NewReader(b[p.Size:]))
	if err != nil || !p.Whole {
		t.Errorf("going on: %+v, %v", p, err)
	}
}

func TestSpoolRefusesWhatIsTooLargeOrAnother(t *testing.T) {
	s, _, _ := newSpool(t)
	b, d := someBytes(4096)
	if _, err := s.Append("xa.dcs", d, 0, 4095, bytes.NewReader(b)); !errors.Is(err, cx.TooLarge) {
		t.Errorf("beyond the limit: %v", err)
	}
	b[0] ^= 1
	p, err := s.Append("xa.dcs", d, 0, large, bytes.NewReader(b))
	if err != nil || p.Whole {
		t.Errorf("other bytes under the digest: %+v, %v", p, err)
	}
	b[0] ^= 1
	if p, err = s.Append("xa.dcs", d, 0, large, bytes.NewReader(b)); err != nil || !p.Whole {
		t.Errorf("begun anew: %+v, %v", p, err)
	}
}

func TestSpoolForgetsWhatNobodyGoesOnWith(t *testing.T) {
	s, _, c := newSpool(t)
	b, d := someBytes(4096)
	if _, err := s.Append("xa.dcs", d, 0, large, bytes.NewReader(b[:100])); err != nil {
		t.Fatal(err)
	}
	c.Advance(6 * 24 * time.Hour)
	if err := s.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Progress("xa.dcs", d); err != nil || p.Size != 100 {
		t.Errorf("after six days: %+v, %v", p, err)
	}
	c.Advance(2 * 24 * time.Hour)
	if err := s.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Progress("xa.dcs", d); err != nil || p.Size != 0 {
		t.Errorf("after eight days: %+v, %v", p, err)
	}
}

// TestSpoolTake: what a message names is the message's, when all of it is there.
func TestSpoolTake(t *testing.T) {
	s, _, c := newSpool(t)
	b, d := someBytes(4096)
	other, e := someBytes(100)
	both := []cx.Blob{{Digest: d, Size: 4096}, {Digest: e, Size: 100}}
	if _, err := s.Append("xa.dcs", d, 0, large, bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	if err := s.Take("xa.dcs", both); !errors.Is(err, cx.BlobMissing) {
		t.Errorf("one of two: %v", err)
	}
	if _, err := s.Append("xa.dcs", e, 0, large, bytes.NewReader(other)); err != nil {
		t.Fatal(err)
	}
	if err := s.Take("xa.dcs", []cx.Blob{{Digest: d, Size: 4095}}); !errors.Is(err, cx.BlobMismatch) {
		t.Errorf("another size: %v", err)
	}
	for range 2 {
		if err := s.Take("xa.dcs", both); err != nil {
			t.Fatal(err)
		}
	}
	c.Advance(365 * 24 * time.Hour)
	if err := s.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if taken, err := s.Taken("xa.dcs"); err != nil || taken != 0 {
		t.Errorf("%d bytes wait, %v", taken, err)
	}
	if p, err := s.Progress("xa.dcs", d); err != nil || !p.Whole {
		t.Errorf("the peer is told %+v, %v", p, err)
	}
	f, err := s.Open("xa.dcs", d)
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	if err := s.Remove("xa.dcs", d); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open("xa.dcs", d); !errors.Is(err, cx.BlobMissing) {
		t.Errorf("removed: %v", err)
	}
}
