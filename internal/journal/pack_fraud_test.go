package journal_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"causeway/internal/journal"
)

// TestAlteredPackIsFound alters each member with care and the file without.
func TestAlteredPackIsFound(t *testing.T) {
	s := newSmall(t)
	o := s.options(t)
	b := s.pack(t)
	items := unpack(t, b)
	check := func(what string, changed []byte) {
		t.Helper()
		rep, err := verifyPack(changed, o)
		if err == nil && rep.Exit == journal.Sound {
			t.Errorf("%s: not found", what)
		}
	}
	if rep, err := verifyPack(repack(t, items), o); err != nil || rep.Exit != journal.Sound {
		t.Fatalf("packed again unchanged: %+v, %v", rep, err)
	}
	uncommitted := func(name string, content []byte) bool {
		// Whoever brings the key and the time does not rely on these.
		return name == "pack.txt" || name == "keys.txt" || name == "checkpoint" ||
			// These hold rows that the journal does not commit to either.
			strings.HasPrefix(name, "pending/") || strings.HasPrefix(name, "checkpoints/")
	}
	for i, it := range items {
		if it.name == "end.txt" {
			continue
		}
		without := slices.Delete(slices.Clone(items), i, i+1)
		if !uncommitted(it.name, it.content) || it.name == "pack.txt" {
			check(it.name+" left out", repack(t, without))
		}
		check(it.name+" twice", repack(t, slices.Insert(slices.Clone(items), i, it)))
		if uncommitted(it.name, it.content) {
			continue
		}
		for _, at := range []int{0, 1, len(it.content) / 3, len(it.content) / 2, len(it.content) - 2, len(it.content) - 1} {
			changed := slices.Clone(items)
			changed[i].content = bytes.Clone(it.content)
			changed[i].content[at] ^= 1
			check(fmt.Sprintf("%s byte %d", it.name, at), repack(t, changed))
		}
		changed := slices.Clone(items)
		changed[i].content = it.content[:len(it.content)-1]
		check(it.name+" cut", repack(t, changed))
		changed[i].content = append(bytes.Clone(it.content), 0)
		check(it.name+" longer", repack(t, changed))
	}
	check("a stranger", repack(t, slices.Insert(slices.Clone(items), 5, item{"notes.txt", []byte("x")})))
	for at := 0; at < len(b); at += 1 + len(b)/700 {
		changed := bytes.Clone(b)
		changed[at] ^= 1
		check(fmt.Sprintf("byte %d of the file", at), changed)
	}
	for at := 0; at < len(b); at += 512 {
		check(fmt.Sprintf("file cut at %d", at), b[:at])
	}
	check("more behind the end", append(bytes.Clone(b), make([]byte, 512)...))
}

// TestCutPackIsIncomplete: a file that ends too early is told apart from fraud,
// as far as it goes.
func TestCutPackIsIncomplete(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 20)
	r.checkpoint(t)
	b := r.pack(t)
	end := bytes.LastIndex(b, []byte("end.txt"))
	rep, err := verifyPack(b[:end], journal.Options{Keys: r.keys(t)})
	if err != nil {
		t.Fatal(err)
	}
	want(t, rep, journal.Incomplete, "pack-cut")
	damaged := bytes.Clone(b)
	damaged[bytes.Index(b, []byte("keys.txt"))+600] ^= 1 // in the keys, which the auditor has
	rep, err = verifyPack(damaged, journal.Options{Keys: r.keys(t)})
	if err != nil {
		t.Fatal(err)
	}
	want(t, rep, journal.Unreadable, "pack-damaged")
}

// FuzzPack: no input makes reading or verifying fail in another way than by
// saying so, and nothing but the log itself is sound under its key.
func FuzzPack(f *testing.F) {
	r := onSQLite(f)
	r.fill(f, 12)
	signed := r.checkpoint(f)
	r.fill(f, 1)
	b := r.pack(f)
	f.Add(b)
	f.Add(b[:len(b)/2])
	o := journal.Options{Keys: r.keys(f), Anchors: []journal.Anchor{{Name: "kept", Note: signed}}}
	want := r.verifyWith(f, o)
	f.Fuzz(func(t *testing.T, b []byte) {
		rep, err := verifyPack(b, o)
		if err != nil || rep.Exit != journal.Sound {
			return
		}
		if rep.Size != want.Size || rep.Root != want.Root {
			t.Errorf("sound with %d entries and root %s", rep.Size, rep.Root)
		}
	})
}
