package backup_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/access"
	"causeway/internal/backup"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// secrets is a keyring for tests that need nothing else.
type secrets struct{ name string }

func (s secrets) NodeName() string { return s.name }
func (s secrets) Derive(label string) [32]byte {
	var key [32]byte
	copy(key[:], s.name+label)
	return key
}

func random() [16]byte { return ident.New[[16]byte]() }

// keep opens a keeper and closes it at the end of the test.
func keep(t testing.TB, path string, clk clock.Clock) *backup.Keeper {
	t.Helper()
	return backup.OpenKeeper(path, secrets{"one"}, clk, nil)
}

func lines(t testing.TB, path string) []backup.Restriction {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	list, torn, err := backup.ReadRestrictions(bytes.NewReader(b), secrets{"one"})
	if err != nil || torn {
		t.Fatalf("read: torn %v, %v", torn, err)
	}
	return list
}

func TestKeeperWritesWithinMoments(t *testing.T) {
	path := filepath.Join(t.TempDir(), "restrictions")
	clk := clock.NewFake(start)
	k := keep(t, path, clk)
	a, b, c, d := random(), random(), random(), random()
	k.Note(backup.Blocked, a, [16]byte{})
	k.Note(backup.Withheld, b, c)
	k.Note(backup.Blocked, a, [16]byte{}) // known already
	k.Note(backup.Destroyed, d, [16]byte{})
	k.Note(backup.Unblocked, a, [16]byte{})
	k.Note(backup.Unblocked, d, [16]byte{}) // never was
	k.Note(backup.Ended, c, [16]byte{})
	k.Note("invented", c, [16]byte{})
	k.Note(backup.Blocked, [16]byte{}, [16]byte{})
	settled(t, k)
	want := []backup.Restriction{
		{Number: 1, At: start, Kind: backup.Blocked, A: a},
		{Number: 2, At: start, Kind: backup.Withheld, A: b, B: c},
		{Number: 3, At: start, Kind: backup.Destroyed, A: d},
		{Number: 4, At: start, Kind: backup.Unblocked, A: a},
		{Number: 5, At: start, Kind: backup.Ended, A: c},
	}
	if diff := cmp.Diff(lines(t, path), want); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v", info.Mode(), err)
	}
	must(t, k.Close())

	// Another start goes on where this one ended.
	clk.Advance(time.Hour)
	k = keep(t, path, clk)
	k.Note(backup.Destroyed, d, [16]byte{})
	k.Note(backup.Blocked, c, [16]byte{})
	must(t, k.Close())
	want = append(want, backup.Restriction{Number: 6, At: start.Add(time.Hour), Kind: backup.Blocked, A: c})
	if diff := cmp.Diff(lines(t, path), want); diff != "" {
		t.Error(diff)
	}
}

// settled waits until nothing waits for the disk.
func settled(t testing.TB, k *backup.Keeper) {
	t.Helper()
	for range 2000 {
		if n, _, _ := k.State(); n == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	_, _, err := k.State()
	t.Fatalf("notes still wait: %v", err)
}

// TestWholeThreadIsUnsaid: a line that names a thread and no message of it is read as it
// was written, and what comes after it too.
func TestWholeThreadIsUnsaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "restrictions")
	clk := clock.NewFake(start)
	k := keep(t, path, clk)
	thread, message := random(), random()
	k.Note(backup.Unsaid, thread, [16]byte{})
	k.Note(backup.Unsaid, thread, message)
	must(t, k.Close())
	want := []backup.Restriction{
		{Number: 1, At: start, Kind: backup.Unsaid, A: thread},
		{Number: 2, At: start, Kind: backup.Unsaid, A: thread, B: message},
	}
	if diff := cmp.Diff(lines(t, path), want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

func TestKeepersShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "restrictions")
	clk := clock.NewFake(start)
	var all sync.WaitGroup
	for range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			k := keep(t, path, clk)
			for range 25 {
				k.Note(backup.Withheld, random(), random())
			}
			if err := k.Close(); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	if got := len(lines(t, path)); got != 100 {
		t.Errorf("lines = %d, want 100", got)
	}
}

