package match_test

import (
	"bytes"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/match"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/mask"
)

// each runs a test with two nodes, on every engine at hand.
func each(t *testing.T, body func(t *testing.T, a, b *side)) {
	t.Helper()
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		there := accesstest.New(t)
		there.Clock.Set(o.Clock.Now()) // the engines share a clock, which an earlier one has moved
		a, b := pair(t, o, there)
		body(t, a, b)
	})
}

// TestTwoOnEachSideAgree: nothing is in force before two officers on each side agreed, and
// then both nodes have the same text, the same beginning and the same epochs.
func TestTwoOnEachSideAgree(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		f := match.Usual()
		f.Peer, f.Basis = b.node, "Treaty of the River, article 4"
		id, err := a.room.Prepare(ctx, a.head, command(), f)
		ok(t, a.did(err))
		if len(a.posted) != 0 || a.the(id).State != match.Prepared {
			t.Fatal("one officer's word left the node")
		}
		if err := a.room.Agree(ctx, a.head, command(), id, 1); err == nil {
			t.Error("whoever prepared it is the second officer too")
		}
		if err := a.room.Agree(ctx, a.operator, command(), id, 1); fault.CodeOf(err) != "no-such-page" {
			t.Errorf("whoever runs the machine agrees: %v", err)
		}
		wantCode(t, "an old page", a.room.Agree(ctx, a.focal, command(), id, 7), "changed-meanwhile")
		ok(t, a.did(a.room.Agree(ctx, a.focal, command(), id, 1)))
		a.carry()
		if got := b.the(id).State; got != match.Asked {
			t.Fatalf("there it is %s", got)
		}
		ok(t, b.did(b.room.Agree(ctx, b.head, command(), id, b.the(id).Version)))
		if err := b.room.Agree(ctx, b.head, command(), id, b.the(id).Version); err == nil {
			t.Error("whoever took it up is the second officer too")
		}
		if len(b.posted) != 0 {
			t.Fatal("one officer's yes left the node")
		}
		b.Clock.Advance(90 * time.Minute)
		b.focal = b.As(access.Signed{Staff: b.focal.Staff(), Role: "focal_point", Unit: b.Head})
		ok(t, b.did(b.room.Agree(ctx, b.focal, command(), id, b.the(id).Version)))
		b.carry()
		x, y := a.the(id), b.the(id)
		if x.State != match.Force || y.State != match.Force || x.Side != match.Asker || y.Side != match.Holder || !x.From.Equal(y.From) || x.From.IsZero() {
			t.Fatalf("in force otherwise: %+v, %+v", x, y)
		}
		ours, theirs := x.Terms()
		there, back := y.Terms()
		if !bytes.Equal(ours, theirs) || !bytes.Equal(ours, there) || !bytes.Equal(ours, back) {
			t.Error("the two nodes have other texts")
		}
		for days, want := range map[int]uint32{0: 1, 29: 1, 30: 2, 61: 3} {
			if got := x.EpochAt(x.From.AddDate(0, 0, days)); got != want {
				t.Errorf("after %d days the epoch is %d, want %d", days, got, want)
			}
		}
		if x.EpochAt(x.From.Add(-time.Second)) != 0 {
			t.Error("an epoch before the agreement")
		}
	})
}

// TestOnlyOneAgreementForADirection: a second one about the same waits until the first has
// ended, whoever proposes it; the other direction is another one.
func TestOnlyOneAgreementForADirection(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		id := agrees(t, a, b)
		f := match.Usual()
		f.Peer, f.Basis = b.node, "Another law"
		_, err := a.room.Prepare(ctx, a.focal, command(), f)
		wantCode(t, "a second one", err, "match-there")
		f.Side = match.Holder
		other, err := a.room.Prepare(ctx, a.head, command(), f)
		ok(t, a.did(err))
		ok(t, a.did(a.room.Agree(ctx, a.focal, command(), other, 1)))
		a.carry()
		if got := b.the(other); got.Side != match.Asker || got.State != match.Asked {
			t.Errorf("the other direction came as %+v", got)
		}
		ok(t, a.did(a.room.End(ctx, a.operator, command(), id)))
		a.carry()
		f.Side = match.Asker
		_, err = a.room.Prepare(ctx, a.focal, command(), f)
		ok(t, a.did(err))
	})
}

