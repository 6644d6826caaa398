package consent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// Teller knows who received something about a case for a purpose. Whoever keeps
// disclosures implements it; until then only what was noted by hand is known.
type Teller interface {
	// Told returns who received something about the pass's case for a purpose. It is
	// asked in the transaction of a look, and opens nothing that is sealed.
	Told(ctx context.Context, p *access.Pass, of ident.Case, purpose string) ([]Receipt, error)
}

// Receipt is something that a recipient received.
type Receipt struct {
	ID      ID        // what a later record names it by
	To      Recipient // a unit or person of this node; or somebody outside
	Basis   string    // what it rested on
	Purpose string
	At      time.Time
}

// Fetched is what is stored about the consents of a case, sealed.
type Fetched struct {
	records  []Record
	permits  []access.Permitted
	receipts []Receipt
	now      time.Time
}

// Fetch reads it in the transaction of a look. purposes are those that tell, which may
// be nil, is asked about.
func Fetch(ctx context.Context, p *access.Pass, tell Teller, purposes []string) (*Fetched, error) {
	f := &Fetched{now: p.Now()}
	var err error
	if f.records, err = readRecords(ctx, p.Tx(), sqlSelectRecords, p.Case()); err != nil {
		return nil, err
	}
	if f.permits, err = p.Permits(ctx); err != nil || tell == nil {
		return f, err
	}
	for _, purpose := range purposes {
		more, err := tell.Told(ctx, p, p.Case(), purpose)
		if err != nil {
			return nil, err
		}
		f.receipts = append(f.receipts, more...)
	}
	return f, nil
}

// Seqs returns the numbers of the events that must be there, newest first.
func (f *Fetched) Seqs() []int64 {
	out := make([]int64, len(f.records))
	for i := range f.records {
		out[i] = f.records[i].Seq
	}
	return out
}

// Open checks and opens what was fetched, once the look is in the journal.
func (f *Fetched) Open(ctx context.Context, p *access.Pass) (*Book, error) {
	o, err := p.Opener(p.Case())
	if err != nil {
		return nil, err
	}
	for i := range f.records {
		r := &f.records[i]
		if err := r.check(o, p.Case()); err != nil {
			return nil, err
		}
		if err := o.Open(recordTable, r.ID[:], 1, r.blob, &r.Details); err != nil {
			return nil, err
		}
	}
	if err := p.CheckPermits(ctx, f.permits); err != nil {
		return nil, err
	}
	return &Book{Records: f.records, Permits: f.permits, receipts: f.receipts, now: f.now}, nil
}

// Book is what is known of the consents of a case.
type Book struct {
	Records []Record // newest first
	Permits []access.Permitted

	receipts []Receipt
	now      time.Time
}

// Codes leaves of every record what tells that it is there and for how long, and no
// word of the child or about the guardian: for readers outside the team.
func (b *Book) Codes() *Book {
	out := *b
	out.Records = nil
	for _, r := range b.Records {
		if r.Kind != KindAnswer && r.Kind != KindPassed && r.Kind != KindTold && r.Kind != KindBasis {
			continue
		}
		d := Details{Name: r.Name, Language: r.Language, ExplainedBy: r.ExplainedBy, On: r.On}
		if r.Kind == KindBasis {
			d.Norm, d.Paper = r.Norm, r.Paper
		}
		r.Details = d
		out.Records = append(out.Records, r)
	}
	return &out
}

// Find returns a record by its identifier, nil for none.
func (b *Book) Find(id ID) *Record {
	for i := range b.Records {
		if b.Records[i].ID == id {
			return &b.Records[i]
		}
	}
	return nil
}

