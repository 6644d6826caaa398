package exchange

import (
	"context"
	"strings"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/protocol/identity"
)

// ReadCard reads the card of another node, to be shown before anything is kept of it.
func (r *Room) ReadCard(signed []byte) (*identity.Card, error) {
	if err := r.on(); err != nil {
		return nil, err
	}
	card, _, err := identity.OpenCard(trimNote(signed))
	if err != nil {
		return nil, refusal(err)
	}
	if card.Node == r.node {
		return nil, fault.New(fault.Invalid, "peer-is-us")
	}
	return card, nil
}

// trimNote mends what copying and pasting does to a note: line ends of another system,
// and white space around it.
func trimNote(signed []byte) []byte {
	text := strings.ReplaceAll(string(signed), "\r\n", "\n")
	return []byte(strings.TrimSpace(text) + "\n")
}

// Prepare is the first of two officers: it adds the peer of a card with the terms of the
// pair, or proposes other terms for one that is paired. Nothing passes on its word.
//
// A removed peer, and one that nobody confirmed, is added anew. The card of a paired peer
// must name the recovery pair that is known; another one is a Conflict ("peer-recovery"):
// then the peer has to be removed first, and paired again from the beginning.
func (r *Room) Prepare(ctx context.Context, c *access.Caller, cmd ident.Command, signed []byte, terms Terms) (identity.NodeID, error) {
	card, err := r.ReadCard(signed)
	if err != nil {
		return "", err
	}
	_, err = r.gate.Do(ctx, c, access.Act{Action: "peer.prepare", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		if err := terms.check(p.Now()); err != nil {
			return "", err
		}
		peer, err := r.Peer(ctx, p.Tx(), card.Node)
		switch {
		case fault.Is(err, fault.NotFound):
			return "", r.begin(ctx, p, &Peer{Node: card.Node}, trimNote(signed), &terms)
		case err != nil:
			return "", err
		case !peer.Card.Recovery.Equal(card.Recovery):
			if peer.State == Waiting || peer.State == Removed {
				return "", r.begin(ctx, p, &Peer{Node: card.Node, Version: peer.Version}, trimNote(signed), &terms)
			}
			return "", fault.New(fault.Conflict, "peer-recovery")
		}
		return "", r.propose(ctx, p, peer, card, &terms)
	})
	return card.Node, err
}

// begin writes a peer whose recovery pair nobody knew.
func (r *Room) begin(ctx context.Context, p *access.Pass, peer *Peer, signed []byte, terms *Terms) error {
	peer.card, peer.Proposed = signed, terms
	if err := r.fill(ctx, p.Tx(), withProposed(peer, terms)); err != nil {
		return err
	}
	if newest := peer.History.Newest(); newest.Issued.After(p.Now().Add(identity.Skew)) {
		return fault.New(fault.Invalid, "peer-future")
	}
	peer.Proposed, peer.Country = terms, peer.Card.Country
	peer.AddedAt, peer.AddedBy = p.Now(), p.Caller().Staff()
	peer.to(p, Waiting, WhyByHand)
	return r.keepPeer(ctx, p, peer)
}

// withProposed stores the terms in the row, so that fill reads them back.
func withProposed(peer *Peer, terms *Terms) *Peer {
	peer.proposed, _ = terms.body() // plain values: it cannot fail
	return peer
}

// propose writes other terms for a peer whose recovery pair is known, and takes in the
// card's schedule where it is newer.
func (r *Room) propose(ctx context.Context, p *access.Pass, peer *Peer, card *identity.Card, terms *Terms) error {
	next := peer.changed()
	kind, err := hear(next.History, card.Schedule, p)
	switch {
	case fault.CodeOf(err) == "peer-rollback": // an old card; what is known stays
	case err != nil:
		return err
	case kind != "":
		if err := r.keepSaid(ctx, p, next, kind, card.Schedule); err != nil {
			return err
		}
	}
	next.Proposed = terms
	next.AddedAt, next.AddedBy = p.Now(), p.Caller().Staff()
	if next.State == Removed {
		next.Terms = nil
		next.to(p, Waiting, WhyByHand)
	}
	return r.keepPeer(ctx, p, next)
}

// Confirm is the second of two officers, another person than the first and not the node
// operator: who types what they heard over the telephone number that was known before,
// and puts the pair in force. Digits that are not those of the card are refused
// ("peer-fingerprint"), and the journal keeps that they were.
func (r *Room) Confirm(ctx context.Context, c *access.Caller, cmd ident.Command, node identity.NodeID, heard string, seen int64) error {
	if err := r.on(); err != nil {
		return err
	}
	var added ident.Staff
	err := r.gate.Own(ctx, c, func(p *access.Pass) error {
		peer, err := r.Peer(ctx, p.Tx(), node)
		if err == nil {
			added = peer.AddedBy
		}
		if fault.Is(err, fault.NotFound) {
			err = nil // the act itself says so, and the journal with it
		}
		return err
	})
	if err != nil {
		return err
	}
	wrong := false
	act := access.Act{Action: "peer.confirm", Purpose: Purpose, Command: cmd, Staff: added, Apart: oneOf(added)}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		peer, err := r.Peer(ctx, p.Tx(), node)
		switch {
		case err != nil:
			return "", err
		case peer.Version != seen || peer.AddedBy != added:
			return "", fault.New(fault.Conflict, "changed-meanwhile")
		case peer.Proposed == nil:
			return "", fault.New(fault.Conflict, "peer-state")
		case !SameDigits(heard, peer.Fingerprint()):
			wrong = true
			return "", p.Refuse("peer-fingerprint")
		}
		next := peer.changed()
		next.Terms, next.Proposed = peer.Proposed, nil
		next.ConfirmedAt, next.ConfirmedBy = p.Now(), p.Caller().Staff()
		if next.State == Waiting {
			next.to(p, OK, WhyPaired)
		}
		return "", r.keepPeer(ctx, p, next)
	})
	if err != nil && wrong {
		return fault.InvalidField("peer_heard", "peer-fingerprint")
	}
	return err
}

// oneOf returns a list of one person, an empty one for nobody.
func oneOf(who ident.Staff) []ident.Staff {
	if who.IsZero() {
		return nil
	}
	return []ident.Staff{who}
}

// SameDigits reports whether what somebody typed from a call are the digits of a
// fingerprint. Only digits count, of any of the scripts that the pages use.
func SameDigits(heard string, f identity.Fingerprint) bool {
	digits := strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9':
			return c
		case c >= '\u0660' && c <= '\u0669': // Arabic
			return '0' + c - '\u0660'
		case c >= '\u06f0' && c <= '\u06f9': // Persian and Urdu
			return '0' + c - '\u06f0'
		}
		return -1
	}, heard)
	return digits == strings.Join(f.Groups(), "")
}

// Drop takes back what waits for the second officer: proposed terms, or a peer that was
// never confirmed.
func (r *Room) Drop(ctx context.Context, c *access.Caller, cmd ident.Command, node identity.NodeID) error {
	return r.change(ctx, c, access.Act{Action: "peer.prepare", Purpose: Purpose, Command: cmd}, node, func(p *access.Pass, next *Peer) error {
		if next.Proposed == nil {
			return fault.New(fault.Conflict, "peer-state")
		}
		next.Proposed = nil
		if next.State == Waiting {
			next.to(p, Removed, WhyByHand)
		}
		return nil
	})
}
