package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// Act is what a caller wants to do.
type Act struct {
	Action  string        // a key of the table of actions, such as "case.note"
	Purpose string        // purpose code, such as "case-work"
	Case    ident.Case    // the case it is about, none for lists and accounts
	NewCase bool          // Case is registered by this command
	Staff   ident.Staff   // the account it is about, for staff actions
	Command ident.Command // random identifier of the form; none for reads
}

// Units knows the hierarchy of units; package staff implements it.
type Units interface {
	// Above returns the unit itself and every unit above it.
	Above(context.Context, ident.Unit) ([][16]byte, error)
}

// openFor is how long an opened handle lives, and how long a repeated look at
// the same case by the same session makes no new entry (DESIGN, section 6).
const openFor = 10 * time.Minute

// Gate is the decision point. It is safe for concurrent use, except the gate
// that [Gate.Group] hands out, which belongs to its function.
type Gate struct {
	*core
	group *group // nil outside a group
}

// core is what all gates of a node share.
type core struct {
	db       *store.DB
	clk      clock.Clock
	journal  *journal.Journal
	custody  *keys.Custody
	policies *Policies
	units    Units

	restrict Restrictions // may be nil

	full atomic.Bool // the disk is full: nothing new is written, care goes on

	mu      sync.Mutex // guards looked, denied, worked, cleaned
	worked  map[string]time.Time
	looked  map[lookKey]look
	denied  map[ident.Staff]*denials
	cleaned time.Time
}

// lookKey names a repeated look.
type lookKey struct {
	session ident.Session
	subject ident.Case
	action  string
	purpose string
}

// look is one look that was entered: when, and where the journal has it.
type look struct {
	at    time.Time
	entry ident.Entry
}

// NewGate joins the gate's parts. All are required.
func NewGate(db *store.DB, clk clock.Clock, j *journal.Journal, custody *keys.Custody, p *Policies, units Units) (*Gate, error) {
	if db == nil || clk == nil || j == nil || custody == nil || p == nil || units == nil {
		return nil, errors.New("access: the gate lacks a part")
	}
	return &Gate{core: &core{
		db: db, clk: clk, journal: j, custody: custody, policies: p, units: units,
		looked: map[lookKey]look{}, worked: map[string]time.Time{}, denied: map[ident.Staff]*denials{},
	}}, nil
}

// somebody turns no caller into one whom the floor refuses.
func somebody(c *Caller) *Caller {
	if c == nil {
		return &Caller{}
	}
	return c
}

// Restrictions takes note, outside the database, of what must hold even after an
// older backup was put back. Its methods do not wait and cannot fail.
type Restrictions interface {
	Withheld(c ident.Case, from [16]byte)
	Blocked(who ident.Staff, blocked bool)
}

// Restrict names who takes note of restrictions. It is called once, before the
// gate is used.
func (g *Gate) Restrict(r Restrictions) { g.restrict = r }

// Full says whether the disk is full. While it is, commands are refused with a
// clear message, and the space that was kept in reserve serves the entries of
// those who must read a record to keep a child safe.
func (g *Gate) Full(full bool) { g.full.Store(full) }

// errRefused leaves a transaction when the decision was no; the denial is then
// journaled in a transaction of its own.
var errRefused = errors.New("refused")

// decide asks the floor, then the policies, then whether the check of who this
// is, is fresh enough. It returns the policy that permits and "", or "" and the
// code of the refusal.
func (g *Gate) decide(c *Caller, a Act, r reachOf, now time.Time) (basis, reason string) {
	reason = floor(c, a, r, now)
	if reason != "" && reason != "floor-fresh-check" {
		return "", reason
	}
	if c.job != "" {
		return "job-" + c.job, ""
	}
	resource := a
	if a.NewCase {
		resource.Case = ident.Case{}
	}
	basis = g.policies.decide(question{
		caller: c, act: resource, relation: r.relation, withheld: r.withheld,
		fresh: fresh(c, now), permits: r.permits,
	})
	if basis == "" {
		return "", "no-policy"
	}
	return basis, reason
}

