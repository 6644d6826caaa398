package keys_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/keys"
)

func passphrase(words string) keys.Provider {
	return keys.Passphrase(func() ([]byte, error) { return []byte(words), nil })
}

// mendDigest makes the last line of a keyring file right again.
func mendDigest(file []byte) []byte {
	i := bytes.LastIndex(file, []byte("sha256: "))
	if i < 0 {
		return file
	}
	return fmt.Appendf(bytes.Clone(file[:i]), "sha256: %x\n", sha256.Sum256(file[:i]))
}

// alterBody changes one byte of the sealed content and mends the digest.
func alterBody(file []byte) []byte {
	lines := strings.Split(string(file), "\n")
	raw, err := base64.RawStdEncoding.DecodeString(lines[7])
	if err != nil {
		panic(err)
	}
	raw[5] ^= 1
	lines[7] = base64.RawStdEncoding.EncodeToString(raw)
	return mendDigest([]byte(strings.Join(lines, "\n")))
}

func TestPassphrase(t *testing.T) {
	paths := places(t)
	made := create(t, paths, passphrase("caf\u00e9 on the corner"))
	if made.Info().Plain {
		t.Error("a passphrase is shown as plain")
	}
	// The same words typed on a keyboard that composes accents differently.
	if r := open(t, paths, passphrase("cafe\u0301 on the corner")); !same(t, r, made) {
		t.Error("opened another ring")
	}
	_, err := keys.OpenRing(paths, passphrase("cafe on the corner"))
	mustCode(t, "wrong words", err, fault.Denied, "wrong-passphrase")
	_, err = keys.OpenRing(paths, passphrase(""))
	mustCode(t, "no words", err, fault.Invalid, "passphrase-empty")
	_, err = keys.OpenRing(paths, keys.Passphrase(func() ([]byte, error) { return nil, errors.New("no terminal") }))
	mustCode(t, "nobody to ask", err, fault.Unavailable, "passphrase-missing")

	// A wrong passphrase must not cost the files.
	if r := open(t, paths, passphrase("caf\u00e9 on the corner")); len(r.Notices()) != 0 {
		t.Errorf("notices = %v, want none", r.Notices())
	}
}

func TestNewPassphraseIsLongEnough(t *testing.T) {
	for words, code := range map[string]string{"": "passphrase-empty", "elevenchars": "passphrase-short", "ééééééééééé": "passphrase-short"} {
		_, err := keys.CreateRing(places(t), passphrase(words), clock.NewFake(start), "node")
		mustCode(t, words, err, fault.Invalid, code)
	}
}

// TestHeaderCannotExhaustTheMachine: a header is read before it can be trusted.
func TestHeaderCannotExhaustTheMachine(t *testing.T) {
	paths := places(t)[:1]
	create(t, paths, passphrase("a long enough passphrase"))
	whole := string(read(t, paths[0]))
	for _, cost := range []string{"4294967295 3 1", "65536 4294967295 1", "65536 3 255", "65536 0 1", "65536 3 0", "0 3 1", "-1 3 1", "65536 3", ""} {
		write(t, paths[0], mendDigest([]byte(strings.Replace(whole, "65536 3 1", cost, 1))))
		_, err := keys.OpenRing(paths, passphrase("a long enough passphrase"))
		mustCode(t, "cost "+cost, err, fault.Unavailable, "keyring-damaged")
	}
	// A cheaper cost is bearable, but it gives another key.
	write(t, paths[0], mendDigest([]byte(strings.Replace(whole, "65536 3 1", "8 1 1", 1))))
	_, err := keys.OpenRing(paths, passphrase("a long enough passphrase"))
	mustCode(t, "cheaper", err, fault.Denied, "wrong-passphrase")
}

