package backup_test

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"causeway/internal/access"
	"causeway/internal/backup"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	demopack "causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

var ctx = context.Background()

// start is what the clock of a node shows at first.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const (
	nodeName = "XA-test"
	marker   = "Zuvelta Marqundesh" // the invented name of a child
	password = staff.Secret("heron lamp seventeen")
)

// all are the migrations of this program.
var all = os.DirFS("../store/migrations")

// node is a node in a directory of its own: real keys, a real journal, accounts
// and cases.
type node struct {
	t        testing.TB
	dir      string
	clk      *clock.Fake
	db       *store.DB
	ring     *keys.Ring
	custody  *keys.Custody
	journal  *journal.Journal
	office   *staff.Office
	gate     *access.Gate
	cases    *casework.Room
	unit     ident.Unit
	source   staff.Source
	identity age.Identity
	kit      *backup.Kit
}

// each runs body on a fresh node on every engine at hand.
func each(t *testing.T, body func(t *testing.T, n *node)) {
	t.Helper()
	clk := clock.NewFake(start)
	storetest.Each(t, func(t *testing.T, db *store.DB) { body(t, newNode(t, db, clk)) }, storetest.WithClock(clk))
}

// onSQLite returns a node on SQLite.
func onSQLite(t testing.TB) *node {
	t.Helper()
	clk := clock.NewFake(start)
	return newNode(t, storetest.New(t, storetest.WithClock(clk)), clk)
}

func newNode(t testing.TB, db *store.DB, clk *clock.Fake) *node {
	t.Helper()
	n := &node{t: t, dir: t.TempDir(), clk: clk, db: db}
	var err error
	n.ring, err = keys.CreateRing([]string{filepath.Join(n.dir, "keyring")}, keys.PlainFile(), clk, nodeName)
	must(t, err)
	t.Cleanup(n.ring.Close)
	n.kit, err = backup.NewKit()
	must(t, err)
	n.identity = identityOf(t, n.kit)
	must(t, db.Write(ctx, func(tx *store.Tx) error { _, err := keys.New(n.ring, clk).CurrentEpoch(ctx, tx); return err }))
	n.open(db)
	must(t, db.Write(ctx, func(tx *store.Tx) (err error) {
		if err = n.office.SetOrganisation(ctx, tx, staff.Shell(), "Office of Bridges"); err != nil {
			return err
		}
		n.unit, err = n.office.CreateUnit(ctx, tx, staff.Shell(), ident.Unit{}, "North")
		return err
	}))
	return n
}

// identityOf reads the identity off the printed page.
func identityOf(t testing.TB, k *backup.Kit) age.Identity {
	t.Helper()
	list, err := backup.ReadIdentities(bytes.NewReader([]byte(k.Page(backup.KitFacts{Node: nodeName}))))
	if err != nil || len(list) != 1 {
		t.Fatalf("identities = %d, %v, want one", len(list), err)
	}
	return list[0]
}

func (n *node) anchor() string { return filepath.Join(n.dir, "anchor") }

// open joins the parts of a node over db, as a start does.
func (n *node) open(db *store.DB) {
	n.t.Helper()
	var err error
	n.db, n.custody = db, keys.New(n.ring, n.clk)
	n.journal, err = journal.Open(ctx, db, n.clk, n.ring, journal.Config{Node: nodeName, Anchor: n.anchor()})
	must(n.t, err)
	n.office = n.newOffice(db, n.journal, n.custody)
	n.source = n.office.Source(netip.MustParseAddr("203.0.113.7"))
	codes, err := demopack.Demo()
	must(n.t, err)
	policies, err := access.ParsePolicies(codes.Version(), codes.Policies(), codes.Codes("purpose"))
	must(n.t, err)
	n.gate, err = access.NewGate(db, n.clk, n.journal, n.custody, policies, n)
	must(n.t, err)
	index := person.NewIndex(n.ring.Derive("person/identifier"))
	n.cases, err = casework.New(n.gate, person.New(codes, index), index, codes, n.clk, n.ring.Derive("casework/cursor"))
	must(n.t, err)
}

func (n *node) newOffice(db *store.DB, j *journal.Journal, c *keys.Custody) *staff.Office {
	n.t.Helper()
	o, err := staff.New(staff.Config{
		Origin: "https://node.example", Name: "Causeway test", Languages: []string{"en"}, Sectors: []string{staff.OwnSector},
		Rules: staff.DefaultRules(), Cost: staff.Cost{Memory: 19 << 10, Passes: 2},
	}, staff.Deps{DB: db, Seals: c, Root: n.ring, Journal: j})
	must(n.t, err)
	return o
}

