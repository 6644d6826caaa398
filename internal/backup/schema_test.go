package backup_test

import (
	"io/fs"
	"testing"
	"testing/fstest"
)

// with returns the program's migrations and one more.
func with(t testing.TB, name, text string) fs.FS {
	t.Helper()
	out := migrations(t)
	out[name] = &fstest.MapFile{Data: []byte(text)}
	return out
}

// withAlso returns migrations and one more.
func withAlso(t testing.TB, have fs.FS, name, text string) fs.FS {
	t.Helper()
	out := fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}}
	for other, file := range have.(fstest.MapFS) {
		out[other] = file
	}
	return out
}

// without returns the program's migrations but one.
func without(t testing.TB, name string) fs.FS {
	t.Helper()
	out := migrations(t)
	if out[name] == nil {
		t.Fatalf("no migration %s", name)
	}
	delete(out, name)
	return out
}

func migrations(t testing.TB) fstest.MapFS {
	t.Helper()
	names, err := fs.Glob(all, "*.sql")
	must(t, err)
	out := fstest.MapFS{}
	for _, name := range names {
		b, err := fs.ReadFile(all, name)
		must(t, err)
		out[name] = &fstest.MapFile{Data: b}
	}
	return out
}
