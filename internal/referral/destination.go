package referral

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/protocol/handover"
)

const destinationTable = "referral_destination"

// Destination is where a referral leads. The zero Destination is that of one that names
// only a unit. The receiver sees it before acceptance, but for the need.
type Destination struct {
	Service  ident.Service // of the directory; none: whatever of the unit
	Need     ident.Need    // of the child that it answers; none: of none
	Expected time.Time     // when the child arrives; zero: nobody said
	Doctor   bool          // the child needs one on arrival

	of     ident.Case
	thread ThreadID
	mac    []byte
}

// Services knows the directory of services.
type Services interface {
	// Given returns the unit of this node that gives a service, and the codes of what
	// it gives. One that takes nobody, or that no unit of this node gives, is NotFound.
	Given(context.Context, *access.Pass, ident.Service) (ident.Unit, []string, error)
}

// Knows names the directory of services, before the room is used. Without it no offer
// is addressed to a service.
func (r *Room) Knows(s Services) { r.services = s }

// farthest is how far ahead a child can be expected.
const farthest = 366 * 24 * time.Hour

func (d *Destination) none() bool {
	return d.Service.IsZero() && d.Need.IsZero() && d.Expected.IsZero() && !d.Doctor
}

func (d *Destination) check(c *fault.Check, kind handover.Kind, now time.Time) {
	c.Require(d.none() || kind == handover.Referral, "referral_kind", "referral-only")
	if d.Expected.IsZero() {
		return
	}
	c.Require(!d.Expected.Before(now.Add(-time.Hour)), "expected_at", "in-the-past")
	c.Require(d.Expected.Before(now.Add(farthest)), "expected_at", "out-of-range")
}

// aim compares where an offer leads with the directory and with what the child needs,
// and takes from the need for what is asked.
func (r *Room) aim(ctx context.Context, p *access.Pass, f *Offer, need func(context.Context, *access.Pass, ident.Need) (string, error)) error {
	if !f.Destination.Need.IsZero() {
		service, err := need(ctx, p, f.Destination.Need)
		if fault.Is(err, fault.NotFound) {
			return fault.InvalidField("referral_need", "not-in-list")
		}
		if err != nil {
			return err
		}
		f.Service = service
	}
	if f.Destination.Service.IsZero() {
		return nil
	}
	if r.services == nil {
		return fault.InvalidField("referral_service", "not-in-list")
	}
	unit, kinds, err := r.services.Given(ctx, p, f.Destination.Service)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && unit != f.To:
		return fault.InvalidField("referral_service", "not-in-list")
	case err == nil && !slices.Contains(kinds, f.Service):
		return fault.InvalidField("service", "not-given-there")
	}
	return err
}

func (d *Destination) columns() []any {
	return []any{
		optTime(d.Expected), d.Doctor, d.of[:], d.thread[:], optBytes(d.Service[:], d.Service.IsZero()), optBytes(d.Need[:], d.Need.IsZero()),
	}
}

func (d *Destination) scan(scan func(...any) error) error {
	var expected *int64
	err := scan(&expected, &d.Doctor, &d.of, &d.thread, &d.Service, &d.Need, &d.mac)
	if expected != nil {
		d.Expected = clock.FromMicros(*expected)
	}
	return err
}

// write stores where a new thread of the pass's case leads.
func (d *Destination) write(ctx context.Context, p *access.Pass, id ThreadID) error {
	if d.none() {
		return nil
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	d.of, d.thread = p.Case(), id
	d.mac = s.MAC(destinationTable, d.thread[:], 1, d.columns()...)
	if err := p.Tx().Put(ctx, sqlInsertDestination, append(d.columns(), d.mac)...); err != nil {
		return fmt.Errorf("write destination: %w", err)
	}
	p.Wrote(destinationTable, d.thread[:], 1, d.mac)
	return nil
}

// readDestination reads where a thread leads, unchecked.
func readDestination(ctx context.Context, p *access.Pass, of ident.Case, id ThreadID) (d Destination, err error) {
	err = d.scan(p.Tx().QueryRow(ctx, sqlSelectDestination, of, id).Scan)
	if fault.Is(err, fault.NotFound) {
		return Destination{}, nil
	}
	if err != nil {
		return d, fmt.Errorf("read destination: %w", err)
	}
	return d, nil
}

// checkRow refuses a row that this program did not write as it is.
func (d *Destination) checkRow(k digests) error {
	if d.thread.IsZero() {
		return nil
	}
	return k.CheckMAC(d.mac, destinationTable, d.thread[:], 1, d.columns()...)
}

// follow lets the need that a thread answers follow it: it ends as the thread ended, of
// itself where it is met, otherwise if the sender says so; and it is needed again where
// nobody helped.
func (r *Room) follow(ctx context.Context, p *access.Pass, row *casework.Case, t *Thread, says bool) error {
	if !t.State.Final() {
		return nil
	}
	d, err := readDestination(ctx, p, t.Case, t.ID)
	if err != nil || d.Need.IsZero() {
		return err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	if err := d.checkRow(s); err != nil {
		return err
	}
	switch {
	case t.Outcome == "":
		return r.cases.NeedAgain(ctx, p, row, d.Need)
	case t.Outcome == outcomeMet || says:
		return r.cases.EndNeed(ctx, p, row, d.Need, t.Outcome)
	}
	return nil
}
