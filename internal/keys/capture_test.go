package keys_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"encoding/hex"
	"testing"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// The vector of the envelope: what a phone made of a text once, for the node of
// the vector files. It must open for as long as there is format 1.
const (
	captureText           = "the child’s own words, قالها الطفل"
	captureVectorKey      = "0000000104ee47fe233c3999a2e534c6d778a0a0e7bf642da93a1729eef4ac2c5cdd656c267a0763b75e4ad77cffbe55a7a785777ac505091dee77e0cd16c91158efe6b242"
	captureVectorEnvelope = "4357433100000001041e18532fd4754c02f3041d9c75ceb33b83ffd81ac7ce4fe882ccb1c98bc5896ea46c311c4e2ff40dd96a3653e6e45445d32dfe486eced75c7a90c6a18881c0a30909090909090909090909093bfe212781097dbc1b6da0bcf98d27f4de7e3bb6f868b6af8a3dd82f81d12c7568472506c89fa574a6096cc7c0f85edfc8492b1898e75673adc0b5639d3f"
)

func vectorCustody(t testing.TB) *keys.Custody {
	t.Helper()
	return keys.New(open(t, vector(t, "plain.keyring"), keys.PlainFile()), clock.NewFake(start))
}

func captureID(b byte) ident.Capture { return ident.Capture(bytes.Repeat([]byte{b}, 16)) }

// fixed returns a private key and a nonce that never change.
func fixed(t testing.TB) (*ecdh.PrivateKey, []byte) {
	t.Helper()
	k, err := ecdh.P256().NewPrivateKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k, bytes.Repeat([]byte{9}, 12)
}

func TestCaptureVector(t *testing.T) {
	c := vectorCustody(t)
	public, err := c.CaptureKey()
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(public); got != captureVectorKey {
		t.Errorf("public key %s, want %s", got, captureVectorKey)
	}
	k, nonce := fixed(t)
	sealed, err := keys.SealCaptureWith(public, k, nonce, captureID(3), []byte(captureText))
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(sealed); got != captureVectorEnvelope {
		t.Errorf("envelope %s, want %s", got, captureVectorEnvelope)
	}
	text, err := c.OpenCapture(captureID(3), unhex(t, captureVectorEnvelope))
	if err != nil || string(text) != captureText {
		t.Errorf("opened %q, %v", text, err)
	}
}

func TestCaptureBothWays(t *testing.T) {
	c := vectorCustody(t)
	public, err := c.CaptureKey()
	if err != nil {
		t.Fatal(err)
	}
	one, err := keys.SealCapture(public, captureID(1), []byte("once"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := keys.SealCapture(public, captureID(1), []byte("once"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(one, two) {
		t.Error("the same text gives the same envelope twice")
	}
	if text, err := c.OpenCapture(captureID(1), one); err != nil || string(text) != "once" {
		t.Errorf("opened %q, %v", text, err)
	}
	if bytes.Contains(one, []byte("once")) {
		t.Error("the envelope shows the text")
	}
}

// TestCaptureRefuses changes every byte of an envelope in turn, cuts it, and
// offers it under another identifier and to another node.
func TestCaptureRefuses(t *testing.T) {
	c := vectorCustody(t)
	public, err := c.CaptureKey()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := keys.SealCapture(public, captureID(1), []byte("twenty letters of it"))
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, c *keys.Custody, id ident.Capture, b []byte) {
		t.Helper()
		if text, err := c.OpenCapture(id, b); fault.CodeOf(err) != "capture-unreadable" {
			t.Errorf("%s: opened %q, %v; want capture-unreadable", what, text, err)
		}
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 1
		refused("byte "+hex.EncodeToString([]byte{byte(i)}), c, captureID(1), b)
		refused("cut", c, captureID(1), whole[:i])
	}
	refused("longer", c, captureID(1), append(bytes.Clone(whole), 0))
	refused("another identifier", c, captureID(2), whole)
	refused("too long", c, captureID(1), make([]byte, keys.CaptureMost+1))
	other := keys.New(create(t, places(t), keys.PlainFile()), clock.NewFake(start))
	refused("another node", other, captureID(1), whole)

	forged := bytes.Clone(public)
	forged[20] ^= 1 // no point of the curve
	if _, err := keys.SealCapture(forged, captureID(1), []byte("x")); fault.CodeOf(err) != "capture-unreadable" {
		t.Errorf("sealed to a forged key: %v", err)
	}
	if _, err := keys.SealCapture(public[:40], captureID(1), []byte("x")); fault.CodeOf(err) != "capture-unreadable" {
		t.Errorf("sealed to a short key: %v", err)
	}
}

// TestCaptureOutlivesARotation: a phone that was away while the epoch changed is
// still read, and seals to the new key once it was back.
func TestCaptureOutlivesARotation(t *testing.T) {
	each(t, func(h *house) {
		var before []byte
		h.must(h.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := h.custody.CurrentEpoch(ctx, tx)
			return err
		}))
		before, err := h.custody.CaptureKey()
		h.must(err)
		old, err := keys.SealCapture(before, captureID(1), []byte("from before"))
		h.must(err)
		h.must(h.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := h.custody.RotateEpoch(ctx, tx)
			return err
		}))
		if text, err := h.custody.OpenCapture(captureID(1), old); err != nil || string(text) != "from before" {
			h.t.Errorf("opened %q, %v", text, err)
		}
		after, err := h.custody.CaptureKey()
		h.must(err)
		if bytes.Equal(before, after) {
			h.t.Error("the key did not change with the epoch")
		}
	})
}

// FuzzCapture: whatever arrives, opening it neither panics nor opens what nobody
// sealed, and every refusal has a code.
func FuzzCapture(f *testing.F) {
	c := vectorCustody(f)
	whole := unhex(f, captureVectorEnvelope)
	f.Add(whole)
	f.Add(whole[:90])
	f.Add([]byte("CWC1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := c.OpenCapture(captureID(3), b)
		if err == nil && (!bytes.Equal(b, whole) || string(text) != captureText) {
			t.Fatal("opened what nobody sealed")
		}
		if err != nil && fault.CodeOf(err) == "" {
			t.Fatalf("refused without a code: %v", err)
		}
	})
}
