package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// What could not be filed is decided by the person who wrote it, or by the
// supervisors of their unit. They read it, and either file it with an ordinary
// form, which asks the gate as always, or discard it and say why.

// captureList is how many waiting forms are shown at once, captureReason how long
// the reason of a discard may be, and filedAfter how old a form is before the job
// looks at it: until then the request that brought it is at work.
const (
	captureList   = 200
	captureReason = 2000
	filedAfter    = time.Minute
)

// Waiting returns the forms that wait for a decision of the caller, oldest first,
// unopened.
func (s *Captures) Waiting(ctx context.Context, c *access.Caller) ([]*Capture, error) {
	var out []*Capture
	err := s.Gate.View(ctx, c, access.Act{Action: "capture.list", Purpose: purpose}, func(p *access.Pass) (err error) {
		out, err = undecided(ctx, p)
		return err
	})
	return out, err
}

// Undecided returns how many forms wait for a decision of the caller: a number, and
// so no entry.
func (s *Captures) Undecided(ctx context.Context, c *access.Caller) (int, error) {
	var out []*Capture
	err := s.Gate.Own(ctx, c, func(p *access.Pass) (err error) {
		out, err = undecided(ctx, p)
		return err
	})
	return len(out), err
}

// undecided finds the forms that wait for the caller, up to captureList of them. Who
// looks after a unit walks all that wait; there are few.
func undecided(ctx context.Context, p *access.Pass) ([]*Capture, error) {
	if p.Caller().Role() != access.RoleSupervisor {
		return readCaptures(ctx, p.Tx(), sqlAuthorCaptures, p.Caller().Staff(), captureList)
	}
	var out []*Capture
	at, after := int64(0), ident.Capture{}
	for {
		page, err := readCaptures(ctx, p.Tx(), sqlWaitingCaptures, at, after[:], captureList)
		if err != nil {
			return nil, err
		}
		for _, row := range page {
			mine, err := decides(ctx, p, row)
			if err != nil {
				return nil, err
			}
			if mine {
				out = append(out, row)
			}
		}
		if len(page) < captureList || len(out) >= captureList {
			return out[:min(len(out), captureList)], nil
		}
		last := page[len(page)-1]
		at, after = clock.Micros(last.Received), last.ID
	}
}

// Open opens a waiting form. Each look is an entry.
func (s *Captures) Open(ctx context.Context, c *access.Caller, id ident.Capture) (*Capture, error) {
	var out *Capture
	err := s.onWaiting(ctx, c, ident.Command{}, "capture.open", id, func(p *access.Pass, row *Capture) error {
		out = row
		return row.open(p)
	})
	return out, err
}

// Carrying returns the caller with a note that what they do next brings in this
// waiting form.
func (s *Captures) Carrying(ctx context.Context, c *access.Caller, id ident.Capture) (*access.Caller, error) {
	row, err := s.Open(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return c.Carrying(access.Carried{At: row.Filled.At, By: row.Author, Sent: row.SentBy}), nil
}

// Settle says that the caller has filed a waiting form by an ordinary one.
func (s *Captures) Settle(ctx context.Context, c *access.Caller, id ident.Capture) error {
	return s.onWaiting(ctx, c, ident.Command{}, "capture.settle", id, func(p *access.Pass, row *Capture) error {
		return row.settle(ctx, p, CaptureFiled, nil)
	})
}

// Discard throws a waiting form away. The reason is kept, what was in the form is
// not.
func (s *Captures) Discard(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Capture, why sealed.Text) error {
	var chk fault.Check
	chk.Require(!why.IsZero(), "reason", "required")
	if code := person.TextFault(why.Reveal(), captureReason); code != "" {
		chk.Reject("reason", code)
	}
	if err := chk.Err(); err != nil {
		return err
	}
	return s.onWaiting(ctx, c, cmd, "capture.discard", id, func(p *access.Pass, row *Capture) error {
		blob, err := p.SealNode(captureTable, row.ID[:], row.version+1, &kept{Why: why})
		if err != nil {
			return err
		}
		return row.settle(ctx, p, CaptureDiscarded, blob)
	})
}

// onWaiting is the frame of what is done to one waiting form. One that is not the
// caller's to decide is answered like one that does not exist.
func (s *Captures) onWaiting(ctx context.Context, c *access.Caller, cmd ident.Command, action string, id ident.Capture,
	do func(*access.Pass, *Capture) error,
) error {
	act := access.Act{Action: action, Purpose: purpose, Command: cmd, About: (&Capture{ID: id}).Command()}
	_, err := s.Gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		row, err := readCapture(ctx, p.Tx(), id)
		if fault.Is(err, fault.NotFound) {
			return "", fault.New(fault.NotFound, "no-such-page")
		}
		if err != nil {
			return "", err
		}
		mine, err := decides(ctx, p, row)
		switch {
		case err != nil:
			return "", err
		case !mine || row.State != CaptureWaiting:
			return "", fault.New(fault.NotFound, "no-such-page")
		}
		return "", do(p, row)
	})
	return err
}

