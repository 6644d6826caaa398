package keys_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/keys"
)

func freshSecret() ([]byte, error) {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return b, nil
}

func createdRing(t *testing.T, path string) *keys.Ring {
	t.Helper()
	ring, err := keys.CreateRing([]string{path}, keys.PlainFile(), clock.System(), "XA-test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ring.Close)
	return ring
}

func openedRing(t *testing.T, path string) *keys.Ring {
	t.Helper()
	ring, err := keys.OpenRing([]string{path}, keys.PlainFile())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ring.Close)
	return ring
}

// TestMatchSecretsAreDestroyedForEver: a secret is the same whenever it is asked for, kinds
// and agreements are apart, and what was destroyed is never made again, in a keyring that
// was opened anew too.
func TestMatchSecretsAreDestroyedForEver(t *testing.T) {
	path := t.TempDir() + "/keyring"
	ring := createdRing(t, path)
	a, b := [16]byte{1}, [16]byte{2}
	get := func(r *keys.Ring, kind keys.MatchKind, of [16]byte, epoch uint32) []byte {
		t.Helper()
		s, err := r.MatchSecret(kind, of, epoch, freshSecret)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := get(ring, keys.MatchChildren, a, 1)
	for name, other := range map[string][]byte{
		"another epoch": get(ring, keys.MatchChildren, a, 2), "another agreement": get(ring, keys.MatchChildren, b, 1),
		"selectors": get(ring, keys.MatchSelectors, a, 1),
	} {
		if bytes.Equal(first, other) {
			t.Errorf("%s has the same secret", name)
		}
	}
	if !bytes.Equal(first, get(ring, keys.MatchChildren, a, 1)) {
		t.Error("asked again, the secret is another")
	}
	if err := ring.DestroyMatchSecrets(keys.MatchChildren, a, 1); err != nil {
		t.Fatal(err)
	}
	if err := ring.EndMatch(keys.MatchChildren, b); err != nil {
		t.Fatal(err)
	}
	again := openedRing(t, path)
	for name, tt := range map[string]struct {
		of    [16]byte
		epoch uint32
	}{"its epoch": {a, 1}, "one before": {a, 0}, "ended": {b, 1}, "ended, later": {b, 900}} {
		for _, r := range []*keys.Ring{ring, again} {
			if _, err := r.MatchSecret(keys.MatchChildren, tt.of, tt.epoch, freshSecret); fault.CodeOf(err) != "key-destroyed" {
				t.Errorf("%s: got %v, want key-destroyed", name, err)
			}
		}
	}
	get(again, keys.MatchChildren, a, 2)
	get(again, keys.MatchSelectors, a, 1)
}
