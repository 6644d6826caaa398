package exchange

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// OfficerReference returns the pseudonym under which other nodes know somebody here. Only
// this node can tell whose it is.
func (r *Room) OfficerReference(who ident.Staff) string {
	m := hmac.New(sha256.New, r.key[:])
	m.Write([]byte("officer\n")) // a hash takes every write
	m.Write(who[:])
	return hex.EncodeToString(m.Sum(nil)[:8])
}

// OurOfficers returns who of us compared the fingerprint of a paired peer, as the pair
// note names them.
func (r *Room) OurOfficers(p *Peer) []identity.Officer {
	return []identity.Officer{
		{Node: r.node, Reference: r.OfficerReference(p.AddedBy), At: p.AddedAt.UTC().Truncate(time.Second)},
		{Node: r.node, Reference: r.OfficerReference(p.ConfirmedBy), At: p.ConfirmedAt.UTC().Truncate(time.Second)},
	}
}

// ProposePair writes what two nodes agreed on, signed by this one: the terms in force and
// the officers of both sides. theirs are the peer's two, as they told by telephone;
// emergency is whom they call here at night. The peer signs it too ([Room.SignPair]).
func (r *Room) ProposePair(ctx context.Context, c *access.Caller, cmd ident.Command, node identity.NodeID, theirs []identity.Officer, emergency string) (signed []byte, err error) {
	if err := r.on(); err != nil {
		return nil, err
	}
	_, err = r.gate.Do(ctx, c, access.Act{Action: "peer.prepare", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		signed = nil
		peer, self, err := r.both(ctx, p.Tx(), node, p.Now())
		if err != nil {
			return "", err
		}
		agreed := r.pair(peer, self, theirs, emergency)
		by, _, err := r.Signer(ctx, p.Tx(), p.Now())
		if err != nil {
			return "", err
		}
		if signed, err = identity.SignPair(agreed, by); err != nil {
			return "", fault.Wrap(fault.Invalid, "peer-pair", err)
		}
		return "", nil
	})
	return signed, err
}

// both returns a peer whose pair is in force, and who we are. Other terms must not wait:
// the note would be out of date at once, and it holds the peer's digits.
func (r *Room) both(ctx context.Context, tx *store.Tx, node identity.NodeID, at time.Time) (*Peer, *Self, error) {
	peer, err := r.Peer(ctx, tx, node)
	if err != nil {
		return nil, nil, err
	}
	if !peer.Paired(at) || peer.Proposed != nil {
		return nil, nil, fault.New(fault.Conflict, "peer-state")
	}
	self, err := r.Self(ctx, tx)
	return peer, self, err
}

// pair writes down what holds between this node and a peer.
func (r *Room) pair(peer *Peer, self *Self, theirs []identity.Officer, emergency string) *identity.Pair {
	t := peer.Terms
	out := &identity.Pair{
		A: r.node, B: peer.Node, FingerprintA: self.Card.Fingerprint(), FingerprintB: peer.Fingerprint(),
		Officers: slices.Concat(r.OurOfficers(peer), theirs), Purposes: codes(t.Purposes), Types: codes(t.Types), Limits: t.Limits,
		EmergencyA: emergency, EmergencyB: t.Emergency, From: t.From, Until: t.Until,
	}
	if out.B < out.A {
		out.A, out.B = out.B, out.A
		out.FingerprintA, out.FingerprintB = out.FingerprintB, out.FingerprintA
		out.EmergencyA, out.EmergencyB = out.EmergencyB, out.EmergencyA
		out.Officers = slices.Concat(theirs, r.OurOfficers(peer))
	}
	return out
}

func codes[T cx.Purpose | cx.Type](list []T) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = string(c)
	}
	return out
}

