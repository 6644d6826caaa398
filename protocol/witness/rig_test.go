package witness_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"testing"

	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "causeway/XA-test/1"

// seed returns the seed of a number: the same for the same number.
func seed(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

// signer returns the witness of a number.
func signer(t testing.TB, n byte) *witness.Signer {
	t.Helper()
	s, err := witness.NewSigner(fmt.Sprintf("causeway/XB-%d/witness", n), seed(n))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// logKey is the verifier key of the log.
func logKey(t testing.TB) string {
	t.Helper()
	k, err := note.NewEd25519VerifierKey(origin, ed25519.NewKeyFromSeed(seed(1)).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func logVerifier(t testing.TB) note.Verifier {
	t.Helper()
	v, err := note.NewVerifier(logKey(t))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// plain signs with the log's key.
type plain struct{ note.Verifier }

func (plain) Sign(msg []byte) ([]byte, error) {
	return ed25519.Sign(ed25519.NewKeyFromSeed(seed(1)), msg), nil
}

func logSigner(t testing.TB) note.Signer { return plain{logVerifier(t)} }

// hashes is the log that the tests know: entries "0", "1" and so on.
func hashes(n int64) tlog.HashReaderFunc {
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i := range n {
		h, err := tlog.StoredHashes(i, fmt.Append(nil, i), read)
		if err != nil {
			panic(err)
		}
		stored = append(stored, h...)
	}
	return read
}

func rootOf(n int64) tlog.Hash {
	h, err := tlog.TreeHash(n, hashes(n))
	if err != nil {
		panic(err)
	}
	return h
}

// checkpoint returns the signed checkpoint of that log at a size.
func checkpoint(t testing.TB, n int64) string {
	t.Helper()
	signed, err := note.Sign(&note.Note{Text: witness.Checkpoint{Origin: origin, Size: n, Root: rootOf(n)}.Text()}, logSigner(t))
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}
