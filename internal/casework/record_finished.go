package casework

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
)

// recordFinished carries out what follows from a finished record, in the
// transaction that finishes it: deadlines, statuses, approvals. row is the case as
// the command will store it. It is called again each time a finished record is
// corrected, with the answers as they are then, so what it does must bear that.
func (r *Room) recordFinished(ctx context.Context, p *access.Pass, sealer *keys.Sealer, row *Case, form string, record ident.Record, answers forms.Answers) error {
	if err := r.lookAgainDue(ctx, p, row, form, record, answers); err != nil {
		return err
	}
	if err := r.afterSolution(ctx, p, row, form, record, answers); err != nil {
		return err
	}
	waits, err := r.askApproval(ctx, p, row, pack.ApproveRecord, form, [16]byte(record))
	if err != nil {
		return err
	}
	if waits {
		return r.unfiled(ctx, p, sealer, row, form)
	}
	return r.filed(ctx, p, sealer, row, form)
}

// recordUrgent carries out what cannot wait: actions ([forms.UrgentActions]) that
// an answer of a record asks for and that the record did not ask for before. Each
// is a deadline of the lead worker at once, as after a check; the record need not
// be finished.
func (r *Room) recordUrgent(ctx context.Context, p *access.Pass, row *Case, actions []string) error {
	return r.urgentDue(ctx, p, row, actions, false)
}