// decides reports whether the caller wrote a form or looks after its author's unit.
func decides(ctx context.Context, p *access.Pass, row *Capture) (bool, error) {
	if row.Author == p.Caller().Staff() {
		return true, nil
	}
	return p.Oversees(ctx, row.Unit)
}

// settle ends the waiting of a form.
func (c *Capture) settle(ctx context.Context, p *access.Pass, state string, blob []byte) error {
	var kept any
	if blob != nil {
		kept = blob
	}
	n, err := p.Tx().Exec(ctx, sqlSettleCapture, c.ID, state, p.Tx().Micros(), p.Caller().Staff(), kept, c.version)
	if err != nil {
		return fmt.Errorf("settle form: %w", err)
	}
	if n != 1 {
		return fault.New(fault.Conflict, "changed-meanwhile")
	}
	return nil
}

// Carry files the forms that were stored and not filed because the node stopped in
// between, and forgets waiting ones whose case was erased. It is the work of the
// named job "carry-forms".
func (s *Captures) Carry(ctx context.Context, erased func(context.Context) ([]ident.Case, error)) error {
	var left []*Capture
	act := access.Act{Action: "capture.carry", Purpose: "maintenance"}
	err := s.Gate.Work(ctx, s.Gate.Job("carry-forms"), act, func(p *access.Pass) (err error) {
		before := clock.Micros(p.Now().Add(-filedAfter))
		if left, err = readCaptures(ctx, p.Tx(), sqlSelectCaptures, CaptureReceived, before, captureList); err != nil {
			return err
		}
		for _, row := range left {
			if err := row.open(p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("find forms: %w", err)
	}
	for _, row := range left {
		a, aerr := s.author(ctx, row.Filled, row.Received, row.SentBy, "loopback")
		if aerr == nil {
			aerr = s.file(ctx, row, a)
		}
		if aerr != nil {
			s.Log.WarnContext(ctx, "form not filed yet", slog.Any("err", aerr))
			err = errors.Join(err, aerr)
		}
	}
	return errors.Join(err, s.forget(ctx, erased))
}

// forget removes what waits for a case that was erased since.
func (s *Captures) forget(ctx context.Context, erased func(context.Context) ([]ident.Case, error)) error {
	var meant []*Capture
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		meant, err = readCaptures(ctx, tx, sqlMeantCaptures)
		return err
	})
	if err != nil || len(meant) == 0 {
		return err
	}
	gone, err := erased(ctx)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		for _, row := range meant {
			if !slices.Contains(gone, row.meant) {
				continue
			}
			if _, err := tx.Exec(ctx, sqlForgetCapture, row.ID, tx.Micros()); err != nil {
				return fmt.Errorf("forget form: %w", err)
			}
		}
		return nil
	})
}

// captureReseal is how many rows one transaction seals anew.
const captureReseal = 100

// Reseal seals what an earlier epoch key sealed under the key of today, up to a
// page of it, and returns how many it did. below is the mark that every blob of
// today's key sorts after.
func (s *Captures) Reseal(ctx context.Context, below []byte) (int, error) {
	n := 0
	act := access.Act{Action: "job.rewrap", Purpose: "maintenance"}
	_, err := s.Gate.Do(ctx, s.Gate.Job("rewrap"), act, func(p *access.Pass) (string, error) {
		rows, err := readCaptures(ctx, p.Tx(), sqlCapturesBelow, below, captureReseal)
		if err != nil {
			return "", err
		}
		for _, row := range rows {
			var k kept
			if err := p.OpenNode(captureTable, row.ID[:], row.version, row.sealed, &k); err != nil {
				return "", err
			}
			blob, err := p.SealNode(captureTable, row.ID[:], row.version, &k)
			if err != nil {
				return "", err
			}
			if _, err := p.Tx().Exec(ctx, sqlResealCapture, row.ID, blob, row.version); err != nil {
				return "", err
			}
		}
		n = len(rows)
		return "", nil
	})
	return n, err
}
