package access

import (
	"time"

	"causeway/internal/ident"
)

// Caller is who asks: a person in a session, or a named job. Only this package
// makes one.
type Caller struct {
	staff     ident.Staff
	session   ident.Session
	role      string
	unit      ident.Unit
	strength  string
	freshAt   time.Time // the last strong check of who this is
	deputyFor []ident.Staff
	via       string
	zone      string
	job       string // set for jobs, "" for people
	made      bool
}

// Signed is what a session says about the person who holds it. Package staff
// makes it when a session is looked up.
type Signed struct {
	Staff     ident.Staff
	Session   ident.Session
	Role      string
	Unit      ident.Unit
	Strength  string
	FreshAt   time.Time
	DeputyFor []ident.Staff // whose duties this person holds now
}

// Person returns the caller of a signed-in session. via names the door (web,
// cli, import); zone the network zone (loopback, inside, outside).
func (g *Gate) Person(s Signed, via, zone string) *Caller {
	return &Caller{
		staff: s.Staff, session: s.Session, role: s.Role, unit: s.Unit, strength: s.Strength,
		freshAt: s.FreshAt, deputyFor: s.DeputyFor, via: via, zone: zone, made: !s.Staff.IsZero(),
	}
}

// Job returns the caller of a named job. A name that is not in the table of
// jobs (floor.go) may do nothing.
func (g *Gate) Job(name string) *Caller {
	return &Caller{job: name, role: "job", strength: "job", via: "job", zone: "loopback", made: true}
}

// Staff returns the person's identifier, none for a job.
func (c *Caller) Staff() ident.Staff { return c.staff }

// Session returns the session the caller came with, none for a job.
func (c *Caller) Session() ident.Session { return c.session }

// Role returns the role code the caller acts in.
func (c *Caller) Role() string { return c.role }

// Unit returns the unit the caller belongs to.
func (c *Caller) Unit() ident.Unit { return c.unit }

// holders returns the identifiers through which the caller may reach a case:
// themselves, the people they stand in for, and their unit for roles that look
// after a unit (whether the role may use that relation is the policies'
// decision).
func (c *Caller) holders() [holderSlots]holder {
	var h [holderSlots]holder
	for i := range h {
		h[i] = holder(c.staff)
	}
	if !c.unit.IsZero() && c.role == RoleSupervisor {
		h[1] = holder(c.unit)
	}
	for i, s := range c.deputyFor {
		if 2+i < holderSlots {
			h[2+i] = holder(s)
		}
	}
	return h
}

// holder is a person or a unit in access_reach.
type holder [16]byte

// holderSlots is how many holders a list query names: the person, the unit and
// up to six people they stand in for.
const holderSlots = 8

// Holders returns the caller's holders as arguments for a list's SELECT that
// joins access_reach; there are always [HolderSlots] of them, repeated where the
// caller has fewer.
func (c *Caller) Holders() []any {
	out := make([]any, 0, holderSlots)
	for _, h := range c.holders() {
		out = append(out, append([]byte(nil), h[:]...))
	}
	return out
}

// HolderSlots is the number of arguments [Caller.Holders] returns.
const HolderSlots = holderSlots

// Leads returns the people whose cases are the caller's to work on: themselves
// first, then those they stand in for.
func (c *Caller) Leads() []ident.Staff {
	return append([]ident.Staff{c.staff}, c.deputyFor...)
}
