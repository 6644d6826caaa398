package access

import (
	"context"
	"encoding/base64"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
)

// Carried says that what a caller brings in was written earlier, without a
// network: when by the clock of the phone, by whom, and who sent it.
type Carried struct {
	At   time.Time
	By   ident.Staff
	Sent ident.Staff
}

// Carrying returns the caller with a note that what they do next brings in what
// was written earlier. It permits nothing more.
func (c *Caller) Carrying(w Carried) *Caller {
	out := *c
	out.carried = w
	return &out
}

// Carried returns where what the caller brings in comes from; ok is false for
// what is done here and now.
func (c *Caller) Carried() (w Carried, ok bool) { return c.carried, !c.carried.By.IsZero() }

// ViaCapture is the door of what was written without a network.
const ViaCapture = "capture"

// ticket is what a phone keeps so that the node knows, later, whose form it is.
type ticket struct {
	_        struct{} `cbor:",toarray"`
	Staff    ident.Staff
	Session  ident.Session
	Strength string
	Expires  int64
}

const ticketLabel, ticketRow = "access_ticket", "capture"

// ticketMost is far more than a ticket needs.
const ticketMost = 512

// Ticket lets the caller write forms without a network for a time: what carries
// the ticket is theirs when it arrives. It opens nothing and reads nothing.
func (g *Gate) Ticket(ctx context.Context, c *Caller, life time.Duration) (text string, expires time.Time, err error) {
	if err := g.Permit(ctx, c, "capture.begin", "case-work"); err != nil {
		return "", time.Time{}, err
	}
	expires = g.clk.Now().Add(life)
	t := ticket{Staff: c.staff, Session: c.session, Strength: c.strength, Expires: expires.UnixMicro()}
	blob, err := g.custody.SealNode(ticketLabel, []byte(ticketRow), 1, &t)
	if err != nil {
		return "", time.Time{}, err
	}
	return base64.RawURLEncoding.EncodeToString(blob), expires, nil
}

// Author is whose ticket came with a form.
type Author struct {
	Staff  ident.Staff
	Unit   ident.Unit
	Caller *Caller // nil where Why says why nothing is done in their name
	Why    string  // "capture-late", "capture-author" or ""
}

// Author reads a ticket that arrived at a time and makes the author's caller, with
// the role and the unit they have now and whoever they stand in for now. A ticket
// that this node did not make is "capture-ticket". Nothing is done in the name of
// somebody whose account is not active, or whose ticket had run out.
func (d *People) Author(ctx context.Context, text string, arrived time.Time, w Carried, zone string) (Author, error) {
	errTicket := fault.New(fault.Invalid, "capture-ticket")
	if len(text) > ticketMost {
		return Author{}, errTicket
	}
	blob, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return Author{}, errTicket
	}
	var t ticket
	if err := d.gate.custody.OpenNode(ticketLabel, []byte(ticketRow), 1, blob, &t); err != nil {
		return Author{}, fault.Wrap(fault.Invalid, "capture-ticket", err)
	}
	dir, err := d.office.Directory(ctx)
	if err != nil {
		return Author{}, err
	}
	account, known := dir.Person(t.Staff)
	if !known {
		return Author{}, errTicket
	}
	a := Author{Staff: t.Staff, Unit: account.Unit}
	switch {
	case account.State != staff.Active:
		a.Why = "capture-author"
		return a, nil
	case arrived.After(clock.FromMicros(t.Expires)):
		a.Why = "capture-late"
		return a, nil
	}
	c, err := d.Caller(ctx, staff.Session{
		ID: t.Session, Staff: t.Staff, Role: account.Role, Unit: account.Unit, Strength: t.Strength, Zone: zone,
	}, ViaCapture)
	if err != nil {
		return Author{}, err
	}
	w.By = t.Staff
	a.Caller = c.Carrying(w)
	return a, nil
}

// Zone returns the network zone the caller came from.
func (c *Caller) Zone() string { return c.zone }

// Oversees reports whether the caller looks after a unit, as its supervisor or
// that of a unit above it, or stands in for one.
func (p *Pass) Oversees(ctx context.Context, unit ident.Unit) (bool, error) {
	if p == nil || p.tx == nil {
		return false, errNoPass
	}
	above, err := p.gate.units.Above(ctx, unit)
	if err != nil {
		return false, err
	}
	for i, h := range p.caller.hold {
		if p.caller.as[i] != asUnit {
			continue
		}
		for _, u := range above {
			if holder(u) == h {
				return true, nil
			}
		}
	}
	return false, nil
}
