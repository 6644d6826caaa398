package casework

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/pack"
)

// DueTellChild is the deadline by which the child is told of a disclosure. That the child
// was told meets it; closing the case does not.
const DueTellChild = "tell_child"

// TellBy returns the day by which the child is told of what is disclosed now, by the
// pack's clock. Later than that is a postponement, and needs a reason.
func (r *Room) TellBy() time.Time { return r.codes.Clock(pack.TellChild).After(r.clk.Now()) }

// MustTell starts the clock by which the child is told of something in a case whose row a
// command is writing ([Room.Tell]), or moves it; a zero day ends it: the child was told.
func (r *Room) MustTell(ctx context.Context, p *access.Pass, row *Case, about [16]byte, due time.Time) error {
	if due.IsZero() {
		return r.meetDueOf(ctx, p, DueTellChild, about)
	}
	return r.setDue(ctx, p, row, DueTellChild, about, due)
}
