package exchange_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

func TestTwoOfficersPair(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		card := o.far.card(o.Clock.Now(), o.far.sits(o.Clock.Now()))
		node, err := o.room.Prepare(ctx, o.operator, command(), pasted(card), o.terms())
		ok(t, err)
		p := o.peer()
		if node != "xb.moi" || p.State != exchange.Waiting || p.Country != "XB" || p.Paired(o.Clock.Now()) {
			t.Fatalf("prepared: %s in state %s of %q, paired %v", node, p.State, p.Country, p.Paired(o.Clock.Now()))
		}
		if got := p.Allows(cx.Protection, cx.ReferralOffer, o.Clock.Now()); got != cx.NotPaired {
			t.Errorf("before the second officer a referral is %q, want %q", got, cx.NotPaired)
		}
		if p.Compared() != nil {
			t.Error("the digits that must be heard are shown")
		}
		wrong := "1" + o.far.digits()[1:]
		if wrong == o.far.digits() {
			wrong = "2" + o.far.digits()[1:]
		}
		coded(t, "digits that are not the card's", o.room.Confirm(ctx, o.head, command(), node, wrong, p.Version), "peer-fingerprint")
		coded(t, "no digits", o.room.Confirm(ctx, o.head, command(), node, "", p.Version), "peer-fingerprint")
		ok(t, o.room.Confirm(ctx, o.head, command(), node, o.far.digits(), p.Version))
		p = o.peer()
		if p.State != exchange.OK || p.ConfirmedBy != o.head.Staff() || p.AddedBy != o.operator.Staff() || p.Proposed != nil || !p.Sends(o.Clock.Now()) {
			t.Fatalf("confirmed: %+v", p)
		}
		if len(p.Compared()) != 10 {
			t.Error("the digits of a peer in force are not shown")
		}
		for _, tt := range []struct {
			purpose cx.Purpose
			kind    cx.Type
			want    cx.Code
		}{
			{cx.Protection, cx.ReferralOffer, ""},
			{cx.Protection, cx.Withdraw, ""}, // what follows in a thread
			{cx.Health, cx.ReferralOffer, cx.LabelRefused},
			{cx.Protection, cx.Request, cx.LabelRefused},
			{cx.Protection, cx.MatchQuestion, ""}, // agreed on apart
			{"", cx.ScheduleNote, ""},
		} {
			if got := p.Allows(tt.purpose, tt.kind, o.Clock.Now()); got != tt.want {
				t.Errorf("%s for %q is %q, want %q", tt.kind, tt.purpose, got, tt.want)
			}
		}
		if got := p.Allows(cx.Protection, cx.ReferralOffer, o.Clock.Now().Add(700*day)); got != cx.NotPaired {
			t.Errorf("after its last day a pair answers %q", got)
		}
	})
}

func TestNobodyPairsAlone(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		focal := o.Person(access.RoleFocalPoint, o.Head) // may do both, and not both for one partner
		card := o.far.card(o.Clock.Now(), o.far.sits(o.Clock.Now()))
		_, err := o.room.Prepare(ctx, focal, command(), card, o.terms())
		ok(t, err)
		is(t, "who prepared it confirms it", o.room.Confirm(ctx, focal, command(), o.far.node, o.far.digits(), o.peer().Version), fault.NotFound)
		deputy := o.As(access.Signed{Role: access.RoleSupervisor, Unit: o.Head, DeputyFor: oneStaff(focal)})
		is(t, "who stands in for them", o.room.Confirm(ctx, deputy, command(), o.far.node, o.far.digits(), o.peer().Version), fault.NotFound)
		is(t, "the operator", o.room.Confirm(ctx, o.operator, command(), o.far.node, o.far.digits(), o.peer().Version), fault.NotFound)
		if got := o.peer().State; got != exchange.Waiting {
			t.Errorf("state %s, want %s", got, exchange.Waiting)
		}
		is(t, "a peer that is none", o.room.Confirm(ctx, o.head, command(), "xc.none", o.far.digits(), 1), fault.NotFound)
	})
}

