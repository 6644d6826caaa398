package exchange_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/identity"
	"causeway/protocol/note"

	"filippo.io/age"
)

// home is this node's own side: its recovery page, with the keyring of the office.
func (o *office) home() *country {
	c := abroad(o.t, o.Office, "xa.dcs")
	c.ring = o.Ring
	return c
}

func (o *office) sits(c *country, lost ...identity.Role) error {
	schedule := c.sits(o.Clock.Now(), lost...)
	return o.room.KeepSelf(ctx, o.Gate.Job("peer-shell"), command(), exchange.Signed{Schedule: schedule, Card: c.card(o.Clock.Now(), schedule)})
}

func TestOwnKeysAreUsedBySchedule(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		read := func(fn func(tx *store.Tx) error) error { return o.DB.Read(ctx, fn) }
		coded(t, "before the first sitting", read(func(tx *store.Tx) error { _, err := o.room.Self(ctx, tx); return err }), "exchange-keys")
		home := o.home()
		ok(t, o.sits(home))
		var self *exchange.Self
		ok(t, read(func(tx *store.Tx) (err error) { self, err = o.room.Self(ctx, tx); return err }))
		if card, _, err := identity.OpenCard(self.Note); err != nil || card.Node != "xa.dcs" {
			t.Errorf("the card: %v", err)
		}
		o.Clock.Advance(100 * day)
		ok(t, read(func(tx *store.Tx) error {
			s, id, err := o.room.Signer(ctx, tx, o.Clock.Now())
			ok(t, err)
			signed, err := note.Sign("causeway/test/1\n", s)
			ok(t, err)
			if _, _, err := note.Open(signed, 1<<15, self.History.Signers(o.Clock.Now())); err != nil || id != self.History.Keys(identity.Sign, o.Clock.Now())[0].ID("xa.dcs") {
				t.Errorf("what the node signs does not verify by its schedule: %v", err)
			}
			cert, err := o.room.Certificate(ctx, tx, o.Clock.Now())
			if err != nil || cert.PrivateKey == nil {
				t.Errorf("certificate: %v", err)
			}
			return nil
		}))
	})
}

// TestDrillLostSignOfOurs: S is lost, R signs for a new one, and peers follow.
func TestDrillLostSignOfOurs(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		home := o.home()
		ok(t, o.sits(home))
		signer := func() (s note.Signer) {
			ok(t, o.DB.Read(ctx, func(tx *store.Tx) (err error) { s, _, err = o.room.Signer(ctx, tx, o.Clock.Now()); return err }))
			return s
		}
		old := signer().Pair.Public()
		o.Clock.Advance(20 * day)
		ok(t, o.sits(home, identity.Sign))
		if signer().Pair.Public().Equal(old) {
			t.Error("the lost S still signs")
		}
		var self *exchange.Self
		ok(t, o.DB.Read(ctx, func(tx *store.Tx) (err error) { self, err = o.room.Self(ctx, tx); return err }))
		bad, err := note.Sign("causeway/test/1\n", note.Signer{Name: "xa.dcs", Pair: home.recovery.Pair()})
		ok(t, err)
		if _, _, err := note.Open(bad, 1<<15, self.History.Signers(o.Clock.Now())); !errors.Is(err, note.ErrSignature) {
			t.Errorf("what R itself signed passes for what the node says: %v", err)
		}
		stranger := o.home()
		stranger.serial = 9
		coded(t, "a sitting with another recovery page", o.sits(stranger), "recovery-other")
		home.serial = 0
		coded(t, "a sitting with a serial of the past", o.sits(home), "peer-rollback")
		v := home.revokes(identity.Revocation{Issued: o.Clock.Now(), Reason: identity.Suspended})
		for range 2 {
			ok(t, o.room.KeepSelf(ctx, o.Gate.Job("peer-shell"), command(), exchange.Signed{Revoke: v}))
		}
		ok(t, o.DB.Read(ctx, func(tx *store.Tx) (err error) { self, err = o.room.Self(ctx, tx); return err }))
		if len(self.Notes) != 2 || self.History.Standing() != identity.IsSuspended {
			t.Errorf("%d notes to tell, want a schedule and one revocation", len(self.Notes))
		}
	})
}

// TestOldMessagesOpenForNinetyDays: what was sealed to an E key opens until 90 days after
// its end, then nowhere.
func TestOldMessagesOpenForNinetyDays(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ok(t, o.sits(o.home()))
		var self *exchange.Self
		ok(t, o.DB.Read(ctx, func(tx *store.Tx) (err error) { self, err = o.room.Self(ctx, tx); return err }))
		e := self.History.Keys(identity.Receive, o.Clock.Now())[0]
		to, err := age.ParseHybridRecipient(string(e.Public))
		ok(t, err)
		var sealed bytes.Buffer
		w, err := age.Encrypt(&sealed, to)
		ok(t, err)
		_, err = io.WriteString(w, "a straggler")
		ok(t, err)
		ok(t, w.Close())
		opens := func() bool {
			ids, err := o.room.Openers()
			ok(t, err)
			_, err = age.Decrypt(bytes.NewReader(sealed.Bytes()), ids...)
			return err == nil
		}
		o.Clock.Set(e.Until.Add(identity.Straggler - 1))
		_, err = o.Ring.DestroyExchangeKeys(o.Clock.Now())
		ok(t, err)
		if !opens() {
			t.Error("within 90 days the message does not open")
		}
		o.Clock.Set(e.Until.Add(identity.Straggler))
		_, err = o.Ring.DestroyExchangeKeys(o.Clock.Now())
		ok(t, err)
		if opens() {
			t.Error("after 90 days the message still opens")
		}
	})
}

func TestOwnKeysOnlyFromTheShell(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		home := o.home()
		schedule := home.sits(o.Clock.Now())
		in := exchange.Signed{Schedule: schedule, Card: home.card(o.Clock.Now(), schedule)}
		is(t, "the operator on a page", o.room.KeepSelf(ctx, o.operator, command(), in), fault.NotFound)
		is(t, "the job of peers", o.room.KeepSelf(ctx, o.Gate.Job(exchange.JobKeys), command(), in), fault.NotFound)
	})
}
