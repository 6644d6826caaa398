package casework

import (
	"bytes"
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/store"
)

// KeepingPage is for how long a case is kept, what holds it, and who wished that it be
// erased.
type KeepingPage struct {
	Case      Case
	Person    person.Record
	Retention *Retention // nil: never closed
	Kept      time.Time  // when somebody looks whether it is still needed; zero: it is open
	Holds     []*Hold    // newest first
	Erasures  []*Erasure // newest first
	// Against is what stands against erasing it, by the ground.
	Against map[string][]string
	May     map[string]bool
	Entry   ident.Entry
}

// Keeping returns for how long a case is kept and what was wished of it.
func (r *Room) Keeping(ctx context.Context, c *access.Caller, id ident.Case) (*KeepingPage, error) {
	page := KeepingPage{Against: map[string][]string{}}
	var kept []*Retention
	child, err := r.besides(ctx, c, id, "case.open", func(p *access.Pass) (err error) {
		if kept, err = readLedger(ctx, p.Tx(), sqlSelectRetention, (*Retention).scan, id); err != nil {
			return err
		}
		if page.Holds, err = readLedger(ctx, p.Tx(), sqlSelectHolds, (*Hold).scan, id); err != nil {
			return err
		}
		page.Erasures, err = readLedger(ctx, p.Tx(), sqlSelectErasures, (*Erasure).scan, id)
		return err
	}, func(p *access.Pass, o *keys.Opener, child *Child) (err error) {
		for _, k := range kept {
			page.Retention = k
			if err := k.check(o); err != nil {
				return err
			}
		}
		for _, h := range page.Holds {
			if err := h.check(o); err != nil {
				return err
			}
		}
		for _, e := range page.Erasures {
			if err := e.check(o); err != nil {
				return err
			}
		}
		page.May, err = p.May(ctx, "erasure.ask", "erasure.agree", "erasure.refuse", "retention.set", "retention.hold")
		return err
	})
	if err != nil {
		return nil, err
	}
	r.stand(child)
	page.Case, page.Person, page.Entry = child.Case, child.Person, child.Entry
	now := r.clk.Now()
	for _, ground := range r.codes.Codes(pack.ErasureGrounds) {
		page.Against[ground] = r.againstErasure(ground, &child.Case, child.Standing, page.Retention, page.Holds, now)
	}
	if child.Case.Closed() {
		page.Kept = r.keptUntil(r.codes.RetentionFor(""), child.Case.ClosedAt)
		if page.Retention != nil {
			page.Kept = page.Retention.Review
		}
	}
	page.tell(child.Events)
	return &page, nil
}

// tell fills in what the events say; they come newest first, the rows oldest first.
func (k *KeepingPage) tell(events []Event) {
	for i := range events {
		e := &events[i]
		for _, h := range k.Holds {
			switch {
			case !bytes.Equal(e.Of, h.ID[:]):
			case e.Kind == KindLifted:
				h.LiftedWhy = e.Text
			default:
				h.Why = e.Text
			}
		}
		for _, w := range k.Erasures {
			switch {
			case !bytes.Equal(e.Of, w.ID[:]):
			case e.Kind == KindErasureAsked:
				w.Why = e.Text
			case w.Answer.IsZero():
				w.Answer = e.Text
			}
		}
	}
	slices.Reverse(k.Holds)
	slices.Reverse(k.Erasures)
}

// Erased is a case that was erased: nothing is left that leads to the child.
type Erased struct {
	At     time.Time
	Gone   time.Time // by then no backup holds it any more
	Case   ident.Case
	Asker  ident.Staff
	Ground string
}

// DueErasure is a wish that waits, as whoever reads nothing of the case sees it.
type DueErasure struct {
	Erasure
	Class string    // of the file, "" where it was never closed
	Kept  time.Time // until when its class asks to keep it
	Held  bool      // a legal hold is in force
}

// KeptEnough is a case whose time is over: somebody looks whether it is still needed.
type KeptEnough struct {
	Case   Case
	Class  string
	Review time.Time
}

// ErasureDesk is what waits for the people who decide about erasing, what was erased,
// and which files were kept for their time.
type ErasureDesk struct {
	Waiting []DueErasure // oldest first
	Over    []KeptEnough // longest first
	Erased  []Erased     // newest first: all of them for the oversight, one's own for others
	Backups time.Duration
	Entry   ident.Entry
}

// deskMost is how many rows of each kind the desk shows.
const deskMost = 100

