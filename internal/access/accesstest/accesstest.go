// Package accesstest builds a real gate over a fresh database for tests: real
// keys, a real journal, the pack's own policies. Nothing in it is mocked but the
// hierarchy of units. It is for tests only.
package accesstest

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// Office is a small office: a head unit, two units below it, and people.
type Office struct {
	DB      *store.DB
	Clock   *clock.Fake
	Ring    *keys.Ring
	Custody *keys.Custody
	Journal *journal.Journal
	Gate    *access.Gate
	Pack    *pack.Pack

	Head, North, South ident.Unit
	Agency             ident.Agency // of all three, for child protection
}

// Start is what the clock of a new office shows.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Each runs body on every engine at hand.
func Each(t *testing.T, body func(t *testing.T, o *Office)) {
	t.Helper()
	clk := clock.NewFake(Start)
	storetest.Each(t, func(t *testing.T, db *store.DB) { body(t, build(t, db, clk)) }, storetest.WithClock(clk))
}

// New returns an office on SQLite.
func New(t testing.TB) *Office {
	t.Helper()
	clk := clock.NewFake(Start)
	return build(t, storetest.New(t, storetest.WithClock(clk)), clk)
}

// The pack and its policies are read once: nothing changes them.
var (
	demoPack     = sync.OnceValues(pack.Demo)
	demoPolicies = sync.OnceValues(func() (*access.Policies, error) {
		p, err := demoPack()
		if err != nil {
			return nil, err
		}
		return access.ParsePolicies(p.Version(), p.Policies(), p.Purposes())
	})
)

func build(t testing.TB, db *store.DB, clk *clock.Fake) *Office {
	t.Helper()
	o := &Office{DB: db, Clock: clk, Head: ident.New[ident.Unit](), North: ident.New[ident.Unit](), South: ident.New[ident.Unit](), Agency: ident.New[ident.Agency]()}
	dir := t.TempDir()
	var err error
	check := func() {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	o.Ring, err = keys.CreateRing([]string{filepath.Join(dir, "keyring")}, keys.PlainFile(), clk, "XA-test")
	check()
	t.Cleanup(o.Ring.Close)
	o.Custody = keys.New(o.Ring, clk)
	err = db.Write(context.Background(), func(tx *store.Tx) error {
		_, err := o.Custody.CurrentEpoch(context.Background(), tx)
		return err
	})
	check()
	o.Journal, err = journal.Open(context.Background(), db, clk, o.Ring, journal.Config{Node: "XA-test", Anchor: filepath.Join(dir, "anchor")})
	check()
	o.Pack, err = demoPack()
	check()
	policies, err := demoPolicies()
	if err != nil {
		t.Fatal(err)
	}
	o.Gate, err = access.NewGate(db, clk, o.Journal, o.Custody, policies, o)
	check()
	return o
}

// Above implements access.Units.
func (o *Office) Above(_ context.Context, u ident.Unit) ([][16]byte, error) {
	if u == o.Head {
		return [][16]byte{[16]byte(u)}, nil
	}
	return [][16]byte{[16]byte(u), [16]byte(o.Head)}, nil
}

// Top implements access.Units.
func (o *Office) Top(context.Context) (ident.Unit, bool, error) { return o.Head, true, nil }

// Person returns a signed-in caller of a role in a unit, freshly checked.
func (o *Office) Person(role string, unit ident.Unit) *access.Caller {
	return o.As(access.Signed{Staff: ident.New[ident.Staff](), Role: role, Unit: unit})
}

// As returns the caller of a session; what s leaves open is filled in.
func (o *Office) As(s access.Signed) *access.Caller {
	if s.Session.IsZero() {
		s.Session = ident.New[ident.Session]()
	}
	if s.Strength == "" {
		s.Strength = "passkey"
	}
	if s.Sector == "" {
		s.Agency, s.Sector = o.Agency, staff.OwnSector
	}
	if s.FreshAt.IsZero() {
		s.FreshAt = o.Clock.Now()
	}
	if s.StrongAt.IsZero() && s.Strength != "password" {
		s.StrongAt = s.FreshAt
	}
	if s.FreshFor == 0 {
		s.FreshFor = o.Pack.Clock(pack.FreshCheck).Duration()
	}
	return o.Gate.Person(s, "web", "inside")
}

// Entries sequences what is pending and returns every header, oldest first.
func (o *Office) Entries(t testing.TB) []*journal.Header {
	t.Helper()
	ctx := context.Background()
	if _, err := o.Journal.Sequence(ctx); err != nil {
		t.Fatal(err)
	}
	var out []*journal.Header
	err := o.DB.Read(ctx, func(tx *store.Tx) error {
		lines, _, err := o.Journal.Entries(ctx, tx, journal.Filter{}, 0, 1_000_000)
		for i := len(lines) - 1; i >= 0; i-- {
			out = append(out, lines[i].Header)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
