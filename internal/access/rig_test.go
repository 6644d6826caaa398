package access_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

var ctx = context.Background()

func command() ident.Command { return ident.New[ident.Command]() }

// nothing is a command that does nothing.
func nothing(*access.Pass) (string, error) { return "", nil }

// register makes a case of a worker: its key, its reach, nothing else.
func register(t testing.TB, o *accesstest.Office, c *access.Caller, helpers ...ident.Staff) ident.Case {
	t.Helper()
	id := ident.New[ident.Case]()
	a := access.Act{Action: "case.register", Purpose: "case-work", Case: id, NewCase: true}
	_, err := o.Gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		s, err := p.NewSubject(ctx, "case")
		if err != nil {
			return "", err
		}
		p.Wrote("casework_case", id[:], 1, s.MAC("casework_case", id[:], 1))
		err = errors.Join(p.Reach(ctx, access.RelationUnit, [16]byte(c.Unit())), p.Reach(ctx, access.RelationLead, [16]byte(c.Staff())))
		for _, h := range helpers {
			err = errors.Join(err, p.Reach(ctx, access.RelationHelper, [16]byte(h)))
		}
		return id.String(), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// does tries a command that does nothing and says how it was answered.
func does(o *accesstest.Office, c *access.Caller, action string, id ident.Case) error {
	_, err := o.Gate.Do(ctx, c, access.Act{Action: action, Purpose: "case-work", Case: id, Staff: ident.New[ident.Staff]()}, nothing)
	return err
}

// refused fails unless err is the one answer to everything that is refused.
func refused(t testing.TB, what string, err error) {
	t.Helper()
	if !fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "no-such-page" {
		t.Errorf("%s: %v, want the answer for what does not exist", what, err)
	}
}

// last returns the newest entries, oldest first.
func last(t testing.TB, o *accesstest.Office, n int) []*journal.Header {
	t.Helper()
	all := o.Entries(t)
	if len(all) < n {
		t.Fatalf("entries = %d, want at least %d", len(all), n)
	}
	return all[len(all)-n:]
}

// reasons returns the reasons of all denials, in order.
func reasons(t testing.TB, o *accesstest.Office) []string {
	t.Helper()
	var out []string
	for _, h := range o.Entries(t) {
		if h.Outcome == journal.Denied {
			out = append(out, h.Reason)
		}
	}
	return out
}

// exec changes the database past the gate.
func exec(t testing.TB, o *accesstest.Office, q string, args ...any) {
	t.Helper()
	err := o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, q, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wait moves the clock past every window of the gate.
func wait(o *accesstest.Office) { o.Clock.Advance(11 * time.Minute) }

// equal compares lists of words.
func equal(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %q, want %q", what, got, want)
	}
}

// errNotFound is the answer to what does not exist.
var errNotFound = fault.New(fault.NotFound, "no-such-page")

// chain returns how many writing entries the journal has about a case.
func chain(o *accesstest.Office, id ident.Case) (n int64, err error) {
	err = o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		n, err = o.Journal.ChainLength(ctx, tx, ident.SubjectOf(id))
		return err
	})
	return n, err
}

// officeWith returns an office on SQLite whose database asks f before every
// operation whether it may succeed.
func officeWith(t testing.TB, f interface{ Hook(string) error }) *accesstest.Office {
	t.Helper()
	o := accesstest.New(t)
	clk := o.Clock
	db := storetest.New(t, storetest.WithClock(clk), storetest.WithFault(f.Hook))
	if err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := o.Custody.CurrentEpoch(ctx, tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(ctx, db, clk, o.Ring, journal.Config{Node: "XA-test"})
	if err != nil {
		t.Fatal(err)
	}
	o.DB, o.Journal = db, j
	if o.Gate, err = access.NewGate(db, clk, j, o.Custody, parse(t, o.Pack.Version(), string(o.Pack.Policies())), o); err != nil {
		t.Fatal(err)
	}
	return o
}

// again puts a withholding into force as a restore does.
func again(o *accesstest.Office, id ident.Case, from ident.Staff) error {
	return o.DB.Write(ctx, func(tx *store.Tx) error {
		return access.WithholdAgain(ctx, tx, o.Custody, o.Journal, id, from)
	})
}
