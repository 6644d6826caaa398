package referral

import (
	"context"
	"errors"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/protocol/handover"
)

// clockMost is how many threads one run of the clock looks for at a time.
const clockMost = 100

// errNotYet leaves the transaction of a thread for which somebody was quicker.
var errNotYet = errors.New("not yet")

// Expire ends the offers that nobody answered in time, and closes what was reported and
// nobody disputed, and returns how many. It is the work of the named job "referrals".
func (r *Room) Expire(ctx context.Context) (int, error) {
	job, done := r.gate.Job("referrals"), 0
	for {
		type at struct {
			of ident.Case
			id ThreadID
		}
		var due []at
		err := r.gate.Work(ctx, job, access.Act{Action: "referral.due", Purpose: "maintenance"}, func(p *access.Pass) error {
			due = nil
			rows, err := p.Tx().Query(ctx, sqlDueThreads, p.Now().UnixMicro(), clockMost)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var a at
				if err := rows.Scan(&a.of, &a.id); err != nil {
					return err
				}
				due = append(due, a)
			}
			return rows.Err()
		})
		if err != nil {
			return done, fmt.Errorf("find referrals to expire: %w", err)
		}
		before := done
		for _, a := range due {
			switch err := r.expire(ctx, job, a.of, a.id); {
			case err == nil:
				done++
			case errors.Is(err, errNotYet), fault.Is(err, fault.NotFound):
			default:
				return done, fmt.Errorf("expire referral: %w", err)
			}
		}
		if len(due) < clockMost || done == before {
			return done, nil
		}
	}
}

// errNotTheirs is the answer to everything that does not exist.
func errNotTheirs() error { return fault.New(fault.NotFound, "no-such-page") }

// expire lets the clock take its step with one thread, if there still is one to take.
func (r *Room) expire(ctx context.Context, job *access.Caller, of ident.Case, id ThreadID) error {
	act := access.Act{Action: "referral.expire", Purpose: "maintenance", Case: of}
	_, err := r.gate.Do(ctx, job, act, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(row *casework.Case) (*casework.Event, error) {
			t, err := readThread(ctx, p, id)
			if err != nil {
				return nil, err
			}
			s, err := p.Sealer(ctx)
			if err != nil {
				return nil, err
			}
			if err := t.checkRow(s); err != nil {
				return nil, err
			}
			event := handover.Lapse
			if t.State == handover.Offered || t.State == handover.NeedsInfo {
				event = handover.Expire
			}
			if !t.Late(p.Now()) {
				return nil, errNotYet
			}
			if event == handover.Expire && p.Now().Before(t.RespondBy) {
				return nil, errNotYet
			}
			if event == handover.Expire {
				if err := r.escalate(ctx, p, t); err != nil {
					return nil, err
				}
			}
			return r.step(ctx, p, row, t, Answer{Event: event}, handover.Clock)
		})
	})
	return err
}

// tellUnanswered is the notice that nobody answered a referral.
const tellUnanswered = "referral-unanswered"

// escalate tells whoever supervises either side that nobody answered in time.
func (r *Room) escalate(ctx context.Context, p *access.Pass, t *Thread) error {
	var who []ident.Staff
	for _, unit := range []ident.Unit{t.From, t.To} {
		if isOffice(unit) {
			continue
		}
		some, err := r.cases.Supervisors(ctx, unit)
		if err != nil {
			return err
		}
		who = append(who, some...)
	}
	p.Tell(tellUnanswered, who)
	return nil
}
