package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"

	"causeway/internal/access"
	"causeway/internal/document/media"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// Ready is an upload that was looked through and may be kept.
type Ready struct {
	upload upload
	pieces int64
	size   int64 // bytes to be kept
	head   Head
}

// Found returns the scanner's name for what it found, "" for nothing.
func (r *Ready) Found() string { return r.head.Finding }

// Came reports whether what came has a SHA-256.
func (r *Ready) Came(sum []byte) bool { return bytes.Equal(r.head.Before, sum) }

// What returns the code of what the document is said to be.
func (r *Ready) What() string { return r.head.Brief.What }

// Inspect reads an upload through, in no transaction: what it is, what must be
// taken out of it, its hashes, and whether it is harmful. Nothing is kept yet.
func (r *Room) Inspect(ctx context.Context, by ident.Staff, of ident.Case, id Upload) (*Ready, error) {
	var out Ready
	err := r.db.Read(ctx, func(tx *store.Tx) error {
		u, err := find(ctx, tx, by, of, id)
		if err != nil {
			return err
		}
		out.upload = *u
		out.pieces, out.head.Received, err = u.whole(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := r.seals.OpenNode(uploadTable, id[:], 1, out.upload.blob, &out.head.Brief); err != nil {
		return nil, err
	}
	from := &pieces{most: out.pieces, next: func(n int64) (b []byte, err error) {
		err = r.db.Read(ctx, func(tx *store.Tx) error {
			b, err = r.piece(ctx, tx, id, n)
			return err
		})
		return b, err
	}}
	if err := r.lookThrough(ctx, from, &out); err != nil {
		return nil, err
	}
	return &out, nil
}

// lookThrough fills in the head.
func (r *Room) lookThrough(ctx context.Context, from io.Reader, out *Ready) error {
	h := &out.head
	before, after := sha256.New(), sha256.New()
	to := io.Writer(after)
	var sc *scanning
	if h.Scan = NotScanned; r.scan != nil {
		var err error
		if sc, err = r.scan.begin(ctx); err != nil {
			return err
		}
		defer sc.end()
		to = io.MultiWriter(after, sc)
	}
	rep, err := media.Clean(io.TeeReader(from, before), to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(before, from); err != nil { // what follows the end of a picture came too
		return err
	}
	if end := h.Brief.Ending; !rep.Kind.Fits("file" + end) {
		return fault.InvalidField("file", "document-name")
	}
	if sc != nil {
		if h.Scan, h.Finding, err = sc.result(); err != nil {
			return err
		}
	}
	h.Kind, h.Removed, h.Turn, out.size = rep.Kind.Code, rep.Removed, int64(rep.Turn), rep.Size
	h.Before, h.After = before.Sum(nil), after.Sum(nil)
	return nil
}

// Keep makes a looked-through upload a document of the pass's case: its head, its
// chunks, all in the command's transaction or nothing of it. What the scanner
// found something in is kept where nobody can fetch it.
func (r *Room) Keep(ctx context.Context, p *access.Pass, ready *Ready) (ident.Document, error) {
	none := ident.Document{}
	u, err := find(ctx, p.Tx(), p.Caller().Staff(), p.Case(), ready.upload.id)
	if err != nil {
		return none, err
	}
	if err := r.fits(ctx, p, ready.size); err != nil {
		return none, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return none, err
	}
	w := row{
		Document: Document{ID: ident.New[ident.Document](), Case: p.Case(), State: Kept, By: p.Caller().Staff()},
		madeAt:   p.Tx().Micros(),
	}
	if ready.head.Scan == Found {
		w.State = Quarantined
	}
	to := &chunks{ctx: ctx, p: p, s: s, of: w.ID, sum: sha256.New()}
	after := sha256.New()
	from := &pieces{most: ready.pieces, next: func(n int64) ([]byte, error) { return r.piece(ctx, p.Tx(), u.id, n) }}
	if _, err := media.Clean(from, io.MultiWriter(to, after)); err != nil {
		return none, err
	}
	if err := to.flush(); err != nil {
		return none, err
	}
	if !bytes.Equal(after.Sum(nil), ready.head.After) {
		return none, errIncomplete() // it is not what was looked through
	}
	w.Size, w.Chunks, w.sum = ready.size, to.n, to.sum.Sum(nil)
	if w.head, err = s.Seal(table, w.ID[:], 1, &ready.head); err != nil {
		return none, fmt.Errorf("seal document: %w", err)
	}
	if err := w.write(ctx, p, s); err != nil {
		return none, err
	}
	return w.ID, drop(ctx, p.Tx(), u.id)
}

// chunks seals what is written to it, a piece at a time.
type chunks struct {
	ctx context.Context
	p   *access.Pass
	s   *keys.Sealer
	of  ident.Document
	buf []byte
	n   int64
	sum hash.Hash
}

// Write implements io.Writer.
func (c *chunks) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		if c.buf == nil {
			c.buf = make([]byte, 0, PieceSize)
		}
		n := min(len(rest), PieceSize-len(c.buf))
		c.buf, rest = append(c.buf, rest[:n]...), rest[n:]
		if len(c.buf) == PieceSize {
			if err := c.flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(b), nil
}

// flush writes what has come together.
func (c *chunks) flush() error {
	if len(c.buf) == 0 {
		return nil
	}
	blob, err := c.s.SealRaw(chunkTable, pieceKey(c.of, c.n), 1, c.buf)
	if err != nil {
		return fmt.Errorf("seal chunk: %w", err)
	}
	if _, err := c.p.Tx().Exec(c.ctx, sqlInsertChunk, c.n, c.of, blob); err != nil {
		return fmt.Errorf("write chunk: %w", err)
	}
	_, _ = c.sum.Write(blob) // a hash does not fail
	c.n, c.buf = c.n+1, c.buf[:0]
	return nil
}
