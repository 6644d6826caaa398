package referral_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/person"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// village is an office with its case room, the circle, and people of other sectors.
type village struct {
	*accesstest.Office
	cases  *casework.Room
	circle *referral.Circle
	known  people

	worker, guardian, police *access.Caller
}

// people are those of the village and what is known of them.
type people map[[16]byte]referral.Known

// Known implements referral.Staff.
func (p people) Known(_ context.Context, who [16]byte, _ bool) (referral.Known, bool, error) {
	k, ok := p[who]
	return k, ok, nil
}

func eachVillage(t *testing.T, body func(t *testing.T, o *village)) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) { body(t, open(t, o)) })
}

func open(t testing.TB, o *accesstest.Office) *village {
	t.Helper()
	index := person.NewIndex(o.Ring.Derive("person/identifier"))
	cases, err := casework.New(o.Gate, person.New(o.Pack, index), index, o.Pack, o.Clock, o.Ring.Derive("casework/cursor"))
	if err != nil {
		t.Fatal(err)
	}
	o.Gate.EraseWith(casework.EraseRows, referral.EraseRows, referral.EraseCircle)
	n := &village{Office: o, cases: cases, known: people{}}
	n.circle = referral.NewCircle(o.Gate, cases, o.Pack, n.known, o.Clock)
	n.worker = n.person(access.RoleCaseWorker, "child_protection")
	n.guardian = n.person(access.RoleGuardian, "guardian")
	n.police = n.person(access.RoleInvestigator, "police")
	return n
}

// person is somebody of a role and a sector.
func (o *village) person(role, sector string) *access.Caller {
	c := o.Person(role, o.North)
	o.known[[16]byte(c.Staff())] = referral.Known{Role: role, Sector: sector, Active: true}
	return c
}

// again is the same person in a new session.
func (o *village) again(c *access.Caller) *access.Caller {
	return o.As(access.Signed{Staff: c.Staff(), Role: c.Role(), Unit: c.Unit(), Sector: c.Sector()})
}

func text(s string) sealed.Text { return sealed.NewText(s) }

const (
	childName = "Ilara Tesh"
	careNote  = "MARKERNOTE she fears the uncle"
)

// child registers an invented child, with a care note.
func (o *village) child(t testing.TB) ident.Case {
	t.Helper()
	earliest, err := sealed.ParseDate("2011-01-01")
	if err != nil {
		t.Fatal(err)
	}
	latest, err := sealed.ParseDate("2012-12-31")
	if err != nil {
		t.Fatal(err)
	}
	id, err := o.cases.Register(ctx, o.worker, command(), casework.Registration{
		Person: person.Details{
			Names: []person.Name{{Text: text(childName), Kind: "known_as", Script: "Latn"}},
			Birth: person.Birth{Earliest: earliest, Latest: latest, Source: "child", PresumedChild: true}, SexRecorded: "female",
			Languages: []string{"en"},
		},
		Risk: "high", RiskReasons: []string{"threats"}, Basis: "vital_interest",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.cases.AddNote(ctx, o.worker, command(), id, casework.Note{Kind: "other", Seen: text(careNote)}); err != nil {
		t.Fatal(err)
	}
	return id
}

// permit puts a consent into force, or ends it.
func (o *village) permit(t testing.TB, id ident.Case, purpose string, holds bool) {
	t.Helper()
	_, err := o.Gate.Do(ctx, o.worker, access.Act{Action: "case.note", Purpose: casework.PurposeCare, Case: id}, func(p *access.Pass) (string, error) {
		return "", o.cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) {
			e := &casework.Event{Kind: casework.KindContact, Content: casework.Content{Due: o.Clock.Now().Add(time.Hour).UnixMicro()}}
			if holds {
				return e, p.Permit(ctx, purpose, "consent")
			}
			return e, p.EndPermit(ctx, purpose)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// to is a disclosure of parts to somebody, on a basis in law, of which the child was told.
func to(c *access.Caller, parts ...string) referral.NewDisclosure {
	return referral.NewDisclosure{
		To: [16]byte(c.Staff()), Purpose: "services", Basis: "public_task", Norm: text("Act 7, section 3"), Parts: parts, Told: true,
	}
}

// disclose previews and discloses.
func (o *village) disclose(t testing.TB, id ident.Case, n referral.NewDisclosure) referral.DisclosureID {
	t.Helper()
	seen, err := o.circle.Preview(ctx, o.worker, id, n)
	if err != nil {
		t.Fatal(err)
	}
	n.Seen = seen.Seen
	d, err := o.circle.Disclose(ctx, o.worker, command(), id, n)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// spoken is everything a package says, for searches.
func spoken(p referral.Package) string {
	var b strings.Builder
	for _, part := range p.Parts {
		b.WriteString(part.Code + "\n")
		for _, s := range part.Shown {
			b.WriteString(s.Field + " " + s.Code + " " + s.Text.Reveal() + " " + s.Date.Reveal() + "\n")
		}
	}
	return b.String()
}

// wants checks an error's code, "" for none.
func wants(t testing.TB, what string, err error, code string) {
	t.Helper()
	got := fault.CodeOf(err)
	if fields := fault.FieldsOf(err); len(fields) > 0 {
		got = fields[0].Name + ": " + fields[0].Code
	}
	if err == nil && code != "" || err != nil && got != code {
		t.Errorf("%s: got %v (%q), want %q", what, err, got, code)
	}
}

// denial returns the reason of the newest denial in the journal.
func (o *village) denial(t testing.TB) string {
	t.Helper()
	entries := o.Entries(t)
	for i := len(entries) - 1; i >= 0; i-- {
		if entries[i].Outcome == journal.Denied {
			return entries[i].Reason
		}
	}
	return ""
}

// reconcile compares the rows with the journal.
func (o *village) reconcile(t testing.TB) {
	t.Helper()
	if _, err := o.Journal.Sequence(ctx); err != nil {
		t.Fatal(err)
	}
	err := o.DB.Read(ctx, func(tx *store.Tx) error {
		r, err := journal.Reconcile(ctx, tx, journal.ReconcileOptions{
			Keys: o.Custody, Clock: o.Clock, Rooms: []journal.Rows{access.Reconciled{}, casework.Reconciled{}, referral.ReconciledCircle{}},
		})
		if err == nil && r.Wrong != 0 {
			for _, f := range r.Findings {
				if !strings.HasPrefix(f.Table, "deadline_") {
					t.Errorf("reconcile: %+v", f)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// toTell returns the open deadlines by which the child is told of something.
func (o *village) toTell(t testing.TB, id ident.Case) (out []deadline.Deadline) {
	t.Helper()
	_, err := o.Gate.Do(ctx, o.worker, access.Act{Action: "case.note", Purpose: casework.PurposeCare, Case: id}, func(p *access.Pass) (string, error) {
		all, err := deadline.Of(ctx, p)
		for _, d := range all {
			if d.Kind == casework.DueTellChild && d.State == deadline.Open {
				out = append(out, d)
			}
		}
		return "", errors.Join(err, errLook)
	})
	if !errors.Is(err, errLook) {
		t.Fatal(err)
	}
	return out
}

// errLook leaves a transaction in which somebody only looked.
var errLook = errors.New("look")