func TestKeyFile(t *testing.T) {
	paths, stick := places(t), filepath.Join(t.TempDir(), "stick.key")
	_, err := keys.CreateRing(paths, keys.KeyFile(stick), clock.NewFake(start), "node")
	mustCode(t, "no stick", err, fault.Unavailable, "key-file-missing")
	if err := keys.NewKeyFile(stick); err != nil {
		t.Fatal(err)
	}
	mustCode(t, "second key", keys.NewKeyFile(stick), fault.Conflict, "key-file-exists")
	made := create(t, paths, keys.KeyFile(stick))
	if !same(t, open(t, paths, keys.KeyFile(stick)), made) {
		t.Error("opened another ring")
	}
	write(t, stick, make([]byte, 32))
	_, err = keys.OpenRing(paths, keys.KeyFile(stick))
	mustCode(t, "another stick", err, fault.Denied, "wrong-key-file")
	for _, size := range []int{0, 31, 33} {
		write(t, stick, make([]byte, size))
		_, err = keys.OpenRing(paths, keys.KeyFile(stick))
		mustCode(t, fmt.Sprint(size, " bytes"), err, fault.Invalid, "key-file-size")
	}
}

func TestSystemdCredential(t *testing.T) {
	paths, dir := places(t), t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	write(t, filepath.Join(dir, "keyring"), []byte("c2l4dHkgZm91ciByYW5kb20gY2hhcmFjdGVycyBtYWRlIGJ5IGEgbWFjaGluZQ\n"))
	made := create(t, paths, keys.SystemdCredential("keyring"))
	if !same(t, open(t, paths, keys.SystemdCredential("keyring")), made) {
		t.Error("opened another ring")
	}
	for _, name := range []string{"other", "", "../keyring", "."} {
		_, err := keys.OpenRing(paths, keys.SystemdCredential(name))
		mustCode(t, "name "+name, err, fault.Unavailable, "credential-missing")
	}
	write(t, filepath.Join(dir, "keyring"), bytes.Repeat([]byte("x"), 64))
	_, err := keys.OpenRing(paths, keys.SystemdCredential("keyring"))
	mustCode(t, "another machine", err, fault.Denied, "wrong-credential")
	write(t, filepath.Join(dir, "keyring"), []byte("short"))
	_, err = keys.OpenRing(paths, keys.SystemdCredential("keyring"))
	mustCode(t, "short", err, fault.Invalid, "credential-size")
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	_, err = keys.OpenRing(paths, keys.SystemdCredential("keyring"))
	mustCode(t, "not under systemd", err, fault.Unavailable, "credential-missing")
}

func TestChangeProvider(t *testing.T) {
	paths, stick := places(t), filepath.Join(t.TempDir(), "stick.key")
	if err := keys.NewKeyFile(stick); err != nil {
		t.Fatal(err)
	}
	r := create(t, paths, passphrase("the first passphrase"))
	fileKey := bytes.Clone(keys.Secrets(r)[1])
	if err := r.ChangeProvider(passphrase("the second passphrase")); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(keys.Secrets(r)[1], fileKey) {
		t.Error("the file key stayed: an old copy with the old passphrase would open the new file")
	}
	_, err := keys.OpenRing(paths, passphrase("the first passphrase"))
	mustCode(t, "old passphrase", err, fault.Denied, "wrong-passphrase")
	if !same(t, open(t, paths, passphrase("the second passphrase")), r) {
		t.Error("the keys changed with the passphrase")
	}
	if err := r.ChangeProvider(keys.KeyFile(stick)); err != nil {
		t.Fatal(err)
	}
	_, err = keys.OpenRing(paths, passphrase("the second passphrase"))
	mustCode(t, "passphrase instead of stick", err, fault.Invalid, "keyring-provider")
	open(t, paths, keys.KeyFile(stick))

	mustCode(t, "short", r.ChangeProvider(passphrase("short")), fault.Invalid, "passphrase-short")
	open(t, paths, keys.KeyFile(stick)) // a refused change changes nothing
}

// broken is a provider that another program might bring.
type broken struct {
	keys.Provider
	stanza string
}

func (b broken) Wrap(secret, ad []byte) (string, error) { return b.stanza, nil }

func TestProviderThatCannotBeReadAgain(t *testing.T) {
	for _, stanza := range []string{"", "two\nlines", "carriage\rreturn"} {
		paths := places(t)
		_, err := keys.CreateRing(paths, broken{keys.PlainFile(), stanza}, clock.NewFake(start), "node")
		mustCode(t, fmt.Sprintf("stanza %q", stanza), err, fault.Internal, "keyring-provider")
		if _, err := os.Stat(paths[0]); err == nil {
			t.Error("a file was written")
		}
	}
}
