package casework

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// The events of flags. The sealed part of each names the flag.
const (
	KindFlagged  = "flagged"
	KindResolved = "flag-resolved"
)

// Flag is a sign put up in a case, so that nobody who opens it misses something.
type Flag struct {
	Reason string // code list flag_reason
	Text   sealed.Text
	Day    time.Time // when somebody has to look again; zero: no day
}

func (f *Flag) check(codes Codes, now time.Time) error {
	var c fault.Check
	c.Require(codes.Valid("flag_reason", f.Reason), "flag_reason", "required")
	c.Require(!f.Text.IsZero(), "flag_text", "required")
	text(&c, "flag_text", f.Text, mostReason)
	c.Require(f.Day.IsZero() || inReach(f.Day, now), "flag_day", "out-of-range")
	return c.Err()
}

// inReach reports whether a day lies where people plan: from today for some years.
func inReach(day, now time.Time) bool {
	return day.After(now.Add(-aheadOfUTC)) && day.Before(now.AddDate(5, 0, 0))
}

// PutFlag flags a case. A flag with a day is due then for the lead worker.
func (r *Room) PutFlag(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, f Flag) error {
	if err := f.check(r.codes, r.clk.Now()); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.flag", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		i := &Item{table: flagTable, Kind: f.Reason, Due: f.Day, Owner: row.Worker}
		if err := i.add(ctx, p, f.Text); err != nil {
			return nil, err
		}
		if !i.Due.IsZero() {
			if err := r.itemDue(ctx, p, row, i, dueFlag); err != nil {
				return nil, err
			}
		}
		return &Event{Kind: KindFlagged, Content: Content{To: f.Reason, Text: f.Text, Of: i.ID[:], Due: micros(i.Due)}}, nil
	})
}

// ResolveFlag takes a flag down. What was done about it is said.
func (r *Room) ResolveFlag(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, flag ItemID, why sealed.Text) error {
	var chk fault.Check
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.flag", PurposeCare, 0, func(p *access.Pass, _ *Case) (*Event, error) {
		i, err := r.endItem(ctx, p, flagTable, flag, FlagResolved, dueFlag)
		if err != nil {
			return nil, err
		}
		return &Event{Kind: KindResolved, Content: Content{To: i.Kind, Text: why, Of: i.ID[:]}}, nil
	})
}
