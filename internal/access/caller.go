package access

import (
	"slices"
	"time"

	"causeway/internal/ident"
)

// Caller is who asks: a person in a session, or a named job. Only this package
// makes one.
type Caller struct {
	staff       ident.Staff
	session     ident.Session
	role        string
	unit        ident.Unit
	agency      ident.Agency
	sector      string
	strength    string
	freshAt     time.Time // when they last proved who they are
	freshUntil  time.Time // until when the last check of who this is counts
	strongUntil time.Time // the same of the last check by more than a password
	deputyFor   []ident.Staff
	above       []ident.Unit // units of supervisors this one stands in for
	via         string
	zone        string
	job         string // set for jobs, "" for people
	made        bool
	carried     Carried // what is brought in was written before, without a network

	hold [holderSlots]holder // see holders
	as   [holderSlots]heldAs
}

// Signed is what a session says about the person who holds it. Package staff
// makes it when a session is looked up.
type Signed struct {
	Staff     ident.Staff
	Session   ident.Session
	Role      string
	Unit      ident.Unit
	Agency    ident.Agency // of the unit
	Sector    string       // of the agency; one that is left open is no sector, and trusted with nothing that asks for one
	Strength  string
	FreshAt   time.Time
	StrongAt  time.Time     // of the last check by a passkey or an authenticator app; zero: none
	FreshFor  time.Duration // how long that check counts; zero: it does not
	DeputyFor []ident.Staff // whose duties this person holds now
	// DeputyUnits are the units of those of DeputyFor, in the same order. Who
	// stands in for a supervisor looks after the supervisor's unit.
	DeputyUnits []ident.Unit
}

// Person returns the caller of a signed-in session. via names the door (web,
// cli, import); zone the network zone (loopback, inside, outside).
func (g *Gate) Person(s Signed, via, zone string) *Caller {
	c := &Caller{
		staff: s.Staff, session: s.Session, role: s.Role, unit: s.Unit, agency: s.Agency, sector: s.Sector, strength: s.Strength,
		deputyFor: s.DeputyFor, via: via, zone: zone, made: !s.Staff.IsZero(),
	}
	c.freshAt = s.FreshAt
	if !s.FreshAt.IsZero() {
		c.freshUntil = s.FreshAt.Add(s.FreshFor)
	}
	if !s.StrongAt.IsZero() {
		c.strongUntil = s.StrongAt.Add(s.FreshFor)
	}
	c.reach(s.DeputyUnits)
	return c
}

// Job returns the caller of a named job. A name that is not in the table of
// jobs (floor.go) may do nothing.
func (g *Gate) Job(name string) *Caller {
	return &Caller{job: name, role: "job", strength: "job", via: "job", zone: "loopback", made: true}
}

// Staff returns the person's identifier, none for a job.
func (c *Caller) Staff() ident.Staff { return c.staff }

// Among reports whether the caller, or somebody they stand in for, is one of some people.
func (c *Caller) Among(people ...ident.Staff) bool { return c != nil && apart(c, people) }

// Session returns the session the caller came with, none for a job.
func (c *Caller) Session() ident.Session { return c.session }

// Role returns the role code the caller acts in.
func (c *Caller) Role() string { return c.role }

// Unit returns the unit the caller belongs to.
func (c *Caller) Unit() ident.Unit { return c.unit }

// Agency returns the agency of the caller's unit, none for a job.
func (c *Caller) Agency() ident.Agency { return c.agency }

// Sector returns the sector of the caller's agency, a code of the pack's list of
// sectors, "" for a job.
func (c *Caller) Sector() string { return c.sector }

// heldAs says through what a caller reaches what a holder reaches.
type heldAs uint8

const (
	asSelf   heldAs = iota
	asUnit          // a supervisor's unit, or that of a supervisor they stand in for
	asDeputy        // somebody they stand in for, whose own cases alone count
)

// reach fills in the identifiers through which the caller may reach a case:
// themselves, the people they stand in for, and the units for roles that look
// after one (whether the role may use that relation is the policies' decision).
// What finds no slot any more is left out: more than six people, or three
// supervisors, nobody stands in for at a time.
func (c *Caller) reach(deputyUnits []ident.Unit) {
	n := 0
	add := func(h holder, as heldAs) {
		if n < holderSlots && h != (holder{}) {
			c.hold[n], c.as[n] = h, as
			n++
		}
	}
	add(holder(c.staff), asSelf)
	looksAfter := c.role == RoleSupervisor
	if looksAfter {
		add(holder(c.unit), asUnit)
	}
	for i, s := range c.deputyFor {
		add(holder(s), asDeputy)
		if looksAfter && i < len(deputyUnits) {
			add(holder(deputyUnits[i]), asUnit)
			c.above = append(c.above, deputyUnits[i])
		}
	}
	for i := n; i < holderSlots; i++ {
		c.hold[i] = holder(c.staff)
	}
}

// holder is a person or a unit in access_reach.
type holder [16]byte

// holderSlots is how many holders a list query names.
const holderSlots = 8

// Oversees reports whether the caller looks after how others work: an auditor or an
// ombudsperson, who never opens a case.
func (c *Caller) Oversees() bool { return oversees(c.role) }

// Holders returns the caller's holders as arguments for a list's SELECT that
// joins access_reach; there are always [HolderSlots] of them, repeated where the
// caller has fewer.
func (c *Caller) Holders() []any {
	out := make([]any, 0, holderSlots)
	for _, h := range c.hold {
		out = append(out, append([]byte(nil), h[:]...))
	}
	return out
}

// People returns those of the caller's holders that are people, repeated to as
// many arguments as [Caller.Holders] returns.
func (c *Caller) People() []any {
	out := make([]any, 0, holderSlots)
	for i, h := range c.hold {
		if c.as[i] == asUnit {
			h = c.hold[0] // the caller
		}
		out = append(out, append([]byte(nil), h[:]...))
	}
	return out
}

// HolderSlots is the number of arguments [Caller.Holders] returns.
const HolderSlots = holderSlots

// Supervises returns the units whose supervisor the caller is, or stands in for.
func (c *Caller) Supervises() []ident.Unit {
	if c.role != RoleSupervisor {
		return nil
	}
	out := []ident.Unit{c.unit}
	for _, u := range c.above {
		if !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}

// Leads returns the people whose cases are the caller's to work on: themselves
// first, then those they stand in for.
func (c *Caller) Leads() []ident.Staff {
	return append([]ident.Staff{c.staff}, c.deputyFor...)
}
