package journal

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// tileWidth is the number of hashes in a full tile: height 8 (C2SP tlog-tiles).
const tileWidth = 256

// edge is the right edge of the tree: the roots of the perfect subtrees that
// make up its size, and the tiles that are not full yet. It can be rebuilt from
// the stored head and tiles.
type edge struct {
	size     int64
	frontier []tlog.Hash   // one per set bit of size, largest subtree first
	partial  [][]tlog.Hash // per tile level, the hashes of its last, unfinished tile
}

// tileKey names a tile.
type tileKey struct{ level, n int64 }

// clone copies the edge, so that a transaction that is run again starts anew.
func (e *edge) clone() *edge {
	c := &edge{size: e.size, frontier: append([]tlog.Hash(nil), e.frontier...)}
	for _, p := range e.partial {
		c.partial = append(c.partial, append([]tlog.Hash(nil), p...))
	}
	return c
}

// add appends one leaf and notes in dirty every tile it changes.
func (e *edge) add(leaf tlog.Hash, dirty map[tileKey][]tlog.Hash) {
	e.frontier = grow(e.frontier, e.size, leaf, func(level int, h tlog.Hash) { e.push(level, h, dirty) })
	e.size++
}

// grow appends a leaf to the frontier of a tree of a size. It hands every hash
// that belongs into a tile to tiled: the leaf itself, and the root of a perfect
// subtree where its height is a multiple of 8.
func grow(frontier []tlog.Hash, size int64, leaf tlog.Hash, tiled func(level int, h tlog.Hash)) []tlog.Hash {
	h := leaf
	tiled(0, h)
	level := 0
	for n := size; n&1 == 1; n >>= 1 { // carry, as in binary addition
		last := len(frontier) - 1
		h = tlog.NodeHash(frontier[last], h)
		frontier = frontier[:last]
		level++
		if level%8 == 0 {
			tiled(level/8, h)
		}
	}
	return append(frontier, h)
}

// push appends h to the unfinished tile of a level.
func (e *edge) push(level int, h tlog.Hash, dirty map[tileKey][]tlog.Hash) {
	for len(e.partial) <= level {
		e.partial = append(e.partial, nil)
	}
	n := (e.size >> (8 * level)) / tileWidth
	p := append(e.partial[level], h)
	dirty[tileKey{int64(level), n}] = p
	if len(p) == tileWidth {
		p = nil
	}
	e.partial[level] = p
}

// root returns the tree's root hash (RFC 6962, section 2.1).
func (e *edge) root() tlog.Hash { return fold(e.frontier) }

// fold returns the root of the tree whose frontier this is.
func fold(frontier []tlog.Hash) tlog.Hash {
	if len(frontier) == 0 {
		return emptyRoot
	}
	h := frontier[len(frontier)-1]
	for i := len(frontier) - 2; i >= 0; i-- {
		h = tlog.NodeHash(frontier[i], h)
	}
	return h
}

// emptyRoot is the root of a tree without leaves: SHA-256 of nothing.
var emptyRoot = tlog.Hash{
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
	0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
}

// packHashes joins hashes for storage.
func packHashes(hs []tlog.Hash) []byte {
	b := make([]byte, 0, len(hs)*tlog.HashSize)
	for _, h := range hs {
		b = append(b, h[:]...)
	}
	return b
}

// unpackHashes splits stored hashes.
func unpackHashes(b []byte) ([]tlog.Hash, error) {
	if len(b)%tlog.HashSize != 0 {
		return nil, fmt.Errorf("journal tile of %d bytes", len(b))
	}
	hs := make([]tlog.Hash, len(b)/tlog.HashSize)
	for i := range hs {
		copy(hs[i][:], b[i*tlog.HashSize:])
	}
	return hs, nil
}

// frontierLen returns how many hashes the frontier of a tree has.
func frontierLen(size int64) int {
	n := 0
	for ; size > 0; size &= size - 1 {
		n++
	}
	return n
}
