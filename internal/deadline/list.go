package deadline

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// What lists ask. The rows are as they are stored: whoever shows one calls
// [Deadline.Check] with the opener of its case.

// Owned returns the open deadlines of somebody that are due before a time, in any
// case, earliest first, at most so many.
func Owned(ctx context.Context, p *access.Pass, owner ident.Staff, before time.Time, most int) ([]Deadline, error) {
	return list(ctx, p, sqlOwned, owner, before.UnixMicro(), most)
}

// OwnedOf returns the open deadlines of somebody that are of one of three kinds, whenever
// they are due, earliest first, at most so many: what must be seen however much else is due.
func OwnedOf(ctx context.Context, p *access.Pass, owner ident.Staff, kinds [3]string, most int) ([]Deadline, error) {
	return list(ctx, p, sqlOwnedOf, owner, kinds[0], kinds[1], kinds[2], most)
}

// Nobodys returns the open deadlines of a unit that nobody owns by name and that are
// due before a time: whoever supervises the unit answers for them.
func Nobodys(ctx context.Context, p *access.Pass, unit ident.Unit, before time.Time, most int) ([]Deadline, error) {
	return list(ctx, p, sqlNobodys, unit, before.UnixMicro(), most)
}

// LateAbove returns the open deadlines of a unit that have taken so many steps or
// more, those with fewer steps first, then by when they were due.
func LateAbove(ctx context.Context, p *access.Pass, unit ident.Unit, level int64, most int) ([]Deadline, error) {
	return list(ctx, p, sqlLateAbove, unit, max(level, Alerted), most)
}

// inCasesMost is how many cases one query of [InCases] names.
const inCasesMost = 64

// InCases returns the open deadlines of some cases.
func InCases(ctx context.Context, p *access.Pass, ids []ident.Case) ([]Deadline, error) {
	var out []Deadline
	for len(ids) > 0 {
		some := ids[:min(inCasesMost, len(ids))]
		ids = ids[len(some):]
		args := make([]any, inCasesMost)
		for i := range args {
			args[i] = some[min(i, len(some)-1)]
		}
		found, err := list(ctx, p, sqlInCases, args...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func list(ctx context.Context, p *access.Pass, query string, args ...any) ([]Deadline, error) {
	rows, err := p.Tx().Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list deadlines: %w", err)
	}
	defer rows.Close()
	var out []Deadline
	for rows.Next() {
		var d Deadline
		if err := d.Scan(rows.Scan); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// Tally is how many open deadlines of a person in a unit have their time behind
// them, and how many of these went further up.
type Tally struct{ Late, Escalated int }

// Tallies counts what is late in a unit by owner; none is whoever supervises it.
func Tallies(ctx context.Context, p *access.Pass, unit ident.Unit) (map[ident.Staff]Tally, error) {
	rows, err := p.Tx().Query(ctx, sqlTally, unit)
	if err != nil {
		return nil, fmt.Errorf("count late deadlines: %w", err)
	}
	defer rows.Close()
	out := map[ident.Staff]Tally{}
	for rows.Next() {
		var who ident.Staff
		var level int64
		var n int
		if err := rows.Scan(&who, &level, &n); err != nil {
			return nil, err
		}
		t := out[who]
		t.Late += n
		if level >= Escalated {
			t.Escalated += n
		}
		out[who] = t
	}
	return out, rows.Err()
}

// CountOwned counts the open deadlines of somebody that are due before a time, up to
// a number.
func CountOwned(ctx context.Context, p *access.Pass, owner ident.Staff, before time.Time, most int) (n int, err error) {
	if err := p.Tx().QueryRow(ctx, sqlCountOwned, owner, before.UnixMicro(), most).Scan(&n); err != nil {
		return 0, fmt.Errorf("count deadlines: %w", err)
	}
	return n, nil
}

// spokenAhead is how long before it is due a deadline speaks at the earliest: no
// pack may ask for more.
const spokenAhead = 7 * 24 * time.Hour

// CountSpoken counts the open deadlines of somebody that have taken a step, up to a
// number.
func CountSpoken(ctx context.Context, p *access.Pass, owner ident.Staff, most int) (n int, err error) {
	err = p.Tx().QueryRow(ctx, sqlCountSpoken, owner, p.Now().Add(spokenAhead).UnixMicro(), most).Scan(&n)
	return n, err
}

// CountAbove counts the open deadlines of a unit that went up, to a number.
func CountAbove(ctx context.Context, p *access.Pass, unit ident.Unit, most int) (n int, err error) {
	err = p.Tx().QueryRow(ctx, sqlCountAbove, unit, most).Scan(&n)
	return n, err
}