// TestKeeperWaitsForItsPlace: the second place is away, comes back, is lost.
func TestKeeperWaitsForItsPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "stick")
	path := filepath.Join(dir, "restrictions")
	k := keep(t, path, clock.NewFake(start))
	a, b := random(), random()
	k.Note(backup.Blocked, a, [16]byte{})
	for range 2000 {
		if n, since, err := k.State(); n == 1 && since.Equal(start) && fault.CodeOf(err) == "disk-failure" {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if n, _, err := k.State(); n != 1 || fault.CodeOf(err) != "disk-failure" {
		t.Fatalf("state = %d, %v, want a note that waits", n, err)
	}
	must(t, os.Mkdir(dir, 0o700))
	k.Note(backup.Withheld, b, a)
	settled(t, k)
	if got := len(lines(t, path)); got != 2 {
		t.Errorf("lines = %d, want 2", got)
	}
	// A lost file is written again from memory.
	must(t, os.Remove(path))
	k.Note(backup.Destroyed, b, [16]byte{})
	settled(t, k)
	if got := lines(t, path); len(got) != 3 || got[0].Kind != backup.Blocked || got[2].Kind != backup.Destroyed {
		t.Errorf("lines = %+v, want all three", got)
	}
	must(t, k.Close())

	must(t, os.RemoveAll(dir))
	k = keep(t, path, clock.NewFake(start))
	k.Note(backup.Blocked, a, [16]byte{})
	if err := k.Close(); fault.CodeOf(err) != "disk-failure" {
		t.Errorf("close = %v, want the loss told", err)
	}
}

// TestSyncAddsWhatIsMissing: a crash came between the commit and the note, or
// somebody cut lines off the end.
func TestSyncAddsWhatIsMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "restrictions")
	clk := clock.NewFake(start)
	k := keep(t, path, clk)
	a, b, c := random(), random(), random()
	k.Note(backup.Blocked, a, [16]byte{})
	k.Note(backup.Withheld, b, c)
	must(t, k.Close())
	raw, err := os.ReadFile(path)
	must(t, err)
	cutOff := raw[:bytes.LastIndexByte(raw[:len(raw)-1], '\n')+1]
	must(t, os.WriteFile(path, cutOff, 0o600))

	k = keep(t, path, clk)
	k.Sync([]backup.Restriction{{Kind: backup.Blocked, A: a}, {Kind: backup.Withheld, A: b, B: c}, {Kind: backup.Destroyed, A: c}})
	must(t, k.Close())
	got := lines(t, path)
	if len(got) != 3 || got[1].Kind != backup.Withheld || got[2].Kind != backup.Destroyed || !got[2].At.Equal(start) {
		t.Errorf("lines = %+v", got)
	}
}

// TestTornLine: what a crash left half written is taken away and not missed.
func TestTornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "restrictions")
	clk := clock.NewFake(start)
	k := keep(t, path, clk)
	k.Note(backup.Blocked, random(), [16]byte{})
	k.Note(backup.Blocked, random(), [16]byte{})
	must(t, k.Close())
	whole, err := os.ReadFile(path)
	must(t, err)
	for n := range len(whole) {
		list, torn, err := backup.ReadRestrictions(bytes.NewReader(whole[:n]), secrets{"one"})
		atEnd := n > 0 && whole[n-1] == '\n'
		if n == 0 {
			want(t, err, fault.Invalid, "restrictions-altered")
			continue
		}
		if err != nil || torn == atEnd || len(list) != max(0, bytes.Count(whole[:n], []byte("\n"))-1) {
			t.Fatalf("cut at %d: %d lines, torn %v, %v", n, len(list), torn, err)
		}
	}
	must(t, os.WriteFile(path, whole[:len(whole)-10], 0o600))
	k = keep(t, path, clk)
	k.Note(backup.Blocked, random(), [16]byte{})
	must(t, k.Close())
	if got := lines(t, path); len(got) != 2 {
		t.Errorf("lines = %d, want the torn one replaced", len(got))
	}
	must(t, os.WriteFile(path, whole[:10], 0o600)) // torn in its first line
	k = keep(t, path, clk)
	k.Note(backup.Blocked, random(), [16]byte{})
	must(t, k.Close())
	if got := lines(t, path); len(got) != 1 {
		t.Errorf("lines = %d, want a new file", len(got))
	}
}

