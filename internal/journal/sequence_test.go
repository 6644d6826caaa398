package journal_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// sound fails unless the journal verifies and holds as many entries as it
// should, none waiting.
func (r *rig) sound(t testing.TB, entries int64) {
	t.Helper()
	rep := r.verify(t)
	if rep.Exit != journal.Sound {
		t.Fatalf("verify = %s: %+v", rep.Says, rep.Findings)
	}
	if rep.Size != entries || rep.Pending != 0 {
		t.Fatalf("entries = %d and %d waiting, want %d and none", rep.Size, rep.Pending, entries)
	}
}

func TestSequenceGivesEachEntryOnePlace(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		var ids []ident.Entry
		for range 3 {
			s := ident.New[ident.Subject]()
			ids = append(ids, r.append(t, write(s, 1), read(s), write(s, 2))...)
			for _, want := range []int64{3, 0} {
				if n, err := r.j.Sequence(ctx); err != nil || n != want {
					t.Fatalf("sequence = %d, %v, want %d", n, err, want)
				}
			}
		}
		stored := query[[]byte](t, r.db, `SELECT entry_id FROM journal_entry ORDER BY idx`)
		if len(stored) != len(ids) {
			t.Fatalf("entries = %d, want %d", len(stored), len(ids))
		}
		for i, id := range ids {
			if !bytes.Equal(stored[i], id[:]) {
				t.Errorf("entry %d is not the one appended as that", i)
			}
		}
		r.checkpoint(t)
		r.sound(t, 9)
	})
}

func TestManyBatches(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.fill(t, 4500) // more than two batches, with entries about 20 subjects
		if n, err := r.j.Sequence(ctx); err != nil || n != 4500 {
			t.Fatalf("sequence = %d, %v", n, err)
		}
		r.checkpoint(t)
		r.sound(t, 4500)
	})
}

// TestEntryOfUndoneTransaction: what is rolled back leaves nothing, and breaks
// no chain.
func TestEntryOfUndoneTransaction(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := ident.New[ident.Subject]()
		r.append(t, write(s, 1))
		undo := errors.New("undo")
		err := r.db.Write(ctx, func(tx *store.Tx) error {
			if _, err := r.j.Append(ctx, tx, write(s, 2)); err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		r.append(t, write(s, 2))
		r.checkpoint(t)
		r.sound(t, 2)
	})
}

func TestAppendRefuses(t *testing.T) {
	r := onSQLite(t)
	a, b := ident.New[ident.Subject](), ident.New[ident.Subject]()
	long := read(a)
	long.Reason = string(bytes.Repeat([]byte("x"), 1<<16))
	text := read(a)
	text.Reason = "\xff"
	many := read(a)
	many.Subjects = make([]ident.Subject, 5000)
	two := read(a, b)
	two.Payload = []byte("sealed")
	for name, e := range map[string]journal.Entry{
		"payload for two subjects": two, "too long": long, "not text": text, "too many subjects": many, "no action": {Outcome: "ok"},
	} {
		err := r.db.Write(ctx, func(tx *store.Tx) error {
			_, err := r.j.Append(ctx, tx, e)
			return err
		})
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	r.sequence(t) // nothing that cannot be read is left for the sequencer
	r.sound(t, 0)
}

// crashes lets an operation of the store fail while it is armed.
type crashes struct {
	mu   sync.Mutex // guards the rest
	op   string
	left int
}

var errCrash = errors.New("crash")

func (c *crashes) hook(op string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.op != op {
		return nil
	}
	if c.left--; c.left == 0 {
		return errCrash
	}
	return nil
}

// during runs fn with the nth operation failing and reports whether it came.
func (c *crashes) during(op string, nth int, fn func()) bool {
	c.mu.Lock()
	c.op, c.left = op, nth
	c.mu.Unlock()
	fn()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.op = ""
	return c.left <= 0
}

var operations = []string{"begin", "exec", "query", "batch", "commit", "committed"}

// TestCrashBetweenSteps lets every step of sequencing and signing fail in turn;
// the next start finds everything, once.
func TestCrashBetweenSteps(t *testing.T) {
	for _, step := range []struct {
		name string
		run  func(r *rig) error
	}{
		{"sequence", func(r *rig) error { _, err := r.j.Sequence(ctx); return err }},
		{"checkpoint", func(r *rig) error { _, err := r.j.Checkpoint(ctx); return err }},
	} {
		t.Run(step.name, func(t *testing.T) {
			c := &crashes{}
			each(t, func(t *testing.T, r *rig) {
				entries, tried := int64(0), 0
				for _, op := range operations {
					for nth := 1; ; nth++ {
						r.fill(t, 7)
						entries += 7
						if step.name == "checkpoint" {
							r.sequence(t)
						}
						var err error
						if !c.during(op, nth, func() { err = step.run(r) }) {
							break
						}
						tried++
						if err == nil && op != "committed" {
							t.Errorf("%s %d failed and nobody was told", op, nth)
						}
						r.j = r.open(t) // the process starts again
						r.checkpoint(t)
						r.sound(t, entries)
					}
				}
				if tried < 6 {
					t.Errorf("crashes tried = %d, want at least one of each kind", tried)
				}
			}, storetest.WithFault(c.hook))
		})
	}
}

// TestCrashWhileAppending: a command that fails at any step leaves neither its
// entry nor a link in a chain.
func TestCrashWhileAppending(t *testing.T) {
	c := &crashes{}
	each(t, func(t *testing.T, r *rig) {
		s, version, entries := ident.New[ident.Subject](), int64(1), int64(0)
		for _, op := range operations {
			for nth := 1; ; nth++ {
				var err error
				fired := c.during(op, nth, func() {
					err = r.db.Write(ctx, func(tx *store.Tx) error {
						_, err := r.j.Append(ctx, tx, write(s, version))
						return err
					})
				})
				if err == nil || op == "committed" { // then it is there, told or not
					entries, version = entries+1, version+1
				}
				r.checkpoint(t)
				r.sound(t, entries)
				if !fired {
					break
				}
			}
		}
	}, storetest.WithFault(c.hook))
}

// TestTwoSequencersRace lets two instances sequence while others append.
func TestTwoSequencersRace(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		const writers, each = 4, 60
		other := r.open(t)
		var wg sync.WaitGroup
		var writing atomic.Int64
		writing.Store(writers)
		for range writers {
			wg.Go(func() {
				defer writing.Add(-1)
				s := ident.New[ident.Subject]()
				for v := range int64(each) {
					err := r.db.Write(ctx, func(tx *store.Tx) error {
						_, err := r.j.Append(ctx, tx, write(s, v+1))
						return err
					})
					if err != nil {
						t.Errorf("append: %v", err)
						return
					}
				}
			})
		}
		for _, j := range []*journal.Journal{r.j, other} {
			wg.Go(func() {
				for writing.Load() > 0 {
					_, err := j.Sequence(ctx)
					if k := fault.KindOf(err); err != nil && k != fault.Conflict && k != fault.Unavailable {
						t.Errorf("sequence: %v", err)
					}
				}
			})
		}
		wg.Wait()
		r.checkpoint(t)
		r.sound(t, writers*each)
	})
}

