package journal

import "golang.org/x/mod/sumdb/tlog"

// RootOf folds leaves as the sequencer does.
func RootOf(leaves [][]byte) tlog.Hash {
	e := &edge{}
	dirty := map[tileKey][]tlog.Hash{}
	for _, l := range leaves {
		e.add(tlog.RecordHash(l), dirty)
	}
	return e.root()
}

// Growing is a tree under construction, with the tiles it would store.
type Growing struct {
	e     edge
	dirty map[tileKey][]tlog.Hash
}

// Add appends a leaf.
func (g *Growing) Add(leaf tlog.Hash) {
	if g.dirty == nil {
		g.dirty = map[tileKey][]tlog.Hash{}
	}
	g.e.add(leaf, g.dirty)
}

// Root returns the present root.
func (g *Growing) Root() tlog.Hash { return g.e.root() }

// Tiles calls fn for every tile of the tree.
func (g *Growing) Tiles(fn func(level, n int64, hashes []tlog.Hash)) {
	for k, hs := range g.dirty {
		fn(k.level, k.n, hs)
	}
}

// UniqueIDs is the search for an identifier that comes twice.
type UniqueIDs = uniqueIDs

// Add, Finish and Late reach into it.
func (u *uniqueIDs) Add(id [16]byte) bool { return u.add(id) }
func (u *uniqueIDs) Finish() bool         { return u.finish() }
func (u *uniqueIDs) Late() bool           { return u.late }

// SmallParts makes the first reading remember little and the second readings go
// in many parts, until undo is called.
func SmallParts() (undo func()) {
	links, rows, missing := partLinks, partRows, missingMost
	partLinks, partRows, missingMost = 20, 500, 10
	return func() { partLinks, partRows, missingMost = links, rows, missing }
}

// Written returns a header as it is written: each table named once for all of its
// rows that stand together.
func Written(h *Header) *Header {
	w := *h
	w.Rows = brief(h.Rows)
	return &w
}
