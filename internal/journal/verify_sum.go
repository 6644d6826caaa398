package journal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// The multiset hash MSet-Add-Hash (Clarke, Devadas, van Dijk, Gassend and Suh,
// 2003) answers in constant memory whether two streams hold the same things in
// whatever order: each thing is hashed under a key drawn for this run and added
// up, modulo 2^256. Nobody who made the journal could know the key, so two
// faults cannot be arranged to cancel.

// sum is such a total.
type sum [4]uint64

func (s *sum) add(t sum) {
	var c uint64
	for i := range s {
		s[i], c = bits.Add64(s[i], t[i], c)
	}
}

func (s *sum) sub(t sum) {
	var c uint64
	for i := range s {
		s[i], c = bits.Sub64(s[i], t[i], c)
	}
}

// times returns n·s for n >= 0, and the inverse of that for n < 0.
func (s sum) times(n int64) sum {
	u := uint64(n)
	if n < 0 {
		u = -u
	}
	var out sum
	for ; u > 0; u >>= 1 {
		if u&1 == 1 {
			out.add(s)
		}
		s.add(s)
	}
	if n < 0 {
		var negative sum
		negative.sub(out)
		return negative
	}
	return out
}

func (s sum) zero() bool { return s == sum{} }

// summer hashes things for one run. Each use has its own kind, so that sums of
// different things have nothing in common. It is not safe for concurrent use:
// each goroutine has a copy.
type summer struct{ buf []byte }

// The kinds.
const (
	kindLink    = 1 // (subject, leaf) of a chain
	kindLength  = 2 // (subject), once for each link
	kindSubject = 3 // (subject, idx)
	kindRow     = 4 // (table, row, subject)
)

// sumKeySize leaves room for a subject and an index in one block of SHA-256.
const sumKeySize = 24

func newSummer() summer {
	key := make([]byte, sumKeySize, 128)
	if _, err := rand.Read(key); err != nil {
		panic("journal: no randomness: " + err.Error()) // nothing can be checked then
	}
	return summer{key}
}

func (s *summer) clone() summer { return summer{append(make([]byte, 0, 128), s.buf[:sumKeySize]...)} }

// of hashes a thing of several parts.
func (s *summer) of(kind byte, parts ...[]byte) sum {
	b := append(s.buf[:sumKeySize], kind)
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	s.buf = b
	return sumOf(b)
}

// at hashes a thing and a number.
func (s *summer) at(kind byte, what []byte, n int64) sum {
	b := append(s.buf[:sumKeySize], kind)
	b = binary.AppendUvarint(b, uint64(len(what)))
	b = append(b, what...)
	b = binary.BigEndian.AppendUint64(b, uint64(n))
	s.buf = b
	return sumOf(b)
}

func sumOf(b []byte) sum {
	h := sha256.Sum256(b)
	var out sum
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(h[8*i:])
	}
	return out
}