// TestRun sequences by itself, signs at the end, and leaves the work to one
// instance.
func TestRun(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		running, stop := context.WithCancel(ctx)
		defer stop()
		first := make(chan error, 1)
		go func() { first <- r.j.Run(running, ident.New[ident.Session]()) }()
		r.fill(t, 20)
		waitUntil(t, func() bool { n, err := r.j.Size(ctx); return err == nil && n == 20 })

		second := make(chan error, 1)
		idle, stopSecond := context.WithCancel(ctx)
		other := r.open(t)
		go func() { second <- other.Run(idle, ident.New[ident.Session]()) }()
		stopSecond()
		if err := <-second; err != nil {
			t.Errorf("the second instance: %v", err)
		}
		r.fill(t, 5)
		stop()
		if err := <-first; err != nil {
			t.Fatal(err)
		}
		if _, at, err := r.j.LastCheckpoint(ctx); err != nil || at.IsZero() {
			t.Errorf("last checkpoint at %v, %v", at, err)
		}
		r.sound(t, 25)
		if rep := r.verify(t); rep.Unsigned != 0 {
			t.Errorf("unsigned = %d, want none after a stop in order", rep.Unsigned)
		}
	})
}

func waitUntil(t testing.TB, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it did not happen")
}

// TestClockSetBack: work goes on, times keep rising, and the entries say so.
func TestClockSetBack(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, jump := range []time.Duration{0, -time.Second / 2, -time.Hour, -365 * 24 * time.Hour, 2 * time.Hour, 400 * 24 * time.Hour, -time.Hour} {
			r.clk.Advance(jump)
			s := ident.New[ident.Subject]()
			r.append(t, write(s, 1))
			r.append(t, write(s, 2))
			r.sequence(t)
			r.j = r.open(t)
		}
		r.checkpoint(t)
		var at []int64
		var stepped []bool
		for _, h := range r.headers(t) {
			parsed, err := journal.ParseHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			at = append(at, parsed.At)
			stepped = append(stepped, parsed.Clock == journal.ClockStepped)
		}
		if !slices.IsSorted(at) || len(slices.Compact(slices.Clone(at))) != len(at) {
			t.Errorf("times do not rise: %v", at)
		}
		want := []bool{false, false, false, false, true, true, true, true, true, true, false, false, true, true}
		if !slices.Equal(stepped, want) {
			t.Errorf("marked as stepped = %v, want %v", stepped, want)
		}
		rep := r.verify(t)
		if rep.Exit != journal.Sound || rep.ClockSteps != 8 || !slices.Equal(rep.ClockStepsAt, []int64{4, 5, 6, 7, 8, 9, 12, 13}) {
			t.Errorf("verify = %s, steps %d at %v", rep.Says, rep.ClockSteps, rep.ClockStepsAt)
		}
	})
}

func TestLagAndSize(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.append(t, read(ident.New[ident.Subject]()))
		r.clk.Advance(3 * time.Second)
		r.append(t, read(ident.New[ident.Subject]()))
		n, age, err := r.j.Lag(ctx)
		if err != nil || n != 2 || age != 3*time.Second {
			t.Errorf("lag = %d, %v, %v, want 2, 3s", n, age, err)
		}
		r.sequence(t)
		n, age, err = r.j.Lag(ctx)
		if err != nil || n != 0 || age != 0 {
			t.Errorf("lag = %d, %v, %v, want none", n, age, err)
		}
		if size, err := r.j.Size(ctx); err != nil || size != 2 {
			t.Errorf("size = %d, %v, want 2", size, err)
		}
	})
}
