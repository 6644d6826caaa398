package casework

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// The events of what a child needs.
const (
	KindNeedAdded     = "need-added"
	KindNeedRequested = "need-requested"
	KindNeedDelivered = "need-delivered"
	KindNeedEnded     = "need-ended"
	KindNeedUnmet     = "need-unmet"
)

// The states of a need.
const (
	NeedNeeded    = "needed"
	NeedRequested = "requested"
	NeedDelivered = "delivered" // the child receives it
	NeedEnded     = "ended"     // with an outcome
	NeedUnmet     = "unmet"     // with a reason; it may be requested again at any time
)

// dueService is the deadline of a service that is to be there by a day.
const dueService = "service"

// NewNeed is something a child needs.
type NewNeed struct {
	Service string      // code list service
	Words   sealed.Text // what the child says it needs
	Note    sealed.Text // what it should do for the child

	Past *PastNeed // of an import: what had become of it; nil for what begins now
}

// AddNeed records what a child needs.
func (r *Room) AddNeed(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, n NewNeed) error {
	var chk fault.Check
	chk.Require(r.codes.Valid("service", n.Service), "service", "required")
	text(&chk, "need_words", n.Words, mostReason)
	text(&chk, "need_note", n.Note, mostReason)
	if n.Past != nil {
		n.Past.check(&chk, r.codes, r.clk.Now())
	}
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.need", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		if n.Past != nil {
			return r.pastNeed(ctx, p, row, n)
		}
		if row.Closed() {
			return nil, errClosed()
		}
		need := &Need{ID: ident.New[ident.Need](), Service: n.Service, State: NeedNeeded, Asked: p.Now()}
		e := &Event{Kind: KindNeedAdded, Content: Content{Of: need.ID[:], Service: n.Service, Words: n.Words, Text: n.Note}}
		return e, r.writeNeed(ctx, p, row, need)
	})
}

// pastNeed writes a need with what had become of it. A closed case has needs too,
// and a day that has passed starts no deadline.
func (r *Room) pastNeed(ctx context.Context, p *access.Pass, row *Case, n NewNeed) (*Event, error) {
	need := n.Past.need(n.Service, row)
	e := &Event{Kind: KindNeedAdded, Content: Content{
		Of: need.ID[:], Service: n.Service, Words: n.Words, Text: n.Note, Whom: n.Past.Provider, Past: n.Past,
	}}
	if err := r.writeNeed(ctx, p, row, need); err != nil {
		return nil, err
	}
	if need.State == NeedRequested && need.Due.After(p.Now()) && !row.Closed() {
		return e, r.setDue(ctx, p, row, dueService, [16]byte(need.ID), need.Due)
	}
	return e, nil
}

// Request says from whom a service is asked for, and by when it is to be there.
type Request struct {
	Staff    ident.Staff // a person of this node; or
	Provider sealed.Text // somebody outside
	Due      time.Time
	Note     sealed.Text
}

// RequestService asks somebody for what the child needs. Asking again, of somebody
// else or by another day, replaces the request before, and an unmet need is met
// after all.
func (r *Room) RequestService(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, need ident.Need, q Request) error {
	var chk fault.Check
	chk.Require(q.Staff.IsZero() == !q.Provider.IsZero(), "provider", "one-of-two")
	chk.Require(!q.Due.IsZero(), "service_due", "required")
	chk.Require(q.Due.IsZero() || q.Due.Before(r.clk.Now().AddDate(2, 0, 0)), "service_due", "out-of-range")
	text(&chk, "provider", q.Provider, mostName)
	text(&chk, "need_note", q.Note, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onNeed(ctx, c, cmd, id, need, KindNeedRequested, func(p *access.Pass, row *Case, n *Need, e *Event) error {
		if n.State == NeedEnded || n.State == NeedDelivered {
			return fault.New(fault.Invalid, "need-over")
		}
		n.State, n.Requested, n.Due, n.Ended, n.Unmet = NeedRequested, p.Now(), q.Due, time.Time{}, ""
		n.Staff = q.Staff
		e.Text, e.Whom, e.Due = q.Note, q.Provider, q.Due.UnixMicro()
		if !q.Staff.IsZero() {
			e.Who = q.Staff[:]
		}
		return r.setDue(ctx, p, row, dueService, [16]byte(n.ID), q.Due)
	})
}

// DeliverService records that the child receives the service.
func (r *Room) DeliverService(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, need ident.Need, note sealed.Text) error {
	var chk fault.Check
	text(&chk, "need_note", note, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onNeed(ctx, c, cmd, id, need, KindNeedDelivered, func(p *access.Pass, _ *Case, n *Need, e *Event) error {
		if n.State == NeedEnded || n.State == NeedDelivered {
			return fault.New(fault.Invalid, "need-over")
		}
		n.State, n.Delivered, n.Ended, n.Unmet = NeedDelivered, p.Now(), time.Time{}, ""
		e.Text = note
		return r.meetDueOf(ctx, p, dueService, [16]byte(n.ID))
	})
}

// Outcome is how a need ended, and what the child says of it.
type Outcome struct {
	Code  string // code list need_outcome
	Words sealed.Text
	Note  sealed.Text
}

// CloseNeed records how a need ended.
func (r *Room) CloseNeed(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, need ident.Need, o Outcome) error {
	var chk fault.Check
	chk.Require(r.codes.Valid("need_outcome", o.Code), "need_outcome", "required")
	text(&chk, "need_words", o.Words, mostReason)
	text(&chk, "need_note", o.Note, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onNeed(ctx, c, cmd, id, need, KindNeedEnded, func(p *access.Pass, _ *Case, n *Need, e *Event) error {
		if n.State == NeedEnded {
			return fault.New(fault.Invalid, "need-over")
		}
		n.State, n.Outcome, n.Ended, n.Unmet = NeedEnded, o.Code, p.Now(), ""
		e.To, e.Words, e.Text = o.Code, o.Words, o.Note
		return r.cancelDueOf(ctx, p, dueService, [16]byte(n.ID))
	})
}

// MarkUnmet records that a need is not met, and why: it is counted as a gap until
// somebody requests the service again.
func (r *Room) MarkUnmet(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, need ident.Need, why string, note sealed.Text) error {
	var chk fault.Check
	chk.Require(r.codes.Valid("unmet_reason", why), "unmet_reason", "required")
	text(&chk, "need_note", note, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onNeed(ctx, c, cmd, id, need, KindNeedUnmet, func(p *access.Pass, _ *Case, n *Need, e *Event) error {
		if n.State == NeedEnded {
			return fault.New(fault.Invalid, "need-over")
		}
		n.State, n.Unmet, n.Ended = NeedUnmet, why, p.Now()
		e.To, e.Text = why, note
		return r.cancelDueOf(ctx, p, dueService, [16]byte(n.ID))
	})
}

// onNeed is the frame of the commands on one need.
func (r *Room) onNeed(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, need ident.Need, kind string,
	do func(*access.Pass, *Case, *Need, *Event) error,
) error {
	return r.act(ctx, c, cmd, id, "case.need", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		if row.Closed() {
			return nil, errClosed()
		}
		n, err := oneNeed(ctx, p, need)
		if err != nil {
			return nil, err
		}
		e := &Event{Kind: kind, Content: Content{Of: need[:], Service: n.Service}}
		if err := do(p, row, n, e); err != nil {
			return nil, err
		}
		return e, r.writeNeed(ctx, p, row, n)
	})
}
