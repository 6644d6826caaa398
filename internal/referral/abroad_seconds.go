package referral

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/protocol/handover"
)

// Looked is a look of a second person at something that is to go to another country, or
// went at once: it waits, or was taken.
type Looked struct {
	Thread   *Thread
	Partner  ident.Unit // the office, as it stands in a thread
	Asker    ident.Staff
	Asked    time.Time
	Approver ident.Staff // none: it waits
	Approved time.Time
	Returned bool      // that person did not agree
	By       time.Time // until when somebody looks; zero: it does not wait
	Event    handover.Event
	May      bool // the reader may look
}

// Waits reports whether nobody has looked yet.
func (l *Looked) Waits() bool { return !l.By.IsZero() }

// looked tells of a thread which look of a second person it needs, or had; nil where none.
func looked(t *Thread, a *Abroad, steps []Step) *Looked {
	l := &Looked{Thread: t, Partner: t.To, Asker: a.Asker, Asked: t.OfferedAt, Approver: a.Approver, Approved: a.Approved}
	switch {
	case a.SentAt.IsZero() && t.State == handover.None:
		l.By, l.Event = t.Due, Proposed
	case !a.SentAt.IsZero() && !a.ConfirmBy.IsZero() && a.Approved.IsZero():
		l.By, l.Event = a.ConfirmBy, Confirmed
	case a.Approver.IsZero():
		return nil
	}
	l.Returned = slices.ContainsFunc(steps, func(s Step) bool { return s.Event == Returned })
	return l
}

// Seconds returns the looks of a second person in a case, those that wait first, then the
// newest first.
func (r *Room) Seconds(ctx context.Context, c *access.Caller, of ident.Case) (out []*Looked, err error) {
	type row struct {
		t     *Thread
		a     *Abroad
		steps []Step
	}
	var rows []row
	err = r.gate.Open(ctx, c, access.Act{Action: "referral.sent", Purpose: purposeCare, Case: of}, func(p *access.Pass) error {
		rows = nil
		all, err := readThreads(ctx, p, sqlSelectThreads, of)
		for _, t := range all {
			if err != nil || !t.Sent() {
				continue
			}
			x := row{t: t}
			if x.a, err = readAbroad(ctx, p, t); err == nil {
				x.steps, err = readSteps(ctx, p, t.ID)
			}
			rows = append(rows, x)
		}
		return err
	}, func(p *access.Pass) error {
		o, err := p.Opener(of)
		if err != nil {
			return err
		}
		may, err := p.May(ctx, "referral.approve")
		if err != nil {
			return err
		}
		for _, x := range rows {
			if err := x.t.checkRow(o); err != nil {
				return err
			}
			if err := x.a.check(o); err != nil {
				return err
			}
			if l := looked(x.t, x.a, x.steps); l != nil {
				l.May = l.Waits() && may["referral.approve"] && l.Asker != c.Staff()
				out = append(out, l)
			}
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b *Looked) int {
		if a.Waits() != b.Waits() {
			if a.Waits() {
				return -1
			}
			return 1
		}
		return b.Asked.Compare(a.Asked)
	})
	return out, err
}

// SecondsWait returns what waits for the caller as second person, and what the caller wants
// to send and waits for another: what waits longest first. Where there is nothing it makes no
// entry.
func (r *Room) SecondsWait(ctx context.Context, c *access.Caller) (mine, asked []Line, err error) {
	if !r.Joined() || !r.gate.May(c, "referral.list") {
		return nil, nil, nil
	}
	units := c.Supervises()
	if c.Role() != access.RoleSupervisor {
		units = nil
	}
	var ours, theirs []*Thread
	err = r.gate.Own(ctx, c, func(p *access.Pass) (err error) {
		ours, theirs = nil, nil
		for _, u := range units {
			some, err := readThreads(ctx, p, sqlSeconds, u, c.Staff(), fetchMost)
			if err != nil {
				return err
			}
			ours = append(ours, some...)
		}
		theirs, err = readThreads(ctx, p, sqlSecondsAsked, c.Staff(), fetchMost)
		return err
	})
	if err != nil || len(ours)+len(theirs) == 0 {
		return nil, nil, err
	}
	list, err := r.list(ctx, c, purposeCare, func(*access.Pass) ([]*Thread, error) { return slices.Concat(ours, theirs), nil }, true)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range list.Lines {
		if slices.ContainsFunc(ours, func(t *Thread) bool { return t.ID == l.ID }) {
			mine = append(mine, l)
		} else {
			asked = append(asked, l)
		}
	}
	return mine, asked, nil
}
