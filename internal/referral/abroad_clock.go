package referral

import (
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

// graceAbroad is how long after the last moment for an answer this side waits for the
// other node's word before people are told (CX/1, 5.5 d). Silence never ends a thread.
const graceAbroad = 24 * time.Hour

// pair names one thread of one case.
type pair struct {
	of ident.Case
	id ThreadID
}

// TendAbroad tells people that nothing came from another country, and destroys the keys of
// what nobody here took on. It is the work of the named job "referrals", and returns how
// many threads it was about.
func (r *Room) TendAbroad(ctx context.Context) (int, error) {
	if !r.Joined() {
		return 0, nil
	}
	job := r.gate.Job("referrals")
	var late, over []pair
	err := r.gate.Work(ctx, job, access.Act{Action: "referral.due", Purpose: "maintenance"}, func(p *access.Pass) (err error) {
		if late, err = pairs(ctx, p, sqlLateAbroad, p.Now().Add(-graceAbroad).UnixMicro(), clockMost); err != nil {
			return err
		}
		over, err = pairs(ctx, p, sqlForgotten, clockMost)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("find what is late abroad: %w", err)
	}
	done := 0
	for _, x := range late {
		if err := r.late(ctx, job, x); err != nil && !errors.Is(err, errNotYet) && !fault.Is(err, fault.NotFound) {
			return done, fmt.Errorf("late abroad: %w", err)
		}
		done++
	}
	for _, x := range over {
		if err := r.forget(ctx, job, x.of, x.id); err != nil {
			return done, fmt.Errorf("forget what came: %w", err)
		}
		done++
	}
	return done, nil
}

func pairs(ctx context.Context, p *access.Pass, query string, args ...any) (out []pair, err error) {
	err = eachRow(ctx, p.Tx(), func(scan func(...any) error) error {
		var x pair
		err := scan(&x.of, &x.id)
		out = append(out, x)
		return err
	}, query, args...)
	return out, err
}

// late tells whoever supervises that no word came. The thread stays as it is.
func (r *Room) late(ctx context.Context, job *access.Caller, x pair) error {
	act := access.Act{Action: "referral.late", Purpose: "maintenance", Case: x.of}
	_, err := r.gate.Do(ctx, job, act, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) {
			t, err := readThread(ctx, p, x.id)
			if err != nil {
				return nil, err
			}
			a, err := checkedAbroad(ctx, p, t)
			if err != nil {
				return nil, err
			}
			if a == nil || !a.LateAt.IsZero() || t.State != handover.Offered && t.State != handover.NeedsInfo {
				return nil, errNotYet
			}
			a.LateAt = p.Now()
			if err := r.escalate(ctx, p, t); err != nil {
				return nil, err
			}
			s := Step{Event: Late}
			return t.event(Late, sealed.Text{}), errors.Join(a.write(ctx, p), s.write(ctx, p, t))
		})
	})
	return err
}

// errKept leaves the transaction of a case that is not to be forgotten after all.
var errKept = errors.New("kept")

// forget destroys the key of a case that came from another country, was declined, taken
// back or left unanswered, and whose child nobody here took on. What is left is a tombstone,
// and how the thread ended.
func (r *Room) forget(ctx context.Context, job *access.Caller, of ident.Case, id ThreadID) error {
	act := access.Act{Action: "referral.forget", Purpose: "maintenance", Case: of}
	_, err := r.gate.Do(ctx, job, act, func(p *access.Pass) (string, error) {
		t, err := readThread(ctx, p, id)
		if err != nil {
			return "", err
		}
		a, err := checkedAbroad(ctx, p, t)
		if err != nil {
			return "", err
		}
		back, err := backOf(ctx, p, a)
		if err != nil {
			return "", err
		}
		if !a.over(t) || back != nil { // somebody has to look at what came back
			return "", errKept
		}
		err = p.Tx().Put(ctx, sqlInsertOver, p.Now().UnixMicro(), int64(a.Revision), a.Wire[:], string(a.Peer), string(t.State))
		if err != nil {
			return "", fmt.Errorf("keep how it ended: %w", err)
		}
		return "", p.Erase(ctx)
	})
	if errors.Is(err, errKept) || fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
