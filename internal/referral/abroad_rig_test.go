package referral_test

import (
	"context"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
	"causeway/protocol/payload"
)

// country is one of two nodes that are joined by a post in memory.
type country struct {
	*town
	node  identity.NodeID
	code  string
	other *country

	ready  []letter // sent by a command that is not over yet
	posted []letter // on the way
	opened []cx.Opened
	unit   ident.Unit // that answers the other country; none: nobody was named
	takes  []string
	more   []referral.Partner // to which nothing is carried
	unsaid map[cx.Thread]bool
	until  map[cx.Thread]time.Time
	change func(*cx.Labels) // to what leaves
}

type letter struct {
	id cx.ID
	d  cx.Draft
}

// Send implements referral.Post.
func (n *country) Send(_ context.Context, _ *store.Tx, d *cx.Draft) (cx.ID, error) {
	if err := d.Check(); err != nil {
		return cx.ID{}, err
	}
	l := letter{cx.NewID(n.Clock.Now()), *d}
	if n.change != nil {
		n.change(&l.d.Labels)
	}
	n.ready = append(n.ready, l)
	return l.id, nil
}

// TellDue implements referral.Post.
func (n *country) TellDue(ctx context.Context, tx *store.Tx, to identity.NodeID, thread cx.Thread, what cx.RetentionDueBody) (cx.ID, error) {
	what.ID = cx.NewID(n.Clock.Now()).String()
	body, err := cx.EncodeBody(&what)
	if err != nil {
		return cx.ID{}, err
	}
	l := cx.DefaultLabels(cx.Protection, cx.BasisLaw)
	l.Jurisdiction, l.RetainRule = "xa", "ledger"
	return n.Send(ctx, tx, &cx.Draft{
		To: to, Thread: thread, Stream: cx.Cmd, Type: cx.RetentionDue, Schema: cx.SchemaRetentionDue, Payload: body, Officer: "exchange", Labels: l,
	})
}

// Began implements referral.Letters: the same on both sides.
func (n *country) Began(_ context.Context, _ *store.Tx, _ identity.NodeID, thread cx.Thread, _ bool) (cx.ID, error) {
	return cx.IDOf(time.Unix(1_800_000_000, 0), cx.DigestOf(thread[:])), nil
}

// Unsay implements referral.Letters: what was said in a thread is destroyed once.
func (n *country) Unsay(_ context.Context, _ *access.Pass, _ identity.NodeID, thread cx.Thread) (int, error) {
	if n.unsaid[thread] {
		return 0, nil
	}
	n.unsaid[thread] = true
	return 1, nil
}

// Delay implements referral.Letters.
func (n *country) Delay(_ context.Context, _ *store.Tx, _ identity.NodeID, thread cx.Thread, until time.Time) error {
	n.until[thread] = until
	return nil
}

// Shorten implements referral.Letters.
func (n *country) Shorten(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread, until time.Time) error {
	return n.Delay(ctx, tx, with, thread, until)
}

// Own implements referral.Partners.
func (n *country) Own() identity.NodeID { return n.node }

// Partners implements referral.Partners.
func (n *country) Partners(context.Context) ([]referral.Partner, error) {
	return append([]referral.Partner{{
		Node: n.other.node, Name: "Office of " + n.other.code, Country: n.other.code, Unit: n.unit, Purposes: n.takes,
	}}, n.more...), nil
}

// countries builds two nodes: XA with the child of amal, and XC.
func countries(t testing.TB) (a, b *country) {
	t.Helper()
	return across(t, accesstest.New(t), accesstest.New(t))
}

func across(t testing.TB, here, there *accesstest.Office) (a, b *country) {
	t.Helper()
	a = &country{town: build(t, here), node: "xa.care", code: "XA"}
	b = &country{town: build(t, there), node: "xc.care", code: "XC"}
	a.other, b.other = b, a
	a.unit, b.unit = a.South, b.South
	for _, n := range []*country{a, b} {
		n.room.Joins(n, n, n.Pack)
		n.unsaid, n.until = map[cx.Thread]bool{}, map[cx.Thread]time.Time{}
		n.Gate.EraseWith(n.erasing, referral.EraseRows, casework.EraseRows)
	}
	return a, b
}

// erasing tells the other country of an erasure, as the node does.
func (n *country) erasing(ctx context.Context, tx *store.Tx, _ *keys.Sealer, of ident.Case) error {
	threads, err := referral.Wires(ctx, tx, of)
	for _, w := range threads {
		if err == nil {
			err = n.room.TellErased(ctx, tx, w)
		}
	}
	return err
}

// post lets go what a command sent that succeeded, and forgets what one did that failed.
func (n *country) post(err error) error {
	if err == nil {
		n.posted = append(n.posted, n.ready...)
	}
	n.ready = nil
	return err
}

// carry brings everything that is on the way to the other side, and back, until nothing is.
func carry(t testing.TB, a, b *country) {
	t.Helper()
	for len(a.posted)+len(b.posted) > 0 {
		for _, n := range []*country{a, b} {
			mail := n.posted
			n.posted = nil
			for _, l := range mail {
				if err := n.other.got(n, l); err != nil {
					t.Fatalf("%s got %s: %v", n.other.code, l.d.Type, err)
				}
			}
		}
	}
}

func (n *country) got(from *country, l letter) error {
	m := &cx.Message{
		From: from.node, ID: l.id, Thread: l.d.Thread, Stream: l.d.Stream, Type: l.d.Type, Answers: l.d.Answers, Labels: l.d.Labels,
		Schema: l.d.Schema, Payload: l.d.Payload, Attachments: l.d.Attachments, Officer: l.d.Officer, Created: from.Clock.Now(),
	}
	return n.post(n.room.Handle(ctx, m, func(_ context.Context, _ *store.Tx, o cx.Opened) error {
		n.opened = append(n.opened, o)
		return nil
	}))
}

