package consent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

type (
	recordKind    struct{}
	recipientKind struct{}
)

// ID names one record.
type ID = ident.ID[recordKind]

// Recipient names who may receive something: a unit of this node, or somebody outside,
// who got a random identifier with the first record that names them. The zero value is
// everybody whom a purpose concerns.
type Recipient = ident.ID[recipientKind]

// What a record is about.
const (
	KindAnswer   = "answer"   // of the child, a guardian, or both
	KindOverride = "override" // the child's best interests instead of an answer
	KindBasis    = "basis"    // a lawful basis that asks nobody
	KindPassed   = "passed"   // something was passed on to a recipient
	KindTold     = "told"     // a recipient was told of a withdrawal
	KindOrdered  = "ordered"  // a compelled disclosure
	KindReported = "reported" // a duty to report, or imminent danger
)

// The states of answers, overrides and bases.
const (
	Given     = "given"
	Refused   = "refused"
	NotAsked  = "not_asked"
	Withdrawn = "withdrawn" // of an answer; it ends what rests on consent only
	Proposed  = "proposed"  // of an override: waits for a second person
	Declined  = "declined"  // by that person
	Stated    = "stated"    // of another basis
	Ended     = "ended"     // of an override or another basis
)

// The bases of permits this package puts in force beside those of the pack's list
// legal_basis.
const (
	BasisConsent       = "consent"
	BasisBestInterests = "best_interests"
)

// Withdrawable returns the bases whose end a restored backup may not undo.
func Withdrawable() []string { return []string{BasisConsent, BasisBestInterests} }

const recordTable = "consent_record"

// Record is one thing that was asked, answered, withdrawn, passed on or told. Records
// are never changed: of several about the same purpose and recipient the newest counts.
type Record struct {
	ID        ID
	Seq       int64     // of its event
	At        time.Time // when it was written down
	Until     time.Time // zero: no end
	Kind      string
	Purpose   string // code list consent_purpose
	State     string
	Basis     string // see [BasisConsent]; of other bases a code of the list legal_basis
	Recipient Recipient
	About     ID // the record this one follows from; zero for none
	Author    ident.Staff
	Details

	blob, mac []byte
}

// Details are the sealed part of a record: who said what, when and why.
type Details struct {
	Name sealed.Text `cbor:"1,keyasint,omitzero"` // of a recipient outside this node
	// Of an answer.
	Who         string      `cbor:"2,keyasint,omitempty"` // who consents: one of [Consenters]
	Guardian    sealed.Text `cbor:"3,keyasint,omitzero"`  // the guardian who was asked
	Unsafe      string      `cbor:"4,keyasint,omitempty"` // may that guardian be involved: one of [Doubts]
	Assent      string      `cbor:"5,keyasint,omitempty"` // of the child: one of [Assents]
	AssentWhy   sealed.Text `cbor:"6,keyasint,omitzero"`  // how it was asked at this age, or why not
	Words       sealed.Text `cbor:"7,keyasint,omitzero"`  // the child's own
	Version     sealed.Text `cbor:"8,keyasint,omitzero"`  // of the text that was explained
	Language    string      `cbor:"9,keyasint,omitempty"` // in which it was explained
	On          sealed.Date `cbor:"10,keyasint,omitzero"` // day of the talk, of the withdrawal, of the disclosure
	ExplainedBy sealed.Text `cbor:"11,keyasint,omitzero"`
	Present     []string    `cbor:"12,keyasint,omitempty"` // code list present
	Interpreter string      `cbor:"13,keyasint,omitempty"` // code list interpreter
	Interpreted sealed.Text `cbor:"14,keyasint,omitzero"`  // who interpreted
	// Of an override, a withdrawal, a decision: why. Of a recipient who was told: how.
	Reason sealed.Text `cbor:"15,keyasint,omitzero"`
	// Of another basis: the norm and the paper.
	Norm  sealed.Text `cbor:"16,keyasint,omitzero"`
	Paper sealed.Text `cbor:"17,keyasint,omitzero"`
	What  sealed.Text `cbor:"18,keyasint,omitzero"` // what was passed on

	Order  *Order  `cbor:"19,keyasint,omitempty"`
	Report *Report `cbor:"20,keyasint,omitempty"`
}

// Consenters are those who can consent.
func Consenters() []string { return []string{"child", "guardian", "both"} }

// Assents are the answers to whether the child assents.
func Assents() []string { return []string{"assented", "refused", "not_asked", "not_able"} }

// Doubts are the answers to whether the guardian may be involved in what happened.
func Doubts() []string { return []string{"no", "yes", "unknown"} }

// columns returns the stored columns that the row's digest covers, in the order of
// [recordColumns].
func (r *Record) columns(in ident.Case) []any {
	return []any{
		r.At.UnixMicro(), r.Seq, optTime(r.Until), in[:], opt(r.Recipient.IsZero(), r.Recipient[:]), opt(r.About.IsZero(), r.About[:]),
		r.Kind, r.Purpose, r.State, r.Basis, opt(r.Author.IsZero(), r.Author[:]), r.blob,
	}
}

