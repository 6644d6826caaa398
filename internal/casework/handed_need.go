package casework

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// NeedService returns what is needed (code list service), for a look of another room at
// the pass's case.
func (r *Room) NeedService(ctx context.Context, p *access.Pass, id ident.Need) (string, error) {
	var n Need
	err := n.scan(p.Tx().QueryRow(ctx, sqlSelectNeed, p.Case(), id).Scan)
	return n.Service, err
}

// NeedReferred marks a need as requested, because somebody is being asked for what it
// is, and returns that (code list service). It is for a command of another room
// ([Room.Tell]), whose event says it.
func (r *Room) NeedReferred(ctx context.Context, p *access.Pass, row *Case, id ident.Need) (string, error) {
	n, err := oneNeed(ctx, p, id)
	if err != nil {
		return "", err
	}
	switch n.State {
	case NeedEnded:
		return "", fault.New(fault.Invalid, "need-over")
	case NeedNeeded, NeedUnmet:
		n.State, n.Requested, n.Ended, n.Unmet = NeedRequested, p.Now(), time.Time{}, ""
		return n.Service, r.writeNeed(ctx, p, row, n)
	}
	return n.Service, nil
}

// EndNeed ends a need with an outcome (code list need_outcome), for a command of another
// room ([Room.Tell]), whose event says it. One that has ended stays as it is.
func (r *Room) EndNeed(ctx context.Context, p *access.Pass, row *Case, id ident.Need, outcome string) error {
	n, err := oneNeed(ctx, p, id)
	if err != nil || n.State == NeedEnded {
		return err
	}
	n.State, n.Outcome, n.Ended, n.Unmet = NeedEnded, outcome, p.Now(), ""
	if err := r.writeNeed(ctx, p, row, n); err != nil {
		return err
	}
	return r.cancelDueOf(ctx, p, dueService, [16]byte(n.ID))
}

// NeedAgain says that whoever was asked for a need does not give it, for a command of
// another room ([Room.Tell]), whose event says it. One that was requested of somebody
// since stays as it is.
func (r *Room) NeedAgain(ctx context.Context, p *access.Pass, row *Case, id ident.Need) error {
	n, err := oneNeed(ctx, p, id)
	if err != nil || n.State != NeedRequested || !n.Due.IsZero() {
		return err
	}
	n.State, n.Requested = NeedNeeded, time.Time{}
	return r.writeNeed(ctx, p, row, n)
}
