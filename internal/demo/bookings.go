package demo

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

// bookings are interpreters in several states: one waits, one has signed, one fell
// through.
var bookings = []struct {
	language, mode string
	in             time.Duration
	steps          []referral.Answer
}{
	{"ar", "in_person", 50 * time.Hour, nil},
	{"fr", "phone", 30 * time.Hour, []referral.Answer{signed}},
	{"ar", "video", 20 * time.Hour, []referral.Answer{
		signed, {Event: handover.HandBack, Reason: "cannot", Text: sealed.NewText("The interpreter fell ill. We have nobody else that day.")},
	}},
}

var signed = referral.Answer{Event: handover.Accept, Undertaken: true, Agency: sealed.NewText("Tongues for Children")}

// book lets a worker book interpreters of a partner for some of their children.
func (t *teller) book(ctx context.Context, p *partner, worker int, rows []casework.Row) error {
	given, err := t.n.Services.OfUnit(ctx, t.partner(p))
	if err != nil {
		return err
	}
	for i, q := range bookings[:min(len(bookings), len(rows))] {
		b := referral.NewBooking{To: p.at, Service: given[0].ID, Language: q.language, Booking: referral.Booking{
			Starts: t.when.base.Now().Truncate(time.Hour).Add(q.in), Minutes: 60, Mode: q.mode, Gender: "female", Excludes: referral.Excluded(),
		}}
		if q.mode == "in_person" {
			b.Place = sealed.NewText("Saltmere office, room 3")
		}
		of := rows[i].Case.ID
		id, err := t.n.Referrals.Book(ctx, t.as(worker, worker), ident.New[ident.Command](), of, b)
		if err != nil {
			return fmt.Errorf("booking %d: %w", i, err)
		}
		for _, a := range q.steps {
			if err := t.n.Referrals.Move(ctx, t.partner(p), ident.New[ident.Command](), of, id, a); err != nil {
				return fmt.Errorf("booking %d: %w", i, err)
			}
		}
	}
	return nil
}
