package casework

import (
	"slices"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// Origin says of an event that it tells what another program kept, and where that
// stood in its file: the event was written down when the file came, by whoever
// brought it, and what it tells of happened before.
type Origin struct {
	Profile string      `cbor:"1,keyasint"`
	Form    string      `cbor:"2,keyasint,omitempty"` // name of the sub-form in the source; "" of the case itself
	Place   int64       `cbor:"3,keyasint,omitempty"` // of the entry in the sub-form, 1 for the first
	By      sealed.Text `cbor:"4,keyasint,omitzero"`  // who wrote it there, as the file names them
}

// From returns the room for writing down what another program kept: the events of
// its commands say where they come from, and a note moves no day of a next contact.
func (r *Room) From(o Origin) *Room {
	from := *r
	from.origin = &o
	return &from
}

// PastNeed is what had become of a need where it came from. A time that is not
// known is zero; of those, Due alone may lie ahead.
type PastNeed struct {
	State     string      `cbor:"1,keyasint"`
	Asked     int64       `cbor:"2,keyasint,omitempty"` // UTC microseconds, as those below
	Due       int64       `cbor:"3,keyasint,omitempty"`
	Delivered int64       `cbor:"4,keyasint,omitempty"`
	Ended     int64       `cbor:"5,keyasint,omitempty"`
	Provider  sealed.Text `cbor:"6,keyasint,omitzero"`
	Outcome   string      `cbor:"7,keyasint,omitempty"` // code list need_outcome, where it ended
	Unmet     string      `cbor:"8,keyasint,omitempty"` // code list unmet_reason, where it is unmet
}

// check validates a past at the door.
func (n *PastNeed) check(c *fault.Check, codes Codes, now time.Time) {
	states := []string{NeedNeeded, NeedRequested, NeedDelivered, NeedEnded, NeedUnmet}
	c.Require(slices.Contains(states, n.State), "need_state", "not-in-list")
	c.Require((n.State == NeedEnded) == (n.Outcome != ""), "need_outcome", "required")
	c.Require(n.Outcome == "" || codes.Valid("need_outcome", n.Outcome), "need_outcome", "not-in-list")
	c.Require((n.State == NeedUnmet) == (n.Unmet != ""), "unmet_reason", "required")
	c.Require(n.Unmet == "" || codes.Valid("unmet_reason", n.Unmet), "unmet_reason", "not-in-list")
	for _, at := range []int64{n.Asked, n.Delivered, n.Ended} {
		c.Require(at <= now.Add(aheadOfUTC).UnixMicro(), "need_when", "in-the-future")
	}
	text(c, "provider", n.Provider, mostName)
}

// need returns the need as it stands after its past. What was asked for on no known
// day was asked for when the case was opened.
func (n *PastNeed) need(service string, row *Case) *Need {
	out := &Need{
		ID: ident.New[ident.Need](), Service: service, State: n.State, Outcome: n.Outcome, Unmet: n.Unmet,
		Asked: onceAt(n.Asked), Due: onceAt(n.Due), Delivered: onceAt(n.Delivered), Ended: onceAt(n.Ended),
	}
	if out.Asked.IsZero() {
		out.Asked = row.OpenedAt
	}
	if !out.Delivered.IsZero() && out.Delivered.Before(out.Asked) {
		out.Asked = out.Delivered
	}
	if n.State == NeedRequested {
		out.Requested = out.Asked
	}
	return out
}

// onceAt reads what micros stored.
func onceAt(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return clock.FromMicros(at)
}
