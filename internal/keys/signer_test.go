package keys_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/keys"
)

const origin = "causeway/XA/north-shelter/1"

func fakeClock() clock.Clock { return clock.NewFake(start) }

func sign(t *testing.T, signers ...note.Signer) []byte {
	t.Helper()
	b, err := note.Sign(&note.Note{Text: origin + "\n3\nroot\n"}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func verifiers(t *testing.T, r *keys.Ring, name string) []note.Verifier {
	t.Helper()
	v, err := r.Verifiers(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSignerSignsNotes(t *testing.T) {
	paths := places(t)
	r := create(t, paths, keys.PlainFile())
	s, err := r.Signer(origin)
	if err != nil {
		t.Fatal(err)
	}
	signed := sign(t, s)
	// An auditor has the printed key only.
	printed, err := r.VerifierKeys(origin)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(printed[0])
	if err != nil {
		t.Fatal(err)
	}
	if n, err := note.Open(signed, note.VerifierList(v)); err != nil || len(n.Sigs) != 1 {
		t.Errorf("the printed key does not verify: %v", err)
	}
	if _, err := note.Open(signed, note.VerifierList(verifiers(t, r, "causeway/XA/other/1")...)); err == nil {
		t.Error("a key of another name verifies")
	}
	again := open(t, paths, keys.PlainFile())
	if _, err := note.Open(signed, note.VerifierList(verifiers(t, again, origin)...)); err != nil {
		t.Errorf("after reopening: %v", err)
	}
	for _, bad := range []string{"", "with blank", "plus+"} {
		_, err := r.Signer(bad)
		mustCode(t, "name "+bad, err, fault.Invalid, "key-name")
		_, err = r.VerifierKeys(bad)
		mustCode(t, "name "+bad, err, fault.Invalid, "key-name")
	}
}

func TestRotateSigner(t *testing.T) {
	paths := places(t)
	r := create(t, paths, keys.PlainFile())
	fingerprint := r.Fingerprint()
	s, err := r.Signer(origin)
	if err != nil {
		t.Fatal(err)
	}
	earlier := sign(t, s)
	before, after, err := r.RotateSigner(origin, start)
	if err != nil {
		t.Fatal(err)
	}
	if before.KeyHash() != s.KeyHash() || after.KeyHash() == s.KeyHash() {
		t.Error("the signers of the change are not the old and the new one")
	}
	both := sign(t, before, after)
	again := open(t, paths, keys.PlainFile())
	known := note.VerifierList(verifiers(t, again, origin)...)
	if n, err := note.Open(both, known); err != nil || len(n.Sigs) != 2 {
		t.Errorf("the statement of the change: %v, want two signatures", err)
	}
	if _, err := note.Open(earlier, known); err != nil {
		t.Errorf("an earlier checkpoint no longer verifies: %v", err)
	}
	current, err := again.Signer(origin)
	if err != nil || current.KeyHash() != after.KeyHash() {
		t.Errorf("the ring signs with another key: %v", err)
	}
	if got := again.Fingerprint(); got != fingerprint {
		t.Errorf("fingerprint changed to %s, want %s", got, fingerprint)
	}
	hashes := []uint32{}
	for _, v := range verifiers(t, again, origin) {
		hashes = append(hashes, v.KeyHash())
	}
	if diff := cmp.Diff(hashes, []uint32{after.KeyHash(), before.KeyHash()}); diff != "" {
		t.Errorf("verifiers, current one first (-got +want):\n%s", diff)
	}
}
