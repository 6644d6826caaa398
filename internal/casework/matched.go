package casework

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
)

// DueMatch is the deadline by which somebody decides about a question between countries:
// whether one of theirs is answered, or whether we go on with an answer.
const DueMatch = "match_decide"

// MatchDue starts that clock in the pass's case, about a question.
func (r *Room) MatchDue(ctx context.Context, p *access.Pass, about [16]byte, by time.Time) error {
	row, err := readCase(ctx, p.Tx(), p.Case())
	if err != nil {
		return err
	}
	return r.setDue(ctx, p, row, DueMatch, about, by)
}

// MatchMet ends it; it is no fault if there is none.
func (r *Room) MatchMet(ctx context.Context, p *access.Pass, about [16]byte) error {
	if err := r.meetDueOf(ctx, p, DueMatch, about); !fault.Is(err, fault.NotFound) {
		return err
	}
	return nil
}