func TestWhoMayNot(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.pairs()
		card := o.far.card(o.Clock.Now(), o.far.sits(o.Clock.Now()))
		for _, role := range []string{
			access.RoleCaseWorker, access.RoleFirstResponder, access.RoleProvider, access.RoleInvestigator, access.RoleJudge, access.RoleCoordinator,
			access.RoleAuditor, access.RoleSupervisor, access.RoleNodeOperator, access.RoleFocalPoint,
		} {
			c := o.Person(role, o.Head)
			prepares := role == access.RoleNodeOperator || role == access.RoleFocalPoint
			confirms := role == access.RoleSupervisor || role == access.RoleFocalPoint
			refused := func(what string, may bool, err error) {
				if !may {
					is(t, role+" "+what, err, fault.NotFound)
				}
			}
			if !prepares {
				_, err := o.room.Prepare(ctx, c, command(), card, o.terms())
				refused("prepares", false, err)
				refused("removes", false, o.room.Remove(ctx, c, command(), o.far.node))
				_, err = o.room.Learn(ctx, c, command(), o.far.node, o.far.sits(o.Clock.Now()))
				refused("takes in keys", false, err)
			}
			if !confirms {
				refused("confirms", false, o.room.Confirm(ctx, c, command(), o.far.node, o.far.digits(), o.peer().Version))
				refused("resumes", false, o.room.Resume(ctx, c, command(), o.far.node))
			}
			if !prepares && !confirms {
				refused("stops", false, o.room.Quarantine(ctx, c, command(), o.far.node))
				_, err := o.room.Look(ctx, c)
				refused("looks", role == access.RoleAuditor, err)
			}
			is(t, role+" brings own keys", o.room.KeepSelf(ctx, c, command(), exchange.Signed{Schedule: card, Card: card}), fault.NotFound)
		}
		if got := o.peer().State; got != exchange.OK {
			t.Errorf("after all these the state is %s, want %s", got, exchange.OK)
		}
	})
}

func TestQuarantineIsLiftedBySomebodyElse(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.pairs()
		ok(t, o.room.Quarantine(ctx, o.head, command(), o.far.node))
		now := o.Clock.Now()
		p := o.peer()
		if p.Opens(now) || p.Sends(now) || !p.Paired(now) {
			t.Error("a quarantined peer is opened, or sent to, or its pair is gone")
		}
		for kind, want := range map[cx.Type]cx.Code{cx.ReferralOffer: cx.Quarantined, cx.StatusReport: cx.Quarantined, cx.ScheduleNote: "", cx.RevokeNote: ""} {
			if got := p.Allows(cx.Protection, kind, now); got != want {
				t.Errorf("in quarantine %s is %q, want %q", kind, got, want)
			}
		}
		is(t, "who stopped it lets it go on", o.room.Resume(ctx, o.head, command(), o.far.node), fault.NotFound)
		ok(t, o.room.Resume(ctx, o.Person(access.RoleFocalPoint, o.Head), command(), o.far.node))
		ok(t, o.room.Watching(ctx, o.operator, command(), o.far.node))
		if p := o.peer(); p.State != exchange.Watch || !p.Sends(now) {
			t.Error("a watched peer is not sent to")
		}
		ok(t, o.room.Remove(ctx, o.operator, command(), o.far.node))
		if got := o.peer().Allows("", cx.ScheduleNote, now); got != cx.NotPaired {
			t.Errorf("a removed peer answers %q", got)
		}
		is(t, "removed twice", o.room.Remove(ctx, o.operator, command(), o.far.node), fault.Conflict)
		o.pairs() // from the beginning, by two
		if got := o.peer().State; got != exchange.OK {
			t.Errorf("paired again: %s", got)
		}
	})
}

func TestAnotherRecoveryPairIsNoPeer(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.pairs()
		forged := abroad(t, o.Office, o.far.node)
		forged.serial = 10
		card := forged.card(o.Clock.Now(), forged.sits(o.Clock.Now()))
		_, err := o.room.Prepare(ctx, o.operator, command(), card, o.terms())
		coded(t, "a card by another recovery pair", err, "peer-recovery")
		_, err = o.room.Learn(ctx, o.operator, command(), o.far.node, forged.sits(o.Clock.Now()))
		coded(t, "a schedule by another recovery pair", err, "peer-not-recovery")
		ok(t, o.room.Remove(ctx, o.operator, command(), o.far.node))
		_, err = o.room.Prepare(ctx, o.operator, command(), card, o.terms())
		ok(t, err)
		coded(t, "the old digits", o.room.Confirm(ctx, o.head, command(), o.far.node, o.far.digits(), o.peer().Version), "peer-fingerprint")
		ok(t, o.room.Confirm(ctx, o.head, command(), o.far.node, forged.digits(), o.peer().Version))
		if n := len(o.peer().History.Schedules); n != 1 {
			t.Errorf("%d schedules after pairing with a new recovery pair, want 1", n)
		}
	})
}

