package witness_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"causeway/protocol/witness"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
)

// TestOthersReadUs lets code of others read what we write: checkpoints, verifier keys and
// cosignatures.
func TestOthersReadUs(t *testing.T) {
	s := signer(t, 2)
	signed := checkpoint(t, 5)
	theirs, err := torchwood.ParseCheckpoint(witness.Checkpoint{Origin: origin, Size: 5, Root: rootOf(5)}.Text())
	if err != nil || theirs.Origin != origin || theirs.N != 5 || theirs.Hash != rootOf(5) || theirs.Extension != "" {
		t.Fatalf("torchwood reads our checkpoint as %+v, %v", theirs, err)
	}
	at := time.Unix(1_772_442_000, 0)
	line, err := s.Cosign(theirs.String(), at)
	if err != nil {
		t.Fatal(err)
	}
	other, err := torchwood.NewCosignatureSigner(s.Name(), ed25519.NewKeyFromSeed(seed(2)))
	if err != nil {
		t.Fatal(err)
	}
	if other.Verifier().String() != s.String() || other.KeyHash() != s.KeyHash() {
		t.Errorf("torchwood spells the key %s, we %s", other.Verifier(), s)
	}
	n, err := note.Open([]byte(witness.AddLines(signed, line)), note.VerifierList(logVerifier(t), other.Verifier()))
	if err != nil || len(n.Sigs) != 2 || len(n.UnverifiedSigs) != 0 {
		t.Fatalf("torchwood does not accept our cosignature: %+v, %v", n, err)
	}
	if got, err := torchwood.CosignatureTimestamp(n.Sigs[1]); err != nil || got != at.Unix() {
		t.Errorf("torchwood reads the time as %d, %v; want %d", got, err, at.Unix())
	}
}

// TestWeReadOthers reads a cosignature that code of others made.
func TestWeReadOthers(t *testing.T) {
	other, err := torchwood.NewCosignatureSigner("witness.example/w1", ed25519.NewKeyFromSeed(seed(3)))
	if err != nil {
		t.Fatal(err)
	}
	c := torchwood.Checkpoint{Origin: origin}
	c.N, c.Hash = 5, rootOf(5)
	signed, err := note.Sign(&note.Note{Text: c.String()}, logSigner(t), other)
	if err != nil {
		t.Fatal(err)
	}
	v, err := witness.ParseVerifier(other.Verifier().String())
	if err != nil {
		t.Fatal(err)
	}
	line, at, ok := v.Cosigned(string(signed))
	if !ok || at.Before(time.Unix(1_700_000_000, 0)) || !bytes.Contains(signed, []byte(line)) {
		t.Errorf("Cosigned = %q, %s, %v", line, at, ok)
	}
	if got, err := witness.ParseCheckpoint(c.String()); err != nil || got.Origin != c.Origin || got.Size != c.N || got.Root != c.Hash {
		t.Errorf("ParseCheckpoint = %+v, %v", got, err)
	}
	lines := strings.SplitAfter(string(signed), "\n")
	if _, by, err := witness.ReadLines(v, checkpoint(t, 5), lines[len(lines)-2]); err != nil || by.At != at {
		t.Errorf("ReadLines = %+v, %v", by, err)
	}
}
