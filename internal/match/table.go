package match

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/match/ask"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/matching"
)

// The states of a table.
const (
	Gathering = "gathering" // who may be in it is looked through
	Sending   = "sending"   // its parts are masked and sent
	Sent      = "sent"      // all of them are on the way, or wait to come back
	Ready     = "ready"     // all came back: questions are compared with it
	Full      = "full"      // there are more children than the agreement has room for
)

// Table is how far the table of an epoch has come, for people who keep the node going.
type Table struct {
	Agreement        AgreementID
	Epoch            uint32
	State            string
	Children         int
	Sent, Back       int // parts
	Parts            int
	Hidden, ToHide   int // keys that are masked now, and how many there are; while it is [Sending]
	Started, Changed time.Time
}

// working is what is being made now. Several goroutines tell and ask.
type working struct{ hidden, toHide atomic.Int64 }

// At night no one waits for the machine. A small table is made at any hour: it takes
// seconds.
const (
	nightFrom = 22 // hour
	nightTo   = 6
	smallSize = 1_000
)

// mayBegin reports whether a table of an agreement may be begun now.
func (r *Room) mayBegin(a *Agreement) bool {
	h := r.Clock.Now().In(r.Zone).Hour()
	return a.SizeClass <= smallSize || h >= nightFrom || h < nightTo
}

// Tend does what is due under all agreements: it destroys what is over, begins the
// tables of this epoch and of the next, large ones at night, and goes on with those that were begun. It may
// be stopped at any time, and goes on where it was.
func (r *Room) Tend(ctx context.Context) error {
	if r.Partners.Own() == "" {
		return nil
	}
	var all []*Agreement
	err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = r.agreements(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, a := range all {
		now := r.Clock.Now()
		err := r.destroy(ctx, a, now)
		if err == nil && a.State == Force && a.Side == Holder && a.EpochAt(now) > 0 {
			err = r.tendTables(ctx, a, now)
		}
		if err == nil {
			err = r.tendLetters(ctx, a, now)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("matching with %s: %w", a.Peer, err))
		}
	}
	return errors.Join(failed...)
}

// tendTables makes the tables of an agreement that are due.
func (r *Room) tendTables(ctx context.Context, a *Agreement, now time.Time) error {
	this, next := a.EpochAt(now), a.EpochAt(now.Add(ahead))
	for epoch := this; epoch <= next; epoch++ {
		t, there, err := r.readTable(ctx, a, epoch)
		if err != nil {
			return err
		}
		if !there {
			if !r.mayBegin(a) {
				continue
			}
			t = &Table{Agreement: a.ID, Epoch: epoch, State: Gathering, Parts: matching.Parts(a.SizeClass)}
			if err := r.job(ctx, func(p *access.Pass) error { return r.begin(ctx, p, a, epoch) }); err != nil {
				return err
			}
		}
		if err := r.proceed(ctx, a, t); err != nil {
			return err
		}
	}
	return nil
}

// begin writes that a table is begun, where the agreement is still in force.
func (r *Room) begin(ctx context.Context, p *access.Pass, a *Agreement, epoch uint32) error {
	if _, err := r.inForce(ctx, p.Tx(), a.ID); err != nil {
		return err
	}
	return p.Tx().Put(ctx, sqlInsertTable, a.ID[:], epoch, p.Now().UnixMicro(), p.Now().UnixMicro(), 0, 0, 0, matching.Parts(a.SizeClass), Gathering)
}

// proceed takes a table as far as it goes on our side.
func (r *Room) proceed(ctx context.Context, a *Agreement, t *Table) error {
	if t.State == Gathering {
		if err := r.gather(ctx, a, t); err != nil {
			return err
		}
	}
	if t.State == Sending {
		return r.sendTable(ctx, a, t)
	}
	return nil
}

// gatherPage is how many cases are looked at in one read.
const gatherPage = 500

// gather looks through the children, and notes those who may be in the table. Each of them
// is a command of its own, which the journal names: that the other node may find them.
func (r *Room) gather(ctx context.Context, a *Agreement, t *Table) error {
	s, err := r.secret(a, t.Epoch)
	if err != nil {
		return err
	}
	v, err := newVault(s, a.ID, t.Epoch)
	if err != nil {
		return err
	}
	after, err := r.lastEntry(ctx, a, t.Epoch)
	if err != nil {
		return err
	}
	for {
		page, err := r.candidates(ctx, a, after)
		if err != nil {
			return err
		}
		for _, of := range page {
			entered, err := r.enter(ctx, a, t.Epoch, v, of)
			if err != nil {
				return err
			}
			if entered {
				t.Children++
			}
			after = of
		}
		if len(page) < gatherPage {
			break
		}
	}
	return r.gathered(ctx, a, t)
}

