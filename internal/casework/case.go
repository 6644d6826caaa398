package casework

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/consent"
	"causeway/internal/deadline"
	"causeway/internal/document"
	"causeway/internal/facts"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/store"
)

// Codes is the part of the pack this room asks: code lists, clocks and gates.
type Codes interface {
	Valid(list, code string) bool
	Parent(list, code string) string
	Codes(list string) []string
	Next(stage string) []string
	Follows(from, to string) (pack.Gate, bool)
	ActGate(kind string) (pack.Gate, bool)
	CloseGate(reason string) pack.Gate
	Clock(name pack.ClockName) pack.Clock
	Screening() *pack.Screening
	Approval(what, code, risk string) (pack.Approval, bool)
	EraseGate(ground string) pack.Gate
	Retention(class string) (pack.Retention, bool)
	RetentionFor(closeReason string) string
}

// Room keeps cases.
type Room struct {
	gate    *access.Gate
	persons *person.Room
	index   *person.Index
	codes   Codes
	clk     clock.Clock
	cursors cursors
	counts  *counts
	flows   *facts.Kept[Flows]
	numbers func() ident.CaseNumber
	docs    *document.Room // nil where the node keeps no documents
	dues    *deadline.Room
	forms   *forms.Room                           // nil where the node keeps no forms
	rota    func(context.Context) (Roster, error) // see Staffed
	word    Word                                  // see Words; may be nil
	teller  consent.Teller                        // see Tell; may be nil
	origin  *Origin                               // see From; nil for what happens here
}

// New returns the room. cursorKey seals the cursors of lists.
func New(gate *access.Gate, persons *person.Room, index *person.Index, codes Codes, clk clock.Clock, cursorKey [32]byte) (*Room, error) {
	c, err := newCursors(cursorKey)
	if err != nil {
		return nil, err
	}
	return &Room{
		gate: gate, persons: persons, index: index, codes: codes, clk: clk, cursors: c, counts: &counts{}, flows: &facts.Kept[Flows]{},
		numbers: ident.NewCaseNumber, dues: deadline.New(codes, dueRules(codes)),
	}, nil
}

// In returns the room as part of a group: its commands are decided and journaled
// by g and stand or fall with the group.
func (r *Room) In(g *access.Gate) *Room {
	in := *r
	in.gate = g
	return &in
}

// Numbers has the room draw the numbers of new cases from another source.
func (r *Room) Numbers(draw func() ident.CaseNumber) { r.numbers = draw }

// numbering draws the number of a new case.
type numbering func(context.Context, *store.Tx) (ident.CaseNumber, error)

// anyNumber draws a number. If a case has it already, the transaction fails.
func (r *Room) anyNumber(context.Context, *store.Tx) (ident.CaseNumber, error) {
	return r.numbers(), nil
}

// freeNumber draws until it has a number that no case has: among a million
// cases some are drawn twice.
func (r *Room) freeNumber(ctx context.Context, tx *store.Tx) (ident.CaseNumber, error) {
	for range 100 {
		n := r.numbers()
		var taken ident.Case
		err := tx.QueryRow(ctx, sqlCaseByNumber, string(n)).Scan(&taken)
		if fault.Is(err, fault.NotFound) {
			return n, nil
		}
		if err != nil {
			return "", fmt.Errorf("case number: %w", err)
		}
	}
	return "", fault.New(fault.Unavailable, "try-again")
}

// The stages this room itself gives a meaning; the list is the pack's.
const (
	StageRegistered = "registered"
	StageClosed     = "closed"
	StageMissing    = "missing"
)

// Purposes of what this room does (code list of the journal).
const (
	PurposeCare        = "case-work"
	PurposeSupervision = "supervision"
	PurposeChild       = "child-request"
	PurposeOversight   = "audit"
)

const caseTable = "casework_case"

// Case is the narrow row of a case: codes and dates, nothing that names anyone.
type Case struct {
	ID            ident.Case
	Number        ident.CaseNumber
	Person        ident.Person
	PersonVersion int64
	Stage         string
	Risk          string
	Sex           string
	AgeBand       string
	Region        string
	Unit          ident.Unit
	Worker        ident.Staff
	OpenedAt      time.Time
	UpdatedAt     time.Time
	NextContact   time.Time // zero: none set
	ClosedAt      time.Time // zero: open
	Events        int64
	Version       int64

	mac []byte
}

// Closed reports whether the case is closed.
func (c *Case) Closed() bool { return !c.ClosedAt.IsZero() }

// columns returns the stored columns in the order of the table, without id,
// version and row_mac.
func (c *Case) columns() []any {
	return []any{
		string(c.Number), c.Person[:], c.PersonVersion, c.Stage, c.Risk, c.Sex, c.AgeBand, c.Region,
		c.Unit[:], c.Worker[:], c.OpenedAt.UnixMicro(), c.UpdatedAt.UnixMicro(),
		optTime(c.NextContact), optTime(c.ClosedAt), c.Events,
	}
}

