package journal_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"causeway/internal/journal"
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
