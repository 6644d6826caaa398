package staff_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// cheap is the least a node accepts, so that the tests need not wait.
var cheap = staff.Cost{Memory: 19 << 10, Passes: 2}

// The invented people of these tests.
const (
	goodPassword  = staff.Secret("heron lamp seventeen")
	otherPassword = staff.Secret("paper boat on monday")
)

// world is an office on a database of its own, with a clock that stands still.
type world struct {
	t       *testing.T
	ctx     context.Context
	clk     *clock.Fake
	db      *store.DB
	custody *keys.Custody
	ring    *keys.Ring
	office  *staff.Office
	log     *recorder
	unit    ident.Unit
	home    staff.Source
	away    staff.Source
}

// recorder is a real journal that also remembers what was committed.
type recorder struct {
	journal *journal.Journal
	mu      sync.Mutex // guards entries
	entries []journal.Entry
}

func (r *recorder) Append(ctx context.Context, tx *store.Tx, e journal.Entry) (ident.Entry, error) {
	id, err := r.journal.Append(ctx, tx, e)
	tx.OnCommit(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.entries = append(r.entries, e)
	})
	return id, err
}

func (r *recorder) find(action, what, outcome string) []journal.Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.entries), func(e journal.Entry) bool {
		return e.Action != action || e.What != what || e.Outcome != outcome
	})
}

func config() staff.Config {
	return staff.Config{
		Origin: "https://node.example", Name: "Causeway test", Languages: []string{"en", "fr", "ar"},
		Conduct: "1", Spoken: []string{"en", "fr", "ar", "am"}, Sectors: []string{staff.OwnSector, "police", "shelter"},
		Rules: staff.DefaultRules(), Cost: cheap,
	}
}

// each runs body on both engines.
func each(t *testing.T, body func(w *world)) {
	t.Helper()
	clk := clock.NewFake(time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC))
	storetest.Each(t, func(t *testing.T, db *store.DB) { body(newWorld(t, db, clk)) }, storetest.WithClock(clk))
}

// one runs body on SQLite only, for rules in which the engine plays no part.
func one(t *testing.T) *world {
	t.Helper()
	clk := clock.NewFake(time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC))
	return newWorld(t, storetest.New(t, storetest.WithClock(clk)), clk)
}

func newWorld(t *testing.T, db *store.DB, clk *clock.Fake) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), clk: clk, db: db}
	dir := t.TempDir()
	ring, err := keys.CreateRing([]string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}, keys.PlainFile(), clk, "test")
	if err != nil {
		t.Fatalf("make keyring: %v", err)
	}
	w.ring, w.custody = ring, keys.New(ring, clk)
	j, err := journal.Open(w.ctx, db, clk, ring, journal.Config{Node: "test"})
	if err != nil {
		t.Fatalf("open journal: %v", err)
	}
	w.log = &recorder{journal: j}
	w.office = w.newOffice(config())
	w.home = w.office.Source(netip.MustParseAddr("203.0.113.7"))
	w.away = w.office.Source(netip.MustParseAddr("198.51.100.9"))
	w.write(func(tx *store.Tx) error {
		if err := w.office.SetOrganisation(w.ctx, tx, staff.Shell(), "Office of Bridges"); err != nil {
			return err
		}
		var err error
		w.unit, err = w.office.CreateUnit(w.ctx, tx, staff.Shell(), ident.Unit{}, "North")
		return err
	})
	return w
}

func (w *world) newOffice(cfg staff.Config) *staff.Office {
	w.t.Helper()
	o, err := staff.New(cfg, staff.Deps{DB: w.db, Seals: w.custody, Root: w.ring, Journal: w.log})
	if err != nil {
		w.t.Fatalf("open office: %v", err)
	}
	return o
}

// write runs fn in a transaction and fails the test if it fails.
func (w *world) write(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.Write(w.ctx, fn); err != nil {
		w.t.Fatalf("write: %v", err)
	}
}

// try runs fn in a transaction and returns its error.
func (w *world) try(fn func(tx *store.Tx) error) error { return w.db.Write(w.ctx, fn) }

// account makes an account nobody has a credential for yet.
func (w *world) account(signIn staff.Secret, role staff.Role, boss ident.Staff) ident.Staff {
	w.t.Helper()
	var id ident.Staff
	w.write(func(tx *store.Tx) (err error) {
		id, err = w.office.Create(w.ctx, tx, staff.Shell(), staff.NewAccount{
			SignIn: signIn, Name: "Name of " + signIn, Unit: w.unit, Role: role, Language: "en", Supervisor: boss,
		})
		return err
	})
	return id
}

