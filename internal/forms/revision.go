package forms

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

const revisionTable = "forms_revision"

// The states of a record.
const (
	stateOpen     = "open"
	stateFinished = "finished"
)

// Revision is a record as somebody saved it. Revisions are never changed: a
// record is the row of its revisions, and the newest is what counts.
type Revision struct {
	Record   ident.Record
	Number   int64 // from 1
	At       time.Time
	Author   ident.Staff
	Form     *Form // the version under which it was answered
	Finished bool
	Answers  Answers // of the sections that the reader may read
}

// content is the sealed part of a revision.
type content struct {
	Answers Answers `cbor:"1,keyasint"`
}

// stored is a revision as it is stored: sealed.
type stored struct {
	number, at, version int64
	record              ident.Record
	id                  ident.Revision
	form, state         string
	author              ident.Staff
	blob, mac           []byte
}

// columns returns the columns that the row's digest covers.
func (s *stored) columns(in ident.Case) []any {
	var author any
	if !s.author.IsZero() {
		author = s.author[:]
	}
	return []any{in[:], s.record[:], s.number, s.at, s.form, s.version, s.state, author, s.blob}
}

func (s *stored) scan(scan func(...any) error) error {
	return scan(&s.number, &s.at, &s.version, &s.record, &s.id, &s.form, &s.state, &s.author, &s.blob, &s.mac)
}

func readRevisions(ctx context.Context, tx *store.Tx, query string, args ...any) ([]*stored, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	defer rows.Close()
	var out []*stored
	for rows.Next() {
		var s stored
		if err := s.scan(rows.Scan); err != nil {
			return nil, fmt.Errorf("read records: %w", err)
		}
		out = append(out, &s)
	}
	return out, rows.Err()
}

// Fetched is some of a case's revisions, sealed.
type Fetched struct {
	room *Room
	rows []*stored
}

// FetchCase reads the newest revision of every record of the pass's case, newest
// first; with until, the newest that there was then.
func (r *Room) FetchCase(ctx context.Context, p *access.Pass, until time.Time) (*Fetched, error) {
	if until.IsZero() {
		until = p.Now().AddDate(1, 0, 0) // a clock that was set back hides nothing
	}
	rows, err := readRevisions(ctx, p.Tx(), sqlSelectNewest, p.Case(), until.UnixMicro())
	return &Fetched{r, rows}, err
}

// FetchRecord reads all revisions of one record of the pass's case, oldest first;
// none where there is no such record.
func (r *Room) FetchRecord(ctx context.Context, p *access.Pass, record ident.Record) (*Fetched, error) {
	rows, err := readRevisions(ctx, p.Tx(), sqlSelectRecord, p.Case(), record)
	return &Fetched{r, rows}, err
}

// Last returns the number of the newest revision of each record that was fetched,
// by record, for the comparison with the case's events.
func (f *Fetched) Last() map[ident.Record]int64 {
	out := map[ident.Record]int64{}
	for _, s := range f.rows {
		out[s.record] = max(out[s.record], s.number)
	}
	return out
}

// Open opens what was fetched and leaves only what the reader's role may read and what
// is not withheld from the reader.
// It refuses a row that was changed behind the program's back.
func (f *Fetched) Open(p *access.Pass) ([]Revision, error) {
	all, err := f.open(p)
	for i := range all {
		all[i].Form = all[i].Form.hiding(p, true)
		all[i].Answers = all[i].Form.readable(all[i].Answers, p.Caller().Role())
	}
	return all, err
}

// Whole opens what was fetched, also what the reader's role may not read: for what a
// room decides by. None of it may be shown.
func (f *Fetched) Whole(p *access.Pass) ([]Revision, error) { return f.open(p) }

// open opens what was fetched, whole: for the room itself.
func (f *Fetched) open(p *access.Pass) ([]Revision, error) {
	o, err := p.Opener(p.Case())
	if err != nil {
		return nil, err
	}
	out := make([]Revision, len(f.rows))
	for i, s := range f.rows {
		if err := o.CheckMAC(s.mac, revisionTable, s.id[:], 1, s.columns(p.Case())...); err != nil {
			return nil, err
		}
		var c content
		if err := o.Open(revisionTable, s.id[:], 1, s.blob, &c); err != nil {
			return nil, err
		}
		form := f.room.lib.Form(s.form, int(s.version))
		if form == nil {
			return nil, fault.Wrap(fault.Unavailable, "form-unknown", fmt.Errorf("form %s, version %d", s.form, s.version))
		}
		out[i] = Revision{
			Record: s.record, Number: s.number, At: clock.FromMicros(s.at), Author: s.author, Form: form,
			Finished: s.state == stateFinished, Answers: c.Answers,
		}
	}
	return out, nil
}

// readable returns the answers of the sections that a role may read.
func (f *Form) readable(as Answers, role string) Answers {
	out := make(Answers, len(as))
	for id, a := range as {
		if s := f.in[id]; s != nil && s.MayRead(role) {
			out[id] = a
		}
	}
	return out
}
