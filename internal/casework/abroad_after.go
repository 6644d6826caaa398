package casework

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"causeway/internal/access"
	"causeway/internal/pack"
)

// What is left to do once an office of another country answers for the child, and the
// reports of how the child is there, months after: one side owes them, the other waits.
// Closing the case settles neither.
const (
	DueCloseHanded   = "close_handed"
	DueReportOwed    = "report_owed"
	DueReportAwaited = "report_awaited"
)

// dueCare are the deadlines of the care that somebody else gives from then on.
var dueCare = []string{
	DueFirstContact, DueNextContact, DueEmergencyAssessment, DueAssessment, DuePlan, DueReview, DueFollowup, "service", "plan_review",
}

// HandedAbroad notes in a case whose row a command is writing ([Room.Tell]) that an office
// of another country answers for the child: the deadlines of care here stop, and whoever led
// the case is to close it. What was promised to people here, flags and what could not wait
// stay until somebody looks at them.
func (r *Room) HandedAbroad(ctx context.Context, p *access.Pass, row *Case) error {
	if row.Closed() {
		return nil
	}
	row.NextContact = time.Time{}
	if err := r.cancelDue(ctx, p, dueCare...); err != nil {
		return err
	}
	return r.setDue(ctx, p, row, DueCloseHanded, [16]byte{}, r.codes.Clock(pack.ReferralTurn).After(p.Now()))
}

// handedAbroad reports whether the pass's case waits to be closed because another country
// answers for the child.
func (r *Room) handedAbroad(ctx context.Context, p *access.Pass) (bool, error) {
	open, err := r.dues.Opened(ctx, p, DueCloseHanded)
	return len(open) > 0, err
}

// Reports starts the clocks of the reports about a child who was handed over, in the months
// of the pack: of is the handover, begins the day from which the months count.
func (r *Room) Reports(ctx context.Context, p *access.Pass, row *Case, kind string, of [16]byte, begins time.Time) error {
	for _, name := range pack.Followups {
		c := r.codes.Clock(name)
		if c.Unit != pack.Months {
			continue // a report says after how many months it is
		}
		if err := r.setDue(ctx, p, row, kind, reportOf(of, c.Value), c.After(begins)); err != nil {
			return err
		}
	}
	return nil
}

// Report ends the clock of the report of one month: it was made, or came.
func (r *Room) Report(ctx context.Context, p *access.Pass, kind string, of [16]byte, month int) error {
	return r.meetDueOf(ctx, p, kind, reportOf(of, month))
}

// reportOf names the report of one month after a handover.
func reportOf(of [16]byte, month int) (about [16]byte) {
	sum := sha256.Sum256(binary.BigEndian.AppendUint16(append([]byte("causeway/report/1"), of[:]...), uint16(month)))
	copy(about[:], sum[:])
	return about
}
