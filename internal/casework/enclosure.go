package casework

import (
	"context"
	"crypto/sha256"
	"io"
	"slices"

	"causeway/internal/access"
	"causeway/internal/document"
	"causeway/internal/document/media"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// Enclosure is a document that goes along to somebody else, or came along.
type Enclosure struct {
	ID    ident.Document
	Name  sealed.Text // of the file, with its ending
	What  string      // code list document_what
	Text  sealed.Text // what is to be seen or heard
	Media string      // media type
	Size  int64       // bytes
	Sum   [sha256.Size]byte
}

// Enclosable returns the documents of the pass's case that can go along to somebody else,
// newest first: of those that the reader sees, what is kept and not hidden from whoever is to
// receive them. What is locked, quarantined, removed or destroyed goes to nobody; papers of a
// court or authority, which may be under its seal, and what may be evidence go the way that
// the court opens for them, not this one. The pass is a look that opens the case.
func (r *Room) Enclosable(ctx context.Context, p *access.Pass, hides func(part string) bool) ([]Enclosure, error) {
	if r.docs == nil || hides(access.RecordPart(access.AllDocuments)) {
		return nil, nil
	}
	f, err := r.docs.FetchAll(ctx, p)
	if err != nil {
		return nil, err
	}
	all, err := f.Open(p)
	if err != nil {
		return nil, err
	}
	var out []Enclosure
	for i := range all {
		d := &all[i]
		kind, known := media.ByCode(d.Kind)
		if !d.Readable() || !known || slices.Contains(courtsOwn, d.Brief.What) || hides(access.DocumentPart(d.ID)) || len(d.After) != sha256.Size {
			continue
		}
		out = append(out, Enclosure{
			ID: d.ID, Name: d.Brief.Name, What: d.Brief.What, Text: d.Brief.Text, Media: kind.Type, Size: d.Size, Sum: [sha256.Size]byte(d.After),
		})
	}
	return out, nil
}

// courtsOwn are the kinds of documents (code list document_what) about which a court or an
// authority decides.
var courtsOwn = []string{"court", "evidence"}

// CopyDocument writes the bytes of a document. It is entered, and may be refused, as every
// time somebody fetches it.
func (r *Room) CopyDocument(ctx context.Context, c *access.Caller, of ident.Case, doc ident.Document, to io.Writer) error {
	return r.ReadDocument(ctx, c, of, doc, func(*document.Document) (io.Writer, error) { return to, nil })
}

// TakeAlong makes what came along a document of the case. from is whom it is from.
func (r *Room) TakeAlong(ctx context.Context, c *access.Caller, of ident.Case, d *Enclosure, from sealed.Text, bytes io.Reader) error {
	if r.docs == nil {
		return fault.New(fault.Unavailable, "no-such-page")
	}
	b := document.Brief{Name: d.Name, What: d.What, Text: d.Text, Maker: from}
	if !r.codes.Valid("document_what", b.What) {
		b.What = documentOther
	}
	return r.AddDocument(ctx, c, ident.New[ident.Command](), of, b, bytes)
}

// documentOther is what a document is of which this node's list knows no better word.
const documentOther = "other"

// Came says, once the case may be opened, of the digest of a file whether it became one of
// its documents, whatever became of that then.
type Came func(p *access.Pass) (is func(sum [sha256.Size]byte) bool, err error)

// FetchCame reads which documents the pass's case has, while the entry of a look is being
// committed.
func (r *Room) FetchCame(ctx context.Context, p *access.Pass) (Came, error) {
	fetched := new(document.Fetched)
	if r.docs != nil {
		var err error
		if fetched, err = r.docs.FetchAll(ctx, p); err != nil {
			return nil, err
		}
	}
	return func(p *access.Pass) (func([sha256.Size]byte) bool, error) {
		all, err := fetched.Open(p)
		have := map[string]bool{}
		for i := range all {
			have[string(all[i].Before)] = true
		}
		return func(sum [sha256.Size]byte) bool { return have[string(sum[:])] }, err
	}, nil
}
