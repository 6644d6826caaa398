package node

import (
	"os"
	"runtime/debug"

	"causeway/internal/store"
)

// heapGrowth is by how much, in percent of what is live, the heap may grow before
// the garbage collector runs, where the database is embedded: its page caches lie
// in the heap and are live all the time, and the usual growth would let garbage
// take as much again. What is live has few pointers, so running more often costs
// little.
const heapGrowth = 40

// boundHeap keeps garbage in proportion, unless whoever runs the node has said
// otherwise.
func boundHeap(engine store.Engine) {
	if engine == store.SQLite && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
}
