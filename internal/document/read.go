package document

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/document/media"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// Fetched is one or more documents as they are stored: sealed.
type Fetched struct{ rows []*row }

// FetchAll reads the rows of the case's documents, newest first, while the entry
// of the look is being committed.
func (r *Room) FetchAll(ctx context.Context, p *access.Pass) (*Fetched, error) {
	rows, err := p.Tx().Query(ctx, sqlOfCase, p.Case())
	if err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	defer rows.Close()
	var f Fetched
	for rows.Next() {
		var w row
		if err := w.scan(rows.Scan); err != nil {
			return nil, fmt.Errorf("read documents: %w", err)
		}
		f.rows = append(f.rows, &w)
	}
	return &f, rows.Err()
}

// Fetch reads the row of one document.
func (r *Room) Fetch(ctx context.Context, p *access.Pass, id ident.Document) (*Fetched, error) {
	w, err := read(ctx, p, id)
	if err != nil {
		return nil, err
	}
	return &Fetched{[]*row{w}}, nil
}

// Open opens what was fetched and is not withheld from the reader, and refuses a row
// that was changed behind the program's back.
func (f *Fetched) Open(p *access.Pass) ([]Document, error) {
	o, err := p.Opener(p.Case())
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(slices.Clone(f.rows), func(w *row) bool { return p.HidesDocument(w.ID) })
	out := make([]Document, len(rows))
	for i, w := range rows {
		if err := o.CheckMAC(w.mac, table, w.ID[:], w.Version, w.columns()...); err != nil {
			return nil, err
		}
		out[i] = w.Document
		if err := o.Open(table, w.ID[:], 1, w.head, &out[i].Head); err != nil {
			return nil, err
		}
		if w.closing == nil {
			continue
		}
		if err := o.Open(closingTable, w.ID[:], 1, w.closing, &out[i].Closing); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FetchedChunk is one chunk of a document, sealed, with the document's row as it
// was at that moment.
type FetchedChunk struct {
	Fetched
	n    int64
	blob []byte
}

// FetchChunk reads chunk n. A document that is not kept has none for anybody: it is
// refused here, where no key is open yet.
func (r *Room) FetchChunk(ctx context.Context, p *access.Pass, id ident.Document, n int64) (*FetchedChunk, error) {
	f, err := r.Fetch(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if !f.rows[0].Readable() {
		return nil, fault.New(fault.Invalid, "document-closed")
	}
	c := &FetchedChunk{*f, n, nil}
	if err := p.Tx().QueryRow(ctx, sqlSelectChunk, id, n).Scan(&c.blob); err != nil {
		return nil, fmt.Errorf("read chunk: %w", err)
	}
	return c, nil
}

// Open opens the chunk and its document. The bytes of the first chunk are looked
// at once more: they must still be what the head says.
func (c *FetchedChunk) Open(p *access.Pass) (*Document, []byte, error) {
	all, err := c.Fetched.Open(p)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	if err != nil {
		return nil, nil, err
	}
	o, err := p.Opener(p.Case())
	if err != nil {
		return nil, nil, err
	}
	d := &all[0]
	b, err := o.OpenRaw(chunkTable, pieceKey(d.ID, c.n), 1, c.blob)
	if err != nil {
		return nil, nil, err
	}
	if k, ok := media.Of(b); c.n == 0 && (!ok || k.Code != d.Kind) {
		return nil, nil, fault.New(fault.Unavailable, "record-altered")
	}
	return d, b, nil
}
