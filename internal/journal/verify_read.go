package journal

import (
	"context"
	"time"

	"causeway/internal/ident"
)

// reader gives the rows of a journal, each kind from its beginning to its end.
// Byte slices are valid until the next call that fills the same page, or until
// the function they were given to returns.
type reader interface {
	about() about
	heads(ctx context.Context) ([]storedHead, error)
	epochs(ctx context.Context) ([]Epoch, error)
	// entries fills p with the entries from position on, in order of their
	// position; none are left when it stays empty.
	entries(ctx context.Context, position int64, p *page) error
	// tiles returns some tiles of a level from n on, in order.
	tiles(ctx context.Context, level, n int64) ([]storedTile, error)
	// strayTile returns a tile outside of levels 0 to top, if there is one.
	strayTile(ctx context.Context, top int64) (storedTile, bool, error)
	// checkpoints returns some checkpoints after (epoch, size), in order.
	checkpoints(ctx context.Context, epoch, size int64) ([]storedCheckpoint, error)
	pending(ctx context.Context, fn func(raw) error) error
	chains(ctx context.Context, fn func(subject, head []byte, length int64) error) error
	// subjects gives the rows of the subject index; ok is false when the source
	// has none.
	subjects(ctx context.Context, fn func(subject []byte, idx int64) error) (ok bool, err error)
	// leftover returns an entry about one of these subjects whose sealed payload
	// is still there.
	leftover(ctx context.Context, erased map[ident.Subject]bool) (idx int64, found bool, err error)
}

// about is what a source says of itself.
type about struct {
	kind string // "database", "backup", "pack"
	made time.Time
	keys []string // verifier keys it brings along
	bad  *Finding // it is not as it was written
}

type storedHead struct {
	log string
	head
}

type storedTile struct {
	level, n int64
	data     []byte
}

// raw is one stored entry.
type raw struct {
	idx    int64
	id     []byte // nil where the source has no column for it
	header []byte
	sealed []byte // the sealed payload, where the source has it
	digest []byte // its SHA-256, where the source has only that
	has    bool   // there is a payload
}

// pageEntries is how many entries one page holds at most, and pageBytes when it
// takes no more.
const (
	pageEntries = 1024
	pageBytes   = 4 << 20
)

// page is a run of entries in memory of its own, which is used again.
type page struct {
	rows []raw
	buf  []byte
}

func (p *page) reset() { p.rows, p.buf = p.rows[:0], p.buf[:0] }

func (p *page) full() bool { return len(p.rows) >= pageEntries || len(p.buf) >= pageBytes }

// add copies an entry into the page. Rows added before may keep an older buffer,
// which stays as it was.
func (p *page) add(e raw) {
	e.id, e.header, e.sealed, e.digest = p.keep(e.id), p.keep(e.header), p.keep(e.sealed), p.keep(e.digest)
	p.rows = append(p.rows, e)
}

func (p *page) keep(b []byte) []byte {
	if b == nil {
		return nil
	}
	start := len(p.buf)
	p.buf = append(p.buf, b...)
	return p.buf[start:len(p.buf):len(p.buf)]
}

// cursor walks through a sequence that is read in pieces.
type cursor[T any] struct {
	next func(after *T) ([]T, error) // the piece after one, nil for the first
	rows []T
	last *T
	done bool
}

// peek returns the next one without taking it, nil at the end.
func (c *cursor[T]) peek() (*T, error) {
	if len(c.rows) == 0 && !c.done {
		rows, err := c.next(c.last)
		if err != nil {
			return nil, err
		}
		c.rows, c.done = rows, len(rows) == 0
	}
	if len(c.rows) == 0 {
		return nil, nil
	}
	return &c.rows[0], nil
}

// take passes over the one that peek returned.
func (c *cursor[T]) take() {
	last := c.rows[0]
	c.last, c.rows = &last, c.rows[1:]
}
