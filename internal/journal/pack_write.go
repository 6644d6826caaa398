package journal

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"math"
	"strings"
	"time"

	"causeway/internal/fault"
	"causeway/internal/store"

	"golang.org/x/mod/sumdb/tlog"
)

// PackOptions says what a pack brings along.
type PackOptions struct {
	Node string
	Keys []string // the node's verifier keys, for convenience
	Now  time.Time
}

// WritePack writes a pack of the journal, as it is in one snapshot, to w. It needs
// no key and holds none; see docs/protocol/journal-pack.md. A journal that has
// no such form, because entries are missing or rows are not what they must be,
// is refused with code "journal-altered": verify it where it is. After an error
// what was written is of no use.
func WritePack(ctx context.Context, db Snapshots, w io.Writer, o PackOptions) error {
	begun := false
	return db.Scan(ctx, func(tx *store.Tx) error {
		if begun { // a repeated snapshot would follow what was written already
			return fault.New(fault.Unavailable, "try-again")
		}
		begun = true
		p := newPackWriter(w, o)
		if err := p.write(ctx, &tableReader{tx: tx}); err != nil {
			return fmt.Errorf("export journal: %w", err)
		}
		return nil
	})
}

// packWriter writes members one after the other.
type packWriter struct {
	o   PackOptions
	sum hash.Hash
	tar *tar.Writer
}

func newPackWriter(w io.Writer, o PackOptions) *packWriter {
	p := &packWriter{o: o, sum: sha256.New()}
	p.tar = tar.NewWriter(io.MultiWriter(w, p.sum))
	return p
}

func (p *packWriter) member(name string, content []byte) error {
	if err := p.tar.WriteHeader(tarHeader(name, len(content), p.o.Now)); err != nil {
		return err
	}
	_, err := p.tar.Write(content)
	return err
}

func (p *packWriter) write(ctx context.Context, r *tableReader) error {
	heads, err := r.heads(ctx)
	if err != nil {
		return err
	}
	var size int64
	if len(heads) > 0 {
		size = heads[0].size
	}
	err = p.member(packAbout, []byte(aboutText(p.o.Node, p.o.Now, size)))
	if err == nil {
		err = p.member(packKeys, []byte(strings.Join(p.o.Keys, "\n")+"\n"))
	}
	for _, h := range heads {
		if h.log != "node" {
			return alteredRow("journal_head", "log")
		}
		if err == nil {
			err = p.member(packHead, []byte(headText(h.head)))
		}
	}
	for _, part := range []func(context.Context, *tableReader) error{
		p.newest, p.epochs, p.checkpoints, p.entries, p.tiles, p.chains, p.pending,
	} {
		if err == nil {
			err = part(ctx, r)
		}
	}
	if err != nil {
		return err
	}
	return p.end()
}

// end closes the archive with a digest of what stands before.
func (p *packWriter) end() error {
	if err := p.tar.Flush(); err != nil {
		return err
	}
	if err := p.member(packEnd, []byte(endText(p.sum.Sum(nil)))); err != nil {
		return err
	}
	return p.tar.Close()
}

func alteredRow(table, what string) error {
	return fault.Wrap(fault.Unavailable, "journal-altered", fmt.Errorf("%s: %s", table, what))
}

func (p *packWriter) newest(ctx context.Context, r *tableReader) error {
	c, err := lastCheckpoint(ctx, r.tx)
	if err != nil || c.note == "" {
		return err
	}
	signed, err := cosignedNote(ctx, r.tx, c)
	if err != nil {
		return err
	}
	return p.member(packCheckpoint, []byte(signed))
}

func (p *packWriter) epochs(ctx context.Context, r *tableReader) error {
	epochs, err := r.epochs(ctx)
	for _, e := range epochs {
		if err == nil {
			err = p.member(packEpochs+fmt.Sprint(e.Epoch), []byte(epochText(e)))
		}
	}
	return err
}

func (p *packWriter) checkpoints(ctx context.Context, r *tableReader) error {
	l := list{p: p, section: packCheckpoints}
	epoch, size := int64(math.MinInt64), int64(math.MinInt64)
	for {
		rows, err := r.checkpoints(ctx, epoch, size)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return l.flush()
		}
		for _, c := range rows {
			var numbers [24]byte
			binary.BigEndian.PutUint64(numbers[:], uint64(c.epoch))
			binary.BigEndian.PutUint64(numbers[8:], uint64(c.size))
			binary.BigEndian.PutUint64(numbers[16:], uint64(c.at))
			if err := l.add(numbers[:], []byte(c.note)); err != nil {
				return err
			}
			epoch, size = c.epoch, c.size
		}
	}
}

