package casework

import (
	"context"
	"errors"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// act is the frame of the commands on one case.
func (r *Room) act(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, action, purpose string,
	seen int64, apply func(*access.Pass, *Case) (*Event, error),
) error {
	a := access.Act{Action: action, Purpose: purpose, Case: id, Command: cmd}
	_, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return r.change(ctx, p, seen, func(row *Case) (*Event, error) { return apply(p, row) })
	})
	return err
}

// errClosed refuses work on a closed case: reopen it first.
func errClosed() error { return fault.New(fault.Invalid, "case-closed") }

// SetContact sets the day of the next contact, with a reason.
func (r *Room) SetContact(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, day time.Time, why sealed.Text) error {
	var chk fault.Check
	text(&chk, "reason", why, mostReason)
	chk.Require(!day.IsZero(), "next_contact", "required")
	chk.Require(day.IsZero() || day.Before(r.clk.Now().AddDate(2, 0, 0)), "next_contact", "out-of-range")
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.contact", PurposeCare, 0, func(_ *access.Pass, row *Case) (*Event, error) {
		if row.Closed() {
			return nil, errClosed()
		}
		row.NextContact = day
		return &Event{Kind: KindContact, Content: Content{Due: day.UnixMicro(), Text: why}}, nil
	})
}

// Decision is a change of one coded field with its reasons. Seen is the version
// of the case on the page it was made from: a change by somebody else since then
// is a Conflict.
type Decision struct {
	To      string
	Reasons []string
	Text    sealed.Text
	Seen    int64
	// Emergency states that a child is in danger if this waits for somebody who
	// may decide it. Only [Room.Reopen] heeds it, and then asks for Text.
	Emergency bool
}

// ChangeRisk sets the risk level; the next contact moves nearer when the new
// risk asks for it, never farther.
func (r *Room) ChangeRisk(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, d Decision) error {
	var chk fault.Check
	chk.Require(r.codes.Valid("risk", d.To), "risk", "required")
	chk.Require(len(d.Reasons) > 0 || !d.Text.IsZero(), "risk_reason", "required")
	chk.Require(len(d.Reasons) <= mostReasons, "risk_reason", "too-many")
	for _, x := range d.Reasons {
		chk.Require(r.codes.Valid("risk_reason", x), "risk_reason", "not-in-list")
	}
	text(&chk, "reason", d.Text, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.risk", PurposeCare, d.Seen, func(p *access.Pass, row *Case) (*Event, error) {
		if row.Closed() {
			return nil, errClosed()
		}
		e := &Event{Kind: KindRisk, Content: Content{From: row.Risk, To: d.To, Reasons: d.Reasons, Text: d.Text}}
		row.Risk = d.To
		due := r.codes.Clock(nextContact(d.To)).After(p.Now())
		if row.NextContact.IsZero() || due.Before(row.NextContact) {
			row.NextContact, e.Due = due, due.UnixMicro()
		}
		return e, r.meetDue(ctx, p, DueWarning) // somebody looked after the sign and scored the risk
	})
}

// Assign gives the case to another lead worker and unit; the lead before no
// longer reaches it.
func (r *Room) Assign(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, worker ident.Staff, unit ident.Unit, why sealed.Text, seen int64) error {
	var chk fault.Check
	chk.Require(!worker.IsZero() && !unit.IsZero(), "worker", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.assign", PurposeSupervision, seen, func(p *access.Pass, row *Case) (*Event, error) {
		if withheld, err := p.IsWithheld(ctx, [16]byte(worker)); err != nil || withheld {
			return nil, errors.Join(err, fault.InvalidField("worker", "withheld-from"))
		}
		if err := lead(ctx, p, row, worker, unit); err != nil {
			return nil, err
		}
		return &Event{Kind: KindAssigned, Content: Content{Who: worker[:], Text: why}}, nil
	})
}

// lead makes somebody the lead worker of a case, for a unit; whoever led it before
// no longer reaches it.
func lead(ctx context.Context, p *access.Pass, row *Case, worker ident.Staff, unit ident.Unit) error {
	if err := p.EndReach(ctx, access.RelationLead); err != nil {
		return err
	}
	if unit != row.Unit {
		if err := p.EndReach(ctx, access.RelationUnit); err != nil {
			return err
		}
		if err := p.Reach(ctx, access.RelationUnit, [16]byte(unit)); err != nil {
			return err
		}
	}
	row.Worker, row.Unit = worker, unit
	return p.Reach(ctx, access.RelationLead, [16]byte(worker))
}

// Withhold keeps the case from one person, whatever their role.
func (r *Room) Withhold(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, from ident.Staff, why sealed.Text) error {
	var chk fault.Check
	chk.Require(!from.IsZero(), "from", "required")
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.withhold", PurposeSupervision, 0, func(p *access.Pass, row *Case) (*Event, error) {
		if from == row.Worker {
			return nil, fault.InvalidField("from", "assign-first")
		}
		if err := p.Withhold(ctx, [16]byte(from)); err != nil {
			return nil, err
		}
		return &Event{Kind: KindWithheld, Content: Content{Who: from[:], Text: why}}, nil
	})
}

// Reopen opens a closed case again, at the stage named. In an emergency the lead
// worker may, without waiting for a supervisor, who then confirms it: see
// [Room.Confirm].
func (r *Room) Reopen(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, d Decision) error {
	var chk fault.Check
	chk.Require(r.codes.Valid("reopen_reason", d.To), "reopen_reason", "required")
	chk.Require(!d.Emergency || !d.Text.IsZero(), "reason", "required")
	text(&chk, "reason", d.Text, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	purpose := PurposeCare
	if d.Emergency {
		purpose = access.PurposeEmergency
	}
	return r.act(ctx, c, cmd, id, "case.reopen", purpose, d.Seen, func(p *access.Pass, row *Case) (*Event, error) {
		if !row.Closed() {
			return nil, fault.New(fault.Invalid, "case-open")
		}
		if err := r.urgentAgain(ctx, p, row); err != nil {
			return nil, err
		}
		row.Stage, row.ClosedAt = StageRegistered, time.Time{}
		e := &Event{Kind: KindReopened, Content: Content{To: d.To, Text: d.Text}}
		row.NextContact = r.codes.Clock(firstContact(row.Risk)).After(p.Now())
		e.Due, e.Emergency = row.NextContact.UnixMicro(), p.Emergency()
		if !e.Emergency {
			return e, nil
		}
		return e, p.Permit(ctx, access.PurposeEmergency, emergencyBasis)
	})
}

// UpdatePerson replaces what is known of the child.
func (r *Room) UpdatePerson(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, seen int64, d person.Details) error {
	return r.act(ctx, c, cmd, id, "case.update", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		if seen != row.PersonVersion {
			return nil, fault.New(fault.Conflict, "changed-meanwhile")
		}
		if err := r.persons.Update(ctx, p, row.Person, seen, &d); err != nil {
			return nil, err
		}
		row.PersonVersion++
		row.Sex, row.AgeBand = orElse(d.SexRecorded, "unknown"), r.persons.AgeBand(d.Birth, p.Now())
		return &Event{Kind: KindPerson}, nil
	})
}
