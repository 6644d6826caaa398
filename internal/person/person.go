package person

import (
	"context"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// table is the name the sealing and the journal know the rows by.
const table = "person_person"

// Room keeps persons. It has no state of its own but the index.
type Room struct {
	codes Codes
	bands Bands
	index *Index
}

// Pack is what of a jurisdiction pack this room asks.
type Pack interface {
	Codes
	Numbers
}

// New returns the room. index holds the identifiers of all persons.
func New(p Pack, index *Index) *Room { return &Room{codes: p, bands: BandsOf(p), index: index} }

// Record is one person as read: the details and the version they were read at.
type Record struct {
	ID      ident.Person
	Version int64
	Details Details
}

// Create writes a new person under the key of the pass's case.
func (r *Room) Create(ctx context.Context, p *access.Pass, s *keys.Sealer, id ident.Person, d *Details) error {
	if err := d.Check(r.codes); err != nil {
		return err
	}
	return r.write(ctx, p, s, id, 0, d)
}

// Update replaces what is known of a person. version is the one the change was
// made on; another change since then is a Conflict.
func (r *Room) Update(ctx context.Context, p *access.Pass, id ident.Person, version int64, d *Details) error {
	if err := d.Check(r.codes); err != nil {
		return err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	return r.write(ctx, p, s, id, version, d)
}

// write stores version+1 of a person.
func (r *Room) write(ctx context.Context, p *access.Pass, s *keys.Sealer, id ident.Person, version int64, d *Details) error {
	next := version + 1
	if version > 0 {
		if err := keep(ctx, p, s, id, version); err != nil {
			return err
		}
	}
	blob, err := s.Seal(table, id[:], next, d)
	if err != nil {
		return fmt.Errorf("seal person: %w", err)
	}
	now := p.Now().UnixMicro()
	subject := p.Case()
	mac := s.MAC(table, id[:], next, subject[:], now, blob)
	n := int64(1)
	if version == 0 {
		err = p.Tx().Put(ctx, sqlInsertPerson, id, subject, next, now, blob, mac)
	} else {
		n, err = p.Tx().Exec(ctx, sqlUpdatePerson, id, version, next, now, blob, mac)
	}
	if err != nil {
		return fmt.Errorf("write person: %w", err)
	}
	if n != 1 {
		return fault.New(fault.Conflict, "changed-meanwhile")
	}
	p.Wrote(table, id[:], next, mac)
	return r.index.save(ctx, p, id, subject, next, d)
}

// scan reads one row; the bytes stay sealed.
type row struct {
	id        ident.Person
	subject   ident.Case
	version   int64
	updatedAt int64
	blob, mac []byte
}

func (w *row) scan(scan func(...any) error) error {
	return scan(&w.id, &w.subject, &w.version, &w.updatedAt, &w.blob, &w.mac)
}

// open checks and opens a row with the opener of its case.
func (w *row) open(p *access.Pass, in ident.Case) (*Record, error) {
	if w.subject != in {
		return nil, fault.New(fault.Internal, "row-moved")
	}
	o, err := p.Opener(in)
	if err != nil {
		return nil, err
	}
	if err := o.CheckMAC(w.mac, table, w.id[:], w.version, w.subject[:], w.updatedAt, w.blob); err != nil {
		return nil, err
	}
	return w.details(o)
}

// details opens what the row holds.
func (w *row) details(o *keys.Opener) (*Record, error) {
	rec := &Record{ID: w.id, Version: w.version}
	if err := o.Open(table, w.id[:], w.version, w.blob, &rec.Details); err != nil {
		return nil, err
	}
	return rec, nil
}

// Fetched is a person's row as it is stored: sealed.
type Fetched struct{ row row }

// Fetch reads the row of a person while the entry of the look is being committed.
func (r *Room) Fetch(ctx context.Context, p *access.Pass, id ident.Person) (*Fetched, error) {
	var f Fetched
	if err := f.row.scan(p.Tx().QueryRow(ctx, sqlSelectPerson, id).Scan); err != nil {
		return nil, fmt.Errorf("read person: %w", err)
	}
	return &f, nil
}

// Open opens the row as that of a case's child.
func (f *Fetched) Open(p *access.Pass, in ident.Case) (*Record, error) { return f.row.open(p, in) }

// ReadMany returns the persons of a list by their cases, each opened with its
// own case's key. cases maps person to case.
func (r *Room) ReadMany(ctx context.Context, p *access.Pass, cases map[ident.Person]ident.Case) (map[ident.Person]*Record, error) {
	out := make(map[ident.Person]*Record, len(cases))
	ids := make([]ident.Person, 0, len(cases))
	for id := range cases {
		ids = append(ids, id)
	}
	for start := 0; start < len(ids); start += readMost {
		chunk := ids[start:min(start+readMost, len(ids))]
		args := make([]any, readMost)
		for i := range args {
			args[i] = chunk[min(i, len(chunk)-1)]
		}
		if err := readChunk(ctx, p, cases, args, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func readChunk(ctx context.Context, p *access.Pass, cases map[ident.Person]ident.Case, args []any, out map[ident.Person]*Record) error {
	rows, err := p.Tx().Query(ctx, sqlSelectPersons, args...)
	if err != nil {
		return fmt.Errorf("read persons: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var w row
		if err := w.scan(rows.Scan); err != nil {
			return err
		}
		rec, err := w.open(p, cases[w.id])
		if err != nil {
			return err
		}
		out[w.id] = rec
	}
	return rows.Err()
}

// Stored returns the columns of a person row for reconciliation, in the order
// the row's digest covers them.
func Stored(ctx context.Context, tx *store.Tx, id ident.Person) (version int64, mac []byte, cols []any, err error) {
	var w row
	if err := w.scan(tx.QueryRow(ctx, sqlSelectPerson, id).Scan); err != nil {
		return 0, nil, nil, err
	}
	return w.version, w.mac, []any{w.subject[:], w.updatedAt, w.blob}, nil
}
