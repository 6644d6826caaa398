package bench

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"causeway/internal/peer"
)

// TestTwoNodesExchange: two whole nodes meet, and what one lets wait is acted on by the
// other in the order of each thread.
func TestTwoNodesExchange(t *testing.T) {
	o := &Options{Short: true, Dir: t.TempDir()}
	a, b, err := exchangePair(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(a.end(), b.end()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := a.queue(t.Context(), b.id, 20, newThreads(4), messageSize); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.serve(t.Context()), b.serve(t.Context())); err != nil {
		t.Fatal(err)
	}
	if err := awaitArrivals(t.Context(), b, 20); err != nil {
		t.Fatal(err)
	}
	if wrong := outOfOrder(b.arrived()); wrong != 0 || len(b.arrived()) != 20 {
		t.Errorf("%v of %d messages came out of order", wrong, len(b.arrived()))
	}
	// The line is gone: a courier goes, and comes back.
	if err := errors.Join(a.stop(), b.stop()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.queue(t.Context(), b.id, 3, newThreads(2), messageSize); err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	if len(b.arrived()) != 23 {
		t.Errorf("%d messages came, want 23", len(b.arrived()))
	}
	if got := carry(t, b, a); len(got.Refused) != 0 || got.Notes < 3 {
		t.Errorf("the way back: %+v", got)
	}
}

type stick struct{ bytes.Buffer }

// Close implements io.Closer.
func (*stick) Close() error { return nil }

// carry takes a bundle from one node to the other.
func carry(t *testing.T, from, to *nodeEnd) *peer.Taken {
	t.Helper()
	var s stick
	_, err := from.ExportBundle(t.Context(), to.id, func(int, int) (io.WriteCloser, error) { return &s, nil })
	if err != nil {
		t.Fatal(err)
	}
	got, err := to.ImportBundle(t.Context(), &s)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