// Erasures returns what waits for the caller about erasing. It names no child: codes,
// dates, and the pseudonyms that the journal uses; of the cases that the caller
// reaches, their numbers.
func (r *Room) Erasures(ctx context.Context, c *access.Caller) (*ErasureDesk, error) {
	desk := &ErasureDesk{}
	act := access.Act{Action: "erasure.list", Purpose: PurposeOversight}
	err := r.gate.List(ctx, c, act, func(p *access.Pass) (shown []ident.Case, err error) {
		*desk = ErasureDesk{}
		return r.pickErasures(ctx, p, desk)
	}, func(p *access.Pass) (err error) {
		desk.Entry = p.Entry()
		if err := r.showErasures(ctx, p, desk); err != nil {
			return err
		}
		desk.Erased, err = r.erased(ctx, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return desk, nil
}

// pickErasures chooses the rows of the desk that its reader may see.
func (r *Room) pickErasures(ctx context.Context, p *access.Pass, desk *ErasureDesk) ([]ident.Case, error) {
	var found []*Erasure
	var over []*Retention
	var err error
	now := p.Now().UnixMicro()
	if p.Caller().Oversees() {
		found, err = readLedger(ctx, p.Tx(), sqlErasuresWait, (*Erasure).scan, deskMost)
	} else {
		holders := p.Caller().Holders()
		found, err = readLedger(ctx, p.Tx(), sqlErasuresReached, (*Erasure).scan, slices.Concat(holders, []any{now, deskMost})...)
		if err == nil {
			over, err = readLedger(ctx, p.Tx(), sqlRetentionOver, (*Retention).scan, slices.Concat(holders, []any{now, now, deskMost})...)
		}
	}
	if err != nil {
		return nil, err
	}
	var ids []ident.Case
	for _, e := range found {
		ids = append(ids, e.Case)
	}
	for _, k := range over {
		ids = append(ids, k.Case)
	}
	seen, err := p.Visible(ctx, ids)
	if err != nil {
		return nil, err
	}
	var shown []ident.Case
	for i, ok := range seen {
		switch {
		case !ok:
			continue
		case i < len(found):
			desk.Waiting = append(desk.Waiting, DueErasure{Erasure: *found[i]})
		default:
			k := over[i-len(found)]
			desk.Over = append(desk.Over, KeptEnough{Case: Case{ID: k.Case}, Class: k.Class, Review: k.Review})
		}
		shown = append(shown, ids[i])
	}
	return shown, nil
}

// showErasures checks the rows chosen and adds what is kept of their cases.
func (r *Room) showErasures(ctx context.Context, p *access.Pass, desk *ErasureDesk) error {
	for i := range desk.Waiting {
		w := &desk.Waiting[i]
		o, err := p.Opener(w.Case)
		if err != nil {
			return err
		}
		if err := w.check(o); err != nil {
			return err
		}
		kept, err := readLedger(ctx, p.Tx(), sqlSelectRetention, (*Retention).scan, w.Case)
		if err != nil {
			return err
		}
		for _, k := range kept {
			w.Class, w.Kept = k.Class, k.Review
		}
		holds, err := readLedger(ctx, p.Tx(), sqlSelectHolds, (*Hold).scan, w.Case)
		if err != nil {
			return err
		}
		for _, h := range holds {
			w.Held = w.Held || h.InForce()
		}
	}
	for i := range desk.Over {
		row, err := readCase(ctx, p.Tx(), desk.Over[i].Case.ID)
		if err != nil {
			return err
		}
		desk.Over[i].Case = *row
	}
	return nil
}

// erased reads which cases were erased: all of them for the oversight, for others those
// that they asked for.
func (r *Room) erased(ctx context.Context, p *access.Pass) ([]Erased, error) {
	query, args := sqlErasedFor, []any{p.Caller().Staff(), deskMost}
	if p.Caller().Oversees() {
		query, args = sqlErased, []any{deskMost}
	}
	return r.readErased(ctx, p.Tx(), query, args...)
}

func (r *Room) readErased(ctx context.Context, tx *store.Tx, query string, args ...any) ([]Erased, error) {
	var out []Erased
	err := eachRow(ctx, tx, func(scan func(...any) error) error {
		var e Erased
		var at int64
		if err := scan(&at, &e.Case, &e.Asker, &e.Ground); err != nil {
			return err
		}
		e.At = clock.FromMicros(at)
		e.Gone = r.GoneBy(e.At)
		out = append(out, e)
		return nil
	}, query, args...)
	return out, err
}

// GoneBy returns by when no backup holds a case any more that is erased at a time: no
// backup is kept longer.
func (r *Room) GoneBy(erased time.Time) time.Time {
	return r.codes.Clock(pack.BackupMaxAge).After(erased)
}
