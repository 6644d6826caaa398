package keys_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/keys"
)

var start = time.Date(2031, 3, 1, 8, 0, 0, 0, time.UTC)

// places returns two paths in directories of their own.
func places(t testing.TB) []string {
	t.Helper()
	return []string{filepath.Join(t.TempDir(), "keyring"), filepath.Join(t.TempDir(), "keyring")}
}

func create(t testing.TB, paths []string, p keys.Provider) *keys.Ring {
	t.Helper()
	r, err := keys.CreateRing(paths, p, clock.NewFake(start), "XA/north-shelter")
	if err != nil {
		t.Fatalf("create ring: %v", err)
	}
	return r
}

func open(t testing.TB, paths []string, p keys.Provider) *keys.Ring {
	t.Helper()
	r, err := keys.OpenRing(paths, p)
	if err != nil {
		t.Fatalf("open ring: %v", err)
	}
	return r
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// same reports whether two rings are of one node and hold the same keys.
func same(t testing.TB, a, b *keys.Ring) bool {
	t.Helper()
	return a.NodeName() == b.NodeName() && a.Fingerprint() == b.Fingerprint() &&
		a.Derive("x") == b.Derive("x") && cmp.Equal(a.Epochs(), b.Epochs()) &&
		cmp.Equal(keys.Secrets(a)[2:], keys.Secrets(b)[2:])
}

// mustCode fails unless err is a fault of this kind and code.
func mustCode(t testing.TB, what string, err error, kind fault.Kind, code string) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind || fault.CodeOf(err) != code {
		t.Errorf("%s: %v, want %s (%s)", what, err, code, kind)
	}
}

func TestRingSurvivesReopening(t *testing.T) {
	paths := places(t)
	made := create(t, paths, keys.PlainFile())
	again := open(t, paths, keys.PlainFile())
	if !same(t, made, again) {
		t.Error("the reopened ring differs from the one created")
	}
	want := keys.Info{Node: "XA/north-shelter", Generation: 1, Provider: "plain", Plain: true}
	if diff := cmp.Diff(again.Info(), want); diff != "" {
		t.Errorf("info (-got +want):\n%s", diff)
	}
	if n := again.Notices(); len(n) != 0 {
		t.Errorf("notices = %v, want none", n)
	}
	if diff := cmp.Diff(again.Epochs(), []keys.Epoch{{ID: 1, Created: start}}); diff != "" {
		t.Errorf("epochs (-got +want):\n%s", diff)
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode of the file = %v, %v, want 0600", info.Mode(), err)
		}
	}
	if !bytes.Equal(read(t, paths[0]), read(t, paths[1])) {
		t.Error("the two copies differ")
	}
}

func TestTwoNodesShareNothing(t *testing.T) {
	a, b := create(t, places(t), keys.PlainFile()), create(t, places(t), keys.PlainFile())
	if a.Fingerprint() == b.Fingerprint() || a.Derive("x") == b.Derive("x") {
		t.Error("two nodes have the same fingerprint or keys")
	}
	if a.Derive("x") == a.Derive("y") {
		t.Error("two labels give the same key")
	}
	if got := a.Fingerprint(); len(got) != 24 || strings.Count(got, "-") != 4 {
		t.Errorf("fingerprint %q, want five groups of four", got)
	}
}

func TestCreateRefuses(t *testing.T) {
	clk := clock.NewFake(start)
	dir := t.TempDir()
	free := filepath.Join(dir, "a")
	for name, paths := range map[string][]string{"no place": nil, "empty place": {free, ""}, "one place twice": {free, dir + "/./a"}} {
		_, err := keys.CreateRing(paths, keys.PlainFile(), clk, "node")
		mustCode(t, name, err, fault.Invalid, "keyring-paths")
	}
	for _, node := range []string{"", "with blank", "line\nbreak", "plus+", strings.Repeat("a", 101), "é"} {
		_, err := keys.CreateRing([]string{free}, keys.PlainFile(), clk, node)
		mustCode(t, "node name", err, fault.Invalid, "check-fields")
	}
	taken := filepath.Join(dir, "taken")
	write(t, taken, []byte("x"))
	_, err := keys.CreateRing([]string{free, taken}, keys.PlainFile(), clk, "node")
	mustCode(t, "a place is taken", err, fault.Conflict, "keyring-exists")
	if _, err := os.Stat(free); err == nil {
		t.Error("a refused creation left a file")
	}
}