func identityOf(node string) identity.NodeID { return identity.NodeID(node) }

func nodesOf(nodes ...string) (out []identity.NodeID) {
	for _, node := range nodes {
		out = append(out, identityOf(node))
	}
	return out
}

// letterTo is something that can be sent.
func (n *country) letterTo(purpose string) referral.Outgoing {
	parts := map[string][]string{
		"transfer": {"identity", "age", "language", "needs", "risk"}, "placement": {"identity", "age", "language", "needs", "risk"},
		"danger": {"age", "risk"}, "missing": {"identity", "age"}, "home_study": {"age", "family"},
		"jurisdiction": {"identity", "age", "legal_status"}, "urgent_measure": {"age", "legal_status"}, "return_risk": {"age", "language"},
		"referral": {"age", "language", "needs", "identity"}, "information": {"age"}, "reintegration": {"age"},
	}
	return referral.Outgoing{
		To: n.other.node, Purpose: purpose, Urgency: "soon", Language: "en", Written: "en", Basis: "vital_interest",
		Norm: sealed.NewText("Children's Act, article 4"), Reason: sealed.NewText("Needs a safe bed."), Parts: parts[purpose],
		View: "agrees", Words: sealed.NewText("I want to go."), Service: "emergency_shelter",
	}
}

// sends previews and sends.
func (n *country) sends(of ident.Case, f referral.Outgoing) (referral.ThreadID, error) {
	p, err := n.room.PreviewAbroad(ctx, n.again(n.amal), of, f)
	if err != nil {
		return referral.ThreadID{}, err
	}
	f.Seen = p.Seen
	id, err := n.room.SendAbroad(ctx, n.again(n.amal), command(), of, f)
	return id, n.post(err)
}

// checked records a protection check that passes.
func (n *country) checked(t testing.TB, of ident.Case) {
	t.Helper()
	n.protects(t, n.boss, of, "no_need", "clear")
}

func (n *country) protects(t testing.TB, c *access.Caller, of ident.Case, asylum, office string) {
	t.Helper()
	err := n.room.Protect(ctx, n.again(c), command(), of, referral.Protection{Country: n.other.code, Asylum: asylum, Office: office, View: "agrees"})
	if err != nil {
		t.Fatal(err)
	}
}

// agrees lets the supervisor agree with what waits.
func (n *country) agrees(of ident.Case, id referral.ThreadID) error {
	return n.post(n.room.SecondLook(ctx, n.again(n.boss), command(), of, id, referral.Second{Agrees: true}))
}

// steps lets somebody of a side take a step.
func (n *country) steps(c *access.Caller, of ident.Case, id referral.ThreadID, e handover.Event) error {
	a := said(e)
	a.Language = "fr"
	if e == handover.Accept || e == handover.Start || e == handover.Assume || e == handover.Release || e == handover.Confirm {
		a.Text = sealed.Text{}
	}
	return n.post(n.room.MoveAbroad(ctx, n.again(c), command(), of, id, a))
}

// offered sends something, agreed by the second person, and carries it over. It returns
// both ends of it.
func offered(t testing.TB, a, b *country, f referral.Outgoing) (here, there end) {
	t.Helper()
	of := a.child(t)
	a.checked(t, of)
	id, err := a.sends(of, f)
	if err != nil {
		t.Fatal(err)
	}
	if a.thread(t, of, id).Abroad.SentAt.IsZero() {
		if err := a.agrees(of, id); err != nil {
			t.Fatal(err)
		}
	}
	carry(t, a, b)
	return end{a, of, id}, b.came(t)
}

// end is one end of a thread.
type end struct {
	*country
	of ident.Case
	id referral.ThreadID
}

func (e end) view(t testing.TB, c *access.Caller) *referral.View {
	return e.town.view(t, c, e.of, e.id)
}

func (e end) does(t testing.TB, c *access.Caller, events ...handover.Event) {
	t.Helper()
	for _, event := range events {
		if err := e.steps(c, e.of, e.id, event); err != nil {
			t.Fatalf("%s at %s: %v", event, e.code, err)
		}
		carry(t, e.country, e.other)
	}
}

// thread is a thread as its sender sees it.
func (n *country) thread(t testing.TB, of ident.Case, id referral.ThreadID) *referral.View {
	return n.view(t, n.amal, of, id)
}

// came finds the newest thread that came.
func (n *country) came(t testing.TB) end {
	t.Helper()
	in, err := n.room.Inbox(ctx, n.again(n.taker))
	if err != nil || len(in.Lines) == 0 {
		t.Fatalf("nothing came: %v", err)
	}
	l := in.Lines[len(in.Lines)-1]
	for _, one := range in.Lines {
		if one.State == handover.Offered {
			l = one
		}
	}
	return end{n, l.Case, l.ID}
}

// reason is why something is asked, where it may be read.
func reason(p *payload.Payload) string {
	if p == nil || p.Package == nil || p.Package.Reason == nil {
		return ""
	}
	return p.Package.Reason.Text
}

// decided records a court's decision that lets a child be handed over abroad.
func (n *country) decided(t testing.TB, of ident.Case) {
	t.Helper()
	err := n.cases.RecordStatus(ctx, n.again(n.amal), command(), of, casework.Status{
		Kind: "decision", State: "transfer_abroad", From: n.Clock.Now(), StatusDetails: casework.StatusDetails{
			Body: sealed.NewText("Children's court"), Grounds: sealed.NewText("Her aunt lives there."),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}
