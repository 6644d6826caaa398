package bench

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/staff"
	"causeway/protocol/handover"
)

// couple is two whole nodes with the people who hand children over between them. Nothing
// between them but what carries is a part of the test: each has its own database, journal,
// keyring and rooms.
type couple struct {
	t            testing.TB
	a, b         *nodeEnd
	clk          *clock.Fake // of both; nil: the machine's
	worker, boss ident.Staff // at a
	taker        ident.Staff // at b
	carries      func()      // brings some of what waits nearer to its end
	trips        int
	waited       map[*nodeEnd][]byte                  // bundles that come late
	encloses     func(of ident.Case) []ident.Document // documents that go along; nil: none
}

// wedded makes the couple. fake: both have a clock that stands still.
func wedded(t testing.TB, fake bool) *couple {
	t.Helper()
	o := &Options{}
	var clk *clock.Fake
	if fake {
		clk = clock.NewFake(time.Now())
		o.clock = clk
	}
	c := weddedOver(t, o)
	c.clk = clk
	return c
}

// weddedOver makes the couple as o says.
func weddedOver(t testing.TB, o *Options) *couple {
	t.Helper()
	c := &couple{t: t, worker: ident.New[ident.Staff](), boss: ident.New[ident.Staff](), taker: ident.New[ident.Staff](), waited: map[*nodeEnd][]byte{}}
	o.Short, o.Dir = true, t.TempDir()
	var err error
	if c.a, c.b, err = exchangePair(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(c.a.end(), c.b.end()); err != nil {
			t.Error(err)
		}
	})
	return c
}

// known is somebody of a node who has just shown who they are, in a session of its own.
func (e *nodeEnd) known(who ident.Staff, role string) *access.Caller {
	return e.Gate.Person(access.Signed{
		Staff: who, Session: ident.New[ident.Session](), Role: role, Unit: e.unit, Sector: staff.OwnSector, Strength: "passkey",
		FreshAt: e.Clock.Now(), StrongAt: e.Clock.Now(), FreshFor: 5 * time.Minute,
	}, "web", "loopback")
}

func (c *couple) sender() *access.Caller   { return c.a.known(c.worker, access.RoleCaseWorker) }
func (c *couple) receiver() *access.Caller { return c.b.known(c.taker, access.RoleCaseWorker) }

func newCommand() ident.Command { return ident.New[ident.Command]() }

// must fails the test unless err is none.
func (c *couple) must(what string, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
}

// leg is one child's thread, as both nodes know it.
type leg struct {
	c       *couple
	kind    handover.Kind
	purpose string
	of      ident.Case
	id      referral.ThreadID
	thereOf ident.Case
	there   referral.ThreadID
	should  handover.Thread // where it has to stand
	wire    any
	checked bool // at the receiver
}

// least is what each purpose tells of a child.
var least = map[string][]string{
	"referral": {"age", "language", "needs", "identity"}, "transfer": {"identity", "age", "language", "needs", "risk"},
	"information": {"age"}, "danger": {"age", "risk"}, "missing": {"identity", "age"},
	"placement": {"identity", "age", "language", "needs", "risk"}, "home_study": {"age", "family"},
	"jurisdiction": {"identity", "age", "legal_status"}, "urgent_measure": {"age", "legal_status"},
	"return_risk": {"age", "language"}, "reintegration": {"age"},
}

// sends registers a child and sends its case abroad: refused before the protection check,
// and waiting for a second person where the pack asks for one.
func (c *couple) sends(purpose string) *leg {
	c.t.Helper()
	ctx := c.t.Context()
	l := &leg{c: c, kind: handover.Referral, purpose: purpose}
	if purpose == "transfer" {
		l.kind = handover.Transfer
	}
	l.should = handover.Thread{Kind: l.kind}
	from, _ := sealed.ParseDate("2011-01-01")
	to, _ := sealed.ParseDate("2012-12-31")
	var err error
	l.of, err = c.a.Cases.Register(ctx, c.sender(), newCommand(), casework.Registration{
		Person: person.Details{
			Names:       []person.Name{{Text: sealed.NewText("Ilara Tesh"), Kind: "known_as", Script: "Latn"}},
			Birth:       person.Birth{Earliest: from, Latest: to, Source: "child", PresumedChild: true},
			SexRecorded: "female", Languages: []string{"en"},
		},
		Risk: "high", RiskReasons: []string{"threats"}, Basis: "vital_interest",
	})
	c.must("register", err)
	if purpose == "transfer" {
		c.must("decide", c.a.Cases.RecordStatus(ctx, c.sender(), newCommand(), l.of, casework.Status{
			Kind: "decision", State: "transfer_abroad", From: c.a.Clock.Now(), StatusDetails: casework.StatusDetails{
				Body: sealed.NewText("Children's court"), Grounds: sealed.NewText("Her aunt lives there."),
			},
		}))
	}
	f := referral.Outgoing{
		To: c.b.id, Purpose: purpose, Urgency: "soon", Language: "en", Written: "en", Basis: "vital_interest",
		Norm: sealed.NewText("Children's Act, article 4"), Reason: sealed.NewText("Needs a safe bed."), Parts: least[purpose],
		View: "agrees", Words: sealed.NewText("I want to go."), Service: "emergency_shelter",
	}
	if c.encloses != nil {
		f.Files = c.encloses(l.of)
	}
	p, err := c.a.Referrals.PreviewAbroad(ctx, c.sender(), l.of, f)
	c.must("preview "+purpose, err)
	f.Seen = p.Seen
	if _, err := c.a.Referrals.SendAbroad(ctx, c.sender(), newCommand(), l.of, f); err == nil {
		c.t.Fatalf("%s left before the protection check", purpose)
	}
	c.protects(c.a, c.a.known(c.boss, access.RoleSupervisor), l.of, "XB")
	p, err = c.a.Referrals.PreviewAbroad(ctx, c.sender(), l.of, f)
	c.must("preview "+purpose, err)
	f.Seen = p.Seen
	l.id, err = c.a.Referrals.SendAbroad(ctx, c.sender(), newCommand(), l.of, f)
	c.must("send "+purpose, err)
	if p.Second != "" {
		err := c.a.Referrals.SecondLook(ctx, c.a.known(c.boss, access.RoleSupervisor), newCommand(), l.of, l.id, referral.Second{Agrees: true})
		c.must("second person for "+purpose, err)
	}
	l.should, err = l.should.Step(handover.Offer, handover.Sender)
	c.must("offer", err)
	l.wire = l.here().Abroad.Wire
	return l
}

