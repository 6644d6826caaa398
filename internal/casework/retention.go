package casework

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
)

// The events of keeping a file.
const (
	KindKept   = "kept"        // To the class, Since the day somebody looks again
	KindHeld   = "held"        // To the reason, Of the hold
	KindLifted = "hold-lifted" // From the reason, Of the hold
)

// Retention is how long a case is kept.
type Retention struct {
	Class  string // code list retention_class
	Set    time.Time
	Review time.Time   // when somebody looks whether it is still needed; zero: while the case is open
	Setter ident.Staff // none: by the pack, when the case was closed

	id [16]byte
	stamp
}

func (k *Retention) columns() []any {
	return []any{k.Set.UnixMicro(), optTime(k.Review), k.Class, optStaff(k.Setter)}
}

func (k *Retention) scan(scan func(...any) error) error {
	var set int64
	var review *int64
	var id []byte
	if err := scan(&k.Case, &id, &k.Version, &k.MAC, &set, &review, &k.Class, &k.Setter); err != nil {
		return err
	}
	copy(k.id[:], id)
	k.Set, k.Review = clock.FromMicros(set), fromOpt(review)
	return nil
}

func (k *Retention) check(c checker) error {
	return retentionRows.Check(c, k.id[:], &k.stamp, k.columns())
}

// Over reports whether a case was kept for its time.
func (k *Retention) Over(now time.Time) bool {
	return k != nil && !k.Review.IsZero() && !now.Before(k.Review)
}

// Hold is a legal hold: while it is in force, nobody erases the case.
type Hold struct {
	ID     ident.Hold
	Reason string // code list hold_reason
	Set    time.Time
	Lifted time.Time // zero: in force
	Setter ident.Staff
	Lifter ident.Staff

	Why, LiftedWhy sealed.Text // as the events have it

	stamp
}

// InForce reports whether the hold keeps the case from being erased.
func (h *Hold) InForce() bool { return h.Lifted.IsZero() }

func (h *Hold) columns() []any {
	return []any{h.Set.UnixMicro(), optTime(h.Lifted), h.Reason, h.Setter[:], optStaff(h.Lifter)}
}

func (h *Hold) scan(scan func(...any) error) error {
	var set int64
	var lifted *int64
	if err := scan(&h.Case, &h.ID, &h.Version, &h.MAC, &set, &lifted, &h.Reason, &h.Setter, &h.Lifter); err != nil {
		return err
	}
	h.Set, h.Lifted = clock.FromMicros(set), fromOpt(lifted)
	return nil
}

func (h *Hold) check(c checker) error {
	return holdRows.Check(c, h.ID[:], &h.stamp, h.columns())
}

func (h *Hold) write(ctx context.Context, p *access.Pass, s *keys.Sealer) error {
	return holdRows.Write(ctx, p, s, h.ID[:], &h.stamp, h.columns())
}

// retentionOf reads how long the pass's case is kept, nil before it was ever closed.
func retentionOf(ctx context.Context, p *access.Pass, s checker) (*Retention, error) {
	found, err := readLedger(ctx, p.Tx(), sqlSelectRetention, (*Retention).scan, p.Case())
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], found[0].check(s)
}