// entry fills in what the gate knows about an act.
func (g *Gate) entry(c *Caller, a Act, basis, outcome, reason string) journal.Entry {
	e := journal.Entry{
		Action: actions[a.Action].journal, What: a.Action, Purpose: a.Purpose, Basis: basis,
		Outcome: outcome, Reason: reason, Command: a.Command,
	}
	if e.Action == "" {
		e.Action = journal.Read
	}
	e.Actor, e.Strength, e.Session = c.staff, c.strength, c.session
	e.Role, e.Unit, e.Via, e.Zone = c.role, c.unit, c.via, c.zone
	if !a.Case.IsZero() {
		e.Subjects = []ident.Subject{ident.SubjectOf(a.Case)}
	}
	return e
}

// Do runs one command: it opens the transaction, decides inside it, runs fn,
// appends the journal entry and commits. The whole is run again on a conflict or
// a lost connection, so fn must not have effects outside the pass. The result is
// kept with the command's identifier; the same command again returns it without
// running fn.
func (g *Gate) Do(ctx context.Context, c *Caller, a Act, fn func(*Pass) (string, error)) (string, error) {
	c = somebody(c)
	if g.group != nil {
		return g.group.do(ctx, g, c, a, fn)
	}
	if g.full.Load() {
		return "", fault.New(fault.Unavailable, "disk-full")
	}
	var result, reason string
	err := g.db.Write(ctx, func(tx *store.Tx) (err error) {
		result, reason, err = g.command(ctx, tx, c, a, tx.Last, fn)
		return err
	})
	if err == nil {
		return result, nil
	}
	// A command that was carried out before fails on its own identifier, or on
	// what it changed then: nothing of the second run stands.
	switch before, whose, lerr := g.before(ctx, c, a); {
	case lerr != nil:
		return "", lerr
	case whose == commandOwn:
		return before, nil
	case whose == commandOther:
		return "", g.refuse(ctx, c, a, "command-of-another")
	}
	if errors.Is(err, errRefused) {
		return "", g.refuse(ctx, c, a, reason)
	}
	return "", err
}

// Whose command an identifier is.
const (
	commandNew = iota
	commandOwn
	commandOther // somebody else's, or of another action
)

// before looks up the result of a command that was carried out already.
func (g *Gate) before(ctx context.Context, c *Caller, a Act) (result string, whose int, err error) {
	if a.Command.IsZero() || ctx.Err() != nil {
		return "", commandNew, nil
	}
	err = g.db.Read(ctx, func(tx *store.Tx) error {
		var actor ident.Staff
		var action string
		err := tx.QueryRow(ctx, sqlSelectCommand, a.Command).Scan(&actor, &action, &result)
		switch {
		case fault.Is(err, fault.NotFound):
			whose = commandNew
			return nil
		case err == nil && actor == c.staff && action == a.Action:
			whose = commandOwn
		case err == nil:
			whose, result = commandOther, ""
		}
		return err
	})
	return result, whose, err
}

// command is one command within tx. The entry and the command's identifier are
// written by last, which may put them off until the commit.
func (g *Gate) command(ctx context.Context, tx *store.Tx, c *Caller, a Act, last func(...store.Stmt) error,
	fn func(*Pass) (string, error)) (result, reason string, err error) {
	r := reachOf{relation: relationNone}
	if !a.Case.IsZero() && !a.NewCase {
		if r, err = readReach(ctx, tx, c, a.Case, tx.Now().UnixMicro()); err != nil {
			return "", "", err
		}
	}
	basis, reason := g.decide(c, a, r, tx.Now())
	if reason != "" {
		return "", reason, errRefused
	}
	p := &Pass{gate: g, tx: tx, caller: c, act: a}
	defer p.end()
	if result, err = fn(p); err != nil {
		return "", "", err
	}
	e := g.entry(c, a, basis, journal.OK, "")
	e.Rows, e.Commitments, e.NewSubject, e.Payload = p.rows, p.commitments, p.newSubject, p.payload
	_, stmts, err := g.journal.Statements(ctx, tx, e)
	if err != nil {
		return "", "", err
	}
	if !a.Command.IsZero() {
		stmts = append(stmts, store.Stmt{SQL: sqlInsertCommand,
			Args: []any{a.Command, c.staff, a.Action, result, tx.Now().UnixMicro()}})
	}
	if err := last(stmts...); err != nil {
		return "", "", fmt.Errorf("journal command: %w", err)
	}
	return result, "", nil
}

