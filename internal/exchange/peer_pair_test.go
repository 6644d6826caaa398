package exchange_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// signer returns the S pair of the far country.
func (c *country) signer(o *office) note.Signer {
	c.t.Helper()
	s, err := c.ring.ExchangeSigner(c.node, o.peer().History.Keys(identity.Sign, o.Clock.Now())[0].ID(c.node))
	ok(c.t, err)
	return s
}

// officers are the two of the far country who compared.
func (c *country) officers(at time.Time) []identity.Officer {
	at = at.UTC().Truncate(time.Second)
	return []identity.Officer{{Node: c.node, Reference: "far-1", At: at}, {Node: c.node, Reference: "far-2", At: at.Add(time.Minute)}}
}

// TestThePairIsSignedByBoth: this node signs first, the peer after it, and the note is kept.
func TestThePairIsSignedByBoth(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ok(t, o.sits(o.home()))
		_, err := o.room.ProposePair(ctx, o.operator, command(), o.far.node, o.far.officers(o.Clock.Now()), "night desk, +999 1")
		is(t, "with nobody", err, fault.NotFound)
		o.pairs()
		half, err := o.room.ProposePair(ctx, o.operator, command(), o.far.node, o.far.officers(o.Clock.Now()), "night desk, +999 1")
		ok(t, err)
		_, err = o.room.SignPair(ctx, o.operator, command(), o.far.node, half)
		coded(t, "our own half", err, "peer-pair")
		both, err := note.Cosign(half, o.far.signer(o))
		ok(t, err)
		whole, err := o.room.SignPair(ctx, o.operator, command(), o.far.node, both)
		if err != nil || string(whole) != string(both) || string(o.peer().Pair) != string(both) {
			t.Errorf("signed by both: %v", err)
		}
		for _, role := range []string{access.RoleSupervisor, access.RoleCaseWorker, access.RoleAuditor} {
			_, err := o.room.SignPair(ctx, o.Person(role, o.Head), command(), o.far.node, both)
			is(t, role+" signs", err, fault.NotFound)
			_, err = o.room.ProposePair(ctx, o.Person(role, o.Head), command(), o.far.node, o.far.officers(o.Clock.Now()), "x")
			is(t, role+" proposes", err, fault.NotFound)
		}
	})
}

// TestAPairThatSaysOtherThings: what the peer signed first is signed here only where it says
// what two people here decided.
func TestAPairThatSaysOtherThings(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		home := o.home()
		ok(t, o.sits(home))
		o.pairs()
		p := o.peer()
		agreed := func() *identity.Pair {
			return &identity.Pair{
				A: "xa.dcs", B: "xb.moi", FingerprintA: identity.FingerprintOf(home.recovery.Public()), FingerprintB: p.Fingerprint(),
				Officers: append(o.room.OurOfficers(p), o.far.officers(o.Clock.Now())...),
				Purposes: []string{string(cx.FamilyTracing), string(cx.Protection)}, Types: []string{string(cx.ReferralOffer), string(cx.TransferOffer)},
				Limits: identity.StandardLimits, EmergencyA: "ours", EmergencyB: "theirs", From: p.Terms.From, Until: p.Terms.Until.Add(-day),
			}
		}
		for what, change := range map[string]func(*identity.Pair){
			"other purposes":     func(a *identity.Pair) { a.Purposes = append(a.Purposes[:1:1], "health") },
			"another type":       func(a *identity.Pair) { a.Types = a.Types[:1] },
			"other digits of us": func(a *identity.Pair) { a.FingerprintA[0] ^= 1 },
			"an officer of ours": func(a *identity.Pair) { a.Officers[0].Reference = "nobody" },
			"a longer time":      func(a *identity.Pair) { a.Until = a.Until.Add(2 * day) },
		} {
			a := agreed()
			change(a)
			signed, err := identity.SignPair(a, o.far.signer(o))
			ok(t, err)
			_, err = o.room.SignPair(ctx, o.operator, command(), o.far.node, signed)
			coded(t, what, err, "peer-pair")
		}
		if len(o.peer().Pair) != 0 {
			t.Error("a refused note is kept")
		}
		signed, err := identity.SignPair(agreed(), o.far.signer(o))
		ok(t, err)
		whole, err := o.room.SignPair(ctx, o.operator, command(), o.far.node, signed)
		ok(t, err)
		ours := note.Known{Name: "xa.dcs"}
		for _, k := range o.Ring.ExchangeKeysNow(o.Clock.Now()) {
			if k.Role == identity.Sign {
				pair, err := note.PublicFrom(k.Public)
				ok(t, err)
				ours.Pairs = append(ours.Pairs, pair)
			}
		}
		if _, err := identity.OpenPair(whole, o.peer().Signers(o.Clock.Now()), ours); err != nil {
			t.Errorf("the whole note: %v", err)
		}
	})
}
