package staff

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// Deputy says who stands in for whom, and when.
type Deputy struct {
	Staff  ident.Staff // the person away
	Deputy ident.Staff // who acts for them
	From   time.Time
	Until  time.Time // exclusive
}

// deputyMost is the longest time a deputy stands in without being named again:
// an absence longer than that is a change of post.
const deputyMost = 92 * 24 * time.Hour

// SetDeputy names a deputy. Only somebody with the same role can stand in, or
// standing in would be a way to a higher post.
func (o *Office) SetDeputy(ctx context.Context, tx *store.Tx, by By, d Deputy) error {
	if err := o.check(ctx, tx, by); err != nil {
		return err
	}
	if d.Deputy == by.staff && !by.isShell() {
		return fault.New(fault.Denied, "own-account")
	}
	var c fault.Check
	c.Require(!d.From.Before(tx.Now().Add(-24*time.Hour)), "deputy_from", "date-past")
	c.Require(d.Until.After(d.From) && d.Until.After(tx.Now()), "deputy_until", "date-order")
	c.Require(d.Until.Sub(d.From) <= deputyMost, "deputy_until", "too-long")
	staff, err := o.account(ctx, tx, sqlSelectAccount, d.Staff)
	if err != nil {
		return err
	}
	switch deputy, err := o.account(ctx, tx, sqlSelectAccount, d.Deputy); {
	case fault.Is(err, fault.NotFound):
		c.Reject("deputy", "unknown")
	case err != nil:
		return err
	default:
		c.Require(deputy.ID != staff.ID && deputy.State == Active && deputy.Role == staff.Role, "deputy", "not-the-same-role")
	}
	if err := c.Err(); err != nil {
		return err
	}
	row := o.deputyRow(d)
	if _, err := tx.Exec(ctx, sqlInsertDeputy, d.Staff, d.Deputy, clock.Micros(d.From), clock.Micros(d.Until), row.MAC); err != nil {
		return fmt.Errorf("name deputy: %w", err)
	}
	e := by.entry(journal.Grant, "staff.deputy", row)
	e.OnBehalf = d.Staff
	id, err := o.journal.Append(ctx, tx, e)
	if err != nil {
		return err
	}
	if err := o.notify(ctx, tx, d.Staff, id, NoticeDeputy, by); err != nil {
		return err
	}
	return o.notify(ctx, tx, d.Deputy, id, NoticeStandIn, by)
}

// EndDeputy ends every standing in of deputy for staff, now and to come.
func (o *Office) EndDeputy(ctx context.Context, tx *store.Tx, by By, staff, deputy ident.Staff) error {
	if err := o.check(ctx, tx, by); err != nil {
		return err
	}
	all, err := o.Deputies(ctx, tx)
	if err != nil {
		return err
	}
	e := by.entry(journal.Revoke, "staff.deputy")
	e.OnBehalf = staff
	for _, d := range all {
		if d.Staff != staff || d.Deputy != deputy {
			continue
		}
		if _, err = tx.Exec(ctx, sqlDeleteDeputy, staff, deputy, clock.Micros(d.From)); err != nil {
			return fmt.Errorf("end deputy: %w", err)
		}
		e.Rows = append(e.Rows, gone(tableDeputy, d.key()))
	}
	if len(e.Rows) == 0 {
		return fault.New(fault.NotFound, "no-such-page")
	}
	_, err = o.journal.Append(ctx, tx, e)
	return err
}

const tableDeputy = "staff_deputy"

// key names a standing in in entries: who, for whom, from when.
func (d Deputy) key() []byte {
	return append(append(append([]byte(nil), d.Deputy[:]...), d.Staff[:]...), number(clock.Micros(d.From))...)
}

// deputyRow names a standing in in a journal entry.
func (o *Office) deputyRow(d Deputy) journal.RowState {
	return journal.RowState{
		Table: tableDeputy, Row: d.key(), Version: 1,
		MAC: o.rowMAC(tableDeputy, d.key(), 1, number(clock.Micros(d.Until))),
	}
}

// scanDeputy reads one standing in and checks that nobody altered it.
func (o *Office) scanDeputy(row scanner) (d Deputy, err error) {
	var from, until int64
	var mac []byte
	if err := row.Scan(&d.Staff, &d.Deputy, &from, &until, &mac); err != nil {
		return Deputy{}, err
	}
	d.From, d.Until = clock.FromMicros(from), clock.FromMicros(until)
	if !equal(mac, o.deputyRow(d).MAC) {
		return Deputy{}, errAltered
	}
	return d, nil
}

// ActsFor returns for whom a person stands in at the time of tx.
func (o *Office) ActsFor(ctx context.Context, tx *store.Tx, deputy ident.Staff) ([]ident.Staff, error) {
	rows, err := tx.Query(ctx, sqlSelectActsFor, deputy, clock.Micros(tx.Now()))
	all, err := collect(rows, err, o.scanDeputy)
	if err != nil {
		return nil, fmt.Errorf("read deputies: %w", err)
	}
	var ids []ident.Staff
	for _, d := range all {
		if !slices.Contains(ids, d.Staff) {
			ids = append(ids, d.Staff)
		}
	}
	return ids, nil
}

// Deputies returns every standing in that has not ended.
func (o *Office) Deputies(ctx context.Context, tx *store.Tx) ([]Deputy, error) {
	rows, err := tx.Query(ctx, sqlSelectDeputies, clock.Micros(tx.Now()))
	all, err := collect(rows, err, o.scanDeputy)
	if err != nil {
		return nil, fmt.Errorf("read deputies: %w", err)
	}
	return all, nil
}