func TestOpenRefuses(t *testing.T) {
	paths := places(t)
	_, err := keys.OpenRing(paths, keys.PlainFile())
	mustCode(t, "no file", err, fault.NotFound, "keyring-missing")

	create(t, paths, keys.PlainFile())
	whole := read(t, paths[0])

	_, err = keys.OpenRing(paths, keys.KeyFile("none"))
	mustCode(t, "another provider", err, fault.Invalid, "keyring-provider")

	if err := os.Chmod(paths[1], 0o640); err != nil {
		t.Fatal(err)
	}
	_, err = keys.OpenRing(paths, keys.PlainFile())
	mustCode(t, "readable by a group", err, fault.Denied, "keyring-permissions")
	if err := os.Chmod(paths[1], 0o600); err != nil {
		t.Fatal(err)
	}

	for name, b := range map[string][]byte{
		"empty": {}, "cut": whole[:len(whole)/2], "a byte more": append(bytes.Clone(whole), '\n'),
		"other text": []byte("hello"), "too large": make([]byte, 2<<20),
	} {
		write(t, paths[0], b)
		write(t, paths[1], b)
		_, err := keys.OpenRing(paths, keys.PlainFile())
		mustCode(t, name, err, fault.Unavailable, "keyring-damaged")
	}
	newer := bytes.Replace(whole, []byte("causeway-keyring/1"), []byte("causeway-keyring/2"), 1)
	write(t, paths[0], newer)
	write(t, paths[1], whole)
	_, err = keys.OpenRing(paths, keys.PlainFile())
	mustCode(t, "later format", err, fault.Unavailable, "keyring-newer")
}

// TestEveryByteOfTheFileCounts changes each byte, with the digest left as it was
// and with the digest made right again, as somebody with an editor would.
func TestEveryByteOfTheFileCounts(t *testing.T) {
	paths := places(t)[:1]
	create(t, paths, keys.PlainFile())
	whole := read(t, paths[0])
	for i := range whole {
		for _, mended := range []bool{false, true} {
			b := bytes.Clone(whole)
			b[i] ^= 1
			if mended {
				b = mendDigest(b)
			}
			if bytes.Equal(b, whole) {
				continue // the change was in the digest, which was mended
			}
			write(t, paths[0], b)
			if _, err := keys.OpenRing(paths, keys.PlainFile()); err == nil {
				t.Fatalf("byte %d changed (digest mended: %v): opened", i, mended)
			}
		}
	}
}

func TestCopiesAreRepaired(t *testing.T) {
	for name, c := range map[string]struct {
		harm  func(t *testing.T, path string, older []byte)
		found string
	}{
		"missing": {func(t *testing.T, path string, _ []byte) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, "keyring-missing"},
		"damaged":             {func(t *testing.T, path string, _ []byte) { write(t, path, []byte("garbage")) }, "keyring-damaged"},
		"altered, digest too": {func(t *testing.T, path string, _ []byte) { write(t, path, alterBody(read(t, path))) }, "keyring-damaged"},
		"older":               {func(t *testing.T, path string, older []byte) { write(t, path, older) }, "keyring-older"},
	} {
		for which := range 2 {
			t.Run(fmt.Sprintf("%s %d", name, which), func(t *testing.T) {
				paths := places(t)
				made := create(t, paths, keys.PlainFile())
				older := read(t, paths[0])
				if err := made.ChangeProvider(keys.PlainFile()); err != nil { // any change
					t.Fatal(err)
				}
				good := read(t, paths[0])
				c.harm(t, paths[which], older)
				r := open(t, paths, keys.PlainFile())
				if !same(t, r, made) {
					t.Error("the ring is not the one before")
				}
				want := []keys.Notice{{Path: paths[which], Found: c.found, Repaired: true}}
				if diff := cmp.Diff(r.Notices(), want); diff != "" {
					t.Errorf("notices (-got +want):\n%s", diff)
				}
				if !bytes.Equal(read(t, paths[which]), good) {
					t.Error("the copy was not repaired")
				}
				if n := open(t, paths, keys.PlainFile()).Notices(); len(n) != 0 {
					t.Errorf("notices after the repair = %v, want none", n)
				}
			})
		}
	}
}

func TestUnrepairableCopyIsReported(t *testing.T) {
	paths := places(t)
	made := create(t, paths, keys.PlainFile())
	if err := os.RemoveAll(filepath.Dir(paths[1])); err != nil {
		t.Fatal(err)
	}
	r := open(t, paths, keys.PlainFile())
	want := []keys.Notice{{Path: paths[1], Found: "keyring-missing"}}
	if diff := cmp.Diff(r.Notices(), want); diff != "" || !same(t, r, made) {
		t.Errorf("notices (-got +want):\n%s", diff)
	}
	// With one place gone the ring opens but cannot change.
	mustCode(t, "change", r.ChangeProvider(keys.PlainFile()), fault.Unavailable, "keyring-write")
}

