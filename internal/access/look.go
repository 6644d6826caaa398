package access

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// View lets fn read what concerns one case, or no case. The journal entry is
// committed before fn runs; a repeat by the same session within ten minutes
// makes no new entry.
func (g *Gate) View(ctx context.Context, c *Caller, a Act, fn func(*Pass) error) error {
	c = somebody(c)
	r, entry, err := g.enterLook(ctx, c, a, func() {})
	if err != nil {
		return err
	}
	return g.db.Read(ctx, func(tx *store.Tx) error {
		p := &Pass{gate: g, tx: tx, caller: c, act: a, entry: entry, reach: &r, openers: map[ident.Subject]*keys.Opener{}}
		defer p.end()
		if opensContent(a.Action) {
			s := ident.SubjectOf(a.Case)
			o, err := g.custody.Opener(ctx, tx, s, tx.Now().Add(g.openFor))
			if err != nil {
				return err
			}
			defer o.Close()
			p.openers[s] = o
		}
		return fn(p)
	})
}

// Open reads one case in two steps. While the journal entry is being committed,
// fetch reads what is stored, sealed; when the entry is safe, show opens it,
// without a transaction. So a reader waits for the disk once, and holds no
// connection meanwhile. Nothing is fetched for a caller who is refused: how long
// the answer takes must not tell whether there is such a case.
func (g *Gate) Open(ctx context.Context, c *Caller, a Act, fetch, show func(*Pass) error) error {
	c = somebody(c)
	p := &Pass{gate: g, caller: c, act: a}
	defer p.end()
	var key *keys.Closed
	var until time.Time
	var fetched func() error
	r, entry, err := g.enterLook(ctx, c, a, func() {
		if fetched != nil {
			return // the store repeats the transaction
		}
		fetched = beside(func() error {
			return g.db.Read(ctx, func(tx *store.Tx) (err error) {
				p.tx, until = tx, tx.Now().Add(g.openFor)
				defer func() { p.tx = nil }()
				if key, err = g.custody.Closed(ctx, tx, ident.SubjectOf(a.Case)); err != nil {
					return err
				}
				return fetch(p)
			})
		})
	})
	if fetched != nil {
		if notFetched := fetched(); err == nil {
			err = notFetched
		}
	}
	if err != nil {
		return err
	}
	o, err := key.Opener(until)
	if err != nil {
		return err
	}
	defer o.Close()
	p.entry, p.reach = entry, &r
	p.openers = map[ident.Subject]*keys.Opener{ident.SubjectOf(a.Case): o}
	return show(p)
}

// beside runs fn in a goroutine of its own; the function it returns waits for it,
// and panics when fn did.
func beside(fn func() error) (wait func() error) {
	type end struct {
		err      error
		panicked any
	}
	ended := make(chan end, 1)
	go func() {
		var e end
		defer func() {
			e.panicked = recover()
			ended <- e
		}()
		e.err = fn()
	}()
	return func() error {
		e := <-ended
		if e.panicked != nil {
			panic(e.panicked)
		}
		return e.err
	}
}

// enterLook decides about a look and writes its entry in the same transaction,
// unless the same look was entered within the last ten minutes; prints, exports
// and the like are entered each time. It calls permitted, perhaps more than once,
// as soon as the look is permitted. A refusal is entered and returned.
func (g *Gate) enterLook(ctx context.Context, c *Caller, a Act, permitted func()) (r reachOf, entry ident.Entry, err error) {
	var basis, reason string
	decide := func(tx *store.Tx) (err error) {
		r = reachOf{relation: relationNone}
		if !a.Case.IsZero() {
			if r, err = readReach(ctx, tx, c, a.Case, tx.Now().UnixMicro()); err != nil {
				return err
			}
		}
		if basis, reason = g.decide(c, a, r, tx.Now()); reason == "" {
			permitted()
		}
		return nil
	}
	k, now := lookKey{c.session, a.Case, a.Action, a.Purpose, a.About}, g.clk.Now()
	entry, again := g.lookedBefore(k, now)
	if again {
		err = g.db.Read(ctx, decide)
	} else {
		err = g.db.Write(ctx, func(tx *store.Tx) (err error) {
			if err = decide(tx); err != nil || reason != "" {
				return err
			}
			entry, err = g.journal.AppendLast(ctx, tx, g.entry(c, a, basis, journal.OK, ""))
			return err
		})
	}
	switch {
	case err != nil:
		return r, entry, fmt.Errorf("journal look: %w", err)
	case reason != "":
		return r, entry, g.refuse(ctx, c, a, reason)
	}
	if !again {
		g.noteLook(k, look{now, entry})
		g.counted(ctx, c, a.Action)
	}
	return r, entry, nil
}

// lookedBefore returns the entry of the same look within the last ten minutes.
func (g *Gate) lookedBefore(k lookKey, now time.Time) (ident.Entry, bool) {
	if actions[k.action].journal != journal.Read || k.session.IsZero() {
		return ident.Entry{}, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	l, seen := g.looked[k]
	return l.entry, seen && !now.Before(l.at) && now.Sub(l.at) < g.openFor
}

// noteLook remembers a look that was entered, and forgets old ones now and then.
func (g *Gate) noteLook(k lookKey, l look) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if l.at.Sub(g.cleaned) > time.Minute {
		g.cleaned = l.at
		for key, old := range g.looked {
			if l.at.Sub(old.at) >= g.openFor {
				delete(g.looked, key)
			}
		}
	}
	g.looked[k] = l
}