// list writes the records of one kind, many in a member.
type list struct {
	p       *packWriter
	section string
	n       int64
	count   int
	buf     []byte
}

func (l *list) add(parts ...[]byte) error {
	l.buf = appendRecord(l.buf, parts...)
	l.count++
	if l.count < recordsPerMember && len(l.buf) < memberMost/4 {
		return nil
	}
	return l.flush()
}

func (l *list) flush() error {
	if l.count == 0 {
		return nil
	}
	err := l.p.member(l.section+listPath(l.n), l.buf)
	l.n, l.count, l.buf = l.n+1, 0, l.buf[:0]
	return err
}

// entries writes the bundles of headers, each followed by what is known of the
// payloads.
func (p *packWriter) entries(ctx context.Context, r *tableReader) error {
	b := bundle{p: p}
	var pg page
	for position := int64(math.MinInt64); ; {
		pg.reset()
		if err := r.entries(ctx, position, &pg); err != nil {
			return err
		}
		if len(pg.rows) == 0 {
			return b.flush()
		}
		for i := range pg.rows {
			if err := b.add(&pg.rows[i]); err != nil {
				return err
			}
		}
		position = pg.rows[len(pg.rows)-1].idx + 1
	}
}

// bundle gathers 256 entries.
type bundle struct {
	p        *packWriter
	next     int64
	headers  []byte
	payloads []byte
}

func (b *bundle) add(e *raw) error {
	h, err := ParseHeader(e.header)
	if err != nil || e.idx != b.next || !bytes.Equal(e.id, h.ID) {
		return alteredRow("journal_entry", entryPlace(b.next))
	}
	b.next++
	b.headers = binary.BigEndian.AppendUint16(b.headers, uint16(len(e.header)))
	b.headers = append(b.headers, e.header...)
	b.payloads = appendPayload(b.payloads, e.has, digestOf(e))
	if b.next%tileWidth == 0 {
		return b.flush()
	}
	return nil
}

func digestOf(e *raw) []byte {
	sum := sha256.Sum256(e.sealed)
	return sum[:]
}

func (b *bundle) flush() error {
	if len(b.headers) == 0 {
		return nil
	}
	n := (b.next - 1) / tileWidth
	path := bundlePath(n, int(b.next-n*tileWidth))
	err := b.p.member(packEntries+path, b.headers)
	if err == nil {
		err = b.p.member(packPayloads+path, b.payloads)
	}
	b.headers, b.payloads = b.headers[:0], b.payloads[:0]
	return err
}

// tilesLevels is how many levels of tiles a log of any size has.
const tilesLevels = 8

func (p *packWriter) tiles(ctx context.Context, r *tableReader) error {
	if t, stray, err := r.strayTile(ctx, tilesLevels-1); err != nil || stray {
		return orElse(err, alteredRow("journal_tile", tilePlace(t.level, t.n)))
	}
	for level := range int64(tilesLevels) {
		for n := int64(math.MinInt64); ; {
			tiles, err := r.tiles(ctx, level, n)
			if err != nil {
				return err
			}
			if len(tiles) == 0 {
				break
			}
			for _, t := range tiles {
				width := len(t.data) / tlog.HashSize
				if len(t.data)%tlog.HashSize != 0 || width < 1 || width > tileWidth || t.n < 0 {
					return alteredRow("journal_tile", tilePlace(level, t.n))
				}
				if err := p.member(fmt.Sprintf("%s%d/%s", packTiles, level, bundlePath(t.n, width)), t.data); err != nil {
					return err
				}
				n = t.n + 1
			}
		}
	}
	return nil
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (p *packWriter) chains(ctx context.Context, r *tableReader) error {
	l := list{p: p, section: packChains}
	err := r.chains(ctx, func(subject, head []byte, length int64) error {
		if len(subject) != 16 || len(head) != tlog.HashSize {
			return alteredRow("journal_chain", fmt.Sprintf("subject %x", subject))
		}
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(length))
		return l.add(subject, head, n[:])
	})
	if err != nil {
		return err
	}
	return l.flush()
}

func (p *packWriter) pending(ctx context.Context, r *tableReader) error {
	l := list{p: p, section: packPending}
	err := r.pending(ctx, func(e raw) error {
		if h, err := ParseHeader(e.header); err != nil || !bytes.Equal(e.id, h.ID) {
			return alteredRow("journal_pending", pendingPlace(e.id))
		}
		return l.add(appendPayload(nil, e.has, digestOf(&e)), e.header)
	})
	if err != nil {
		return err
	}
	return l.flush()
}