func TestSplitCopiesAreRefused(t *testing.T) {
	paths := places(t)
	r := create(t, paths, keys.PlainFile())
	first := read(t, paths[0])
	if err := r.ChangeProvider(keys.PlainFile()); err != nil {
		t.Fatal(err)
	}
	second := read(t, paths[0])
	write(t, paths[0], first)
	write(t, paths[1], first)
	if err := open(t, paths, keys.PlainFile()).ChangeProvider(keys.PlainFile()); err != nil {
		t.Fatal(err)
	}
	write(t, paths[1], second) // same generation, another history
	_, err := keys.OpenRing(paths, keys.PlainFile())
	mustCode(t, "two histories", err, fault.Conflict, "keyring-split")
}

func TestAnotherProcessChangedTheRing(t *testing.T) {
	paths := places(t)
	server := create(t, paths, keys.PlainFile())
	command := open(t, paths, keys.PlainFile())
	if _, _, err := command.RotateSigner("n", start); err != nil {
		t.Fatal(err)
	}
	mustCode(t, "a stale change", server.ChangeProvider(keys.PlainFile()), fault.Conflict, "keyring-changed")
	if err := server.Reload(); err != nil {
		t.Fatal(err)
	}
	if !same(t, server, command) {
		t.Error("after Reload the ring differs")
	}
	if err := server.ChangeProvider(keys.PlainFile()); err != nil {
		t.Errorf("change after Reload: %v", err)
	}
}

func TestReloadRefusesAnOlderFile(t *testing.T) {
	paths := places(t)
	r := create(t, paths, keys.PlainFile())
	older := read(t, paths[0])
	if err := r.ChangeProvider(keys.PlainFile()); err != nil {
		t.Fatal(err)
	}
	write(t, paths[0], older)
	write(t, paths[1], older)
	mustCode(t, "reload", r.Reload(), fault.Conflict, "keyring-changed")
}

func TestNoMarkerInTheFile(t *testing.T) {
	const words = "correct horse battery staple"
	paths := places(t)
	r := create(t, paths, passphrase(words))
	if _, _, err := r.RotateSigner("n", start); err != nil {
		t.Fatal(err)
	}
	file := read(t, paths[1])
	flat := bytes.ReplaceAll(file, []byte("\n"), nil) // base64 is broken into lines
	markers := append(keys.Secrets(r), []byte(words))
	for i, secret := range markers {
		for _, form := range [][]byte{
			secret, []byte(hex.EncodeToString(secret)), []byte(base64.RawStdEncoding.EncodeToString(secret))[:20],
		} {
			if bytes.Contains(flat, form) || bytes.Contains(file, form) {
				t.Errorf("secret %d is in the file", i)
			}
		}
	}
}

func TestRingDoesNotPrint(t *testing.T) {
	r := create(t, places(t), keys.PlainFile())
	for _, shape := range []any{r, struct{ r *keys.Ring }{r}, []*keys.Ring{r}, struct{ c *keys.Custody }{keys.New(r, clock.System())}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			out := fmt.Sprintf(verb, shape)
			for _, secret := range keys.Secrets(r) {
				if bytes.Contains([]byte(out), secret[:8]) || strings.Contains(out, strings.Trim(fmt.Sprint(secret[:4]), "[]")) || strings.Contains(out, hex.EncodeToString(secret[:8])) {
					t.Errorf("%T with %s shows a secret", shape, verb)
				}
			}
		}
	}
}

func TestClosedRingRefuses(t *testing.T) {
	r := create(t, places(t), keys.PlainFile())
	secrets := keys.Secrets(r)
	r.Close()
	for i, s := range secrets {
		if !bytes.Equal(s, make([]byte, len(s))) {
			t.Errorf("secret %d was not wiped", i)
		}
	}
	_, err := r.Signer("n")
	mustCode(t, "signer", err, fault.Unavailable, "keyring-closed")
	mustCode(t, "change", r.ChangeProvider(keys.PlainFile()), fault.Unavailable, "keyring-closed")
	_, err = keys.New(r, clock.System()).SealNode("l", nil, 1, 1)
	mustCode(t, "seal", err, fault.Unavailable, "keyring-closed")
}

func TestCopyTo(t *testing.T) {
	paths := places(t)
	r := create(t, paths, keys.PlainFile())
	kit := filepath.Join(t.TempDir(), "kit", "keyring")
	if err := r.CopyTo(kit, passphrase("twelve words for the kit")); err != nil {
		t.Fatal(err)
	}
	mustCode(t, "again", r.CopyTo(kit, keys.PlainFile()), fault.Conflict, "keyring-exists")
	if got := open(t, []string{kit}, passphrase("twelve words for the kit")); !same(t, got, r) {
		t.Error("the copy holds other keys")
	}
	open(t, paths, keys.PlainFile()) // the ring itself is as before
}