// SignPair takes in a pair note. One that only the peer has signed is compared with what
// holds here, signed and returned, for the peer to keep; one that we signed first and the
// peer after us is kept. What differs from what two people here decided is "peer-pair"
// (Invalid).
func (r *Room) SignPair(ctx context.Context, c *access.Caller, cmd ident.Command, node identity.NodeID, signed []byte) (whole []byte, err error) {
	if err := r.on(); err != nil {
		return nil, err
	}
	_, err = r.gate.Do(ctx, c, access.Act{Action: "peer.prepare", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		peer, self, err := r.both(ctx, p.Tx(), node, p.Now())
		if err != nil {
			return "", err
		}
		ours, theirs := self.History.Everyone(), peer.Signers(p.Now())
		signed := trimNote(signed)
		agreed, herr := identity.HalfPair(signed, theirs)
		if whole = signed; herr != nil {
			agreed, herr = identity.OpenPair(signed, ours, theirs)
		} else if by, _, serr := r.Signer(ctx, p.Tx(), p.Now()); serr != nil {
			return "", serr
		} else if whole, serr = note.Cosign(signed, by); serr != nil {
			return "", fault.Wrap(fault.Invalid, "peer-pair", serr)
		}
		if herr != nil || !r.holds(agreed, peer, self) {
			return "", fault.New(fault.Invalid, "peer-pair")
		}
		next := peer.changed()
		next.Pair = whole
		return "", r.keepPeer(ctx, p, next)
	})
	if err != nil {
		return nil, err
	}
	return whole, nil
}

// holds reports whether a pair note says of us, and of what may pass, what two people here
// decided. Its days may be fewer than ours.
func (r *Room) holds(agreed *identity.Pair, peer *Peer, self *Self) bool {
	first := agreed.A == r.node
	theirs, emergency := agreed.Officers[:identity.OfficersOfSide], agreed.EmergencyB
	if first {
		theirs, emergency = agreed.Officers[identity.OfficersOfSide:], agreed.EmergencyA
	}
	want := r.pair(peer, self, theirs, emergency)
	if agreed.Until.After(want.Until) || agreed.From.Before(want.From.Add(-identity.Skew)) {
		return false
	}
	want.From, want.Until = agreed.From, agreed.Until
	want.EmergencyA, want.EmergencyB = agreed.EmergencyA, agreed.EmergencyB
	return want.Text() == agreed.Text()
}

// How the pair note with a peer stands.
const (
	PairNone = "none" // both have not signed one
	PairBoth = "both" // both signed it, and it says what holds
	PairOld  = "old"  // both signed it, and other terms hold since, or its time is over
)

// PairState says how the pair note with a peer stands. Nothing waits for it: it is proof
// of what was agreed, and what may pass is what two people here confirmed.
func PairState(p *Peer, self *Self, at time.Time) string {
	if len(p.Pair) == 0 || p.Terms == nil || self == nil {
		return PairNone
	}
	ours, theirs := self.History.Everyone(), p.History.Everyone()
	agreed, err := identity.OpenPair(p.Pair, ours, theirs)
	if err != nil {
		agreed, err = identity.OpenPair(p.Pair, theirs, ours)
	}
	t := p.Terms
	if err != nil || !slices.Equal(agreed.Purposes, codes(t.Purposes)) || !slices.Equal(agreed.Types, codes(t.Types)) ||
		agreed.Limits != t.Limits || !at.Before(agreed.Until) {
		return PairOld
	}
	return PairBoth
}

// ReadOfficer reads an officer of a peer as they are read over the telephone:
// REFERENCE@TIME, as [OfficerText] writes it. Anything else is "officer-line" (Invalid).
func ReadOfficer(node identity.NodeID, text string) (identity.Officer, error) {
	reference, at, _ := strings.Cut(strings.TrimSpace(text), "@")
	when, err := time.Parse(time.RFC3339, strings.ToUpper(strings.TrimSpace(at)))
	if err != nil || reference == "" {
		return identity.Officer{}, fault.New(fault.Invalid, "officer-line")
	}
	return identity.Officer{Node: node, Reference: strings.ToLower(strings.TrimSpace(reference)), At: when.UTC()}, nil
}

// OfficerText writes an officer to be read over the telephone.
func OfficerText(o identity.Officer) string { return o.Reference + "@" + o.At.Format(time.RFC3339) }
