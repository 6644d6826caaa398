package keys_test

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
)

// The vectors of format 1: files and rows that were written once and must open
// for ever. The node, the keys and the person in them are invented.
const (
	vectorFingerprint = "b197-1917-9ace-be8c-03d2"
	vectorDerived     = "260473e394ad14ce3a129b50e405e499ff814a9ff4abb7fc0f97e249c24de479"
	vectorWrapped     = "f8694ccb9d6776e4ab1105cc7afe80e587f0ad7e4e0177c13a6756236b4839c7313c846e61257c5e171fbfbdb24d8f1eedc9ecd530b3aaaec1e4040b8c82afe99f835f8362c26221e4c9155e"
	vectorCommitment  = "8c029bbd6cb329d16cbf4ae71d8a976ca808f4806c2b8933479a623bb6b11629"
	vectorBlob        = "06f836a4fe76b0cf4d4863c3fcea039cd6456dd1c2decbe93017173ca899e1c24a45ccb6b02e3fc3b0a481cb"
	vectorMAC         = "88aac4164057a5c2c49d8564d6b8bdc4"
	vectorNode        = "0000000120c6fa26b308fe3ab1bc894bb92b120ad0c53c439b33519c306028e7e2e51d03c8"
)

var vectorVerifiers = []string{
	"causeway/XA/north-shelter/1+672a65f8+Abd+nekg2uUXuZl+OiHAYKvoVfyrvBuWq96Ng5UQzFum",
	"causeway/XA/north-shelter/1+c57c89f7+AYHJFM0PNh7/oklhfEjE3J6eRYxpKzVYl49h4aaUWznk",
}

// vector places a file of testdata where only its owner may read it.
func vector(t testing.TB, name string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyring")
	write(t, path, read(t, filepath.Join("testdata", name)))
	return []string{path}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVectorFilesOpen(t *testing.T) {
	for name, p := range map[string]keys.Provider{
		"plain.keyring":      keys.PlainFile(),
		"passphrase.keyring": passphrase("correct horse battery staple"),
	} {
		r := open(t, vector(t, name), p)
		if got := r.Fingerprint(); got != vectorFingerprint {
			t.Errorf("%s: fingerprint %s, want %s", name, got, vectorFingerprint)
		}
		if got := fmt.Sprintf("%x", r.Derive("vector")); got != vectorDerived {
			t.Errorf("%s: derived %s, want %s", name, got, vectorDerived)
		}
		got, err := r.VerifierKeys(origin)
		if diff := cmp.Diff(got, vectorVerifiers); err != nil || diff != "" {
			t.Errorf("%s: verifiers, %v (-got +want):\n%s", name, err, diff)
		}
	}
}

func TestVectorRowsOpen(t *testing.T) {
	each(t, func(h *house) {
		h.paths = vector(h.t, "plain.keyring")
		h.reopen()
		s := ident.Subject([]byte("a vector subject"))
		h.exec(`INSERT INTO keys_subject (subject, kind, epoch, wrapped, commitment) VALUES ($1, 'case', 1, $2, $3)`,
			s, unhex(h.t, vectorWrapped), unhex(h.t, vectorCommitment))
		o, blob := h.mustOpener(s), unhex(h.t, vectorBlob)
		var c child
		if err := o.Open(table, row, 1, blob, &c); err != nil || c.Name.Reveal() != "Amina Okoro" {
			h.t.Errorf("blob: %q, %v", c.Name.Reveal(), err)
		}
		if err := o.CheckMAC(unhex(h.t, vectorMAC), table, row, 1, s, "open", int64(3), blob, nil); err != nil {
			h.t.Errorf("row MAC: %v", err)
		}
		var name sealed.Text
		if err := h.custody.OpenNode("staff_name", row, 1, unhex(h.t, vectorNode), &name); err != nil || name.Reveal() != "Noor" {
			h.t.Errorf("node value: %q, %v", name.Reveal(), err)
		}
	})
}
