package journal

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"causeway/internal/ident"

	"golang.org/x/mod/sumdb/tlog"
)

// packReader reads the rows of a pack. Each section is read from its beginning
// to its end; asking for an earlier row starts again.
type packReader struct {
	p         *Pack
	entryWalk *walk
	tileWalks map[int64]*walk
	cpWalk    *walk
}

// walk goes through the members of a section.
type walk struct {
	p       *Pack
	section string
	off, to int64
	buf     []byte
	last    int64 // where it stands, in the numbers of its section
}

func (r *packReader) walk(section string) *walk {
	s := r.p.sections[section]
	return &walk{p: r.p, section: section, off: s.from, to: s.to, last: math.MinInt64}
}

// next returns the name and content of the next member, ok false at the end.
// The content is valid until the walk goes on.
func (w *walk) next() (name string, content []byte, ok bool, err error) {
	if w.off >= w.to {
		return "", nil, false, nil
	}
	m, _, err := w.p.memberAt(w.off)
	if err != nil {
		return "", nil, false, err
	}
	if section, _ := packSection(m.name); section != w.section {
		return "", nil, false, errPack
	}
	w.off = m.next
	w.buf, err = w.p.content(m, w.buf)
	return m.name, w.buf, err == nil, err
}

func (r *packReader) about() about { return r.p.a }

func (r *packReader) heads(context.Context) ([]storedHead, error) { return r.p.head, nil }

func (r *packReader) epochs(context.Context) ([]Epoch, error) { return r.p.epochs, nil }

func (r *packReader) entries(ctx context.Context, position int64, p *page) error {
	if r.entryWalk == nil || position != r.entryWalk.last {
		r.entryWalk = r.walk(packEntries)
		r.entryWalk.last = 0
	}
	if position > 0 && position != r.entryWalk.last {
		return fmt.Errorf("%w: entries are read in order", errPack)
	}
	for !p.full() {
		ok, err := r.bundle(p)
		if err != nil || !ok {
			return err
		}
	}
	return ctx.Err()
}

// bundle reads the next bundle and what is known of its payloads.
func (r *packReader) bundle(p *page) (bool, error) {
	w := r.entryWalk
	name, content, ok, err := w.next()
	if err != nil || !ok {
		return false, err
	}
	path, isBundle := strings.CutPrefix(name, packEntries)
	n, width, err := parseBundlePath(path)
	if err != nil || !isBundle || n*tileWidth != w.last {
		return false, errPack
	}
	from := len(p.rows)
	for range width {
		if len(content) < 2 {
			return false, errPack
		}
		size := int(binary.BigEndian.Uint16(content))
		if content = content[2:]; len(content) < size {
			return false, errPack
		}
		p.add(raw{idx: w.last, header: content[:size]})
		content = content[size:]
		w.last++
	}
	if len(content) > 0 {
		return false, errPack
	}
	name, content, ok, err = w.next()
	if err != nil || !ok || name != packPayloads+path {
		return false, orElse(err, errPack)
	}
	for i := from; i < len(p.rows); i++ {
		e := &p.rows[i]
		var digest []byte
		if e.has, digest, content, err = takePayload(content); err != nil {
			return false, err
		}
		e.digest = p.keep(digest)
	}
	if len(content) > 0 {
		return false, errPack
	}
	return true, nil
}

func (r *packReader) tiles(_ context.Context, level, n int64) (out []storedTile, err error) {
	w := r.tileWalks[level]
	if w == nil || n <= w.last {
		w = r.walk(fmt.Sprintf("%s%d/", packTiles, level))
		r.tileWalks[level] = w
	}
	for len(out) < tilesAtOnce {
		name, content, ok, err := w.next()
		if err != nil || !ok {
			return out, err
		}
		_, path := packSection(name)
		at, width, err := parseBundlePath(path)
		if err != nil || len(content) != width*tlog.HashSize || at <= w.last {
			return out, orElse(err, errPack)
		}
		w.last = at
		if at >= n {
			out = append(out, storedTile{level, at, append([]byte(nil), content...)})
		}
	}
	return out, nil
}

func (r *packReader) strayTile(_ context.Context, top int64) (storedTile, bool, error) {
	for level := top + 1; level < tilesLevels; level++ {
		if _, ok := r.p.sections[fmt.Sprintf("%s%d/", packTiles, level)]; ok {
			return storedTile{level: level}, true, nil
		}
	}
	return storedTile{}, false, nil
}

func (r *packReader) checkpoints(_ context.Context, epoch, size int64) (out []storedCheckpoint, err error) {
	if r.cpWalk == nil || epoch == math.MinInt64 {
		r.cpWalk = r.walk(packCheckpoints)
	}
	_, content, ok, err := r.cpWalk.next()
	if err != nil || !ok {
		return nil, err
	}
	for len(content) > 0 {
		var b []byte
		if b, content, err = takeRecord(content); err != nil || len(b) < 24 {
			return nil, errPack
		}
		c := storedCheckpoint{
			int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:])),
			int64(binary.BigEndian.Uint64(b[16:])), string(b[24:]),
		}
		if c.epoch < epoch || c.epoch == epoch && c.size <= size {
			return nil, fmt.Errorf("%w: checkpoints are not in order", errPack)
		}
		epoch, size = c.epoch, c.size
		out = append(out, c)
	}
	return out, nil
}

// records gives fn every record of a section.
func (r *packReader) records(ctx context.Context, section string, fn func([]byte) error) error {
	w := r.walk(section)
	for {
		_, content, ok, err := w.next()
		if err != nil || !ok {
			return err
		}
		for len(content) > 0 {
			var b []byte
			if b, content, err = takeRecord(content); err != nil {
				return err
			}
			if err := fn(b); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func (r *packReader) pending(ctx context.Context, fn func(raw) error) error {
	return r.records(ctx, packPending, func(b []byte) error {
		has, digest, header, err := takePayload(b)
		if err != nil {
			return err
		}
		e := raw{idx: -1, header: header, digest: digest, has: has}
		if h, err := ParseHeader(header); err == nil {
			e.id = h.ID
		}
		return fn(e)
	})
}

// chainRecord is the length of a record of a chain: subject, head, length.
const chainRecord = 16 + tlog.HashSize + 8

func (r *packReader) chains(ctx context.Context, fn func(subject, head []byte, length int64) error) error {
	return r.records(ctx, packChains, func(b []byte) error {
		if len(b) != chainRecord {
			return errPack
		}
		return fn(b[:16], b[16:16+tlog.HashSize], int64(binary.BigEndian.Uint64(b[16+tlog.HashSize:])))
	})
}

// subjects: the index follows from the headers and is not in a pack.
func (r *packReader) subjects(context.Context, func([]byte, int64) error) (bool, error) {
	return false, nil
}

func (r *packReader) leftover(ctx context.Context, erased map[ident.Subject]bool) (idx int64, found bool, err error) {
	again := packReader{p: r.p}
	var p page
	for position := int64(0); ; {
		p.reset()
		if err := again.entries(ctx, position, &p); err != nil || len(p.rows) == 0 {
			return 0, false, err
		}
		for i := range p.rows {
			if e := &p.rows[i]; e.has {
				h, err := ParseHeader(e.header)
				if err == nil && len(h.Subjects) == 1 && len(h.Subjects[0]) == 16 && erased[ident.Subject(h.Subjects[0])] {
					return e.idx, true, nil
				}
			}
		}
		position = p.rows[len(p.rows)-1].idx + 1
	}
}