// Work lets a named job read within one read transaction. A job that runs often
// makes one entry an hour, not one a run: it discloses nothing to anybody.
func (g *Gate) Work(ctx context.Context, c *Caller, a Act, fn func(*Pass) error) error {
	c = somebody(c)
	if c.job == "" {
		return g.refuse(ctx, c, a, "floor-job")
	}
	basis, reason := g.decide(c, a, reachOf{relation: relationNone}, g.clk.Now())
	if reason != "" {
		return g.refuse(ctx, c, a, reason)
	}
	if err := g.commitWork(ctx, c, a, basis); err != nil {
		return err
	}
	return g.db.Read(ctx, func(tx *store.Tx) error {
		p := &Pass{gate: g, tx: tx, caller: c, act: a, openers: map[ident.Subject]*keys.Opener{}}
		defer p.end()
		return fn(p)
	})
}

// workEvery is how often a job that keeps running is entered.
const workEvery = time.Hour

func (g *Gate) commitWork(ctx context.Context, c *Caller, a Act, basis string) error {
	now := g.clk.Now()
	g.mu.Lock()
	at, seen := g.worked[c.job]
	g.mu.Unlock()
	if seen && !now.Before(at) && now.Sub(at) < workEvery {
		return nil
	}
	err := g.db.Write(ctx, func(tx *store.Tx) error {
		_, err := g.journal.AppendLast(ctx, tx, g.entry(c, a, basis, journal.OK, ""))
		return err
	})
	if err != nil {
		return fmt.Errorf("journal job: %w", err)
	}
	g.mu.Lock()
	g.worked[c.job] = now
	g.mu.Unlock()
	return nil
}

// Own lets a person read what is their own and about nobody else, such as the
// views they keep. It makes no entry.
func (g *Gate) Own(ctx context.Context, c *Caller, fn func(*Pass) error) error {
	c = somebody(c)
	if !c.made || c.staff.IsZero() {
		return g.refuse(ctx, c, Act{Action: "self.read"}, "floor-no-caller")
	}
	return g.db.Read(ctx, func(tx *store.Tx) error {
		p := &Pass{gate: g, tx: tx, caller: c, act: Act{Action: "self.read"}, openers: map[ident.Subject]*keys.Opener{}}
		defer p.end()
		return fn(p)
	})
}

// opensContent reports whether a view of this action may read what is sealed.
func opensContent(action string) bool {
	return action == "case.open" || action == "case.print" || action == "circle.preview" || action == "circle.open" || action == "referral.preview" || action == "referral.card"
}

// SignedOut forgets the session's open looks: the next one is a new entry.
func (g *Gate) SignedOut(s ident.Session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for k := range g.looked {
		if k.session == s {
			delete(g.looked, k)
		}
	}
}

// List runs a list in two steps. pick chooses the rows, asking [Pass.Visible]
// for each candidate, and returns the cases it will show; then one entry that
// names them is committed; then show may open them.
func (g *Gate) List(ctx context.Context, c *Caller, a Act, pick func(*Pass) ([]ident.Case, error), show func(*Pass) error) error {
	c = somebody(c)
	var shown []ident.Case
	var left []func(context.Context, *store.Tx) error
	var basis, reason string
	err := g.db.Read(ctx, func(tx *store.Tx) error {
		basis, reason = g.decide(c, a, reachOf{relation: relationNone}, tx.Now())
		if reason != "" {
			return nil
		}
		p := &Pass{gate: g, tx: tx, caller: c, act: a, visible: map[ident.Case]bool{}}
		defer p.end()
		var err error
		if shown, err = pick(p); err != nil {
			return err
		}
		left = p.left
		for _, id := range shown {
			if !p.visible[id] {
				return fault.New(fault.Internal, "list-shows-hidden-row")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if reason != "" {
		return g.refuse(ctx, c, a, reason)
	}
	e := g.entry(c, a, basis, journal.OK, "")
	for _, id := range shown {
		e.Subjects = append(e.Subjects, ident.SubjectOf(id))
	}
	var entry ident.Entry
	err = g.db.Write(ctx, func(tx *store.Tx) (err error) {
		for _, write := range left {
			if err := write(ctx, tx); err != nil {
				return err
			}
		}
		entry, err = g.journal.AppendLast(ctx, tx, e)
		return err
	})
	if err != nil {
		return fmt.Errorf("journal list: %w", err)
	}
	g.counted(ctx, c, a.Action)
	return g.db.Read(ctx, func(tx *store.Tx) error {
		openers, err := g.custody.Openers(ctx, tx, e.Subjects, tx.Now().Add(g.openFor))
		if err != nil {
			return err
		}
		if openers == nil {
			openers = map[ident.Subject]*keys.Opener{}
		}
		p := &Pass{gate: g, tx: tx, caller: c, act: a, entry: entry, openers: openers}
		defer p.end()
		defer func() {
			for _, o := range openers {
				o.Close()
			}
		}()
		return show(p)
	})
}
