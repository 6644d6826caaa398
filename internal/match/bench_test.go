package match_test

import (
	"crypto/rand"
	"fmt"
	"syscall"
	"testing"
	"time"

	"causeway/internal/ident"
	"causeway/internal/match"
	"causeway/internal/match/ask"
	"causeway/protocol/mask"
	"causeway/protocol/matching"
)

// cores is the processor time that this process has used, in all its threads.
func cores(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkTable measures what a table costs each side, in core-seconds: the holder masks
// the keys of its children and sorts them, the asker raises every point. What is written
// and sent comes on top. The bar at 100,000 children is 130 for each side.
func BenchmarkTable(b *testing.B) {
	domain := mask.Domain{Purpose: "child", Asker: "xa.care", Holder: "xb.care", Epoch: 1}
	for _, size := range matching.Sizes() {
		children, _ := people(b, size)
		keys := 0
		for i := range children {
			keys += len(ask.TableKeys(&children[i]))
		}
		holder, asker := newSecret(b), newSecret(b)
		id := ident.New[match.AgreementID]()
		vault, err := match.NewVault(holder, id, 1)
		ok(b, err)
		var points []mask.Point
		b.Run(fmt.Sprintf("holder/%d", size), func(b *testing.B) {
			before := cores(b)
			for b.Loop() {
				whole, err := match.TableOf(b.Context(), holder, vault, domain, id, children, size, nil)
				ok(b, err)
				points = match.AtOf(whole)
			}
			b.ReportMetric((cores(b)-before).Seconds()/float64(b.N), "core-s/op")
			b.ReportMetric(float64(keys)/float64(size), "keys/child")
		})
		b.Run(fmt.Sprintf("asker/%d", size), func(b *testing.B) {
			before := cores(b)
			for b.Loop() {
				ok(b, asker.RaiseAll(b.Context(), points, nil))
			}
			b.ReportMetric((cores(b)-before).Seconds()/float64(b.N), "core-s/op")
			b.ReportMetric(float64(len(points)), "points")
		})
	}
}

func newSecret(b *testing.B) *mask.Secret {
	b.Helper()
	s, err := mask.NewSecret(rand.Reader)
	ok(b, err)
	return s
}
