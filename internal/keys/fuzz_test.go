package keys_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/keys"
)

// FuzzKeyringFile: whatever a file holds, opening it neither panics nor takes
// another ring for ours, and every refusal has a kind and a code.
func FuzzKeyringFile(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "keyring")
	made := create(f, []string{path}, keys.PlainFile())
	whole := read(f, path)
	withPassphrase := filepath.Join(dir, "other")
	if err := made.CopyTo(withPassphrase, passphrase("a long enough passphrase")); err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(read(f, withPassphrase))
	f.Add(alterBody(whole))
	f.Add([]byte("causeway-keyring/1\nnode: a\ngeneration: 1\nprovider: plain\nstanza: a\n\nAA\n\nsha256: 0\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, file := range [][]byte{b, mendDigest(b)} {
			info, err := keys.ParseFile(file)
			if err != nil {
				if fault.CodeOf(err) == "" {
					t.Fatalf("refused without a code: %v", err)
				}
				continue
			}
			if !info.Plain {
				continue // stretching a passphrase is slow; the header is all there is to fuzz
			}
			place := filepath.Join(t.TempDir(), "keyring")
			if err := os.WriteFile(place, file, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := keys.OpenRing([]string{place}, keys.PlainFile())
			if err == nil && (!bytes.Equal(file, whole) || r.Fingerprint() != made.Fingerprint()) {
				t.Fatal("opened a file that was never written")
			}
			if err != nil && fault.CodeOf(err) == "" {
				t.Fatalf("refused without a code: %v", err)
			}
		}
	})
}