// View lets fn read one case. The journal entry is committed before a key is
// opened; a repeat by the same session within ten minutes makes no new entry.
func (g *Gate) View(ctx context.Context, c *Caller, a Act, fn func(*Pass) error) error {
	c = somebody(c)
	var basis, reason string
	err := g.db.Read(ctx, func(tx *store.Tx) error {
		r := reachOf{relation: relationNone}
		var err error
		if !a.Case.IsZero() {
			if r, err = readReach(ctx, tx, c, a.Case, tx.Now().UnixMicro()); err != nil {
				return err
			}
		}
		basis, reason = g.decide(c, a, r, tx.Now())
		return nil
	})
	if err != nil {
		return err
	}
	if reason != "" {
		return g.refuse(ctx, c, a, reason)
	}
	entry, err := g.commitLook(ctx, c, a, basis)
	if err != nil {
		return err
	}
	return g.db.Read(ctx, func(tx *store.Tx) error {
		p := &Pass{gate: g, tx: tx, caller: c, act: a, entry: entry, openers: map[ident.Subject]*keys.Opener{}}
		defer p.end()
		if opensContent(a.Action) {
			s := ident.SubjectOf(a.Case)
			o, err := g.custody.Opener(ctx, tx, s, tx.Now().Add(openFor))
			if err != nil {
				return err
			}
			defer o.Close()
			p.openers[s] = o
		}
		return fn(p)
	})
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

// Own lets a person read what is their own and about nobody else, such as their
// saved views. It makes no entry.
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
func opensContent(action string) bool { return action == "case.open" || action == "case.print" }

// commitLook writes the entry of a look, unless the same look was entered
// within the last ten minutes. Prints, exports and the like are entered each
// time.
func (g *Gate) commitLook(ctx context.Context, c *Caller, a Act, basis string) (ident.Entry, error) {
	k := lookKey{c.session, a.Case, a.Action, a.Purpose}
	now := g.clk.Now()
	g.mu.Lock()
	before, seen := g.looked[k]
	g.mu.Unlock()
	if seen && actions[a.Action].journal == journal.Read && !c.session.IsZero() && !now.Before(before.at) && now.Sub(before.at) < openFor {
		return before.entry, nil
	}
	var entry ident.Entry
	err := g.db.Write(ctx, func(tx *store.Tx) (err error) {
		entry, err = g.journal.AppendLast(ctx, tx, g.entry(c, a, basis, journal.OK, ""))
		return err
	})
	if err != nil {
		return entry, fmt.Errorf("journal look: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Sub(g.cleaned) > time.Minute {
		g.cleaned = now
		for key, l := range g.looked {
			if now.Sub(l.at) >= openFor {
				delete(g.looked, key)
			}
		}
	}
	g.looked[k] = look{now, entry}
	return entry, nil
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
		entry, err = g.journal.AppendLast(ctx, tx, e)
		return err
	})
	if err != nil {
		return fmt.Errorf("journal list: %w", err)
	}
	return g.db.Read(ctx, func(tx *store.Tx) error {
		openers, err := g.custody.Openers(ctx, tx, e.Subjects, tx.Now().Add(openFor))
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

// commandsKept is how long a command's result is kept for replays of its form:
// longer than any page stays open.
const commandsKept = 7 * 24 * time.Hour

// PurgeCommands forgets the results of old commands. Identifiers of commands are
// random, so that their first byte cuts the table into 256 like pieces: each is
// a short transaction of its own.
func (g *Gate) PurgeCommands(ctx context.Context) error {
	for piece := range 256 {
		from, below := []byte{byte(piece)}, []byte{byte(piece) + 1}
		if piece == 255 {
			below = bytes.Repeat([]byte{255}, 17) // above every identifier
		}
		err := g.db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, sqlPurgeCommands, from, below, tx.Now().Add(-commandsKept).UnixMicro())
			return err
		})
		if err != nil {
			return fmt.Errorf("purge commands: %w", err)
		}
	}
	return nil
}

// May reports whether a caller could do an act that concerns no case, for the
// buttons of a page. It decides nothing: the act itself asks again. A missing
// fresh check does not hide a button.
func (g *Gate) May(c *Caller, action string) bool {
	_, reason := g.decide(somebody(c), Act{Action: action, Purpose: "menu"}, reachOf{relation: relationNone}, g.clk.Now())
	return reason == "" || reason == "floor-fresh-check"
}