// optTime stores a time, NULL for none.
func optTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// scan reads a row of the columns in caseColumns.
func (c *Case) scan(scan func(...any) error) error {
	var opened, updated int64
	var next, closed *int64
	var number string
	err := scan(&c.ID, &number, &c.Person, &c.PersonVersion, &c.Stage, &c.Risk, &c.Sex, &c.AgeBand, &c.Region,
		&c.Unit, &c.Worker, &opened, &updated, &next, &closed, &c.Events, &c.Version, &c.mac)
	if err != nil {
		return err
	}
	c.Number = ident.CaseNumber(number)
	c.OpenedAt, c.UpdatedAt = clock.FromMicros(opened), clock.FromMicros(updated)
	if next != nil {
		c.NextContact = clock.FromMicros(*next)
	}
	if closed != nil {
		c.ClosedAt = clock.FromMicros(*closed)
	}
	return nil
}

// readCase reads the narrow row of a case.
func readCase(ctx context.Context, tx *store.Tx, id ident.Case) (*Case, error) {
	var c Case
	if err := c.scan(tx.QueryRow(ctx, sqlSelectCase, id).Scan); err != nil {
		return nil, fmt.Errorf("read case: %w", err)
	}
	return &c, nil
}

// errAltered says that a row was changed, or an older one put back, behind the
// program's back. Nothing is written over it: it is evidence.
func errAltered() error { return fault.New(fault.Unavailable, "record-altered") }

// checkWith compares the row with its digest and its version with the journal's
// chain, using the sealer of a command.
func (c *Case) checkWith(ctx context.Context, p *access.Pass, s *keys.Sealer) error {
	if err := s.CheckMAC(c.mac, caseTable, c.ID[:], c.Version, c.columns()...); err != nil {
		return err
	}
	n, err := p.ChainLength(ctx, c.ID)
	if err != nil {
		return err
	}
	if n != c.Version {
		return errAltered()
	}
	return nil
}

// write stores the next version of the case row; before is the version read, 0
// for a new case.
func (c *Case) write(ctx context.Context, p *access.Pass, s *keys.Sealer, before int64) error {
	c.Version = before + 1
	c.mac = s.MAC(caseTable, c.ID[:], c.Version, c.columns()...)
	args := append([]any{c.ID}, c.columns()...)
	args = append(args, c.Version, c.mac)
	if before == 0 {
		if err := p.Tx().Put(ctx, sqlInsertCase, args...); err != nil {
			return fmt.Errorf("write case: %w", err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, sqlUpdateCase, append(args, before)...)
		if err != nil {
			return fmt.Errorf("write case: %w", err)
		}
		if n != 1 {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	p.Wrote(caseTable, c.ID[:], c.Version, c.mac)
	return nil
}

// change is the frame of every command on an existing case: read and check the
// row, apply the change, write the event and the next version. seen is the
// version the person saw, 0 where a change in between does not matter.
func (r *Room) change(ctx context.Context, p *access.Pass, seen int64, apply func(*Case) (*Event, error)) (string, error) {
	s, err := p.Sealer(ctx)
	if err != nil {
		return "", err
	}
	c, err := readCase(ctx, p.Tx(), p.Case())
	if err != nil {
		return "", err
	}
	if err := c.checkWith(ctx, p, s); err != nil {
		return "", err
	}
	if seen != 0 && seen != c.Version {
		return "", fault.New(fault.Conflict, "changed-meanwhile")
	}
	before := *c
	e, err := apply(c)
	if err != nil {
		return "", err
	}
	e.Origin = r.origin
	if err := r.keepCheck(ctx, p, s, &before, c, e); err != nil {
		return "", err
	}
	if err := r.follow(ctx, p, &before, c, e); err != nil {
		return "", err
	}
	if err := r.keepFor(ctx, p, &before, c, e); err != nil {
		return "", err
	}
	if err := e.write(ctx, p, s, c); err != nil {
		return "", err
	}
	if e.Kind != KindDue { // the clock is no work on the case: it does not bring it to the top of lists
		c.UpdatedAt = later(p.Now(), c.UpdatedAt)
	}
	return e.ID.String(), c.write(ctx, p, s, c.Version)
}

// later returns the later time, so that a clock set back does not reorder.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// firstContact and nextContact name the pack's clocks for a risk: how soon after
// registration, and how soon after a contact.
func firstContact(risk string) pack.ClockName { return pack.ClockName("first_contact_" + risk) }
func nextContact(risk string) pack.ClockName  { return pack.ClockName("next_contact_" + risk) }
