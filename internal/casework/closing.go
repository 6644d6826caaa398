package casework

import (
	"context"
	"errors"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// Closing is how a case ends.
type Closing struct {
	Decision             // To is of the code list close_reason
	LastWord sealed.Text // of the child
	// Declined says who declined support: one of [DeclinedBy], for that reason only.
	Declined string
	// Ends and Continues tell what stops and what goes on. Only a reason that needs
	// nothing, such as a file opened in error, leaves them open.
	Ends, Continues sealed.Text
}

// DeclinedBy are the answers to who declined support. A carer alone cannot decline
// for a child.
func DeclinedBy() []string { return []string{"child", "child_and_carer", "carer"} }

func (d *Closing) check(codes Codes) error {
	var c fault.Check
	c.Require(codes.Valid("close_reason", d.To), "close_reason", "required")
	needs := codes.CloseGate(d.To).Needs
	if slices.Contains(needs, pack.NeedChildDeclined) {
		c.Require(slices.Contains(DeclinedBy(), d.Declined), "declined_by", "required")
		c.Require(d.Declined != "carer", "declined_by", "carer-alone")
		c.Require(!d.LastWord.IsZero(), "last_word", "required")
	} else {
		d.Declined = ""
	}
	c.Require(!d.Continues.IsZero() || len(needs) == 0, "continues", "required")
	text(&c, "reason", d.Text, mostReason)
	text(&c, "last_word", d.LastWord, mostText)
	text(&c, "ends", d.Ends, mostReason)
	text(&c, "continues", d.Continues, mostReason)
	return c.Err()
}

// Close closes the case. A child who cannot be found is missing and searched
// for: such a case is not closed. Nor is one in which something stands that cannot
// wait ([Against]), unless the pack lets the reason do without.
func (r *Room) Close(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, d Closing) error {
	if err := d.check(r.codes); err != nil {
		return err
	}
	var refused error
	if slices.Contains(r.codes.CloseGate(d.To).Needs, pack.NeedNoUrgent) || d.To == unreachable {
		page, err := r.ToClose(ctx, c, id)
		if err != nil {
			return err
		}
		if refused = r.stands(page, &d); d.Seen == 0 {
			d.Seen = page.Case.Version // what was looked at is what is closed
		}
	}
	return r.close(ctx, c, cmd, id, d, func(*access.Pass) error { return refused })
}

// CloseUnread closes a case without reading anything first, as what runs in a
// group must. Where a form was ever saved about it, or something is open that
// cannot wait, it refuses.
func (r *Room) CloseUnread(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, d Closing) error {
	if err := d.check(r.codes); err != nil {
		return err
	}
	return r.close(ctx, c, cmd, id, d, func(p *access.Pass) error {
		if !slices.Contains(r.codes.CloseGate(d.To).Needs, pack.NeedNoUrgent) {
			return nil
		}
		quiet, err := r.quiet(ctx, p)
		if err == nil && !quiet {
			err = errUrgent()
		}
		return err
	})
}

// quiet reports whether nothing can stand against closing the pass's case: no form
// was ever saved, no action and no flag is open that cannot wait.
func (r *Room) quiet(ctx context.Context, p *access.Pass) (bool, error) {
	if r.forms != nil {
		saved, err := r.forms.FetchCase(ctx, p, time.Time{})
		if err != nil || len(saved.Last()) > 0 {
			return false, err
		}
	}
	open, err := r.dues.Opened(ctx, p)
	if err != nil {
		return false, err
	}
	flags, err := fetchItems(ctx, p, flagTable)
	if err != nil {
		return false, err
	}
	urgent := func(d deadline.Deadline) bool {
		_, ok := UrgentOf(d.Kind)
		return ok
	}
	return !slices.ContainsFunc(open, urgent) && !slices.ContainsFunc(flags, pressingFlag), nil
}

// close is the command; stands says what was found to stand against it.
func (r *Room) close(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, d Closing, stands func(*access.Pass) error) error {
	return r.act(ctx, c, cmd, id, "case.close", PurposeCare, d.Seen, func(p *access.Pass, row *Case) (*Event, error) {
		switch {
		case row.Closed():
			return nil, errClosed()
		case row.Stage == StageMissing:
			return nil, fault.New(fault.Invalid, "missing-not-closed")
		}
		if err := stands(p); err != nil {
			return nil, err
		}
		if err := r.closes(ctx, p, row, &d); err != nil {
			return nil, err
		}
		e := &Event{Kind: KindClosed, Content: Content{
			From: row.Stage, To: d.To, Text: d.Text, Words: d.LastWord, Declined: d.Declined, Ends: d.Ends, Continues: d.Continues,
		}}
		row.end(p.Now())
		return e, nil
	})
}

// closes refuses a closing for which something that its reason needs is missing.
func (r *Room) closes(ctx context.Context, p *access.Pass, row *Case, d *Closing) error {
	g := r.codes.CloseGate(d.To)
	if len(g.Needs) == 0 {
		return nil
	}
	stands, err := r.standing(ctx, p, row, p.Now())
	if err != nil {
		return err
	}
	for _, need := range g.Needs {
		switch {
		case need == pack.NeedLowRisk && row.Risk != "low":
			return fault.New(fault.Invalid, "risk-not-low")
		case need == pack.NeedTransition && stands.Has(statusTransition, statusConsentPassed, statusTransitioned) == nil:
			return fault.New(fault.Invalid, "transition-plan-first")
		case need == pack.NeedNoSign && trafficked(stands, row):
			return fault.New(fault.Invalid, "search-not-close")
		case need == pack.NeedHandedAbroad:
			if handed, err := r.handedAbroad(ctx, p); err != nil || !handed {
				return errors.Join(err, fault.New(fault.Invalid, "not-handed-abroad"))
			}
		}
	}
	if len(stands.Shut(g)) > 0 {
		return fault.New(fault.Invalid, "gate-shut")
	}
	return nil
}

// unreachable is the reason to close a case of a child whom nobody reaches (code
// list close_reason).
const unreachable = "unreachable"

// stands refuses a closing against which stands what was read: something that
// cannot wait, or, of a child whom nobody reaches, a contact that is not as long ago
// as the pack says.
func (r *Room) stands(page *ClosePage, d *Closing) error {
	needs := r.codes.CloseGate(d.To).Needs
	switch {
	case slices.Contains(needs, pack.NeedNoUrgent) && len(page.Against) > 0:
		return errUrgent()
	case d.To == unreachable && r.codes.Clock(pack.UnreachableClose).After(page.LastContact()).After(r.clk.Now()):
		return fault.New(fault.Invalid, "contact-too-recent")
	}
	return nil
}

// errUrgent refuses to close a case while something stands that cannot wait.
func errUrgent() error { return fault.New(fault.Invalid, "urgent-first") }
