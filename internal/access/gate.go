package access

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"causeway/internal/clock"
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
	Staff   ident.Staff   // the account it is about, for staff actions; for a review, whose act it is
	Also    ident.Staff   // a second one whom the floor compares, where two people acted before
	Apart   []ident.Staff // who must not do it, such as those above whose act is reviewed
	Command ident.Command // random identifier of the form; none for reads
	About   ident.Command // named by the entry where there is no Command: the form this is about

	// Part is what of the case it is about, where that can be withheld by itself: see
	// [Part]. Some actions are always about one.
	Part string
	// CareNotes says that what is looked at holds care notes: see [Walled].
	CareNotes bool
	// Barred is why the room itself refuses, whatever policies permit, such as a
	// disclosure that was ended: the reason of the denial in the journal.
	Barred string

	emergency bool // permitted only because Purpose is an emergency; the gate says so
	button    bool // asked for a button only: whose it is will be said when it is pressed
}

// Units knows the hierarchy of units; package staff implements it.
type Units interface {
	// Above returns the unit itself and every unit above it.
	Above(context.Context, ident.Unit) ([][16]byte, error)
	// Top returns the unit at the top of the node's own agency, none where that has
	// more than one, and whether every other unit of the node is below it.
	Top(context.Context) (top ident.Unit, alone bool, err error)
}

// openFor is how long an opened handle lives, and how long a repeated look at
// the same case by the same session makes no new entry (DESIGN, section 6).
const openFor = 10 * time.Minute

// KeepOpen sets that time, before the gate is used; it is 10 minutes until then.
func (g *Gate) KeepOpen(d time.Duration) { g.openFor = d }

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
	policies atomic.Pointer[Policies] // those in force
	units    Units
	openFor  time.Duration
	erasers  []Eraser

	restrict Restrictions // may be nil
	notifier Notifier     // may be nil

	volumes volumes

	full atomic.Bool // the disk is full: nothing new is written, care goes on

	mu      sync.Mutex // guards the fields below
	worked  map[string]time.Time
	looked  map[lookKey]look
	denied  map[ident.Staff]*denials
	few     map[[holderSlots]holder]fewAnswer
	cleaned time.Time
}

// lookKey names a repeated look.
type lookKey struct {
	session ident.Session
	subject ident.Case
	action  string
	purpose string
	about   ident.Command
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
	g := &Gate{core: &core{
		db: db, clk: clk, journal: j, custody: custody, units: units,
		looked: map[lookKey]look{}, worked: map[string]time.Time{}, denied: map[ident.Staff]*denials{},
		few: map[[holderSlots]holder]fewAnswer{}, openFor: openFor,
	}}
	g.policies.Store(p)
	return g, nil
}

// rules returns the policies in force.
func (g *Gate) rules() *Policies { return g.policies.Load() }

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
	Lifted(c ident.Case, from [16]byte)
	Blocked(who ident.Staff, blocked bool)
	Destroyed(s ident.Subject)
	// Withdrawn names a permit of a case that was ended ([Withdrawn.Pack]).
	Withdrawn(c ident.Case, permit [16]byte)
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

// noPolicy is the reason of a refusal because nothing permits the act.
const noPolicy = "no-policy"

// decide asks the floor, then the policies, then whether the check of who this
// is, is fresh enough. It returns the policy that permits and "", or "" and the
// code of the refusal.
func (g *Gate) decide(c *Caller, a Act, r reachOf, now time.Time) (basis, reason string) {
	reason = floor(c, a, r, now)
	if reason != "" && !missingCheck(reason) {
		return "", reason
	}
	p := g.rules() // one set for the whole decision
	if lacks := p.lacks(c, &a); lacks != "" {
		return "", lacks
	}
	if c.job != "" {
		return "job-" + c.job, ""
	}
	q := ask(c, a, r, fresh(c, now))
	q.emergency = a.emergency
	basis, refused := p.decide(q)
	if refused != "" {
		return "", refused
	}
	if reason == "" && doubted[a.Action] && r.relation != RelationGlass && g.volumes.doubts(c.staff, c.freshAt) {
		reason = reasonVolume
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
	if e.Command.IsZero() {
		e.Command = a.About
	}
	e.Actor, e.Strength, e.Session = c.staff, c.strength, c.session
	e.Role, e.Unit, e.Via, e.Zone = c.role, c.unit, c.via, c.zone
	if !a.Case.IsZero() {
		e.Subjects = []ident.Subject{ident.SubjectOf(a.Case)}
	}
	return e
}

// PurposeMenu is the purpose of showing what is possible.
const PurposeMenu = "menu"

// May reports whether a caller could do an act that concerns no case, for the
// buttons of a page. It decides nothing: the act itself asks again. A missing
// fresh check does not hide a button.
func (g *Gate) May(c *Caller, action string) bool {
	_, reason := g.decide(somebody(c), Act{Action: action, Purpose: PurposeMenu, button: true}, reachOf{relation: relationNone}, g.clk.Now())
	return reason == "" || missingCheck(reason)
}
