package peer_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/journal"
	"causeway/internal/store/storetest"
	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// oneLog is the one log that a node witnesses.
type oneLog struct{ key ed25519.PublicKey }

// Log implements journal.Logs.
func (l oneLog) Log(_ context.Context, node string) (journal.LogKeys, error) {
	if node != "XA-test" {
		return journal.LogKeys{}, nil
	}
	return journal.LogKeys{Keys: []ed25519.PublicKey{l.key}}, nil
}

type logSigner struct {
	note.Verifier
	key ed25519.PrivateKey
}

func (s logSigner) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

// TestCosignAtAPeer asks a peer's witness through both doors, with pinned keys: it cosigns,
// and it refuses what does not grow.
func TestCosignAtAPeer(t *testing.T) {
	a, b := pair(t)
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := witness.NewSigner("causeway/XB-test/witness", []byte(strings.Repeat("w", 32)))
	if err != nil {
		t.Fatal(err)
	}
	clk := clock.NewFake(time.Now())
	w := journal.NewWitness(storetest.New(t, storetest.WithClock(clk)), clk, key, oneLog{public}, slog.New(slog.DiscardHandler))
	b.witness = witness.Handler(w, func(_ context.Context, err error) { t.Errorf("witness: %v", err) })

	vkey, err := note.NewEd25519VerifierKey("causeway/XA-test/1", public)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(size int64, root tlog.Hash) string {
		text := witness.Checkpoint{Origin: "causeway/XA-test/1", Size: size, Root: root}.Text()
		signed, err := note.Sign(&note.Note{Text: text}, logSigner{v, private})
		if err != nil {
			t.Fatal(err)
		}
		return string(signed)
	}
	one := tlog.RecordHash([]byte("one"))
	signed := sign(1, one)
	at := a.client.Cosigner("xb.moi")
	lines, err := at.AddCheckpoint(t.Context(), &witness.Request{Note: signed})
	if err != nil {
		t.Fatal(err)
	}
	if _, c, err := witness.ReadLines(key.Verifier, signed, lines); err != nil || c.At.Unix() != clk.Now().Unix() {
		t.Errorf("cosigned %+v, %v", c, err)
	}
	for name, tt := range map[string]struct {
		r    *witness.Request
		want witness.Refusal
	}{
		"a fork":        {&witness.Request{Old: 1, Note: sign(1, tlog.RecordHash([]byte("two")))}, witness.Refusal{Kind: witness.Stale, Size: 1}},
		"a rewrite":     {&witness.Request{Old: 1, Proof: tlog.TreeProof{one}, Note: sign(2, one)}, witness.Refusal{Kind: witness.Unproven}},
		"an old size":   {&witness.Request{Note: sign(2, one)}, witness.Refusal{Kind: witness.Stale, Size: 1}},
		"no checkpoint": {&witness.Request{Note: "x"}, witness.Refusal{Kind: witness.Malformed}},
	} {
		_, err := at.AddCheckpoint(t.Context(), tt.r)
		var no *witness.Refusal
		if !errors.As(err, &no) || *no != tt.want {
			t.Errorf("%s: %v, want %v", name, err, &tt.want)
		}
	}
	if err := at.AddStatement(t.Context(), &witness.Request{Note: signed}); err == nil {
		t.Error("a checkpoint passes for a statement")
	}
	if got, err := w.Refusals(t.Context()); err != nil || len(got) != 2 {
		t.Errorf("evidence: %+v, %v", got, err)
	}
}
