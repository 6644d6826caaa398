package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder makes a release of two files.
func folder(t *testing.T) (dir string, files []string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"b", "a"} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte("content of "+name), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return dir, files
}

func output(t *testing.T, args ...string) string {
	t.Helper()
	var w strings.Builder
	if err := run(args, &w); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return w.String()
}

func TestSignedNote(t *testing.T) {
	dir, files := folder(t)
	key := filepath.Join(t.TempDir(), "key")
	verifier := strings.TrimSpace(output(t, "keygen", "releases.example", key))
	other := strings.TrimSpace(output(t, "keygen", "releases.example", key+"2"))
	sums := output(t, append([]string{"sums", "-key", key, "causeway v1"}, files...)...)
	noteFile := filepath.Join(dir, "CHECKSUMS")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(noteFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(sums)
	if got, want := output(t, "verify", "-key", verifier, noteFile), "causeway v1: signed by releases.example, 2 files as signed\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if at := strings.Index(sums, "  a\n"); at < 0 || at > strings.Index(sums, "  b\n") {
		t.Errorf("got %q, want a before b", sums)
	}

	refuse := func(name, key string) {
		t.Helper()
		var w strings.Builder
		if err := run([]string{"verify", "-key", key, noteFile}, &w); err == nil {
			t.Errorf("%s: got %q, want an error", name, w.String())
		}
	}
	refuse("another key", other)
	write(strings.Replace(sums, "causeway v1", "causeway v2", 1))
	refuse("an edited note", verifier)
	write(output(t, append([]string{"sums", "causeway v1"}, files...)...))
	refuse("an unsigned note", verifier)
	write(sums)
	if err := os.WriteFile(files[0], []byte("other content"), 0o644); err != nil {
		t.Fatal(err)
	}
	refuse("an edited file", verifier)
}

func TestUnsignedNoteSaysSo(t *testing.T) {
	_, files := folder(t)
	if got := output(t, append([]string{"sums", "v1"}, files...)...); !strings.HasSuffix(got, "\n\n"+unsigned+"\n") {
		t.Errorf("got %q, want it to end with %q", got, unsigned)
	}
}

func TestKeyReadableByOthersIsRefused(t *testing.T) {
	_, files := folder(t)
	key := filepath.Join(t.TempDir(), "key")
	output(t, "keygen", "releases.example", key)
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"sums", "-key", key, "v1", files[0]}, &strings.Builder{}); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestKeyIsNotOverwritten(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	output(t, "keygen", "releases.example", key)
	if err := run([]string{"keygen", "releases.example", key}, &strings.Builder{}); err == nil {
		t.Error("got no error for a key that exists")
	}
}

// TestSBOM describes the running test binary, which is a Go binary too.
func TestSBOM(t *testing.T) {
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text := output(t, "sbom", file)
	if again := output(t, "sbom", file); again != text {
		t.Error("the same binary gave another SBOM")
	}
	var b bom
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, c := range b.Components {
		found[c.Name] = true
		if !strings.HasPrefix(c.PURL, "pkg:golang/"+c.Name+"@") {
			t.Errorf("%s has the package URL %q", c.Name, c.PURL)
		}
	}
	if !found["stdlib"] || !found["golang.org/x/mod"] {
		t.Errorf("got components %v, want stdlib and golang.org/x/mod among them", found)
	}
	if got := b.Metadata.Component.Hashes; len(got) != 1 || len(got[0].Content) != 64 {
		t.Errorf("got hashes %v, want one SHA-256", got)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"sbom"}, {"sums", "v1"}, {"verify", "note"}, {"nonsense"}} {
		if err := run(args, &strings.Builder{}); err == nil {
			t.Errorf("%v: got no error", args)
		}
	}
}
