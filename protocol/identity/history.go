package identity

import (
	"bytes"
	"errors"
	"time"

	"causeway/protocol/note"
)

// Skew is how far ahead of one's own clock a note may be issued.
const Skew = 24 * time.Hour

// What a history refuses, beside [ErrNotRecovery] and [ErrFormat].
var (
	// ErrRollback: a schedule that is not newer than what is held.
	ErrRollback = errors.New("not newer than the schedule that is held")
	// ErrFuture: issued more than [Skew] ahead.
	ErrFuture = errors.New("issued in the future")
	// ErrClosed: of a node that is no more.
	ErrClosed = errors.New("of a node that was closed")
)

// Standing is whether a node says of itself that it exchanges.
type Standing string

// The standings of a node.
const (
	Open        Standing = "open"
	IsSuspended Standing = "suspended"
	IsClosed    Standing = "closed"
)

// History is all that the recovery pair of a node has said: every schedule, and what it
// took back. Keys of the past stay in it, so that old signatures can still be checked.
//
// A schedule holds from when it was issued to when the next one was. Within that time its
// keys hold by their own dates. So a key that the next schedule does not name any more
// ends with that schedule, and one that it names goes on.
type History struct {
	Node        NodeID
	Recovery    *note.Public
	Schedules   []*Schedule // serials rise
	Revocations []*Revocation
}

// Newest returns the newest schedule, nil for none.
func (h *History) Newest() *Schedule {
	if len(h.Schedules) == 0 {
		return nil
	}
	return h.Schedules[len(h.Schedules)-1]
}

// Accept adds a schedule that came at a time. Only the recovery pair signs one, and only a
// higher serial passes, however the note came.
func (h *History) Accept(signed []byte, at time.Time) (*Schedule, error) {
	s, err := OpenSchedule(signed, h.Node, h.Recovery)
	if err != nil {
		return nil, err
	}
	newest := h.Newest()
	switch {
	case h.Standing() == IsClosed:
		return nil, ErrClosed
	case s.Issued.After(at.Add(Skew)):
		return nil, ErrFuture
	case newest != nil && (s.Serial <= newest.Serial || s.Issued.Before(newest.Issued)):
		return nil, ErrRollback
	}
	h.Schedules = append(h.Schedules, s)
	return s, nil
}

// Revoke adds a revocation that came at a time. One that is held already changes nothing.
func (h *History) Revoke(signed []byte, at time.Time) (*Revocation, error) {
	v, err := OpenRevocation(signed, h.Node, h.Recovery)
	if err != nil {
		return nil, err
	}
	if v.Issued.After(at.Add(Skew)) {
		return nil, ErrFuture
	}
	for _, held := range h.Revocations {
		if held.Text() == v.Text() {
			return held, nil
		}
	}
	h.Revocations = append(h.Revocations, v)
	return v, nil
}

// Standing returns whether the node exchanges, as it says itself. A schedule that was
// issued after a suspension lifts it; nothing lifts a closure.
func (h *History) Standing() Standing {
	out := Open
	for _, v := range h.Revocations {
		newest := h.Newest()
		switch {
		case v.Reason == Closed:
			return IsClosed
		case v.Reason == Suspended && (newest == nil || !newest.Issued.After(v.Issued)):
			out = IsSuspended
		}
	}
	return out
}

// inForce returns the schedule that held at a time, nil for none. Of two issued in one
// second the one with the higher serial holds.
func (h *History) inForce(at time.Time) *Schedule {
	var out *Schedule
	for _, s := range h.Schedules {
		if !s.Issued.After(at) {
			out = s
		}
	}
	return out
}

// Keys returns the keys of a role that hold at a time, the one that began last first.
// Whether they are doubted is [History.Doubted]'s to say.
//
// The clock of a node may be ahead of ours: its first schedule holds from [Skew] before
// it was issued.
func (h *History) Keys(role Role, at time.Time) []Key {
	s := h.inForce(at)
	if s == nil && len(h.Schedules) > 0 && !h.Schedules[0].Issued.After(at.Add(Skew)) {
		s = h.Schedules[0]
		at = s.Issued
	}
	if s == nil {
		return nil
	}
	var out []Key
	for _, k := range s.Of(role) {
		if k.Holds(at) && !h.takenBack(k.ID(h.Node), at) {
			out = append([]Key{k}, out...)
		}
	}
	return out
}

// takenBack reports whether a key was superseded, or the node closed, before a time; or
// whether it was in other hands by then.
func (h *History) takenBack(key KeyID, at time.Time) bool {
	for _, v := range h.Revocations {
		switch {
		case !v.Names(key) || v.Reason == Suspended:
		case v.Reason == Compromised && !at.Before(v.Since) && !h.replaced(v, key):
			return true
		case v.Reason != Compromised && !at.Before(v.Issued):
			return true
		}
	}
	return false
}

// replaced reports whether a revocation of all keys does not mean a key, because only a
// later schedule brought it.
func (h *History) replaced(v *Revocation, key KeyID) bool {
	if len(v.Keys) > 0 {
		return false
	}
	for _, s := range h.Schedules {
		for _, k := range s.Keys {
			if k.ID(h.Node) == key {
				return s.Issued.After(v.Issued)
			}
		}
	}
	return false
}

// Doubted reports whether what came at a time under a key is doubtful, because somebody
// else may have had the key by then. Of what came before, nothing changes.
func (h *History) Doubted(key KeyID, came time.Time) bool {
	for _, v := range h.Revocations {
		if v.Reason == Compromised && v.Names(key) && !came.Before(v.Since) && !h.replaced(v, key) {
			return true
		}
	}
	return false
}

// Find returns a key of any time by its id, for old signatures.
func (h *History) Find(id KeyID) (Key, bool) {
	for i := len(h.Schedules) - 1; i >= 0; i-- {
		for _, k := range h.Schedules[i].Keys {
			if k.ID(h.Node) == id {
				return k, true
			}
		}
	}
	return Key{}, false
}

// Signers returns who may have signed a note at a time.
func (h *History) Signers(at time.Time) note.Known {
	known := note.Known{Name: string(h.Node)}
	for _, k := range h.Keys(Sign, at) {
		if p, err := note.PublicFrom(k.Public); err == nil {
			known.Pairs = append(known.Pairs, p)
		}
	}
	return known
}

// Everyone returns every pair that ever signed for the node, for a note whose time is
// still to be read out of it. What it says must then be asked of [History.Signers].
func (h *History) Everyone() note.Known {
	known := note.Known{Name: string(h.Node)}
	seen := map[string]bool{}
	for _, s := range h.Schedules {
		for _, k := range s.Of(Sign) {
			if p, err := note.PublicFrom(k.Public); err == nil && !seen[string(k.Public)] {
				seen[string(k.Public)] = true
				known.Pairs = append(known.Pairs, p)
			}
		}
	}
	return known
}

// IsTransport reports whether a key at the other end of a connection is the node's.
func (h *History) IsTransport(public []byte, at time.Time) bool {
	for _, k := range h.Keys(Transport, at) {
		if bytes.Equal(k.Public, public) {
			return true
		}
	}
	return false
}
