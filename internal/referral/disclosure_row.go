package referral

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

const (
	disclosureTable = "referral_disclosure"
	markTable       = "referral_mark"
)

// What became of a disclosure.
const (
	markEnded = "ended"
	markTold  = "told"
)

// Disclosure is what of a case was given to somebody.
type Disclosure struct {
	ID      DisclosureID
	Case    ident.Case
	Number  int64 // 1 is the first of its case
	At      time.Time
	Author  ident.Staff // who decided it, and signed it by a fresh check of who they are
	To      [16]byte    // ident.Staff or, with Unit, ident.Unit
	Unit    bool
	Purpose string    // code list consent_purpose
	Basis   string    // code list legal_basis
	Notes   bool      // care notes are in it
	TellBy  time.Time // until when the child is told; zero: was told before
	Request RequestID // what it answers; none: nobody asked
	Digest  []byte    // SHA-256 of the sealed bytes, which the journal names

	Ended, Told time.Time // since when; zero: not
	ToldBy      ident.Staff

	Body // once it was opened

	blob, mac []byte
	marks     []mark
}

// Body is the sealed part of a disclosure.
type Body struct {
	Package Package     `cbor:"1,keyasint"`
	Norm    sealed.Text `cbor:"2,keyasint,omitzero"` // of the law it rests on
	Ask     sealed.Text `cbor:"3,keyasint,omitzero"` // what is asked of whoever receives it
	Untold  sealed.Text `cbor:"4,keyasint,omitzero"` // why the child is not told yet
}

// Untold reports whether the child is still to be told of it.
func (d *Disclosure) Untold() bool { return !d.TellBy.IsZero() && d.Told.IsZero() }

// consented reports whether the consent that a disclosure rests on is in force now: for
// its purpose, to this recipient.
func (d *Disclosure) consented(ctx context.Context, p *access.Pass) (bool, error) {
	_, ok, err := consent.Permitted(ctx, p, d.Purpose, consent.Recipient(d.To))
	return ok, err
}

// OnConsent reports whether it rests on consent alone.
func (d *Disclosure) OnConsent() bool { return d.Basis == basisConsent }

// columns returns what the digest of the row covers.
func (d *Disclosure) columns() []any {
	var tell, request any
	if !d.TellBy.IsZero() {
		tell = d.TellBy.UnixMicro()
	}
	if !d.Request.IsZero() {
		request = d.Request[:]
	}
	return []any{
		d.At.UnixMicro(), d.Number, tell, d.Unit, d.Notes, d.Case[:], d.ID[:], d.To[:], d.Purpose, d.Basis, request,
		d.Author[:], d.Digest, d.blob,
	}
}

func (d *Disclosure) scan(scan func(...any) error) error {
	var at int64
	var tell *int64
	var to []byte
	err := scan(&at, &d.Number, &tell, &d.Unit, &d.Notes, &d.Case, &d.ID, &to, &d.Purpose, &d.Basis, &d.Request,
		&d.Author, &d.Digest, &d.blob, &d.mac)
	if err != nil {
		return err
	}
	copy(d.To[:], to)
	d.At = clock.FromMicros(at)
	if tell != nil {
		d.TellBy = clock.FromMicros(*tell)
	}
	return nil
}

// write stores a new disclosure. The journal names the row by its digest.
func (d *Disclosure) write(ctx context.Context, p *access.Pass) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	d.Case = p.Case()
	if err := p.Tx().QueryRow(ctx, sqlNextNumber, d.Case).Scan(&d.Number); err != nil {
		return fmt.Errorf("number of disclosure: %w", err)
	}
	if d.blob, err = s.Seal(disclosureTable, d.ID[:], 1, &d.Body); err != nil {
		return fmt.Errorf("seal disclosure: %w", err)
	}
	sum := sha256.Sum256(d.blob)
	d.Digest = sum[:]
	d.mac = s.MAC(disclosureTable, d.Digest, 1, d.columns()...)
	if err := p.Tx().Put(ctx, sqlInsertDisclosure, append(d.columns(), d.mac)...); err != nil {
		return fmt.Errorf("write disclosure: %w", err)
	}
	p.Wrote(disclosureTable, d.Digest, 1, d.mac)
	return nil
}

