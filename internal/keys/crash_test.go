package keys_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/keys"
)

var errCrash = errors.New("power cut")

// TestCrashAtEveryStepOfAChange stops a change after each step in each place. The
// reopened ring has the old or the new keys, both copies are whole again, and no
// temporary file is left after the next change.
func TestCrashAtEveryStepOfAChange(t *testing.T) {
	for which := range 2 {
		for _, step := range []string{"written", "renamed", "synced"} {
			t.Run(fmt.Sprintf("place %d %s", which, step), func(t *testing.T) {
				paths := places(t)
				r := create(t, paths, keys.PlainFile())
				keys.SetFailpoint(t, func(at, path string) error {
					if at == step && path == paths[which] {
						return errCrash
					}
					return nil
				})
				before, _, err := r.RotateSigner("n", start)
				mustCode(t, "interrupted change", err, fault.Unavailable, "keyring-write")
				if before != nil || !errors.Is(err, errCrash) {
					t.Errorf("interrupted change gave a signer, or hid its cause: %v", err)
				}
				keys.SetFailpoint(t, nil)

				again := open(t, paths, keys.PlainFile())
				for _, path := range paths {
					if !same(t, open(t, []string{path}, keys.PlainFile()), again) {
						t.Errorf("the copy in %s differs after the repair", filepath.Base(filepath.Dir(path)))
					}
				}
				signers := 1
				if which == 1 || step != "written" {
					signers = 2 // the first place had the new file
				}
				if got, err := again.VerifierKeys("n"); err != nil || len(got) != signers {
					t.Errorf("%d signing keys, %v, want %d", len(got), err, signers)
				}
				if _, _, err := again.RotateSigner("n", start); err != nil {
					t.Errorf("next change: %v", err)
				}
				for _, path := range paths {
					left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*.tmp"))
					if err != nil || len(left) != 0 {
						t.Errorf("left behind: %v, %v", left, err)
					}
				}
			})
		}
	}
}

// TestChangeAfterAFailedOne: the process lives on after a full disk.
func TestChangeAfterAFailedOne(t *testing.T) {
	paths := places(t)
	r := create(t, paths, keys.PlainFile())
	keys.SetFailpoint(t, func(at, path string) error {
		if at == "written" && path == paths[1] {
			return errCrash
		}
		return nil
	})
	if _, _, err := r.RotateSigner("n", start); err == nil {
		t.Fatal("the change succeeded in one place only")
	}
	if got, err := r.VerifierKeys("n"); err != nil || len(got) != 1 {
		t.Errorf("the ring uses a key that is not in both places: %d keys, %v", len(got), err)
	}
	keys.SetFailpoint(t, nil)
	if _, _, err := r.RotateSigner("n", start); err != nil {
		t.Fatal(err)
	}
	if again := open(t, paths, keys.PlainFile()); !same(t, again, r) || len(again.Notices()) != 0 {
		t.Errorf("the reopened ring differs; notices %v", again.Notices())
	}
}

func TestCrashWhileCreating(t *testing.T) {
	paths := places(t)
	keys.SetFailpoint(t, func(at, path string) error {
		if at == "renamed" && path == paths[0] {
			return errCrash
		}
		return nil
	})
	if _, err := keys.CreateRing(paths, keys.PlainFile(), fakeClock(), "node"); err == nil {
		t.Fatal("created in spite of the crash")
	}
	keys.SetFailpoint(t, nil)
	if r := open(t, paths, keys.PlainFile()); len(r.Notices()) != 1 {
		t.Errorf("notices = %v, want the missing copy", r.Notices())
	}
}

// TestOldContentIsOverwritten: what a hard link still shows of the old file is
// not its content.
func TestOldContentIsOverwritten(t *testing.T) {
	paths := places(t)
	r := create(t, paths, keys.PlainFile())
	kept := filepath.Join(filepath.Dir(paths[0]), "link")
	if err := os.Link(paths[0], kept); err != nil {
		t.Skip("no hard links here")
	}
	if err := r.ChangeProvider(keys.PlainFile()); err != nil {
		t.Fatal(err)
	}
	for i, c := range read(t, kept) {
		if c != 0 {
			t.Fatalf("byte %d of the old file is still there", i)
		}
	}
}
