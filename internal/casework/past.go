package casework

import (
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
)

// State is the case row as it stood after an event: what a page about the past
// shows. It holds what can change.
type State struct {
	_             struct{} `cbor:",toarray"`
	Stage         string
	Risk          string
	Sex           string
	AgeBand       string
	Region        string
	Unit          []byte
	Worker        []byte
	NextContact   int64 // UTC microseconds, 0 for none
	ClosedAt      int64
	PersonVersion int64
}

func stateOf(c *Case) *State {
	return &State{
		Stage: c.Stage, Risk: c.Risk, Sex: c.Sex, AgeBand: c.AgeBand, Region: c.Region, Unit: slices.Clone(c.Unit[:]),
		Worker: slices.Clone(c.Worker[:]), NextContact: micros(c.NextContact), ClosedAt: micros(c.ClosedAt), PersonVersion: c.PersonVersion,
	}
}

// at returns the row as it was in a state, at a time.
func (s *State) at(c Case, updated time.Time, events int64) Case {
	c.Stage, c.Risk, c.Sex, c.AgeBand, c.Region, c.PersonVersion = s.Stage, s.Risk, s.Sex, s.AgeBand, s.Region, s.PersonVersion
	copy(c.Unit[:], s.Unit)
	copy(c.Worker[:], s.Worker)
	c.NextContact, c.ClosedAt = time.Time{}, time.Time{}
	if s.NextContact != 0 {
		c.NextContact = clock.FromMicros(s.NextContact)
	}
	if s.ClosedAt != 0 {
		c.ClosedAt = clock.FromMicros(s.ClosedAt)
	}
	c.UpdatedAt, c.Events = updated, events
	return c
}

// history is a case with the versions of its person.
type history struct {
	fetched
	versions *person.History
}

func (r *Room) openHistory(ctx context.Context, c *access.Caller, id ident.Case, show func(*Child, []person.Version) error) error {
	var h history
	return r.gate.Open(ctx, c, access.Act{Action: "case.open", Purpose: PurposeCare, Case: id}, func(p *access.Pass) (err error) {
		if h.fetched, err = r.fetch(ctx, p, id); err != nil {
			return err
		}
		if h.versions, err = r.persons.FetchHistory(ctx, p, h.row.Person); fault.Is(err, fault.NotFound) {
			return nil // the row was altered: open says so
		}
		return err
	}, func(p *access.Pass) error {
		child, err := h.open(ctx, p)
		if err != nil {
			return err
		}
		versions, err := h.versions.Open(p, id)
		if err != nil {
			return err
		}
		return show(child, versions)
	})
}

// Past is a case as it was known at a time.
type Past struct {
	Child
	// Unknown: the case was not registered yet, and Child holds nothing but its
	// number.
	Unknown bool
}

// OpenPast reads what was known of a case before a time: the case row, the
// person, the flags and tasks, and the timeline. What was written later is left
// out, what was corrected later is shown as it stood. What the reader may see is
// decided now, as for any reading.
func (r *Room) OpenPast(ctx context.Context, c *access.Caller, id ident.Case, before time.Time) (*Past, error) {
	var past *Past
	err := r.openHistory(ctx, c, id, func(child *Child, versions []person.Version) error {
		past = &Past{Child: *child}
		return past.goBack(versions, before)
	})
	return past, err
}

// goBack takes away what was not known before a time.
func (p *Past) goBack(versions []person.Version, before time.Time) error {
	now := p.Child
	at := slices.IndexFunc(now.Events, func(e Event) bool { return e.At.Before(before) })
	if at < 0 {
		*p = Past{Child: Child{Case: Case{ID: now.Case.ID, Number: now.Case.Number, OpenedAt: now.Case.OpenedAt}, Entry: now.Entry}, Unknown: true}
		return nil
	}
	newest := &now.Events[at]
	if newest.State == nil {
		return fault.New(fault.Invalid, "past-not-kept") // written before states were kept
	}
	// What is not named here is left out: who reaches the case, what may be done
	// and what waits are matters of now.
	p.Child = Child{
		Case: newest.State.at(now.Case, newest.At, newest.Seq), Events: now.Events[at:], Flags: itemsBefore(now.Flags, before),
		Tasks: itemsBefore(now.Tasks, before), Entry: now.Entry,
	}
	v := slices.IndexFunc(versions, func(v person.Version) bool { return v.Version == p.Case.PersonVersion })
	if v < 0 {
		return errAltered()
	}
	p.Person = versions[v].Record
	return nil
}

// itemsBefore returns flags or tasks as they stood at a time.
func itemsBefore(items []Item, before time.Time) []Item {
	var out []Item
	for _, i := range items {
		if !i.At.Before(before) {
			continue
		}
		if !i.Ended.IsZero() && !i.Ended.Before(before) {
			i.State, i.Ended = ItemOpen, time.Time{}
		}
		out = append(out, i)
	}
	return out
}

// KnownThen is one version of what is known of a child, and who wrote it.
type KnownThen struct {
	person.Version
	Author ident.Staff
}

// PersonHistory is what was known of a child, version by version, newest first.
type PersonHistory struct {
	Case     Case
	Person   person.Record
	Versions []KnownThen
	Entry    ident.Entry
}

// History reads what was known of a child, version by version.
func (r *Room) History(ctx context.Context, c *access.Caller, id ident.Case) (*PersonHistory, error) {
	var out *PersonHistory
	err := r.openHistory(ctx, c, id, func(child *Child, versions []person.Version) error {
		out = &PersonHistory{Case: child.Case, Person: child.Person, Entry: child.Entry}
		authors := map[int64]ident.Staff{} // of the oldest event that knows a version
		for _, e := range child.Events {
			if e.State != nil {
				authors[e.State.PersonVersion] = e.Author
			}
		}
		for _, v := range versions {
			out.Versions = append(out.Versions, KnownThen{v, authors[v.Version]})
		}
		return nil
	})
	return out, err
}