// checker checks digests: a sealer or an opener.
type checker interface {
	CheckMAC(mac []byte, table string, row []byte, version int64, cols ...any) error
}

// check refuses a row, or marks, that this program did not write as they are.
func (d *Disclosure) check(k checker) error {
	sum := sha256.Sum256(d.blob)
	if !bytes.Equal(sum[:], d.Digest) {
		return fault.New(fault.Unavailable, "record-altered")
	}
	for _, m := range d.marks {
		if err := k.CheckMAC(m.mac, markTable, m.id, 1, m.columns()...); err != nil {
			return err
		}
	}
	return k.CheckMAC(d.mac, disclosureTable, d.Digest, 1, d.columns()...)
}

// open checks the row and opens its sealed part, in a look that was entered.
func (d *Disclosure) open(p *access.Pass) error {
	o, err := p.Opener(d.Case)
	if err != nil {
		return err
	}
	if err := d.check(o); err != nil {
		return err
	}
	return o.Open(disclosureTable, d.ID[:], 1, d.blob, &d.Body)
}

// mark is one row of what became of a disclosure.
type mark struct {
	at     int64
	of, id []byte
	about  DisclosureID
	kind   string
	author ident.Staff
	mac    []byte
}

func (m *mark) columns() []any { return []any{m.at, m.of, m.id, m.about[:], m.kind, m.author[:]} }

func (m *mark) scan(scan func(...any) error) error {
	return scan(&m.at, &m.of, &m.id, &m.about, &m.kind, &m.author, &m.mac)
}

// mark stores what became of the disclosure.
func (d *Disclosure) mark(ctx context.Context, p *access.Pass, kind string) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	id, of := ident.New[[16]byte](), p.Case()
	m := mark{at: p.Now().UnixMicro(), of: of[:], id: id[:], about: d.ID, kind: kind, author: p.Caller().Staff()}
	m.mac = s.MAC(markTable, m.id, 1, m.columns()...)
	if err := p.Tx().Put(ctx, sqlInsertMark, append(m.columns(), m.mac)...); err != nil {
		return fmt.Errorf("write mark: %w", err)
	}
	p.Wrote(markTable, m.id, 1, m.mac)
	return nil
}

// fetchDisclosures reads the disclosures of a case with their marks, by number, sealed
// and unchecked.
func fetchDisclosures(ctx context.Context, tx *store.Tx, of ident.Case) ([]Disclosure, error) {
	var out []Disclosure
	err := eachRow(ctx, tx, func(scan func(...any) error) error {
		out = append(out, Disclosure{})
		return out[len(out)-1].scan(scan)
	}, sqlSelectDisclosures, of)
	if err != nil {
		return nil, fmt.Errorf("read disclosures: %w", err)
	}
	err = eachRow(ctx, tx, func(scan func(...any) error) error {
		var m mark
		if err := m.scan(scan); err != nil {
			return err
		}
		for i := range out {
			if out[i].ID == m.about {
				out[i].take(m)
			}
		}
		return nil
	}, sqlSelectMarks, of)
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	return out, nil
}

func (d *Disclosure) take(m mark) {
	d.marks = append(d.marks, m)
	switch m.kind {
	case markEnded:
		d.Ended = clock.FromMicros(m.at)
	case markTold:
		d.Told, d.ToldBy = clock.FromMicros(m.at), m.author
	}
}

// disclosuresOf reads and checks the disclosures of the pass's case, for a command.
func disclosuresOf(ctx context.Context, p *access.Pass) ([]Disclosure, error) {
	out, err := fetchDisclosures(ctx, p.Tx(), p.Case())
	if err != nil {
		return nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := out[i].check(s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// eachRow runs fn for each row of a query.
func eachRow(ctx context.Context, tx *store.Tx, fn func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
