package deadline

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
)

type (
	deadlineKind struct{}
	stepKind     struct{}
)

// ID names one deadline.
type ID = ident.ID[deadlineKind]

// StepID names one step of a deadline.
type StepID = ident.ID[stepKind]

// The states of a deadline. It leaves Open once.
const (
	Open      = "open"
	Done      = "done"      // what was to be done was done
	Cancelled = "cancelled" // it need not be done any more, or by another day
)

// The levels of an open deadline: how many steps it has taken.
const (
	Quiet     = 0
	Reminded  = 1
	Alerted   = 2
	Escalated = 3 // once; each level above is one more
)

const (
	table     = "deadline_due"
	stepTable = "deadline_step"
)

// Deadline is one thing that is to be done in a case.
type Deadline struct {
	ID    ID
	Case  ident.Case
	Kind  string      // code list deadline_kind
	About [16]byte    // what in the case it is about, such as a record; zero: the case
	Owner ident.Staff // who does it; none: whoever supervises Unit
	Unit  ident.Unit  // the unit that answers for the case
	SetAt time.Time
	Due   time.Time
	Ended time.Time // zero: open
	State string
	Level int64

	next    time.Time // of the next step; zero: none
	version int64
	mac     []byte
}

// Late reports whether the time has come and it is not done.
func (d *Deadline) Late(now time.Time) bool { return d.State == Open && !now.Before(d.Due) }

// Next returns when the deadline takes its next step, zero when it takes none.
func (d *Deadline) Next() time.Time { return d.next }

// columns returns the stored columns that the row's digest covers.
func (d *Deadline) columns() []any {
	return []any{
		d.SetAt.UnixMicro(), d.Due.UnixMicro(), optTime(d.next), optTime(d.Ended), d.Level, d.Case[:], d.Kind, d.State,
		optID(d.About[:], d.About == [16]byte{}), optID(d.Owner[:], d.Owner.IsZero()), d.Unit[:],
	}
}

func optTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func optID(id []byte, none bool) any {
	if none {
		return nil
	}
	return id
}

// Scan reads a row of the columns that [Columns] names.
func (d *Deadline) Scan(scan func(...any) error) error {
	var set, due int64
	var next, ended *int64
	var about []byte
	if err := scan(&set, &due, &next, &ended, &d.Level, &d.version, &d.Case, &d.ID, &d.Kind, &d.State, &about,
		&d.Owner, &d.Unit, &d.mac); err != nil {
		return err
	}
	d.About = [16]byte{}
	copy(d.About[:], about)
	d.SetAt, d.Due = clock.FromMicros(set), clock.FromMicros(due)
	if next != nil {
		d.next = clock.FromMicros(*next)
	}
	if ended != nil {
		d.Ended = clock.FromMicros(*ended)
	}
	return nil
}

// Checker compares a row with its digest: the opener or the sealer of a case.
type Checker interface {
	CheckMAC(mac []byte, table string, row []byte, version int64, cols ...any) error
}

// Check compares a row with its digest, using the keys of its case. A row that
// somebody changed in the database is the fault record-altered.
func (d *Deadline) Check(c Checker) error {
	return c.CheckMAC(d.mac, table, d.ID[:], d.version, d.columns()...)
}

// write stores the next version of the row, 1 for a new one.
func (d *Deadline) write(ctx context.Context, p *access.Pass, s *keys.Sealer) error {
	before := d.version
	d.version++
	d.mac = s.MAC(table, d.ID[:], d.version, d.columns()...)
	args := []any{
		d.SetAt.UnixMicro(), d.Due.UnixMicro(), optTime(d.next), optTime(d.Ended), d.Level, d.version,
		d.Case, d.ID, d.Kind, d.State, optID(d.About[:], d.About == [16]byte{}), d.Owner, d.Unit, d.mac,
	}
	if before == 0 {
		if err := p.Tx().Put(ctx, sqlInsert, args...); err != nil {
			return fmt.Errorf("write deadline: %w", err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, sqlUpdate, append(args, before)...)
		if err != nil {
			return fmt.Errorf("write deadline: %w", err)
		}
		if n != 1 {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	p.Wrote(table, d.ID[:], d.version, d.mac)
	return nil
}
