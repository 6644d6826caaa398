package journal_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"causeway/internal/access/accesstest"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// sizeOf reads how many entries to measure with, from JOURNAL_BENCH_ENTRIES.
func sizeOf(b *testing.B, otherwise int) int {
	b.Helper()
	text := os.Getenv("JOURNAL_BENCH_ENTRIES")
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// peak returns the largest resident size of this process so far, in megabytes.
func peak() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}

func BenchmarkVerify(b *testing.B) {
	r := onSQLite(b)
	n := sizeOf(b, 20_000)
	for done := 0; done < n; done += 1000 {
		r.fill(b, min(1000, n-done))
		r.checkpoint(b)
	}
	runtime.GC()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // resets the peak where it can
	src, o := journal.FromDatabase(r.db), journal.Options{Keys: r.keys(b), Now: r.clk.Now()}
	b.ResetTimer()
	for range b.N {
		rep, err := journal.Verify(ctx, src, o, nil)
		if err != nil || rep.Exit != journal.Sound {
			b.Fatalf("verify = %+v, %v", rep, err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(peak(), "MB-peak")
}

// BenchmarkAppend measures one durable entry at a time, as a look and as a
// writing command cause it, and many in one commit, where the disk counts for
// little.
func BenchmarkAppend(b *testing.B) {
	for name, entry := range map[string]func(s ident.Subject, v int64) journal.Entry{
		"read":  func(s ident.Subject, _ int64) journal.Entry { return read(s) },
		"write": write,
	} {
		for _, many := range []int{1, 500} {
			b.Run(fmt.Sprintf("%s/%d-a-commit", name, many), func(b *testing.B) {
				r := onSQLite(b)
				s := ident.New[ident.Subject]()
				v := int64(0)
				b.ReportAllocs()
				for b.Loop() {
					err := r.db.Write(ctx, func(tx *store.Tx) error {
						for range many {
							v++
							if _, err := r.j.Append(ctx, tx, entry(s, v)); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*many)/b.Elapsed().Seconds(), "entries/s")
			})
		}
	}
}

// BenchmarkSequence measures how fast pending entries get their places.
func BenchmarkSequence(b *testing.B) {
	r := onSQLite(b)
	const batch = 10_000
	for range b.N {
		b.StopTimer()
		r.fill(b, batch)
		b.StartTimer()
		if n, err := r.j.Sequence(ctx); err != nil || n != batch {
			b.Fatalf("sequence = %d, %v", n, err)
		}
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkPack measures writing a pack and verifying it.
func BenchmarkPack(b *testing.B) {
	r := onSQLite(b)
	n := sizeOf(b, 20_000)
	for done := 0; done < n; done += 1000 {
		r.fill(b, 1000)
		r.checkpoint(b)
	}
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			r.pack(b)
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "entries/s")
	})
	b.Run("verify", func(b *testing.B) {
		pack, o := r.pack(b), journal.Options{Keys: r.keys(b)}
		for b.Loop() {
			if rep, err := verifyPack(pack, o); err != nil || rep.Exit != journal.Sound {
				b.Fatalf("verify = %+v, %v", rep, err)
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}

// BenchmarkReconcile measures comparing cases with what the journal says.
func BenchmarkReconcile(b *testing.B) {
	o := withCases(b, accesstest.New(b))
	for range 200 {
		o.cases = append(o.cases, o.register(b, "Invented"))
	}
	o.Entries(b)
	for b.Loop() {
		if rep := o.reconcile(b); rep.Exit != journal.Sound {
			b.Fatal(rep.Findings)
		}
	}
	b.ReportMetric(float64(203*b.N)/b.Elapsed().Seconds(), "subjects/s")
}
