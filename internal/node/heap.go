package node

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"causeway/internal/store"
)

// By how much, in percent of what is live, the heap may grow before the garbage
// collector runs. Where the database is embedded its page caches lie in the heap and are
// live all the time, and the usual growth would let garbage take as much again. What is
// live has few pointers, so running more often costs little.
const (
	heapGrowth     = 100
	heapGrowthFile = 40
	heapGrowthMin  = 10
)

// heapRoom is how many bytes of garbage a node with a large search index has room for:
// the index is live for good, and garbage need not grow with it.
const heapRoom = 48 << 20

// boundHeap keeps garbage in proportion, unless whoever runs the node has said
// otherwise. It is called again when much has become live.
func boundHeap(engine store.Engine) {
	if os.Getenv("GOGC") != "" {
		return
	}
	growth := heapGrowth
	if engine == store.SQLite {
		growth = heapGrowthFile
	}
	debug.SetGCPercent(min(growth, max(heapGrowthMin, int(100*heapRoom/max(heapLive(), 1)))))
}

// heapLive is how many bytes the garbage collector left the last time.
func heapLive() uint64 {
	runtime.GC()
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