// holdsOf reads the holds of the pass's case, the oldest first.
func holdsOf(ctx context.Context, p *access.Pass, s checker) ([]*Hold, error) {
	found, err := readLedger(ctx, p.Tx(), sqlSelectHolds, (*Hold).scan, p.Case())
	if err != nil {
		return nil, err
	}
	for _, h := range found {
		if err := h.check(s); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// keepFor gives a case that is closed the class of the pack, and takes the day of
// looking away from one that is opened again.
func (r *Room) keepFor(ctx context.Context, p *access.Pass, before, row *Case, e *Event) error {
	if before.Closed() == row.Closed() {
		return nil
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	k, err := retentionOf(ctx, p, s)
	switch {
	case err != nil:
		return err
	case k == nil && !row.Closed():
		return nil
	case k == nil:
		k = &Retention{id: ident.New[[16]byte]()}
	}
	k.Set, k.Review, k.Setter = p.Now(), time.Time{}, ident.Staff{}
	if row.Closed() {
		k.Class = r.codes.RetentionFor(e.To)
		k.Review = r.keptUntil(k.Class, row.ClosedAt)
	}
	return retentionRows.Write(ctx, p, s, k.id[:], &k.stamp, k.columns())
}

// keptUntil returns when somebody looks at a file of a class that was closed then.
func (r *Room) keptUntil(class string, closed time.Time) time.Time {
	years, _ := r.codes.Retention(class)
	return closed.AddDate(years.Years, 0, 0)
}

// Keeping is how long a case is to be kept from now on.
type Keeping struct {
	Class string
	Until time.Time // zero: as long as the class says, from the day of closing
	Why   sealed.Text
}

// mostKept is the farthest day, in years, on which somebody looks at a file.
const mostKept = 100

// SetRetention says for how long a closed case is kept, with a reason. The day of
// looking lies in the future: a file whose time is over is erased on a wish, never by
// itself.
func (r *Room) SetRetention(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, k Keeping) error {
	var chk fault.Check
	_, ok := r.codes.Retention(k.Class)
	chk.Require(ok, "retention_class", "required")
	chk.Require(!k.Why.IsZero(), "reason", "required")
	chk.Require(k.Until.IsZero() || k.Until.Before(r.clk.Now().AddDate(mostKept, 0, 0)), "kept_until", "out-of-range")
	text(&chk, "reason", k.Why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "retention.set", PurposeSupervision, 0, func(p *access.Pass, row *Case) (*Event, error) {
		if !row.Closed() {
			return nil, fault.New(fault.Invalid, "close-first")
		}
		s, err := p.Sealer(ctx)
		if err != nil {
			return nil, err
		}
		now, err := retentionOf(ctx, p, s)
		if err != nil {
			return nil, err
		}
		if now == nil { // closed before files had classes
			now = &Retention{id: ident.New[[16]byte]()}
		}
		review := k.Until
		if review.IsZero() {
			review = r.keptUntil(k.Class, row.ClosedAt)
		}
		if !p.Now().Before(review) {
			return nil, fault.InvalidField("kept_until", "in-the-past")
		}
		from := now.Class
		now.Class, now.Set, now.Review, now.Setter = k.Class, p.Now(), review, p.Caller().Staff()
		if err := retentionRows.Write(ctx, p, s, now.id[:], &now.stamp, now.columns()); err != nil {
			return nil, err
		}
		return &Event{Kind: KindKept, Content: Content{From: from, To: k.Class, Since: review.UnixMicro(), Text: k.Why}}, nil
	})
}

// HoldCase keeps a case from being erased, with a reason, until the hold is lifted.
func (r *Room) HoldCase(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, reason string, why sealed.Text) error {
	var chk fault.Check
	chk.Require(r.codes.Valid("hold_reason", reason), "hold_reason", "required")
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "retention.hold", PurposeSupervision, 0, func(p *access.Pass, _ *Case) (*Event, error) {
		s, err := p.Sealer(ctx)
		if err != nil {
			return nil, err
		}
		h := &Hold{ID: ident.New[ident.Hold](), Reason: reason, Set: p.Now(), Setter: p.Caller().Staff()}
		if err := h.write(ctx, p, s); err != nil {
			return nil, err
		}
		return &Event{Kind: KindHeld, Content: Content{To: reason, Of: h.ID[:], Text: why}}, nil
	})
}

// LiftHold lifts a hold, with a reason.
func (r *Room) LiftHold(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, hold ident.Hold, why sealed.Text) error {
	var chk fault.Check
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "retention.hold", PurposeSupervision, 0, func(p *access.Pass, _ *Case) (*Event, error) {
		s, err := p.Sealer(ctx)
		if err != nil {
			return nil, err
		}
		holds, err := holdsOf(ctx, p, s)
		if err != nil {
			return nil, err
		}
		for _, h := range holds {
			if h.ID != hold {
				continue
			}
			if !h.InForce() {
				return nil, fault.New(fault.Conflict, "hold-over")
			}
			h.Lifted, h.Lifter = p.Now(), p.Caller().Staff()
			if err := h.write(ctx, p, s); err != nil {
				return nil, err
			}
			return &Event{Kind: KindLifted, Content: Content{From: h.Reason, Of: h.ID[:], Text: why}}, nil
		}
		return nil, fault.New(fault.NotFound, "no-such-page")
	})
}
