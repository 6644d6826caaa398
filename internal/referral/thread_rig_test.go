package referral_test

import (
	"context"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/person"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/protocol/handover"
)

var ctx = context.Background()

func command() ident.Command { return ident.New[ident.Command]() }

// town is an office of three units, the case room and the room of referrals. North has
// the case; South is asked.
type town struct {
	*accesstest.Office
	cases *casework.Room
	room  *referral.Room

	amal, boss, shelter, taker *access.Caller
}

// Receives implements referral.Houses: the units of the office do, others do not.
func (o *town) Receives(_ context.Context, u ident.Unit, whole bool) (bool, error) {
	return u == o.South || u == o.North || u == o.Head && !whole, nil
}

// Agencies implements referral.Houses: North protects children, South shelters them.
func (o *town) Agencies(context.Context) (map[ident.Unit]referral.Agency, error) {
	return map[ident.Unit]referral.Agency{
		o.North: {ID: ident.Agency(o.North), Sector: "child_protection"}, o.South: {ID: ident.Agency(o.South), Sector: "shelter"},
	}, nil
}

func build(t testing.TB, o *accesstest.Office) *town {
	t.Helper()
	index := person.NewIndex(o.Ring.Derive("person/identifier"))
	cases, err := casework.New(o.Gate, person.New(o.Pack, index), index, o.Pack, o.Clock, o.Ring.Derive("casework/cursor"))
	if err != nil {
		t.Fatal(err)
	}
	w := &town{
		Office: o, cases: cases,
		amal: o.Person(access.RoleCaseWorker, o.North), boss: o.Person(access.RoleSupervisor, o.North),
		shelter: o.Person(access.RoleProvider, o.South), taker: o.Person(access.RoleCaseWorker, o.South),
	}
	w.room = referral.New(o.Gate, cases, o.Pack, w, o.Clock)
	w.room.Knows(w)
	return w
}

func each(t *testing.T, body func(t *testing.T, o *town)) {
	t.Helper()
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) { body(t, build(t, o)) })
}

const name = "Ilara Tesh"

func (o *town) child(t testing.TB) ident.Case {
	t.Helper()
	from, _ := sealed.ParseDate("2011-01-01")
	to, _ := sealed.ParseDate("2012-12-31")
	id, err := o.cases.Register(ctx, o.amal, command(), casework.Registration{
		Person: person.Details{
			Names:       []person.Name{{Text: sealed.NewText(name), Kind: "known_as", Script: "Latn"}},
			Birth:       person.Birth{Earliest: from, Latest: to, Source: "child", PresumedChild: true},
			SexRecorded: "female", Languages: []string{"en"},
		},
		Risk: "high", RiskReasons: []string{"threats"}, Basis: "vital_interest",
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// ask is an offer that can stand.
func (o *town) ask(kind handover.Kind) referral.Offer {
	return referral.Offer{
		Kind: kind, To: o.South, Service: "emergency_shelter", Urgency: "soon", Language: "en", Purpose: "services",
		Basis: "vital_interest", Norm: sealed.NewText("Children's Act, article 4"), Reason: sealed.NewText("Needs a safe bed."),
		Parts: []string{"identity", "language"},
	}
}

// offers previews and sends an offer.
func (o *town) offers(t testing.TB, of ident.Case, f referral.Offer) referral.ThreadID {
	t.Helper()
	p, err := o.room.Preview(ctx, o.again(o.amal), of, f)
	if err != nil {
		t.Fatal(err)
	}
	f.Seen = p.Seen
	id, err := o.room.Offer(ctx, o.again(o.amal), command(), of, f)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// again is the same person, freshly signed in.
func (o *town) again(c *access.Caller) *access.Caller {
	return o.As(access.Signed{Staff: c.Staff(), Role: c.Role(), Unit: c.Unit()})
}

// said fills in what an event needs.
func said(e handover.Event) referral.Answer {
	a := referral.Answer{Event: e, Text: sealed.NewText("What was said.")}
	switch e {
	case handover.Decline:
		a.Reason = "no_place"
	case handover.Fail, handover.HandBack:
		a.Reason = "unsafe"
	case handover.Complete:
		a.Outcome = "met"
	}
	return a
}

func (o *town) does(c *access.Caller, of ident.Case, id referral.ThreadID, e handover.Event) error {
	return o.room.Move(ctx, o.again(c), command(), of, id, said(e))
}

func (o *town) must(t testing.TB, c *access.Caller, of ident.Case, id referral.ThreadID, events ...handover.Event) {
	t.Helper()
	for _, e := range events {
		if err := o.does(c, of, id, e); err != nil {
			t.Fatalf("%s: %v", e, err)
		}
	}
}

func (o *town) view(t testing.TB, c *access.Caller, of ident.Case, id referral.ThreadID) *referral.View {
	t.Helper()
	v, err := o.room.Thread(ctx, o.again(c), of, id)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// refused fails unless err is the one answer to everything that is refused.
func refused(t testing.TB, what string, err error) {
	t.Helper()
	if !fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "no-such-page" {
		t.Errorf("%s: %v, want the answer for what does not exist", what, err)
	}
}

// wrong fails unless err names the field with the code.
func wrong(t testing.TB, what string, err error, field, code string) {
	t.Helper()
	for _, f := range fault.FieldsOf(err) {
		if f.Name == field && f.Code == code {
			return
		}
	}
	t.Errorf("%s: %v (%v), want %s %s", what, err, fault.FieldsOf(err), field, code)
}

// sound compares every row with the journal.
func (o *town) sound(t testing.TB) {
	t.Helper()
	if _, err := o.Journal.Sequence(ctx); err != nil {
		t.Fatal(err)
	}
	err := o.DB.Read(ctx, func(tx *store.Tx) error {
		r, err := journal.Reconcile(ctx, tx, journal.ReconcileOptions{
			Keys: o.Custody, Clock: o.Clock,
			Rooms: []journal.Rows{access.Reconciled{}, casework.Reconciled{}, deadline.Reconciled{}, referral.Reconciled{}, document.Reconciled{}},
		})
		if err == nil && r.Wrong != 0 {
			t.Errorf("rows and journal differ: %+v", r.Findings)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// number counts with a query.
func (o *town) number(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	err := o.DB.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// dues returns the open deadlines of referrals in a case.
func (o *town) dues(t testing.TB, of ident.Case) (answer, turn int) {
	t.Helper()
	const query = `SELECT COUNT(*) FROM deadline_due WHERE case_id = $1 AND state = 'open' AND kind = $2`
	return o.number(t, query, of, "referral_answer"), o.number(t, query, of, "referral_turn")
}