// invite makes an invitation by somebody and fails the test if that is refused.
func (w *world) invite(by staff.By, id ident.Staff) staff.Invitation {
	w.t.Helper()
	var in staff.Invitation
	w.write(func(tx *store.Tx) (err error) {
		in, err = w.office.Invite(w.ctx, tx, by, id)
		return err
	})
	return in
}

// admit gives token and voice code of an invitation.
func (w *world) admit(in staff.Invitation) staff.Secret {
	w.t.Helper()
	admission, _, err := w.office.Admit(w.ctx, in.Token, in.Voice, w.home)
	if err != nil {
		w.t.Fatalf("admit: %v", err)
	}
	return admission
}

// worker makes a case worker with a password.
func (w *world) worker(signIn staff.Secret, boss ident.Staff) ident.Staff {
	w.t.Helper()
	id := w.account(signIn, staff.CaseWorker, boss)
	w.accept(w.invite(staff.Shell(), id), goodPassword)
	return id
}

func (w *world) accept(in staff.Invitation, password staff.Secret) {
	w.t.Helper()
	if err := w.office.Accept(w.ctx, staff.Acceptance{Admission: w.admit(in), Password: password, Source: w.home}); err != nil {
		w.t.Fatalf("accept: %v", err)
	}
}

// supervisor makes a supervisor with a password and an authenticator app, and
// returns the app's secret.
func (w *world) supervisor(signIn staff.Secret) (ident.Staff, staff.Secret) {
	w.t.Helper()
	id := w.account(signIn, staff.Supervisor, ident.Staff{})
	admission := w.admit(w.invite(staff.Shell(), id))
	e, err := w.office.BeginInvitedTOTP(w.ctx, admission, w.home)
	if err != nil {
		w.t.Fatalf("begin authenticator: %v", err)
	}
	if err := w.office.Accept(w.ctx, staff.Acceptance{
		Admission: admission, Password: goodPassword,
		TOTP: e.Token, Code: w.code(e.Secret), Source: w.home,
	}); err != nil {
		w.t.Fatalf("accept: %v", err)
	}
	w.clk.Advance(time.Minute) // the code just used is not taken again
	return id, e.Secret
}

// signIn signs in with a password and fails the test if that is refused.
func (w *world) signIn(name staff.Secret) staff.SignedIn {
	w.t.Helper()
	in, err := w.office.SignIn(w.ctx, staff.Attempt{Name: name, Password: goodPassword, Device: "Firefox on Linux", Source: w.home})
	if err != nil {
		w.t.Fatalf("sign in: %v", err)
	}
	return in
}

// signInWith signs in with a password and a code.
func (w *world) signInWith(name, secret staff.Secret) staff.SignedIn {
	w.t.Helper()
	in, err := w.office.SignIn(w.ctx, staff.Attempt{Name: name, Password: goodPassword, Code: w.code(secret), Source: w.home})
	if err != nil {
		w.t.Fatalf("sign in: %v", err)
	}
	w.clk.Advance(time.Minute)
	return in
}

// wrong tries a wrong password.
func (w *world) wrong(name staff.Secret, src staff.Source) error {
	_, err := w.office.SignIn(w.ctx, staff.Attempt{Name: name, Password: "not this one either", Source: src})
	return err
}

// want checks kind and code of an error.
func want(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	if fault.KindOf(err) != kind || fault.CodeOf(err) != code || err == nil {
		t.Errorf("got %v, want %s %q", err, kind, code)
	}
}

// wantField checks that exactly one field was refused, and why.
func wantField(t *testing.T, err error, name, code string) {
	t.Helper()
	got := fault.FieldsOf(err)
	if len(got) != 1 || got[0] != (fault.Field{Name: name, Code: code}) {
		t.Errorf("got fields %v of %v, want %s %s", got, err, name, code)
	}
}

// count runs a query for one number.
func (w *world) count(query string, args ...any) (n int64) {
	w.t.Helper()
	if err := w.db.Read(w.ctx, func(tx *store.Tx) error { return tx.QueryRow(w.ctx, query, args...).Scan(&n) }); err != nil {
		w.t.Fatalf("count: %v", err)
	}
	return n
}

// version returns the version of an account.
func (w *world) version(id ident.Staff) int64 {
	w.t.Helper()
	return w.get(id).Version
}

// get returns an account.
func (w *world) get(id ident.Staff) (a staff.Account) {
	w.t.Helper()
	if err := w.db.Read(w.ctx, func(tx *store.Tx) (err error) {
		a, err = w.office.Account(w.ctx, tx, id)
		return err
	}); err != nil {
		w.t.Fatalf("read account: %v", err)
	}
	return a
}

// disable shuts an account from the shell.
func (w *world) disable(id ident.Staff) {
	w.t.Helper()
	v := w.version(id)
	w.write(func(tx *store.Tx) error { return w.office.Disable(w.ctx, tx, staff.Shell(), id, v) })
}
