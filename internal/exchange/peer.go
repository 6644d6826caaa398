package exchange

import (
	"encoding/json"
	"slices"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// State says whether we exchange with a node. Either side sets its own, at once and
// without asking the other.
type State string

// The states of a peer.
const (
	Waiting     State = "waiting"     // the second officer has not confirmed it
	OK          State = "ok"          // we exchange
	Watch       State = "watch"       // we exchange, and somebody should look at it
	Quarantined State = "quarantined" // what comes is kept unopened, what goes waits
	Removed     State = "removed"     // nothing passes; to begin again is to pair again
)

// Terms are what may pass between us and a peer. They hold for both directions.
type Terms struct {
	Purposes  []cx.Purpose    `json:"purposes"`
	Types     []cx.Type       `json:"types"`
	Limits    identity.Limits `json:"limits"`
	Emergency string          `json:"emergency"` // whom we call there at night, outside this system
	Called    string          `json:"called"`    // the number over which the fingerprint is compared: known before, not from the card
	From      time.Time       `json:"from"`
	Until     time.Time       `json:"until"`
}

// chosenTypes are the messages that begin something: a pair permits each of them or not.
// What follows in a thread, answers, takes back or renews keys passes in every pair, or
// nothing that was begun could be ended.
var chosenTypes = []cx.Type{cx.Notice, cx.ReferralOffer, cx.Request, cx.TransferOffer}

// ChosenTypes returns the types that a pair permits or not, in alphabetical order.
func ChosenTypes() []cx.Type { return slices.Clone(chosenTypes) }

// quarantineTypes pass even in quarantine.
var quarantineTypes = []cx.Type{cx.ScheduleNote, cx.RevokeNote}

// check cleans terms and says what of them cannot stand.
func (t *Terms) check(now time.Time) error {
	var chk fault.Check
	t.From, t.Until = t.From.UTC().Truncate(time.Second), t.Until.UTC().Truncate(time.Second)
	slices.Sort(t.Purposes)
	slices.Sort(t.Types)
	t.Purposes, t.Types = slices.Compact(t.Purposes), slices.Compact(t.Types)
	chk.Require(len(t.Purposes) > 0, "peer_purposes", "required")
	for _, p := range t.Purposes {
		chk.Require(slices.Contains(cx.Purposes(), p), "peer_purposes", "not-in-list")
	}
	chk.Require(len(t.Types) > 0, "peer_types", "required")
	for _, m := range t.Types {
		chk.Require(slices.Contains(chosenTypes, m), "peer_types", "not-in-list")
	}
	checkLimits(&chk, t.Limits)
	chk.Require(isLine(t.Emergency), "peer_emergency", "required")
	chk.Require(isLine(t.Called), "peer_called", "required")
	chk.Require(t.From.Before(t.Until) && t.Until.After(now), "peer_until", "in-the-past")
	return chk.Err()
}

// Peer is what is known of another node. It is not changed by who reads it.
type Peer struct {
	Node        identity.NodeID
	Country     string // "" for an organisation of many States
	Card        *identity.Card
	History     *identity.History
	State       State
	Why         string // a code: how it came to its state
	Terms       *Terms // nil until it was confirmed once
	Proposed    *Terms // what waits for the second officer, nil for nothing
	Pair        []byte // the pair note that both nodes signed; none yet: empty
	AddedAt     time.Time
	AddedBy     ident.Staff
	ConfirmedAt time.Time // zero: never
	ConfirmedBy ident.Staff
	StateAt     time.Time
	StateBy     ident.Staff // none: the program
	Version     int64

	card, terms, proposed, mac []byte
}

// Fingerprint returns what the officers read to each other. What is shown to people here is
// [Peer.Compared].
func (p *Peer) Fingerprint() identity.Fingerprint { return p.Card.Fingerprint() }

// Compared returns the fingerprint of a peer in groups where it may be shown: two officers
// have compared it, and nothing waits for the second of them. While something waits it is
// nil, for everybody: who could read the digits here would have no need to call.
func (p *Peer) Compared() []string {
	if p.Proposed != nil || p.State == Waiting || p.State == Removed {
		return nil
	}
	return p.Fingerprint().Groups()
}

// Paired reports whether the pair is in force: confirmed, within its time, not removed.
func (p *Peer) Paired(at time.Time) bool {
	return p.Terms != nil && p.State != Waiting && p.State != Removed && !at.Before(p.Terms.From) && at.Before(p.Terms.Until)
}

// Opens reports whether what comes from the peer may be opened. Where it may not and
// [Peer.Paired] holds, it is kept sealed until a person decides.
func (p *Peer) Opens(at time.Time) bool { return p.Paired(at) && p.State != Quarantined }

// Sends reports whether anything may be sent to the peer now; otherwise it waits.
func (p *Peer) Sends(at time.Time) bool {
	return p.Opens(at) && p.History.Standing() == identity.Open
}

// Allows returns "" where a message may pass, in either direction, or the code by which
// it is refused. Whether anything may be matched is agreed on apart (package match).
func (p *Peer) Allows(purpose cx.Purpose, t cx.Type, at time.Time) cx.Code {
	switch {
	case !p.Paired(at):
		return cx.NotPaired
	case p.State == Quarantined && !slices.Contains(quarantineTypes, t):
		return cx.Quarantined
	case slices.Contains(chosenTypes, t) && (!slices.Contains(p.Terms.Purposes, purpose) || !slices.Contains(p.Terms.Types, t)):
		return cx.LabelRefused
	}
	return ""
}

// Limits returns the most that may be sent to or taken from the peer: the least of what
// the pair and the peer's schedule say.
func (p *Peer) Limits() identity.Limits {
	l := identity.StandardLimits
	if s := p.History.Newest(); s != nil {
		l = l.Least(s.Limits)
	}
	if p.Terms != nil {
		l = l.Least(p.Terms.Limits)
	}
	return l
}

// Recipient returns the key to which a message is sealed at a time, false where there is
// none: then the peer must first send its next schedule.
func (p *Peer) Recipient(at time.Time) (identity.Key, bool) {
	keys := p.History.Keys(identity.Receive, at)
	if len(keys) == 0 {
		return identity.Key{}, false
	}
	return keys[0], true
}

// Signers returns who may have signed for the peer at a time.
func (p *Peer) Signers(at time.Time) note.Known { return p.History.Signers(at) }

// Doubted reports whether what came at a time, signed by a key, is doubtful.
func (p *Peer) Doubted(key identity.KeyID, came time.Time) bool { return p.History.Doubted(key, came) }

// IsTransport reports whether a key at the other end of a connection is the peer's.
func (p *Peer) IsTransport(public []byte, at time.Time) bool {
	return p.History.IsTransport(public, at)
}

// URLs returns where the peer is reached.
func (p *Peer) URLs() []string {
	if s := p.History.Newest(); s != nil {
		return s.URLs
	}
	return nil
}

// KeysEnd returns when the first of the roles that an exchange needs has no key any more,
// as the newest schedule says.
func KeysEnd(h *identity.History) time.Time {
	s := h.Newest()
	if s == nil {
		return time.Time{}
	}
	end := s.Ends(identity.Sign)
	for _, role := range []identity.Role{identity.Receive, identity.Transport} {
		if at := s.Ends(role); at.Before(end) {
			end = at
		}
	}
	return end
}

// body writes terms for their column, nothing for nil.
func (t *Terms) body() ([]byte, error) {
	if t == nil {
		return []byte{}, nil
	}
	return json.Marshal(t)
}

// readTerms is the reverse of body.
func readTerms(body []byte) (*Terms, error) {
	if len(body) == 0 {
		return nil, nil
	}
	t := new(Terms)
	return t, json.Unmarshal(body, t)
}
