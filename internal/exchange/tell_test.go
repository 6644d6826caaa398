package exchange_test

import (
	"bytes"
	"testing"
	"time"

	"causeway/internal/exchange"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// peerOf returns what a node knows of the other.
func (e *end) peerOf(o *end) *exchange.Peer {
	e.t.Helper()
	var p *exchange.Peer
	ok(e.t, e.DB.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = e.room.Peer(ctx, tx, o.country.node)
		return err
	}))
	return p
}

// sits holds the next sitting of the node's recovery pair.
func (e *end) sits(lost ...identity.Role) {
	e.t.Helper()
	e.schedule = e.country.sits(e.Clock.Now(), lost...)
	signed := exchange.Signed{Schedule: e.schedule, Card: e.country.card(e.Clock.Now(), e.schedule)}
	ok(e.t, e.room.KeepSelf(ctx, e.Gate.Job("peer-shell"), command(), signed))
}

// revokes has the node's recovery pair take something back.
func (e *end) revokes(v identity.Revocation) {
	e.t.Helper()
	v.Issued = e.Clock.Now()
	ok(e.t, e.room.KeepSelf(ctx, e.Gate.Job("peer-shell"), command(), exchange.Signed{Revoke: e.country.revokes(v)}))
}

// later moves both clocks.
func later(a, b *end, d time.Duration) {
	a.Clock.Advance(d)
	b.Clock.Advance(d)
}

// TestDrillRotationReachesThePeer: the next schedule goes to the peer by itself, once, and
// afterwards the two exchange under keys that the peer had never seen before.
func TestDrillRotationReachesThePeer(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		if got := b.peerOf(a).History.Newest().Serial; got != 1 {
			t.Fatalf("serial %d before the sitting", got)
		}
		later(a, b, 300*day)
		a.sits()
		b.sits()
		rests(a, b)
		if got := b.peerOf(a).History.Newest().Serial; got != 2 {
			t.Errorf("the peer holds serial %d, want 2", got)
		}
		places := count(t, a, "SELECT COUNT(*) FROM exchange_item WHERE side = 'ours'")
		rests(a, b)
		if again := count(t, a, "SELECT COUNT(*) FROM exchange_item WHERE side = 'ours'"); again != places || len(a.due(b)) != 0 {
			t.Errorf("told again: %d places, before %d", again, places)
		}
		later(a, b, 80*day) // past the last key of the first sitting
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		rests(a, b)
		if len(b.got) != 1 {
			t.Errorf("%d messages under the new keys arrived, want 1", len(b.got))
		}
		if stuck, err := b.room.Stuck(ctx); err != nil || len(stuck) != 0 {
			t.Errorf("%d stuck (%v)", len(stuck), err)
		}
	})
}

// TestDrillCompromiseReachesThePeer: what the recovery pair takes back reaches the peer
// also when no key is left by which the node could sign a message; the peer is stopped,
// what came since is doubtful, and the new keys pass the quarantine.
func TestDrillCompromiseReachesThePeer(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		later(a, b, 10*day)
		stolen := a.Clock.Now()
		old := b.peerOf(a).History.Keys(identity.Sign, stolen)[0].ID("xa.dcs")
		later(a, b, day)
		a.revokes(identity.Revocation{Reason: identity.Compromised, Since: stolen})
		later(a, b, time.Second)
		a.sits(identity.Sign, identity.Receive)
		notes, err := a.room.Notes(ctx)
		ok(t, err)
		if len(notes) != 2 {
			t.Fatalf("%d notes to tell, want a schedule and a revocation", len(notes))
		}
		for range 2 { // brought twice, nothing changes
			for _, n := range notes {
				answer, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(cx.Frame(n)))
				if err != nil || answer != nil {
					t.Fatalf("a note of the recovery pair: %v", err)
				}
			}
		}
		p := b.peerOf(a)
		if p.State != exchange.Quarantined || p.Why != exchange.WhyCompromised || p.History.Newest().Serial != 2 {
			t.Fatalf("state %s (%s), serial %d", p.State, p.Why, p.History.Newest().Serial)
		}
		if !p.Doubted(old, b.Clock.Now()) || p.Doubted(old, stolen.Add(-time.Hour)) {
			t.Error("what came since is not doubtful, or what came before is")
		}
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		a.sits() // a third schedule, as a message, through the quarantine
		rests(a, b)
		if got := b.peerOf(a).History.Newest().Serial; got != 3 || len(b.got) != 0 {
			t.Errorf("serial %d in quarantine, want 3; %d messages acted on, want none", got, len(b.got))
		}
		later(a, b, time.Minute)
		ok(t, b.room.Resume(ctx, b.Person("focal_point", b.Head), command(), "xa.dcs"))
		rests(a, b)
		if len(b.got) != 1 || b.got[0].Doubtful {
			t.Errorf("%d messages acted on afterwards, want the one under the new keys, and no doubt", len(b.got))
		}
	})
}

// TestKeysOfNobody: what another recovery pair signed changes nothing, however it comes.
func TestKeysOfNobody(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		forger := abroad(t, a.Office, "xa.dcs")
		forger.serial = 7
		note := forger.sits(a.Clock.Now())
		if _, err := b.room.Receive(ctx, "xa.dcs", bytes.NewReader(cx.Frame(note))); cx.CodeOf(err) != cx.BadSignature {
			t.Errorf("a schedule by another pair: %v", err)
		}
		if got := b.peerOf(a).History.Newest().Serial; got != 1 {
			t.Errorf("serial %d", got)
		}
	})
}