// Above implements access.Units.
func (n *node) Top(context.Context) (ident.Unit, bool, error) { return ident.Unit{}, false, nil }

func (n *node) Above(_ context.Context, u ident.Unit) ([][16]byte, error) {
	return [][16]byte{[16]byte(u)}, nil
}

// worker makes an account with a password and returns it with its caller.
func (n *node) worker(signIn staff.Secret) (ident.Staff, *access.Caller) {
	n.t.Helper()
	var id ident.Staff
	var in staff.Invitation
	must(n.t, n.db.Write(ctx, func(tx *store.Tx) (err error) {
		id, err = n.office.Create(ctx, tx, staff.Shell(), staff.NewAccount{
			SignIn: signIn, Name: "Name of " + signIn, Unit: n.unit, Role: staff.CaseWorker, Language: "en",
		})
		if err == nil {
			in, err = n.office.Invite(ctx, tx, staff.Shell(), id)
		}
		return err
	}))
	admission, _, err := n.office.Admit(ctx, in.Token, in.Voice, n.source)
	must(n.t, err)
	must(n.t, n.office.Accept(ctx, staff.Acceptance{Admission: admission, Password: password, Source: n.source}))
	return id, n.caller(id)
}

// invite makes an account and leaves its invitation open.
func (n *node) invite(signIn staff.Secret) staff.Invitation {
	n.t.Helper()
	var in staff.Invitation
	must(n.t, n.db.Write(ctx, func(tx *store.Tx) error {
		id, err := n.office.Create(ctx, tx, staff.Shell(), staff.NewAccount{
			SignIn: signIn, Name: "Name of " + signIn, Unit: n.unit, Role: staff.CaseWorker, Language: "en",
		})
		if err == nil {
			in, err = n.office.Invite(ctx, tx, staff.Shell(), id)
		}
		return err
	}))
	return in
}

func (n *node) caller(id ident.Staff) *access.Caller {
	return n.as(id, access.RoleCaseWorker)
}

func (n *node) as(id ident.Staff, role string) *access.Caller {
	return n.gate.Person(access.Signed{
		Staff: id, Session: ident.New[ident.Session](), Role: role, Unit: n.unit,
		Strength: "passkey", FreshAt: n.clk.Now(),
	}, "web", "inside")
}

func (n *node) signIn(name staff.Secret) (staff.SignedIn, error) {
	return n.office.SignIn(ctx, staff.Attempt{Name: name, Password: password, Device: "Firefox", Source: n.source})
}

// register registers an invented child.
func (n *node) register(c *access.Caller) ident.Case {
	n.t.Helper()
	id, err := n.cases.Register(ctx, c, ident.New[ident.Command](), child())
	must(n.t, err)
	return id
}

// child is the registration of an invented child.
func child() casework.Registration {
	day := func(s string) sealed.Date {
		d, err := sealed.ParseDate(s)
		if err != nil {
			panic(err)
		}
		return d
	}
	return casework.Registration{
		Person: person.Details{
			Names:       []person.Name{{Text: sealed.NewText(marker), Kind: "known_as", Script: "Latn"}},
			Birth:       person.Birth{Earliest: day("2011-01-01"), Latest: day("2012-12-31"), Source: "child", PresumedChild: true},
			SexRecorded: "female",
			Languages:   []string{"en"},
			Identifiers: []person.Identifier{{Kind: "other", Value: sealed.NewText("XA-77 401")}},
		},
		Risk: "high", RiskReasons: []string{"threats"}, Basis: "vital_interest",
	}
}

func (n *node) note(c *access.Caller, id ident.Case) {
	n.t.Helper()
	must(n.t, n.cases.AddNote(ctx, c, ident.New[ident.Command](), id, casework.Note{
		Kind: "conversation", Words: sealed.NewText(marker + " wants to go to school."), Seen: sealed.NewText("Calm."),
	}))
}

// name opens a case and returns the child's name.
func (n *node) name(c *access.Caller, id ident.Case) (string, error) {
	got, err := n.cases.Open(ctx, c, id)
	if err != nil {
		return "", err
	}
	return got.Person.Details.Called().Reveal(), nil
}

