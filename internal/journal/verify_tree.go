package journal

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// treeCheck builds the tree again from the leaves and compares every hash that
// is stored in a tile with the one that must stand there.
type treeCheck struct {
	v        *verifier
	size     int64
	frontier []tlog.Hash
	levels   []*levelCheck
	err      error // of reading

	// A leaf that differs from its tile: either the entry or the tile was
	// changed. The next root that can be trusted tells which.
	suspect *Finding
	inTile  *Finding

	broken bool  // an entry is missing or altered: later roots cannot fit
	good   int64 // size at which a root last fitted
	odd    *Finding
}

// levelCheck stands in the tiles of one level.
type levelCheck struct {
	tiles  cursor[storedTile]
	n, pos int64
	data   []byte
	off    bool // this tile was found to be wrong already
}

// add appends a leaf.
func (t *treeCheck) add(ctx context.Context, leaf tlog.Hash) error {
	t.frontier = grow(t.frontier, t.size, leaf, func(level int, h tlog.Hash) { t.compare(ctx, level, h) })
	t.size++
	return t.err
}

func (t *treeCheck) root() tlog.Hash { return fold(t.frontier) }

func (t *treeCheck) level(ctx context.Context, level int) *levelCheck {
	for len(t.levels) <= level {
		at := int64(len(t.levels))
		t.levels = append(t.levels, &levelCheck{tiles: cursor[storedTile]{next: func(after *storedTile) ([]storedTile, error) {
			if after == nil {
				return t.v.r.tiles(ctx, at, -1<<63)
			}
			return t.v.r.tiles(ctx, at, after.n+1)
		}}})
	}
	return t.levels[level]
}

func tilePlace(level, n int64) string { return fmt.Sprintf("level %d n %d", level, n) }

func (t *treeCheck) bad(check string, level, n int64, what string) Finding {
	width := int64(1) << (8 * (level + 1))
	return Finding{Exit: Altered, Check: check, Table: "journal_tile", Place: tilePlace(level, n), Index: n * width, What: what}
}

// compare looks whether h stands at the next place of its level.
func (t *treeCheck) compare(ctx context.Context, level int, h tlog.Hash) {
	if t.broken || t.err != nil {
		return
	}
	l := t.level(ctx, level)
	if l.pos == 0 {
		if err := t.open(l, int64(level)); err != nil {
			t.err = err
			return
		}
	}
	from := l.pos * tlog.HashSize
	switch {
	case l.off:
	case int64(len(l.data)) < from+tlog.HashSize:
		l.off = true
		t.v.find(t.bad("tile-short", int64(level), l.n, "the tile holds fewer hashes than the log has"))
	case !bytes.Equal(l.data[from:from+tlog.HashSize], h[:]):
		t.differs(int64(level), l)
	}
	l.pos++
	if l.pos == tileWidth {
		t.close(l, int64(level))
		l.n, l.pos = l.n+1, 0
	}
}

// differs notes that a stored hash is another one.
func (t *treeCheck) differs(level int64, l *levelCheck) {
	tile := t.bad("tile-hash", level, l.n, fmt.Sprintf("hash %d of the tile is not that of the entries", l.pos))
	l.off = true
	switch {
	case t.suspect != nil: // what follows from it
	case level > 0:
		t.v.find(tile)
	default:
		idx := l.n*tileWidth + l.pos
		t.suspect = &Finding{
			Exit: Altered, Check: "entry-hash", Table: "journal_entry", Place: entryPlace(idx), Index: idx,
			What: "the entry is not the one whose hash stands in the tree",
		}
		t.inTile = &tile
	}
}

// open takes the stored tile that begins now.
func (t *treeCheck) open(l *levelCheck, level int64) error {
	l.data, l.off = nil, false
	for {
		next, err := l.tiles.peek()
		if err != nil {
			return err
		}
		switch {
		case next == nil || next.n > l.n:
			l.off = true
			t.v.find(t.bad("tile-missing", level, l.n, "the tile is missing"))
			return nil
		case next.n == l.n:
			l.data = next.data
			l.tiles.take()
			return nil
		}
		t.v.find(t.bad("tile-stray", level, next.n, "no tile belongs here"))
		l.tiles.take()
	}
}

// close looks for more in the tile than there must be.
func (t *treeCheck) close(l *levelCheck, level int64) {
	if !l.off && int64(len(l.data)) != l.pos*tlog.HashSize {
		t.v.find(t.bad("tile-long", level, l.n, "the tile holds more than the log has"))
	}
}

// finish looks at what is left when the last leaf was added.
func (t *treeCheck) finish(ctx context.Context) error {
	if t.broken || t.err != nil {
		return t.err
	}
	t.level(ctx, 0)
	for level, l := range t.levels {
		if l.pos > 0 {
			t.close(l, int64(level))
		}
		next, err := l.tiles.peek()
		if err != nil {
			return err
		}
		if next != nil {
			t.v.find(t.bad("tile-stray", int64(level), next.n, "no tile belongs here"))
		}
	}
	stray, found, err := t.v.r.strayTile(ctx, int64(len(t.levels)-1))
	if err == nil && found {
		t.v.find(Finding{
			Exit: Altered, Check: "tile-stray", Table: "journal_tile", Place: tilePlace(stray.level, stray.n),
			Index: -1, What: "no tile belongs here",
		})
	}
	return err
}

// trust compares the root with one that somebody signed. where is what to say
// when only that one is wrong.
func (t *treeCheck) trust(root tlog.Hash, where Finding) {
	fits := t.root() == root
	if t.broken || t.explained(fits) {
		return
	}
	switch {
	case fits && t.odd != nil: // later roots fit: only that one is another
		t.v.find(*t.odd)
		t.odd = nil
	case !fits && t.odd == nil:
		where.What += fmt.Sprintf(" (entries %d to %d)", t.good, t.size-1)
		t.odd = &where
	}
	if fits {
		t.good = t.size
	}
}

// compareHead compares the root with the one in journal_head, which nobody
// signed.
func (t *treeCheck) compareHead(root []byte) {
	got := t.root()
	fits := bytes.Equal(got[:], root)
	if t.broken || t.explained(fits) || fits || t.odd != nil {
		return
	}
	t.v.find(headFinding("head-root", "the root is not that of the entries"))
}

// explained decides what a leaf that differs from its tile means, now that a
// root fits or does not. It reports whether that root says no more.
func (t *treeCheck) explained(fits bool) bool {
	switch {
	case t.suspect == nil:
		return false
	case fits:
		t.v.find(*t.inTile)
		t.suspect = nil
		return false
	}
	t.v.find(*t.suspect)
	t.suspect, t.broken = nil, true
	return true
}

// settle decides what no later root has decided.
func (t *treeCheck) settle() {
	if t.suspect != nil {
		t.v.find(*t.suspect)
		t.suspect, t.broken = nil, true
	}
	if t.odd != nil {
		t.odd.Table, t.odd.Place, t.odd.Index = "journal_entry", entryPlace(t.good), t.good
		t.v.find(*t.odd)
		t.odd, t.broken = nil, true
	}
}

func entryPlace(idx int64) string { return fmt.Sprintf("idx %d", idx) }