func (r *Room) candidates(ctx context.Context, a *Agreement, after ident.Case) (page []ident.Case, err error) {
	err = r.gate.Work(ctx, r.gate.Job("match"), access.Act{Action: "match.look", Purpose: "maintenance"}, func(p *access.Pass) (err error) {
		page, err = r.Leave.Candidates(ctx, p, a.Purpose, a.Peer, after, gatherPage)
		return err
	})
	return page, err
}

// enter notes a child in a table, where nothing is missing for it.
func (r *Room) enter(ctx context.Context, a *Agreement, epoch uint32, v *vault, of ident.Case) (bool, error) {
	act := access.Act{Action: "match.enter", Purpose: "maintenance", Case: of}
	_, err := r.gate.Do(ctx, r.gate.Job("match"), act, func(p *access.Pass) (string, error) {
		if _, err := r.inForce(ctx, p.Tx(), a.ID); err != nil {
			return "", err
		}
		unmet, err := r.mayAsk(ctx, p, of, a)
		if err != nil {
			return "", err
		}
		if len(unmet) > 0 {
			return "", errLooked
		}
		child, err := r.codes(ctx, p, of)
		if err != nil {
			return "", err
		}
		if len(ask.TableKeys(&child)) == 0 {
			return "", errLooked // nothing is known by which this child could be found
		}
		blob, err := v.sealChild(of[:], &child)
		if err != nil {
			return "", err
		}
		return "", p.Tx().Put(ctx, sqlInsertEntry, a.ID[:], epoch, of[:], blob)
	})
	if errors.Is(err, errLooked) || gone(err) {
		return false, nil
	}
	return err == nil, err
}

// gathered writes that everybody was looked at.
func (r *Room) gathered(ctx context.Context, a *Agreement, t *Table) error {
	return r.job(ctx, func(p *access.Pass) error {
		var n int64
		if err := p.Tx().QueryRow(ctx, sqlCountEntries, a.ID[:], t.Epoch).Scan(&n); err != nil {
			return fmt.Errorf("count who is in a table: %w", err)
		}
		t.Children, t.State = int(n), Sending
		if t.Children > a.SizeClass {
			t.State = Full
		}
		_, err := p.Tx().Exec(ctx, sqlGathered, a.ID[:], t.Epoch, p.Now().UnixMicro(), t.Children, t.State)
		return err
	})
}

// sendTable masks the table and sends the parts that were not sent yet.
func (r *Room) sendTable(ctx context.Context, a *Agreement, t *Table) error {
	s, err := r.secret(a, t.Epoch)
	if err != nil {
		return err
	}
	v, err := newVault(s, a.ID, t.Epoch)
	if err != nil {
		return err
	}
	_, children, err := r.entries(ctx, a, t.Epoch, v)
	if err != nil {
		return err
	}
	r.work.hidden.Store(0)
	r.work.toHide.Store(int64(len(children) * matching.PointsEach))
	defer r.work.toHide.Store(0)
	whole, err := tableOf(ctx, s, v, r.domain(a, t.Epoch), a.ID, children, a.SizeClass, func(n int) { r.work.hidden.Add(int64(n)) })
	if err != nil {
		return err
	}
	for ; t.Sent < t.Parts; t.Sent++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.sendPart(ctx, a, t, v, whole); err != nil {
			return err
		}
	}
	return nil
}

// sendPart sends the next part of a table.
func (r *Room) sendPart(ctx context.Context, a *Agreement, t *Table, v *vault, whole *points) error {
	at, places := whole.part(t.Sent)
	body, err := matching.NewPart(a.said(r.Partners.Own()).ID, t.Epoch, t.Sent, at).Encode()
	if err != nil {
		return err
	}
	state := Sending
	if t.Sent+1 == t.Parts {
		state = Sent
	}
	return r.job(ctx, func(p *access.Pass) error {
		if _, err := r.inForce(ctx, p.Tx(), a.ID); err != nil {
			return err
		}
		n, err := p.Tx().Exec(ctx, sqlSentPart, a.ID[:], t.Epoch, p.Now().UnixMicro(), t.Sent+1, state, t.Sent)
		if err != nil || n != 1 {
			return orMeanwhile(err)
		}
		err = p.Tx().Put(ctx, sqlInsertPart, a.ID[:], t.Epoch, t.Sent, p.Now().UnixMicro(), v.seal("places", row(t.Sent), places), []byte{})
		if err != nil {
			return fmt.Errorf("note part: %w", err)
		}
		r.wrote(p, a, t.Epoch, t.Sent, body)
		_, err = r.send(ctx, p.Tx(), a, threadOf(a.ID, "table", t.Epoch), cx.MatchTable, matching.SchemaPart, body, officerOfJobs)
		return err
	})
}
