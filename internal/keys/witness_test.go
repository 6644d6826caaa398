package keys_test

import (
	"testing"
	"time"

	"causeway/internal/keys"
	"causeway/protocol/witness"
)

// TestWitnessKey opens a keyring from before there were witnesses: it gets a key, once, in
// every place, and keeps it.
func TestWitnessKey(t *testing.T) {
	paths := vector(t, "plain.keyring")
	r := open(t, paths, keys.PlainFile())
	other := open(t, paths, keys.PlainFile()) // another process, which read the file before
	s, err := r.Witness("causeway/north-shelter/witness")
	if err != nil {
		t.Fatal(err)
	}
	for name, again := range map[string]*keys.Ring{"the same ring": r, "another process": other, "after a start": open(t, paths, keys.PlainFile())} {
		if got, err := again.Witness("causeway/north-shelter/witness"); err != nil || got.Verifier.String() != s.Verifier.String() {
			t.Errorf("%s: %v, %v; want %s", name, got, err, s.Verifier)
		}
	}
	text := witness.Checkpoint{Origin: "causeway/XB/1", Size: 1}.Text()
	line, err := s.Cosign(text, time.Unix(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := s.Cosigned(text + "\n" + line); !ok {
		t.Error("the cosignature does not verify")
	}
	if _, err := r.Witness("a name with spaces"); err == nil {
		t.Error("a key with such a name")
	}
	log, err := r.Signer("causeway/north-shelter/1")
	if err != nil {
		t.Fatal(err)
	}
	if sig, err := log.Sign([]byte(text)); err != nil || s.Verify([]byte(text), append(make([]byte, 8), sig...)) {
		t.Error("a signature of the log passes for a cosignature")
	}
}