// Answers returns the newest answer about each recipient for a purpose: about everybody
// first, then newest first.
func (b *Book) Answers(purpose string) []Record {
	var out []Record
	for _, r := range b.Records {
		known := slices.ContainsFunc(out, func(x Record) bool { return x.Recipient == r.Recipient })
		if r.Kind == KindAnswer && r.Purpose == purpose && !known {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(x, y Record) int {
		return map[bool]int{true: 0, false: 1}[x.Recipient.IsZero()] - map[bool]int{true: 0, false: 1}[y.Recipient.IsZero()]
	})
	return out
}

// InForce returns what is permitted for a purpose now, for everybody and for each
// recipient. What was put in the database by hand is not among it.
func (b *Book) InForce(purpose string) []access.Permitted {
	var out []access.Permitted
	for _, one := range b.Permits {
		if !one.Altered && (one.Purpose == purpose || strings.HasPrefix(one.Purpose, purpose+keyMark)) {
			out = append(out, one)
		}
	}
	return out
}

// Rests returns which basis of a record is still in force: false for one that was
// withdrawn, is over, or lost its permit.
func (b *Book) Rests(r *Record) bool {
	return slices.ContainsFunc(b.Permits, func(one access.Permitted) bool {
		return !one.Altered && one.Basis == r.Basis && one.Purpose == Key(r.Purpose, r.Recipient)
	})
}

// Expired reports whether a record was in force and its time is over.
func (b *Book) Expired(r *Record) bool { return !r.Until.IsZero() && !r.Until.After(b.now) }

// Bases returns the newest record of each other basis for a purpose, and of overrides,
// that has not ended.
func (b *Book) Bases(purpose string) []Record {
	var out []Record
	type slot struct {
		basis string
		to    Recipient
	}
	seen := map[slot]bool{}
	for _, r := range b.Records {
		if r.Purpose != purpose || r.Kind != KindBasis && r.Kind != KindOverride || seen[slot{r.Basis, r.Recipient}] {
			continue
		}
		seen[slot{r.Basis, r.Recipient}] = true
		if r.State != Ended && r.State != Declined {
			out = append(out, r)
		}
	}
	return out
}

// Waiting returns the overrides that wait for a second person, newest first.
func (b *Book) Waiting() []Record {
	var out []Record
	for _, r := range b.Records {
		done := slices.ContainsFunc(b.Records, func(x Record) bool { return x.Kind == KindOverride && x.About == r.ID })
		if r.Kind == KindOverride && r.State == Proposed && !done {
			out = append(out, r)
		}
	}
	return out
}

// Received returns who received something for a purpose, newest first.
func (b *Book) Received(purpose string) []Receipt {
	var out []Receipt
	for _, r := range b.Records {
		if r.Kind == KindPassed && r.Purpose == purpose {
			out = append(out, Receipt{ID: r.ID, To: r.Recipient, Basis: r.Basis, Purpose: purpose, At: r.At})
		}
	}
	for _, r := range b.receipts {
		if r.Purpose == purpose {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(x, y Receipt) int { return y.At.Compare(x.At) })
	return out
}

// ToTell is a recipient who received something on a consent that was withdrawn since.
type ToTell struct {
	Receipt
	Withdrawn time.Time
	Told      *Record // nil: not yet
}

// ToTell returns everyone who must be told of the withdrawals for a purpose, those not
// told yet first: whoever received something on consent before it was withdrawn.
func (b *Book) ToTell(purpose string) []ToTell {
	var out []ToTell
	for _, got := range b.Received(purpose) {
		if got.Basis != BasisConsent {
			continue
		}
		t := ToTell{Receipt: got, Withdrawn: b.withdrawnAfter(purpose, got)}
		if t.Withdrawn.IsZero() {
			continue
		}
		for i := range b.Records {
			if r := &b.Records[i]; r.Kind == KindTold && r.About == got.ID {
				t.Told = r
				break
			}
		}
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(x, y ToTell) int {
		return map[bool]int{true: 0, false: 1}[x.Told == nil] - map[bool]int{true: 0, false: 1}[y.Told == nil]
	})
	return out
}

// withdrawnAfter returns when the consent that a receipt rested on was first withdrawn
// after it; zero while it is not.
func (b *Book) withdrawnAfter(purpose string, got Receipt) (at time.Time) {
	for _, r := range b.Records { // newest first
		if r.Kind == KindAnswer && r.State == Withdrawn && r.Purpose == purpose && !r.At.Before(got.At) &&
			(r.Recipient.IsZero() || r.Recipient == got.To) {
			at = r.At
		}
	}
	return at
}

// Names returns the recipients outside this node that records of the case name, each
// with its newest name.
func (b *Book) Names() []Record {
	var out []Record
	for _, r := range b.Records {
		known := slices.ContainsFunc(out, func(x Record) bool { return x.Recipient == r.Recipient })
		if !r.Name.IsZero() && !r.Recipient.IsZero() && !known {
			out = append(out, r)
		}
	}
	return out
}

// NameOf returns the name of a recipient outside this node, empty for none.
func (b *Book) NameOf(to Recipient) (out Record, ok bool) {
	for _, r := range b.Names() {
		if r.Recipient == to {
			return r, true
		}
	}
	return out, false
}

// ErasedTables names the tables of which [Erase] deletes every row of a case.
func ErasedTables() []string { return []string{recordTable, privilegedTable} }

// Erase deletes every record of a case, when the case is erased.
func Erase(ctx context.Context, tx *store.Tx, of ident.Case) error {
	for _, query := range []string{sqlEraseRecords, sqlErasePrivileged} {
		if _, err := tx.Exec(ctx, query, of); err != nil {
			return fmt.Errorf("erase consents: %w", err)
		}
	}
	return nil
}
