package node

import (
	"context"
	"crypto/rand"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/match"
	"causeway/internal/match/ask"
	"causeway/internal/referral"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/mask"
)

// joinMatch builds the room that looks for the same child with other nodes, and gives it
// what it asks of the others.
func (n *Node) joinMatch() {
	j := matching{n}
	n.Match = match.New(match.Config{
		DB: n.DB, Gate: n.Gate, Clock: n.Clock, Zone: n.Pack.Calendar().Zone(), Key: n.Ring.Derive("match/row"), Codes: j, Leave: j, Cases: j,
		Secrets: matchSecrets{n.Ring}, Post: matchPost{n.Exchange}, Partners: j,
	})
	n.Exchange.Handles(cx.ClassMatch, j)
}

// matching is what the room of matching asks of the others.
type matching struct{ n *Node }

// Handle implements exchange.Handler.
func (j matching) Handle(ctx context.Context, m *cx.Message, settle exchange.Settle) error {
	return j.n.Match.Handle(ctx, m, match.Settle(settle))
}

// Codes implements match.Codes.
func (j matching) Codes(ctx context.Context, p *access.Pass, of ident.Case) (ask.Child, error) {
	c, err := j.n.Persons.Compared(ctx, p, of)
	return ask.Child(c), err
}

// Unmet implements match.Leave. Nothing of children goes into the matching of selectors.
func (j matching) Unmet(ctx context.Context, p *access.Pass, purpose match.Purpose, to identity.NodeID) ([]string, error) {
	if purpose != match.Children {
		return []string{"not-agreed"}, nil
	}
	land, home, err := j.land(ctx, p.Tx(), to)
	if err != nil {
		return nil, err
	}
	return j.n.Referrals.MayTrace(ctx, p, land, home)
}

// Candidates implements match.Leave.
func (j matching) Candidates(ctx context.Context, p *access.Pass, purpose match.Purpose, to identity.NodeID, after ident.Case, most int) ([]ident.Case, error) {
	if purpose != match.Children {
		return nil, nil
	}
	land, _, err := j.land(ctx, p.Tx(), to)
	if err != nil {
		return nil, err
	}
	return j.n.Referrals.Traceable(ctx, p, land, after, most)
}

// land returns what a consent names of a node, and its country.
func (j matching) land(ctx context.Context, tx *store.Tx, node identity.NodeID) (land, home string, err error) {
	peer, err := j.n.Exchange.Peer(ctx, tx, node)
	if err != nil {
		return "", "", err
	}
	of := referral.Partner{Node: node, Country: country(j.n.Pack, peer.Country)}
	return of.Land(), of.Country, nil
}

// Own implements match.Partners.
func (j matching) Own() identity.NodeID { return j.n.Exchange.Node() }

// Officer implements match.Partners.
func (j matching) Officer(who ident.Staff) string { return j.n.Exchange.OfficerReference(who) }

// Partners implements match.Partners.
func (j matching) Partners(ctx context.Context) (out []match.Partner, err error) {
	all, err := abroad(j).Partners(ctx)
	for i := range all {
		p := &all[i]
		out = append(out, match.Partner{Node: p.Node, Name: p.Name, Country: p.Country, Suspended: p.Suspended})
	}
	return out, err
}

// matchSecrets keeps the secrets of epochs in the keyring.
type matchSecrets struct{ ring *keys.Ring }

func matchKind(p match.Purpose) keys.MatchKind {
	if p == match.Selectors {
		return keys.MatchSelectors
	}
	return keys.MatchChildren
}

// Secret implements match.Secrets.
func (s matchSecrets) Secret(purpose match.Purpose, of match.AgreementID, epoch uint32) (*mask.Secret, error) {
	b, err := s.ring.MatchSecret(matchKind(purpose), of, epoch, func() ([]byte, error) {
		fresh, err := mask.NewSecret(rand.Reader)
		if err != nil {
			return nil, err
		}
		return fresh.Bytes(), nil
	})
	if err != nil {
		return nil, err
	}
	return mask.ParseSecret(b)
}

// Destroy implements match.Secrets.
func (s matchSecrets) Destroy(purpose match.Purpose, of match.AgreementID, upTo uint32) error {
	return s.ring.DestroyMatchSecrets(matchKind(purpose), of, upTo)
}

// matchPost is the post office as the room of matching calls it.
type matchPost struct{ *exchange.Room }

// Unsay implements match.Post.
func (o matchPost) Unsay(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread) error {
	return o.Erase(ctx, tx, with, thread)
}

// tendMatching does what is due under the agreements of this node.
func (n *Node) tendMatching(ctx context.Context) error { return n.Match.Tend(ctx) }