func TestTermsAreChangedByTwo(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.pairs()
		next := o.terms()
		next.Purposes = append(next.Purposes, cx.Health)
		_, err := o.room.Prepare(ctx, o.operator, command(), o.far.card(o.Clock.Now(), o.far.sits(o.Clock.Now())), next)
		ok(t, err)
		if got := o.peer().Allows(cx.Health, cx.ReferralOffer, o.Clock.Now()); got != cx.LabelRefused {
			t.Errorf("proposed terms are in force: %q", got)
		}
		if o.peer().Compared() != nil {
			t.Error("the digits are shown while other terms wait for the second officer")
		}
		_, err = o.room.ProposePair(ctx, o.operator, command(), o.far.node, o.far.officers(o.Clock.Now()), "night desk, +999 1")
		is(t, "a pair note while other terms wait", err, fault.Conflict)
		ok(t, o.room.Confirm(ctx, o.head, command(), o.far.node, o.far.digits(), o.peer().Version))
		if got := o.peer().Allows(cx.Health, cx.ReferralOffer, o.Clock.Now()); got != "" {
			t.Errorf("confirmed terms are not in force: %q", got)
		}
		bad := o.terms()
		bad.Purposes, bad.Called, bad.Until = []cx.Purpose{"love"}, "", o.Clock.Now()
		_, err = o.room.Prepare(ctx, o.operator, command(), o.far.card(o.Clock.Now(), o.far.sits(o.Clock.Now())), bad)
		if n := len(fault.FieldsOf(err)); n != 3 {
			t.Errorf("%d fields refused, want 3: %v", n, err)
		}
	})
}