// TestWhatIsNotAgreedIsRefused: other terms, another node's agreement, a step that does not
// follow, and what is no step at all.
func TestWhatIsNotAgreedIsRefused(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		id := agrees(t, a, b)
		f := match.Usual()
		f.Peer, f.Basis = b.node, "Treaty of the River, article 4"
		f.Side = match.Holder
		other, err := a.room.Prepare(ctx, a.head, command(), f)
		ok(t, a.did(err))
		ok(t, a.did(a.room.Agree(ctx, a.focal, command(), other, 1)))
		proposal := a.posted[0]
		a.posted = nil
		for name, tt := range map[string]struct {
			change func(*cx.Message)
			want   cx.Code
		}{
			"from a third node": {func(m *cx.Message) { m.From = "xc.care" }, cx.BadFormat},
			"another schema":    {func(m *cx.Message) { m.Schema = "match.agree/2" }, cx.BadFormat},
			"a blank more":      {func(m *cx.Message) { m.Payload = append(m.Payload, ' ') }, cx.BadFormat},
			"a table of no size": {func(m *cx.Message) {
				m.Payload = bytes.Replace(m.Payload, []byte(`"size":1000`), []byte(`"size":1001`), 1)
			}, cx.BadFormat},
			"an answer to nothing": {func(m *cx.Message) {
				m.Payload = bytes.Replace(m.Payload, []byte(`"step":"propose"`), []byte(`"step":"accept"`), 1)
				m.Payload = bytes.Replace(m.Payload, []byte(`"from":0`), []byte(`"from":1772442000`), 1)
			}, cx.Conflict},
			"what is never sent": {func(m *cx.Message) { m.Type = cx.Withdraw }, cx.Unsupported},
			"as it is":           {func(*cx.Message) {}, ""},
		} {
			if name == "as it is" {
				continue
			}
			m := proposal
			m.Payload = bytes.Clone(m.Payload)
			tt.change(&m)
			if got := b.takes(&m); got != tt.want {
				t.Errorf("%s: got %q, want %q", name, got, tt.want)
			}
		}
		if got := b.takes(&proposal); got != "" {
			t.Errorf("as it is: got %q", got)
		}
		again := proposal
		again.Payload = bytes.Replace(bytes.Clone(again.Payload), []byte("article 4"), []byte("article 5"), 1)
		if got := b.takes(&again); got != cx.Conflict {
			t.Errorf("the same agreement with other words: got %q", got)
		}
		if b.the(id).State != match.Force {
			t.Error("the agreement in force was touched")
		}
	})
}

// TestTheEndDestroysSecrets: whoever ends an agreement, its secrets are gone on both sides,
// for ever, and nothing is made or answered under it.
func TestTheEndDestroysSecrets(t *testing.T) {
	for _, name := range []string{"the asker ends it", "the holder ends it"} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, a, b *side) {
				id := agrees(t, a, b)
				was := map[*side]*match.Agreement{a: a.the(id), b: b.the(id)}
				for s, x := range was {
					if _, err := match.SecretOf(s.room, x, 1); err != nil {
						t.Fatal(err)
					}
				}
				ends := a
				if name == "the holder ends it" {
					ends = b
				}
				if err := ends.room.End(ctx, ends.auditor, command(), id); fault.CodeOf(err) != "no-such-page" {
					t.Errorf("an auditor ends it: %v", err)
				}
				ok(t, ends.did(ends.room.End(ctx, ends.operator, command(), id)))
				ends.carry()
				for s, x := range was {
					if got := s.the(id); got.State != match.Ended || got.EndedBy == "" || got.Ended.IsZero() {
						t.Errorf("%s has it as %+v", s.node, got)
					}
					_, err := match.SecretOf(s.room, x, 1) // as somebody who read it before sees it
					wantCode(t, string(s.node), err, "key-destroyed")
					err = s.DB.Read(ctx, func(tx *store.Tx) error {
						_, err := match.InForce(s.room, ctx, tx, id)
						return err
					})
					wantCode(t, string(s.node), err, "match-not-in-force")
				}
			})
		})
	}
}

// TestSecretsEndWithTheirEpoch: those of an epoch are there until the next one is over, and
// three days more.
func TestSecretsEndWithTheirEpoch(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		id := agrees(t, a, b)
		x := b.the(id)
		keep := func() *mask.Secret { // as long as it is there, it is the same
			s, err := match.SecretOf(b.room, x, 1)
			if err != nil {
				return nil
			}
			return s
		}
		if keep() == nil {
			t.Fatal("no secret")
		}
		b.Clock.Set(x.From.AddDate(0, 0, 62))
		b.tends()
		if keep() == nil {
			t.Error("destroyed a day too early")
		}
		b.Clock.Set(x.From.AddDate(0, 0, 63))
		b.tends()
		if keep() != nil {
			t.Error("still there after its time")
		}
		if _, err := match.SecretOf(b.room, x, 2); err != nil {
			t.Errorf("the next one went with it: %v", err)
		}
	})
}

// TestWhoMayNotSeesNothing: neither the pages nor the acts are open to others.
func TestWhoMayNotSeesNothing(t *testing.T) {
	each(t, func(t *testing.T, a, b *side) {
		worker := a.Person("case_worker", a.North)
		if _, err := a.room.Look(ctx, worker); fault.CodeOf(err) != "no-such-page" {
			t.Errorf("a case worker looks: %v", err)
		}
		f := match.Usual()
		f.Peer, f.Basis = b.node, "Treaty"
		for _, c := range []*access.Caller{worker, a.operator, a.auditor} {
			if _, err := a.room.Prepare(ctx, c, command(), f); fault.CodeOf(err) != "no-such-page" {
				t.Errorf("a %s proposes: %v", c.Role(), err)
			}
		}
		id, err := a.room.Prepare(ctx, a.head, command(), f)
		ok(t, a.did(err))
		for _, c := range []*access.Caller{worker, a.operator, a.auditor} {
			if err := a.room.Agree(ctx, c, command(), id, 1); fault.CodeOf(err) != "no-such-page" {
				t.Errorf("a %s agrees: %v", c.Role(), err)
			}
		}
		if err := a.room.End(ctx, worker, command(), id); fault.CodeOf(err) != "no-such-page" {
			t.Errorf("a case worker ends it: %v", err)
		}
		if err := a.room.End(ctx, a.head, command(), ident.New[match.AgreementID]()); !fault.Is(err, fault.NotFound) {
			t.Errorf("one that is not there: %v", err)
		}
	})
}