// TestMutatedLines changes, removes, repeats and swaps whatever there is: each
// is found and the line named.
func TestMutatedLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "restrictions")
	k := keep(t, path, clock.NewFake(start))
	for range 5 {
		k.Note(backup.Withheld, random(), random())
	}
	k.Note(backup.Blocked, random(), [16]byte{})
	must(t, k.Close())
	whole, err := os.ReadFile(path)
	must(t, err)
	all := strings.SplitAfter(string(whole), "\n")
	all = all[:len(all)-1]

	refused := func(t *testing.T, text string, line int) {
		t.Helper()
		_, _, err := backup.ReadRestrictions(strings.NewReader(text), secrets{"one"})
		if code := fault.CodeOf(err); code != "restrictions-altered" && code != "restrictions-other" {
			t.Fatalf("got %v, want it refused", err)
		}
		if fault.CodeOf(err) == "restrictions-altered" && !strings.Contains(err.Error(), fmt.Sprintf("line %d:", line)) {
			t.Fatalf("%v does not name line %d", err, line)
		}
	}
	t.Run("every byte", func(t *testing.T) {
		for i := range whole {
			line := 1 + bytes.Count(whole[:i], []byte("\n"))
			b := slices.Clone(whole)
			b[i] ^= 1
			if whole[i] == '\n' && i == len(whole)-1 {
				continue // a torn last line
			}
			refused(t, string(b), line)
		}
	})
	for i := 1; i < len(all)-1; i++ {
		refused(t, strings.Join(slices.Delete(slices.Clone(all), i, i+1), ""), i+1)
		refused(t, strings.Join(slices.Insert(slices.Clone(all), i, all[i]), ""), i+2)
		swapped := slices.Clone(all)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		refused(t, strings.Join(swapped, ""), i+1)
	}
	refused(t, string(whole)+strings.Repeat("x", 10_000)+"\n", len(all)+1)
	_, _, err = backup.ReadRestrictions(bytes.NewReader(whole), secrets{"two"})
	want(t, err, fault.Invalid, "restrictions-other")
	_, _, err = backup.ReadRestrictions(bytes.NewReader(whole), otherKey{secrets{"one"}})
	want(t, err, fault.Invalid, "restrictions-altered")

	// A keeper adds nothing to such a file and says why.
	b := slices.Clone(whole)
	b[len(all[0])+3] ^= 1
	must(t, os.WriteFile(path, b, 0o600))
	k = keep(t, path, clock.NewFake(start))
	k.Note(backup.Blocked, random(), [16]byte{})
	want(t, k.Close(), fault.Invalid, "restrictions-altered")
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, b) {
		t.Error("the evidence was changed")
	}
}

type otherKey struct{ secrets }

func (otherKey) Derive(string) [32]byte { return [32]byte{1} }

