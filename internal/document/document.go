package document

import (
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// The states of a document. Only what is kept is ever handed out.
const (
	Kept        = "kept"
	Quarantined = "quarantined" // the scanner found something in it
	Locked      = "locked"      // may show abuse
	Removed     = "removed"     // its bytes are gone, its head stays
	Destroyed   = "destroyed"   // likewise, on the word of two people
)

const (
	table        = "document_document"
	chunkTable   = "document_chunk"
	closingTable = "document_closing" // label of the sealed part that is written later
)

// Seals seals small values under the node's key; keys.Custody implements it.
type Seals interface {
	SealNode(label string, row []byte, version int64, v any) ([]byte, error)
	OpenNode(label string, row []byte, version int64, blob []byte, v any) error
}

// Limits bounds what is taken in, by the pack's numbers.
type Limits struct {
	File int64         // bytes of one document as it comes
	Case int64         // bytes of all documents of a case
	Keep time.Duration // how long an unfinished upload is kept
}

// Room keeps documents. It is safe for concurrent use.
type Room struct {
	db     *store.DB
	seals  Seals
	limits Limits
	scan   *Scanner
}

// New returns the room. scan may be nil: then every document says that it was
// not scanned.
func New(db *store.DB, seals Seals, limits Limits, scan *Scanner) (*Room, error) {
	if db == nil || seals == nil || limits.File < PieceSize || limits.Case < limits.File || limits.Keep <= 0 {
		return nil, errors.New("document: the room lacks a part")
	}
	return &Room{db: db, seals: seals, limits: limits, scan: scan}, nil
}

// Most returns how large a document may be, in bytes.
func (r *Room) Most() int64 { return r.limits.File }

// Scans reports whether documents are scanned on their way in.
func (r *Room) Scans() bool { return r.scan != nil }

// Brief is what a person says of a document.
type Brief struct {
	Name   sealed.Text `cbor:"1,keyasint"`           // of the file, as it came
	Ending string      `cbor:"2,keyasint,omitempty"` // of that name, with the dot, lower case
	What   string      `cbor:"3,keyasint"`           // code list document_what
	Text   sealed.Text `cbor:"4,keyasint"`           // what is to be seen or heard
	Maker  sealed.Text `cbor:"5,keyasint"`           // who took it
	Taken  sealed.Date `cbor:"6,keyasint,omitzero"`
	Place  sealed.Text `cbor:"7,keyasint"`
}

// Head is the sealed part of a document. It is written once.
type Head struct {
	Brief    Brief    `cbor:"1,keyasint"`
	Kind     string   `cbor:"2,keyasint"` // code of media.Kind
	Before   []byte   `cbor:"3,keyasint"` // SHA-256 of what came
	After    []byte   `cbor:"4,keyasint"` // SHA-256 of what is kept
	Received int64    `cbor:"5,keyasint"` // bytes that came
	Removed  []string `cbor:"6,keyasint,omitempty"`
	Turn     int64    `cbor:"7,keyasint,omitempty"` // see media.Report
	Scan     string   `cbor:"8,keyasint"`           // see the constants of scan.go
	Finding  string   `cbor:"9,keyasint,omitempty"` // the scanner's name for what it found
}

// Closing is the sealed part that is written when a locked document goes to the
// competent unit: what remains of it besides its hash.
type Closing struct {
	Reference sealed.Text `cbor:"1,keyasint"` // the unit's number for the matter
}

// Document is a document as its case's readers see it.
type Document struct {
	ID      ident.Document
	Case    ident.Case
	State   string
	Size    int64 // bytes kept
	Chunks  int64
	Made    time.Time
	By      ident.Staff
	Asked   ident.Staff // who asked to destroy it, none: nobody
	Version int64
	Head
	Closing
}

// Readable reports whether the document can be handed out at all.
func (d *Document) Readable() bool { return d.State == Kept }

// row is a stored document: what it says is sealed.
type row struct {
	Document
	madeAt  int64
	sum     []byte // SHA-256 of its sealed chunks, in their order
	head    []byte
	closing []byte // nil: none
	mac     []byte
}

// columns returns the columns that the row's digest covers.
func (w *row) columns() []any {
	var asked any
	if !w.Asked.IsZero() {
		asked = w.Asked[:]
	}
	return []any{w.Case[:], w.Size, w.Chunks, w.madeAt, w.By[:], w.State, asked, w.sum, w.head, w.closing}
}

func (w *row) scan(scan func(...any) error) error {
	err := scan(&w.ID, &w.Case, &w.Size, &w.Chunks, &w.madeAt, &w.By, &w.State, &w.Asked, &w.sum, &w.head, &w.closing,
		&w.Version, &w.mac)
	w.Made = clock.FromMicros(w.madeAt)
	return err
}

// read reads the row of a document of the pass's case; one of another case does
// not exist.
func read(ctx context.Context, p *access.Pass, id ident.Document) (*row, error) {
	var w row
	err := w.scan(p.Tx().QueryRow(ctx, sqlSelectDocument, id, p.Case()).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	if err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	return &w, nil
}

// write stores the row under its next version and tells the journal.
func (w *row) write(ctx context.Context, p *access.Pass, s *keys.Sealer) error {
	before := w.Version
	w.Version++
	w.mac = s.MAC(table, w.ID[:], w.Version, w.columns()...)
	if before == 0 {
		_, err := p.Tx().Exec(ctx, sqlInsertDocument, w.ID, w.Case, w.Size, w.Chunks, w.madeAt, w.By, w.State, w.Asked,
			w.sum, w.head, w.closing, w.Version, w.mac)
		if err != nil {
			return fmt.Errorf("write document: %w", err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, sqlUpdateDocument, w.ID, w.State, w.Asked, w.closing, w.Version, w.mac, before)
		if err != nil {
			return fmt.Errorf("write document: %w", err)
		}
		if n != 1 {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	p.Wrote(table, w.ID[:], w.Version, w.mac)
	return nil
}