func (n *node) backupSource() backup.Source {
	return backup.Source{
		DB: n.db, Ring: n.ring, Node: nodeName, Program: "test", Clock: n.clk, Schema: all, Journal: n.journal,
		Config: []byte(`{"name":"XA-test"}`),
	}
}

func (n *node) recipients() []string { return []string{n.kit.Recipient()} }

// write returns a sealed backup in memory.
func (n *node) write() []byte {
	n.t.Helper()
	var b bytes.Buffer
	_, err := backup.Write(ctx, &b, n.backupSource(), n.recipients(), nil)
	must(n.t, err)
	return b.Bytes()
}

// target is an empty place on SQLite, without a restrictions file.
func (n *node) target() backup.Target {
	dir := n.t.TempDir()
	return backup.Target{
		Dir: dir, All: all, Ring: n.ring, Clock: n.clk, NoRestrictions: true, House: n.house,
		Store: store.Config{Engine: store.SQLite, Path: filepath.Join(dir, "causeway.db"), FileKey: make([]byte, 32)},
	}
}

// targets runs body with an empty place on every engine.
func (n *node) targets(t *testing.T, body func(t *testing.T, to backup.Target)) {
	t.Run("to sqlite", func(t *testing.T) { body(t, n.target()) })
	t.Run("to postgres", func(t *testing.T) {
		to := n.target()
		to.Store = postgres(t)
		body(t, to)
	})
}

// postgres is a place where a schema can be made.
func postgres(t testing.TB) store.Config {
	dsn := os.Getenv(storetest.Variable)
	if dsn == "" {
		dsn = storetest.Postgres(t).DSN // skips or fails
	}
	return store.Config{Engine: store.Postgres, DSN: dsn, Schema: storetest.SchemaName(t)}
}

func (n *node) restore(sealed []byte, to backup.Target) (backup.Restored, error) {
	return backup.Restore(ctx, bytes.NewReader(sealed), []age.Identity{n.identity}, to)
}

// reopen opens the node over what was restored.
func (n *node) reopen(t testing.TB, to backup.Target) *node {
	t.Helper()
	must(t, backup.Unfinished(to.Dir))
	cfg := to.Store
	cfg.Clock = n.clk
	db, err := store.Open(ctx, cfg)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	again := *n
	again.t, again.dir = t, to.Dir
	again.open(db)
	return &again
}

// house is what the wiring gives to a restore.
type house struct {
	*staff.Office
	custody *keys.Custody
	journal *journal.Journal
}

func (n *node) house(_ context.Context, db *store.DB, j *journal.Journal, c *keys.Custody) (backup.House, error) {
	return &house{n.newOffice(db, j, c), c, j}, nil
}

// Withhold does what package access does for a pass.
func (h *house) Withhold(ctx context.Context, tx *store.Tx, c ident.Case, from [16]byte) error {
	for _, query := range []string{
		`INSERT INTO access_withhold (case_id, holder, from_at, until_at) VALUES ($1, $2, $3, $4)
		 ON CONFLICT (case_id, holder) DO NOTHING`,
		`INSERT INTO access_reach (case_id, holder, relation, from_at, until_at) VALUES ($1, $2, 'withheld', $3, $4)
		 ON CONFLICT (case_id, holder) DO UPDATE SET relation = 'withheld', until_at = excluded.until_at`,
	} {
		if _, err := tx.Exec(ctx, query, c, from[:], tx.Micros(), int64(1)<<62); err != nil {
			return err
		}
	}
	return nil
}

// EndPermit does nothing: package access tries it.
func (h *house) EndPermit(context.Context, *store.Tx, ident.Case, [16]byte) error { return nil }

// Unsay does nothing: package node tries it.
func (h *house) Unsay(context.Context, *store.Tx, [16]byte, [16]byte, time.Time) error { return nil }

// Block shuts an account.
func (h *house) Block(ctx context.Context, tx *store.Tx, who ident.Staff) error {
	a, err := h.Account(ctx, tx, who)
	if err != nil {
		return err
	}
	return h.Disable(ctx, tx, staff.Shell(), who, a.Version)
}

// Destroy destroys the key of a subject, with a tombstone.
func (h *house) Destroy(ctx context.Context, tx *store.Tx, s ident.Subject) error {
	if _, err := h.custody.Destroy(ctx, tx, s); err != nil {
		return err
	}
	_, err := h.journal.Append(ctx, tx, journal.Entry{
		Action: journal.Erase, What: "erase", Outcome: journal.OK, Subjects: []ident.Subject{s},
	})
	return err
}