func TestAnAlteredRowIsFound(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.pairs()
		ok(t, o.room.Quarantine(ctx, o.head, command(), o.far.node))
		ok(t, o.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE exchange_peer SET state = 'ok' WHERE node = $1`, string(o.far.node))
			return err
		}))
		err := o.DB.Read(ctx, func(tx *store.Tx) error { _, err := o.room.Peer(ctx, tx, o.far.node); return err })
		coded(t, "a state written behind the program's back", err, "record-altered")
	})
}

// TestWithoutExchange: a node that was not set up for it says so.
func TestWithoutExchange(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		room, err := exchange.New(exchange.Config{Gate: o.Gate, Key: o.Ring.Derive("exchange/row")})
		ok(t, err)
		_, err = room.Prepare(ctx, o.operator, command(), nil, o.terms())
		coded(t, "prepare", err, "no-exchange")
		seen, err := room.Look(ctx, o.operator)
		if err != nil || seen.Self != nil || len(seen.Peers) != 0 {
			t.Errorf("look: %+v, %v", seen, err)
		}
	})
}

// TestDrillRotation: S, E and T of a peer roll by its schedules; only its recovery pair
// brings the next ones.
func TestDrillRotation(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.pairs()
		start := o.Clock.Now()
		first, _ := o.peer().Recipient(start)
		o.Clock.Advance(200 * day)
		second, _ := o.peer().Recipient(o.Clock.Now())
		if string(first.Public) == string(second.Public) {
			t.Error("half a year later messages are sealed to the same key")
		}
		o.Clock.Advance(140 * day)
		next := o.far.sits(o.Clock.Now())
		for range 2 { // a schedule that comes twice, by two ways
			_, err := o.room.LearnNow(ctx, o.far.node, next)
			ok(t, err)
		}
		if n := len(o.peer().History.Schedules); n != 2 {
			t.Errorf("%d schedules, want 2", n)
		}
		if n := len(o.peer().Signers(o.Clock.Now()).Pairs); n != 2 {
			t.Errorf("%d S pairs overlap, want 2", n)
		}
		o.Clock.Advance(300 * day)
		p := o.peer()
		if _, there := p.Recipient(o.Clock.Now()); !there || len(p.Signers(o.Clock.Now()).Pairs) != 1 {
			t.Error("a second year is not covered by the second sitting")
		}
		if len(p.Signers(start).Pairs) != 1 || len(p.History.Keys(identity.Transport, start)) != 1 {
			t.Error("what was signed in the first year cannot be checked any more")
		}
		o.far.serial = 0
		_, err := o.room.LearnNow(ctx, o.far.node, o.far.sits(o.Clock.Now()))
		coded(t, "a schedule with a serial of the past", err, "peer-rollback")
	})
}

// TestDrillCompromise: the peer says that S was in other hands since a time.
func TestDrillCompromise(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.pairs()
		sign := o.peer().History.Keys(identity.Sign, o.Clock.Now())[0].ID(o.far.node)
		o.Clock.Advance(10 * day)
		since := o.Clock.Now().UTC().Truncate(time.Second)
		o.Clock.Advance(2 * day)
		note := o.far.revokes(identity.Revocation{Issued: o.Clock.Now(), Reason: identity.Compromised, Since: since, Keys: []identity.KeyID{sign}})
		changed, err := o.room.LearnNow(ctx, o.far.node, note)
		if err != nil || !changed {
			t.Fatalf("revocation: %v, changed %v", err, changed)
		}
		p := o.peer()
		if p.State != exchange.Quarantined || p.Why != exchange.WhyCompromised || !p.StateBy.IsZero() {
			t.Errorf("state %s because %s, want quarantine by the program", p.State, p.Why)
		}
		if p.Doubted(sign, since.Add(-time.Second)) || !p.Doubted(sign, since) {
			t.Error("receipts from before are doubted, or those from after are not")
		}
		// The peer is given new keys by its recovery pair; a person lets the exchange go on.
		_, err = o.room.LearnNow(ctx, o.far.node, o.far.sits(o.Clock.Now(), identity.Sign))
		ok(t, err)
		if got := o.peer().State; got != exchange.Quarantined {
			t.Errorf("new keys alone lifted the quarantine: %s", got)
		}
		o.people()
		ok(t, o.room.Resume(ctx, o.head, command(), o.far.node))
		p = o.peer()
		if !p.Sends(o.Clock.Now()) || len(p.Signers(o.Clock.Now()).Pairs) != 1 || p.History.Keys(identity.Sign, o.Clock.Now())[0].ID(o.far.node) == sign {
			t.Error("the new S does not hold, or the old one still does")
		}
	})
}

func TestRevocationsAct(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.pairs()
		_, err := o.room.LearnNow(ctx, o.far.node, o.far.revokes(identity.Revocation{Issued: o.Clock.Now(), Reason: identity.Suspended}))
		ok(t, err)
		if p := o.peer(); p.State != exchange.Quarantined || p.Why != exchange.WhySuspended {
			t.Errorf("suspended: %s, %s", p.State, p.Why)
		}
		coded(t, "resumed before its next schedule", o.room.Resume(ctx, o.head, command(), o.far.node), "peer-suspended")
		o.Clock.Advance(time.Hour)
		o.people()
		_, err = o.room.LearnNow(ctx, o.far.node, o.far.sits(o.Clock.Now()))
		ok(t, err)
		ok(t, o.room.Resume(ctx, o.head, command(), o.far.node))
		_, err = o.room.LearnNow(ctx, o.far.node, o.far.revokes(identity.Revocation{Issued: o.Clock.Now(), Reason: identity.Closed}))
		ok(t, err)
		if p := o.peer(); p.State != exchange.Removed || p.Why != exchange.WhyClosed {
			t.Errorf("closed: %s, %s", p.State, p.Why)
		}
	})
}

func TestWatchByTheProgram(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.pairs()
		ok(t, o.room.WatchNow(ctx, o.far.node, exchange.Watch, exchange.WhyEpoch))
		if p := o.peer(); p.State != exchange.Watch || p.Why != exchange.WhyEpoch {
			t.Errorf("%s, %s", p.State, p.Why)
		}
		ok(t, o.room.Quarantine(ctx, o.operator, command(), o.far.node))
		ok(t, o.room.WatchNow(ctx, o.far.node, exchange.Watch, exchange.WhyEpoch))
		if p := o.peer(); p.State != exchange.Quarantined {
			t.Errorf("the program let a quarantined peer go: %s", p.State)
		}
	})
}