// TestReplay: what was withheld, blocked and destroyed after the backup stays so.
func TestReplay(t *testing.T) {
	each(t, func(t *testing.T, n *node) {
		id, c := n.worker("amara")
		leaver, _ := n.worker("leaver")
		returner, _ := n.worker("returner")
		bossID, _ := n.worker("boss")
		withheld, destroyed, open := n.register(c), n.register(c), n.register(c)
		saved := n.write()

		path := filepath.Join(t.TempDir(), "restrictions")
		k := backup.OpenKeeper(path, n.ring, n.clk, nil)
		must(t, n.cases.Withhold(ctx, n.as(random(), access.RoleSupervisor), ident.New[ident.Command](), withheld, bossID, sealed.NewText("A relative of the accused.")))
		k.Note(backup.Withheld, withheld, bossID)
		k.Note(backup.Withheld, open, bossID)
		k.Note(backup.Lifted, open, bossID)
		k.Note(backup.Blocked, leaver, [16]byte{})
		k.Note(backup.Blocked, returner, [16]byte{})
		k.Note(backup.Unblocked, returner, [16]byte{})
		k.Note(backup.Destroyed, destroyed, [16]byte{})
		k.Note(backup.Destroyed, random(), [16]byte{}) // a child registered after the backup
		k.Note(backup.Blocked, random(), [16]byte{})
		k.Note(backup.Ended, random(), [16]byte{})
		must(t, k.Close())

		n.targets(t, func(t *testing.T, to backup.Target) {
			to.NoRestrictions, to.Restrictions = false, path
			out, err := n.restore(saved, to)
			must(t, err)
			if diff := cmp.Diff(out.Replayed, backup.Replayed{Withheld: 1, Blocked: 1, Destroyed: 1, Unknown: 2}); diff != "" {
				t.Error(diff)
			}
			again := n.reopen(t, to)
			if _, err := again.name(again.as(bossID, access.RoleSupervisor), withheld); !fault.Is(err, fault.NotFound) {
				t.Errorf("the withheld case = %v, want not found", err)
			}
			if _, err := again.name(again.as(bossID, access.RoleSupervisor), open); err != nil {
				t.Errorf("an open case = %v", err)
			}
			if _, err := again.name(again.caller(id), destroyed); err == nil {
				t.Error("the destroyed case can be read")
			}
			if _, err := again.signIn("leaver"); fault.CodeOf(err) != "sign-in-refused" {
				t.Errorf("the blocked account = %v, want refused", err)
			}
			if _, err := again.signIn("returner"); err != nil {
				t.Errorf("the account that was opened again = %v", err)
			}
			if report := again.verify(); report.Actions["ERASE"] != 1 {
				t.Errorf("tombstones = %d, want 1", report.Actions["ERASE"])
			}
			// Again does nothing more.
			b, err := os.ReadFile(path)
			must(t, err)
			list, _, err := backup.ReadRestrictions(bytes.NewReader(b), n.ring)
			must(t, err)
			must(t, again.db.Write(ctx, func(tx *store.Tx) error {
				_, err := backup.Replay(ctx, tx, list, &house{again.office, again.custody, again.journal})
				return err
			}))
		})
	})
}

// FuzzRestrictions: whatever stands in the file, the reader answers by name, and
// what it accepts is exactly what a keeper would have written.
func FuzzRestrictions(f *testing.F) {
	path := filepath.Join(f.TempDir(), "restrictions")
	k := keep(f, path, clock.NewFake(start))
	k.Note(backup.Withheld, random(), random())
	k.Note(backup.Blocked, random(), [16]byte{})
	must(f, k.Close())
	whole, err := os.ReadFile(path)
	must(f, err)
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add([]byte("causeway-restrictions/1 one 00\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		list, torn, err := backup.ReadRestrictions(bytes.NewReader(b), secrets{"one"})
		if err != nil {
			if code := fault.CodeOf(err); code != "restrictions-altered" && code != "restrictions-other" {
				t.Errorf("got %v", err)
			}
			return
		}
		n := bytes.Count(b, []byte("\n"))
		if len(list) != max(0, n-1) || torn == bytes.HasSuffix(b, []byte("\n")) {
			t.Errorf("%d lines of %d, torn %v", len(list), n, torn)
		}
		for i, r := range list {
			if r.Number != int64(i+1) {
				t.Errorf("number %d at %d", r.Number, i)
			}
		}
	})
}

// The keyring is what the package asks for.
var (
	_ backup.Secrets = (*keys.Ring)(nil)
	_ backup.Ring    = (*keys.Ring)(nil)
)