func (c *couple) protects(e *nodeEnd, by *access.Caller, of ident.Case, country string) {
	c.t.Helper()
	c.must("protect", e.Referrals.Protect(c.t.Context(), by, newCommand(), of, referral.Protection{
		Country: country, Asylum: "no_need", Office: "clear", View: "agrees",
	}))
}

// here is the thread as its sender sees it.
func (l *leg) here() *referral.View {
	l.c.t.Helper()
	v, err := l.c.a.Referrals.Thread(l.c.t.Context(), l.c.sender(), l.of, l.id)
	l.c.must("look at the sender", err)
	return v
}

// arrived finds the threads at the receiver that were not found yet.
func (c *couple) arrived(legs []*leg) {
	c.t.Helper()
	in, err := c.b.Referrals.Inbox(c.t.Context(), c.receiver())
	c.must("inbox", err)
	for _, line := range in.Lines {
		if slices.ContainsFunc(legs, func(l *leg) bool { return l.there == line.ID }) {
			continue
		}
		v, err := c.b.Referrals.Thread(c.t.Context(), c.receiver(), line.Case, line.ID)
		c.must("look at the receiver", err)
		for _, l := range legs {
			if l.wire == any(v.Abroad.Wire) {
				l.there, l.thereOf = line.ID, line.Case
			}
		}
	}
}

// does lets the party whose step it is take it, at its own node.
func (l *leg) does(e handover.Event, by handover.Party) {
	l.c.t.Helper()
	c, ctx := l.c, l.c.t.Context()
	next, err := l.should.Step(e, by)
	c.must(fmt.Sprintf("%s in %s", e, l.should.State), err)
	a := referral.Answer{Event: e, Text: sealed.NewText("What was said."), Language: "en"}
	switch e {
	case handover.Decline:
		a.Reason = "no_place"
	case handover.Fail, handover.HandBack:
		a.Reason = "unsafe"
	case handover.Complete:
		a.Outcome = "met"
		if list := c.b.Referrals.Replies(l.purpose); list != "" {
			a.Reply = c.b.Pack.Codes(list)[0]
		}
	case handover.Accept, handover.Start, handover.Assume, handover.Release, handover.Confirm:
		a.Text = sealed.Text{}
	}
	if by == handover.Sender {
		err = c.a.Referrals.MoveAbroad(ctx, c.sender(), newCommand(), l.of, l.id, a)
	} else {
		err = c.b.Referrals.MoveAbroad(ctx, c.receiver(), newCommand(), l.thereOf, l.there, a)
	}
	c.must(fmt.Sprintf("%s: %s in %s", l.kind, e, l.should.State), err)
	l.should = next
	if !l.checked && (e == handover.Start || e == handover.Assume) { // from now on this side knows more than it was told
		l.checked = true
		c.protects(c.b, c.receiver(), l.thereOf, "XA")
	}
}

// settled reports whether both nodes have the thread where it has to stand, and no command
// waits for an answer.
func (l *leg) settled() bool {
	v := l.here()
	return v.Thread.Thread == l.should && v.Abroad.Asked == ""
}

// clerk compares what the receiver wrote. What it declined, or never took on and which is
// over, it has forgotten.
func (l *leg) clerk() {
	l.c.t.Helper()
	v, err := l.c.b.Referrals.Thread(l.c.t.Context(), l.c.receiver(), l.thereOf, l.there)
	if err != nil && l.should.State.Final() && !l.checked {
		return
	}
	l.c.must("look at the receiver", err)
	if v.Thread.Thread != l.should {
		l.c.t.Errorf("%s: the receiver has %+v, want %+v", l.kind, v.Thread.Thread, l.should)
	}
}

// rests carries until every thread is settled, and looks at both ends.
func (c *couple) rests(legs []*leg) {
	c.t.Helper()
	for range 400 {
		open := slices.IndexFunc(legs, func(l *leg) bool { return !l.settled() })
		if open < 0 {
			c.arrived(legs)
			for _, l := range legs {
				l.clerk()
			}
			return
		}
		c.carries()
	}
	for _, l := range legs {
		if v := l.here(); !l.settled() {
			c.t.Errorf("%s: the sender has %+v, want %+v, asked %q", l.kind, v.Thread.Thread, l.should, v.Abroad.Asked)
		}
	}
	c.t.FailNow()
}
