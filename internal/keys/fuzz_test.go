package keys_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/keys"
)

// FuzzKeyringFile: whatever a file holds, opening it neither panics nor takes a
// file for a keyring that is not the vector, and every refusal has a code.
func FuzzKeyringFile(f *testing.F) {
	whole := read(f, filepath.Join("testdata", "plain.keyring"))
	f.Add(whole)
	f.Add(read(f, filepath.Join("testdata", "passphrase.keyring")))
	f.Add(alterBody(whole))
	f.Add([]byte("causeway-keyring/1\nnode: a\ngeneration: 1\nprovider: plain\nstanza: a\n\nAA\n\nsha256: 0\n"))
	place := filepath.Join(f.TempDir(), "keyring")
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
			write(t, place, file)
			_, err = keys.OpenRing([]string{place}, keys.PlainFile())
			if err == nil && !bytes.Equal(file, whole) {
				t.Fatal("opened a file that was never written")
			}
			if err != nil && fault.CodeOf(err) == "" {
				t.Fatalf("refused without a code: %v", err)
			}
		}
	})
}