// opt stores what is there, NULL for none.
func opt(none bool, b []byte) any {
	if none {
		return nil
	}
	return b
}

func optTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func (r *Record) scan(scan func(...any) error) error {
	var at int64
	var until *int64
	err := scan(&at, &r.Seq, &until, &r.ID, &r.Recipient, &r.About, &r.Kind, &r.Purpose, &r.State, &r.Basis, &r.Author, &r.blob, &r.mac)
	if err != nil {
		return err
	}
	r.At = clock.FromMicros(at)
	if until != nil {
		r.Until = clock.FromMicros(*until)
	}
	return nil
}

// checker checks digests: a sealer or an opener.
type checker interface {
	CheckMAC(mac []byte, table string, row []byte, version int64, cols ...any) error
}

func (r *Record) check(k checker, in ident.Case) error {
	return k.CheckMAC(r.mac, recordTable, r.ID[:], 1, r.columns(in)...)
}

// Write stores a record of the pass's case under the number of the event that goes with
// it, and puts in force or ends what follows from it. A record with a state that changes
// nothing only says what was said.
func Write(ctx context.Context, p *access.Pass, seq int64, r *Record) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	r.ID, r.Seq, r.At, r.Author = ident.New[ID](), seq, p.Now(), p.Caller().Staff()
	if r.blob, err = s.Seal(recordTable, r.ID[:], 1, &r.Details); err != nil {
		return fmt.Errorf("seal consent: %w", err)
	}
	r.mac = s.MAC(recordTable, r.ID[:], 1, r.columns(p.Case())...)
	if err := p.Tx().Put(ctx, sqlInsertRecord, r.At.UnixMicro(), r.Seq, optTime(r.Until), p.Case(), r.ID, opt(r.Recipient.IsZero(), r.Recipient[:]),
		opt(r.About.IsZero(), r.About[:]), r.Kind, r.Purpose, r.State, r.Basis, r.Author, r.blob, r.mac); err != nil {
		return fmt.Errorf("write consent: %w", err)
	}
	p.Wrote(recordTable, r.ID[:], 1, r.mac)
	return r.effect(ctx, p)
}

// effect puts a basis in force, or ends it, as the record says.
func (r *Record) effect(ctx context.Context, p *access.Pass) error {
	switch r.State {
	case Given, Stated:
		return p.PermitUntil(ctx, Key(r.Purpose, r.Recipient), r.Basis, r.Until)
	case Refused, Withdrawn, Ended:
		_, err := p.Withdraw(ctx, r.Basis, func(purpose string) bool { return covers(r.Purpose, r.Recipient, purpose) })
		return err
	}
	return nil
}

// One reads a record of the pass's case by its identifier, for a command: what is sealed
// stays sealed. One that is not there is NotFound.
func One(ctx context.Context, p *access.Pass, id ID) (*Record, error) {
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	var r Record
	err = r.scan(p.Tx().QueryRow(ctx, sqlSelectRecord, p.Case(), id).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	if err != nil {
		return nil, err
	}
	return &r, r.check(s, p.Case())
}

// Latest reads the newest record of a kind about a purpose and recipient of the pass's
// case, for a command; nil where there is none.
func Latest(ctx context.Context, p *access.Pass, kind, purpose string, to Recipient) (*Record, error) {
	var k checker
	if o, err := p.Opener(p.Case()); err == nil { // in a look
		k = o
	} else if k, err = p.Sealer(ctx); err != nil {
		return nil, err
	}
	all, err := readRecords(ctx, p.Tx(), sqlSelectPurpose, p.Case(), kind, purpose)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := all[i].check(k, p.Case()); err != nil {
			return nil, err
		}
		if all[i].Recipient == to {
			return &all[i], nil
		}
	}
	return nil, nil
}

// Unanswered counts the purposes for which nobody has answered yet in a case that a list
// shows: what a guardian is still to be asked.
func Unanswered(ctx context.Context, p *access.Pass, of ident.Case, purposes []string) (int, error) {
	k, err := p.Opener(of)
	if err != nil {
		return 0, err
	}
	all, err := readRecords(ctx, p.Tx(), sqlSelectRecords, of)
	if err != nil {
		return 0, err
	}
	answered := map[string]bool{}
	for i := range all {
		if err := all[i].check(k, of); err != nil {
			return 0, err
		}
		if all[i].Kind == KindAnswer && all[i].State != NotAsked {
			answered[all[i].Purpose] = true
		}
	}
	n := 0
	for _, purpose := range purposes {
		if !answered[purpose] {
			n++
		}
	}
	return n, nil
}

// Decided reports whether somebody has decided on an override of the pass's case.
func Decided(ctx context.Context, p *access.Pass, asked *Record) (bool, error) {
	all, err := readRecords(ctx, p.Tx(), sqlSelectPurpose, p.Case(), KindOverride, asked.Purpose)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(all, func(r Record) bool { return r.About == asked.ID }), nil
}

func readRecords(ctx context.Context, tx *store.Tx, query string, args ...any) ([]Record, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read consents: %w", err)
	}
	defer rows.Close()
	var out []Record
	for rows.Next() {
		var r Record
		if err := r.scan(rows.Scan); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
