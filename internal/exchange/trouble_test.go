package exchange_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// troubles returns what is shown to people at a node, after what they see of one peer was
// compared with it.
func (e *end) troubles() []exchange.Trouble {
	e.t.Helper()
	out, err := e.room.Troubles(ctx)
	ok(e.t, err)
	return out
}

// helper signs somebody in who may help stuck messages on.
func (e *end) helper() *access.Caller { return e.Person(access.RoleFocalPoint, e.Head) }

// TestWhatIsRefusedIsShownToBoth: a message that the peer does not accept is shown to
// people on both sides, with why, until somebody has seen to it.
func TestWhatIsRefusedIsShownToBoth(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		id := a.sends(b, cx.NewThread(), cx.ReferralOffer, func(l *cx.Labels) {
			l.Extra, l.Crit = []cx.Extra{{Name: "sealed-by-court", Value: "yes"}}, []string{"sealed-by-court"}
		})
		rests(a, b)
		ours := a.troubles()
		if len(ours) != 1 || ours[0].ID != id || ours[0].What != exchange.Unaccepted || ours[0].Code != cx.LabelRefused || ours[0].Unmet[0] != "sealed-by-court" {
			t.Fatalf("shown at the sender: %+v", ours)
		}
		theirs := b.troubles()
		if len(theirs) != 1 || theirs[0].Side != delivery.Theirs || theirs[0].What != exchange.Declined || theirs[0].Code != cx.LabelRefused {
			t.Fatalf("shown at the receiver: %+v", theirs)
		}
		page, err := a.room.Post(ctx, a.helper(), "xb.moi")
		ok(t, err)
		if len(page.Troubles) != 1 || page.Troubles[0].Purpose != cx.Protection || page.Troubles[0].Type != cx.ReferralOffer || !page.MayHelp {
			t.Errorf("on the peer's page: %+v", page)
		}
		for _, s := range []struct {
			at   *end
			with identity.NodeID
			side delivery.Side
		}{{a, "xb.moi", delivery.Ours}, {b, "xa.dcs", delivery.Theirs}} {
			all := []exchange.Message{{Side: s.side, ID: id}}
			is(t, "tried again", s.at.room.TryAgain(ctx, s.at.helper(), command(), s.with, all), fault.Conflict)
			is(t, "seen to by a case worker", s.at.room.Seen(ctx, s.at.Person(access.RoleCaseWorker, s.at.Head), command(), s.with, all), fault.NotFound)
			ok(t, s.at.room.Seen(ctx, s.at.helper(), command(), s.with, all))
			if left := s.at.troubles(); len(left) != 0 {
				t.Errorf("%s: seen to, and shown still: %+v", s.at.room.Node(), left)
			}
		}
	})
}

// TestUnreachableForLongIsShown: what could not be brought for a day is shown, and brought
// when somebody says so and the peer is there again.
func TestUnreachableForLongIsShown(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		id := a.says(b, thread, cx.ReferralOffer)
		if early := a.troubles(); len(early) != 0 {
			t.Fatalf("shown at once: %+v", early)
		}
		ok(t, a.room.Refused(ctx, "xb.moi", a.due(b)[0].ID, cx.Busy, a.Clock.Now().Add(40*time.Hour)))
		a.Clock.Advance(25 * time.Hour)
		b.Clock.Advance(25 * time.Hour)
		late := a.troubles()
		if len(late) != 1 || late[0].ID != id || late[0].What != exchange.Unsent || late[0].Code != cx.Busy || !late[0].Again() || late[0].Ends() {
			t.Fatalf("a day later: %+v", late)
		}
		all := []exchange.Message{{Side: delivery.Ours, ID: id}}
		is(t, "put aside while it waits", a.room.Seen(ctx, a.helper(), command(), "xb.moi", all), fault.Conflict)
		if len(a.due(b)) != 0 {
			t.Fatal("it is tried before its time")
		}
		is(t, "by a case worker", a.room.TryAgain(ctx, a.Person(access.RoleCaseWorker, a.Head), command(), "xb.moi", all), fault.NotFound)
		ok(t, a.room.TryAgain(ctx, a.helper(), command(), "xb.moi", all))
		rests(a, b)
		if len(b.got) != 1 || len(a.troubles()) != 0 {
			t.Errorf("%d arrived, %+v shown", len(b.got), a.troubles())
		}
	})
}

// TestUnansweredAndUnopenedAreShown: a message lies at the receiver, on whom nobody acts;
// both sides are told.
func TestUnansweredAndUnopenedAreShown(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		b.fail = fault.New(fault.Unavailable, "abroad-no-focal-point")
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		a.carries(b)
		a.Clock.Advance(25 * time.Hour)
		b.Clock.Advance(25 * time.Hour)
		if got := a.troubles(); len(got) != 1 || got[0].What != exchange.Unanswered || got[0].Again() || got[0].Ends() {
			t.Errorf("at the sender: %+v", got)
		}
		if got := b.troubles(); len(got) != 1 || got[0].What != exchange.Unopened {
			t.Errorf("at the receiver: %+v", got)
		}
	})
}

// TestPosted: of one thread, what the owner of the case is told.
func TestPosted(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		id := a.says(b, thread, cx.ReferralOffer)
		a.says(b, cx.NewThread(), cx.ReferralOffer)
		ok(t, a.room.Refused(ctx, "xb.moi", a.due(b)[0].ID, cx.Busy, a.Clock.Now()))
		var out []exchange.Trouble
		look := func() {
			t.Helper()
			ok(t, a.DB.Read(ctx, func(tx *store.Tx) (err error) {
				out, err = a.room.Posted(ctx, tx, "xb.moi", thread)
				return err
			}))
		}
		if look(); len(out) != 1 || out[0].ID != id || out[0].What != "" {
			t.Fatalf("on its way: %+v", out)
		}
		ok(t, a.room.Refused(ctx, "xb.moi", id, cx.TooLarge, time.Time{}))
		if look(); len(out) != 1 || out[0].What != exchange.Returned || out[0].Code != cx.TooLarge || out[0].Again() {
			t.Errorf("refused for good: %+v", out)
		}
	})
}

// TestProofIsTakenOutByFew: a proof of a thread is given to who may take it, and to nobody
// else.
func TestProofIsTakenOutByFew(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		a.says(b, thread, cx.ReferralOffer)
		rests(a, b)
		for _, role := range []string{access.RoleNodeOperator, access.RoleCaseWorker, access.RoleOmbudsperson} {
			_, err := a.room.Proof(ctx, a.Person(role, a.Head), thread, nil)
			is(t, role, err, fault.NotFound)
		}
		pack, err := a.room.Proof(ctx, a.Person(access.RoleSupervisor, a.Head), thread, nil)
		if err != nil || len(pack.Messages) != 2 {
			t.Errorf("the supervisor gets %v, %v", pack, err)
		}
		_, err = a.room.Proof(ctx, a.helper(), cx.NewThread(), nil)
		coded(t, "another thread", err, "exchange-thread")
		for _, role := range []string{access.RoleSupervisor, access.RoleAuditor, access.RoleCaseWorker} {
			is(t, "carried by "+role, a.room.Carries(ctx, a.Person(role, a.Head), command(), "xb.moi"), fault.NotFound)
		}
		coded(t, "for nobody", a.room.Carries(ctx, a.helper(), command(), "xc.none"), "no-such-page")
		ok(t, a.room.Carries(ctx, a.helper(), command(), "xb.moi"))
	})
}
