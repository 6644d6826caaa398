package node

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/backup"
	"causeway/internal/clock"
	"causeway/internal/exchange"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// joinAbroad lets the room of referrals write to other nodes, and the post office give it
// what comes from them.
func (n *Node) joinAbroad() {
	n.Referrals.Joins(n.Exchange, abroad{n}, n.Pack)
	n.Referrals.Follows(abroad{n})
	n.Referrals.Names(n.Ring.Derive("referral/thread"))
	if n.peers != nil {
		n.Referrals.Encloses(enclosures{n.peers})
	}
	n.Exchange.Handles(cx.ClassCase, abroad{n})
	n.Exchange.Tells(abroad{n})
	n.Exchange.HonoursBy(n.unkept)
	n.Exchange.NotesUnsaid(func(thread cx.Thread, id cx.ID) { n.keeper.Note(backup.Unsaid, thread, id) })
}

// keepRules are the rules of keeping that this node knows: with the case, and what carries no
// child, for as long as the ledger.
var keepRules = []string{"case_closed", "ledger"}

// unkept names the labels of a message about a child that this node cannot hold to; the
// message is refused then, unread. What is held to, and how: roles and the day of erasure by
// package referral (term.go), where it may go on to by its gate abroad. Roles are those of
// this program, and somebody of the unit that answers other countries has one of them: else
// nobody here could ever open it. A day on which somebody is to look again is nobody's duty.
func (n *Node) unkept(l *cx.Labels) []string { return unkept(l, n.opens) }

func unkept(l *cx.Labels, opens func(roles []string) bool) (out []string) {
	if !l.RetainUntil.IsZero() && l.OnExpiry == cx.Review {
		out = append(out, "on_expiry")
	}
	if l.RetainRule != "" && !slices.Contains(keepRules, l.RetainRule) {
		out = append(out, "retain_rule")
	}
	if len(l.Roles) > 0 && !opens(l.Roles) {
		out = append(out, "roles")
	}
	return out
}

// opens reports whether roles are all of this program, and somebody of the unit that answers
// other countries has one of them.
func (n *Node) opens(roles []string) bool {
	known := access.Roles()
	if slices.ContainsFunc(roles, func(role string) bool { return !slices.Contains(known, role) }) {
		return false
	}
	dir, err := n.Office.Directory(context.Background())
	if err != nil {
		return false
	}
	unit := focal(dir)
	return slices.ContainsFunc(dir.People(), func(a staff.Account) bool {
		return a.Unit == unit && a.State == staff.Active && slices.Contains(roles, string(a.Role))
	})
}

// abroad tells the room of referrals with whom this node is paired (referral.Partners),
// and gives it what came (exchange.Handler) and what came back (exchange.Regained).
type abroad struct{ n *Node }

// Own implements referral.Partners.
func (a abroad) Own() identity.NodeID { return a.n.Exchange.Node() }

// Handle implements exchange.Handler.
func (a abroad) Handle(ctx context.Context, m *cx.Message, settle exchange.Settle) error {
	return a.n.Referrals.Handle(ctx, m, referral.Settle(settle))
}

// Posted implements referral.Tracker.
func (a abroad) Posted(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread) (out []referral.Posted, err error) {
	all, err := a.n.Exchange.Posted(ctx, tx, with, thread)
	for i := range all {
		t := &all[i]
		out = append(out, referral.Posted{ID: t.ID, Type: t.Type, At: t.At, What: t.What, Code: t.Code, Unmet: t.Unmet, Over: t.Ends() && !t.Again()})
	}
	return out, err
}

// Regained implements exchange.Regained.
func (a abroad) Regained(ctx context.Context, m *cx.Message, dropped, left []cx.ID, told exchange.Told) error {
	return a.n.Referrals.Regained(ctx, m, len(dropped) > 0, left, referral.BackTold(told))
}

// Partners implements referral.Partners.
func (a abroad) Partners(ctx context.Context) (out []referral.Partner, err error) {
	var peers []*exchange.Peer
	err = a.n.DB.Read(ctx, func(tx *store.Tx) (err error) {
		peers, err = a.n.Exchange.Peers(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	dir, err := a.n.Office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	now, unit := a.n.Clock.Now(), focal(dir)
	for _, p := range peers {
		if !p.Paired(now) {
			continue
		}
		out = append(out, referral.Partner{
			Node: p.Node, Name: officeName(p), Country: country(a.n.Pack, p.Country), Unit: unit, Purposes: agreed(a.n.Pack, p, a.n.Clock),
			Suspended: !p.Sends(now),
		})
	}
	return out, nil
}

// focal is the unit that answers other countries: that of the focal point of the national
// referral mechanism; where there is none, the one at the top.
func focal(dir staff.Directory) ident.Unit {
	people := dir.People()
	i := slices.IndexFunc(people, func(a staff.Account) bool { return a.Role == staff.FocalPoint && a.State == staff.Active })
	if i >= 0 {
		return people[i].Unit
	}
	top, _ := dir.Top()
	return top
}

// officeName is what a node calls itself, in the first of its languages.
func officeName(p *exchange.Peer) string {
	if p.Card != nil && len(p.Card.Names) > 0 {
		return p.Card.Names[0].Text
	}
	return string(p.Node)
}

// country is the pack's code for a country of a card, which is written as ISO 3166-1
// alpha-2; the card's own where the pack does not know it.
func country(p *pack.Pack, code string) string {
	if known, ok := p.Resolve(pack.Nationalities, code); ok {
		return known
	}
	return code
}

// agreed returns the purposes that may pass between this node and a peer. A pair that
// agreed on none takes none.
func agreed(p *pack.Pack, peer *exchange.Peer, clk clock.Clock) []string {
	out := []string{""}
	for _, code := range p.AbroadCodes() {
		about, _ := p.Abroad(code)
		if purpose, typ, ok := referral.Passes(&about); ok && peer.Allows(purpose, typ, clk.Now()) == "" {
			out = append(out, code)
		}
	}
	return out
}
