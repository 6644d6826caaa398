package referral

import (
	"context"
	"errors"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/payload"
)

// tooLate answers a message of a thread that is over and was forgotten, or that this node
// never knew.
func (r *Room) tooLate(ctx context.Context, m *cx.Message, settle Settle) error {
	unknown := false
	err := r.bare(ctx, func(p *access.Pass) error {
		var revision int64
		var state string
		err := p.Tx().QueryRow(ctx, sqlSelectOver, string(m.From), m.Thread[:]).Scan(&revision, &state)
		switch {
		case fault.Is(err, fault.NotFound):
			if done, err := r.goneSaid(ctx, p, m); !done || err != nil {
				unknown = err == nil
				return errors.Join(err, errNotYet)
			}
		case err != nil:
			return err
		case m.Type.Asks():
			if err := r.overAgain(ctx, p, m, revision+1, state); err != nil {
				return err
			}
		}
		return settle(ctx, p.Tx(), cx.Opened{})
	})
	if unknown && errors.Is(err, errNotYet) {
		return r.refuse(ctx, m, settle, cx.Unsupported)
	}
	return err
}

// overAgain says once more how a thread ended. It carries no word about a child, of whom
// this node knows nothing any more.
func (r *Room) overAgain(ctx context.Context, p *access.Pass, m *cx.Message, revision int64, state string) error {
	if m.Type == cx.Recall { // it is gone already
		said := payload.New()
		said.Outcome = &payload.Outcome{Code: outcomeErased}
		return r.bareSend(ctx, p, m, cx.RecallOutcome, payload.SchemaOutcome, said)
	}
	if _, err := p.Tx().Exec(ctx, sqlUpdateOver, string(m.From), m.Thread[:], revision); err != nil {
		return fmt.Errorf("number of status: %w", err)
	}
	return r.bareStatus(ctx, p, m, &payload.Status{
		Revision: int(revision), State: state, Cause: string(Refused), Refused: true, Contact: "focal-point",
	})
}
