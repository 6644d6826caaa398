package casework

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// KindReferral is the event of a step of a referral or transfer: From is its kind, To
// what happened, Of which one it is, Who the other unit.
const KindReferral = "referral"

// The deadlines of referrals, both of the case's own side: an answer of the receiver is
// waited for, or it is this side's turn.
const (
	DueReferralAnswer = "referral_answer"
	DueReferralTurn   = "referral_turn"
)

// TakeOver makes somebody of another unit the lead worker of a case whose row a command
// is writing ([Room.Tell]): in one transaction the one who led it, their unit and those
// who helped reach it no more.
func (r *Room) TakeOver(ctx context.Context, p *access.Pass, row *Case, worker ident.Staff, unit ident.Unit) error {
	if err := p.EndReach(ctx, access.RelationHelper); err != nil {
		return err
	}
	return lead(ctx, p, row, worker, unit)
}

// Await starts the clock of one referral in a case whose row a command is writing, in
// place of the one that ran; a zero day only stops it. A closed case waits for nothing.
func (r *Room) Await(ctx context.Context, p *access.Pass, row *Case, kind string, about [16]byte, due time.Time) error {
	for _, k := range []string{DueReferralAnswer, DueReferralTurn} {
		if k == kind && !due.IsZero() && !row.Closed() {
			continue // setting it again moves it
		}
		if err := r.meetDueOf(ctx, p, k, about); err != nil {
			return err
		}
	}
	if due.IsZero() || row.Closed() {
		return nil
	}
	return r.setDue(ctx, p, row, kind, about, due)
}

// TextFault returns the message code of what is wrong with a text, "" for nothing, for
// rooms that carry texts and do not read them.
func TextFault(t sealed.Text, most int) string { return person.TextFault(t.Reveal(), most) }

// JustChecked reports whether the pass's case is only a check, from which no child was
// registered.
func (r *Room) JustChecked(ctx context.Context, p *access.Pass) (bool, error) {
	k, err := readCheck(ctx, p.Tx(), p.Case())
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && k.RegisteredAt.IsZero(), err
}
