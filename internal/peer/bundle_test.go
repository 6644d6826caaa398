package peer_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/peer"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

func (o *office) Along(_ context.Context, to identity.NodeID) ([][]byte, error) {
	return [][]byte{[]byte("keys for " + to)}, nil
}

func (o *office) Bring(_ context.Context, from identity.NodeID, note []byte) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.got["note "+from] = append(o.got["note "+from], note)
	return nil, nil
}

// courier returns the courier of an end whose pair is made from a byte.
func courier(t *testing.T, e *end, seed byte) *peer.Courier {
	t.Helper()
	pairs := map[identity.NodeID]*note.Secret{}
	for id, n := range map[identity.NodeID]byte{"xa.dcs": 1, "xb.moi": 2} {
		s, err := note.SecretFrom(bytes.Repeat([]byte{n}, note.SecretSize))
		if err != nil {
			t.Fatal(err)
		}
		pairs[id] = s
	}
	signer, err := note.SecretFrom(bytes.Repeat([]byte{seed}, note.SecretSize))
	if err != nil {
		t.Fatal(err)
	}
	return &peer.Courier{
		Self: e.id, Clock: e.clock, Mail: e.office, Spool: e.spool, Refuse: codeNote,
		Signer: func(context.Context) (cx.Signer, error) { return cx.NewSigner(e.id, signer), nil },
		Pairs: func(id identity.NodeID, key identity.KeyID) (*note.Public, error) {
			p := pairs[id]
			if p == nil || identity.KeyIDOf(identity.Sign, id, p.Public().Bytes()) != key {
				return nil, cx.UnknownSender
			}
			return p.Public(), nil
		},
	}
}

type part struct{ bytes.Buffer }

func (p *part) Close() error { return nil }

// export writes the one part of a bundle.
func export(t *testing.T, c *peer.Courier, to identity.NodeID) ([]byte, peer.Slip) {
	t.Helper()
	var p part
	slips, err := c.Export(t.Context(), to, func(n, of int) (io.WriteCloser, error) {
		if n != 1 || of != 1 {
			t.Errorf("part %d of %d", n, of)
		}
		return &p, nil
	})
	if err != nil || len(slips) != 1 {
		t.Fatalf("Export = %v, %v", slips, err)
	}
	return p.Bytes(), slips[0]
}

// TestBundleThereAndBack: what waits goes over a stick, whatever happens to the stick, and
// its answers come back.
func TestBundleThereAndBack(t *testing.T) {
	a, b := pair(t)
	there, back := courier(t, a, 1), courier(t, b, 2)
	content, _ := someBytes(20 << 20)
	d, _ := outgoing(t, a, content)
	a.office.named[d] = true
	for i := range 3 {
		id := cx.NewID(a.clock.Now())
		a.office.waiting = append(a.office.waiting, id)
		a.office.queued[id] = fmt.Appendf(nil, "envelope %d", i)
	}
	stick, slip := export(t, there, "xb.moi")
	if slip.Envelopes != 3 || slip.Notes != 1 || slip.Pieces != 3 || slip.Count != 7 {
		t.Errorf("slip %+v", slip)
	}

	// A part of the stick is damaged; the rest is taken.
	bad := slices.Clone(stick)
	bad[len(bad)/2] ^= 1
	got, err := back.Import(t.Context(), bytes.NewReader(bad))
	if err != nil || got.Damaged != 1 || got.Received != 3 {
		t.Errorf("a damaged stick: %+v, %v", got, err)
	}
	// It is read half, and then whole, and twice.
	if _, err := back.Import(t.Context(), bytes.NewReader(stick[:len(stick)-len(stick)/3])); err != nil {
		t.Errorf("half a stick: %v", err)
	}
	for range 2 {
		got, err = back.Import(t.Context(), bytes.NewReader(stick))
		if err != nil || got.Received != 3 || got.Damaged != 0 || len(got.Refused) != 0 || got.Digest != slip.Digest || got.Count != slip.Count {
			t.Errorf("the stick: %+v, %v, want slip %+v", got, err, slip)
		}
	}
	whole(t, b, a, d, content)

	// The way back carries the answers, each once, however often the stick was read.
	stick, slip = export(t, back, "xa.dcs")
	if slip.Notes != 1+3 || slip.Envelopes != 0 {
		t.Errorf("slip of the way back %+v", slip)
	}
	if got, err = there.Import(t.Context(), bytes.NewReader(stick)); err != nil || got.Notes != 4 {
		t.Errorf("the way back: %+v, %v", got, err)
	}
	var texts []string
	for _, n := range a.office.got["note xb.moi"] {
		texts = append(texts, string(n))
	}
	slices.Sort(texts)
	if want := "[keys for xa.dcs receipt for envelope 0 receipt for envelope 1 receipt for envelope 2]"; fmt.Sprint(texts) != want {
		t.Errorf("notes %v, want %s", texts, want)
	}
}

func TestBundleRefuses(t *testing.T) {
	a, b := pair(t)
	id := cx.NewID(a.clock.Now())
	a.office.waiting, a.office.queued[id] = []cx.ID{id}, []byte("envelope")
	stick, _ := export(t, courier(t, a, 1), "xb.moi")
	for name, tt := range map[string]struct {
		by    *peer.Courier
		stick []byte
	}{
		"another receiver":  {courier(t, a, 1), stick},
		"no bundle":         {courier(t, b, 2), []byte("PK\x03\x04 is no bundle")},
		"nothing":           {courier(t, b, 2), nil},
		"a list too long":   {courier(t, b, 2), []byte{0xff, 0xff, 0xff, 0xff}},
		"a bit of the list": {courier(t, b, 2), append(append(slices.Clone(stick[:100]), stick[100]^1), stick[101:]...)},
	} {
		if _, err := tt.by.Import(t.Context(), bytes.NewReader(tt.stick)); fault.CodeOf(err) != "peer-bundle" {
			t.Errorf("%s: %v", name, err)
		}
	}
	forged, _ := export(t, courier(t, a, 9), "xb.moi")
	if _, err := courier(t, b, 2).Import(t.Context(), bytes.NewReader(forged)); fault.CodeOf(err) != "peer-bundle" {
		t.Errorf("another signer: %v", err)
	}
	if len(b.office.got) != 0 {
		t.Errorf("something was taken: %v", b.office.got)
	}
	// An envelope that is refused is told on the way back.
	b.refuses(cx.LabelRefused)
	got, err := courier(t, b, 2).Import(t.Context(), bytes.NewReader(stick))
	if err != nil || got.Refused[cx.LabelRefused] != 1 || got.Received != 0 {
		t.Errorf("a refused envelope: %+v, %v", got, err)
	}
	if _, slip := export(t, courier(t, b, 2), "xa.dcs"); slip.Notes != 2 {
		t.Errorf("the way back %+v, want keys and a refusal", slip)
	}
}

// TestBundleAfterAMonth: answers do not go along for ever.
func TestBundleAfterAMonth(t *testing.T) {
	a, b := pair(t)
	id := cx.NewID(a.clock.Now())
	a.office.waiting, a.office.queued[id] = []cx.ID{id}, []byte("envelope")
	stick, _ := export(t, courier(t, a, 1), "xb.moi")
	if _, err := courier(t, b, 2).Import(t.Context(), bytes.NewReader(stick)); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(31 * 24 * 60 * 60 * 1e9)
	if _, slip := export(t, courier(t, b, 2), "xa.dcs"); slip.Notes != 1 {
		t.Errorf("after a month %+v", slip)
	}
}
