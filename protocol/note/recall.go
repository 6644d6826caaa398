package note

import (
	"crypto/sha256"
	"sync"
)

// recalled is how many notes a pair recalls: those of the last minutes, at most.
const recalled = 4096

// recall is which notes a pair has verified or made a moment ago. A note is looked at more
// than once on its way, and to verify it costs more than all else that is done with it;
// the same bytes under the same name are what they were.
type recall struct {
	mu   sync.Mutex // guards the fields below
	of   map[[sha256.Size]byte]bool
	ring [][sha256.Size]byte // in the order in which they came, from next on
	next int
}

// digest names a signed note and who is to have signed it.
func digest(name string, signed []byte) (d [sha256.Size]byte) {
	h := sha256.New()
	h.Write([]byte(name + "\n")) // a hash takes every write
	h.Write(signed)
	h.Sum(d[:0])
	return d
}

func (r *recall) knows(d [sha256.Size]byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.of[d]
}

func (r *recall) add(d [sha256.Size]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of[d] {
		return
	}
	if r.of == nil {
		r.of = make(map[[sha256.Size]byte]bool)
	}
	r.of[d] = true
	if len(r.ring) < recalled {
		r.ring = append(r.ring, d)
		return
	}
	delete(r.of, r.ring[r.next])
	r.ring[r.next] = d
	r.next = (r.next + 1) % recalled
}
