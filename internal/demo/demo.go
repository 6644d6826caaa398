// Package demo fills a new node with an invented organisation and two years of
// its work, told by package fixture, through the same rooms and the same gate
// that real people use.
//
// It never touches a directory that holds anything else, and marks its own so
// that it never becomes a real node. Start at [Make].
package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fixture"
	"causeway/internal/ident"
	"causeway/internal/node"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// Seed is the demo's seed: the same day shows the same people to everybody.
const Seed = 7

// Children is how many children the demo has.
const Children = 420

// staffCount is how many people the demo's organisation has.
const staffCount = 19

// Login is somebody a visitor can sign in as.
type Login struct {
	Name     string // sign-in name
	Password string // made at random, shown once
	Role     string
	Unit     string
	Follow   string // number of a case whose whole way this person can follow; "" for none
	Abroad   bool   // takes on what comes from other countries
}

// when is a clock that shows the day that is being told, and the machine's time
// once the story has arrived at today.
type when struct {
	mu   sync.Mutex // guards fake, live
	fake *clock.Fake
	live bool
	base clock.Clock
}

// Now implements clock.Clock.
func (w *when) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.live {
		return w.base.Now()
	}
	return w.fake.Now()
}

func (w *when) set(t time.Time) {
	if t.After(w.fake.Now()) {
		w.fake.Set(t)
	}
}

func (w *when) arrive() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.live = true
}

// Make creates the demo's main node in dir, which must not hold one yet. It has no
// partners abroad. progress is told from 0 to 100.
func Make(ctx context.Context, dir, origin, listen string, children int, progress func(percent int)) (*node.Node, []Login, error) {
	t, logins, err := mainNode(ctx, place{dir: dir, origin: origin, listen: listen}, children, progress)
	if t == nil {
		return nil, nil, err
	}
	if err == nil {
		err = t.arrive(ctx)
	}
	return t.n, logins, err
}

func mainNode(ctx context.Context, at place, children int, progress func(percent int)) (*teller, []Login, error) {
	t, err := begin(ctx, at.dir, at.config("XA-demo", "xa.tfcp"), "", staffCount)
	if err != nil {
		return nil, nil, err
	}
	t.whole = true
	logins, err := t.all(ctx, children, progress)
	return t, logins, err
}

// begin creates a node of the demo and what tells its stories: of the organisation that
// works in all three countries, or of an office of one.
func begin(ctx context.Context, dir string, c node.Config, country string, people int) (*teller, error) {
	base := clock.System()
	today := base.Now().Truncate(24 * time.Hour)
	world := fixture.New(Seed, today).In(country)
	c.Demo, c.Pack = true, "demo"
	c.Keyring = node.Keyring{Provider: "plain", Paths: []string{"keyring", "keyring.copy"}}
	c.Database = node.Database{Engine: store.SQLite}
	w := &when{fake: clock.NewFake(today.AddDate(-2, 0, -7)), base: base}
	n, err := node.Create(ctx, dir, c, world.Organisation(), world.Units()[fixture.HeadOffice].Name, node.Options{Clock: w})
	if err != nil {
		return nil, err
	}
	return &teller{n: n, world: world, when: w, today: today, staff: world.Staff(people), country: country}, nil
}

// all tells everything there is to tell of the main node.
func (t *teller) all(ctx context.Context, children int, progress func(percent int)) ([]Login, error) {
	logins, err := t.organisation(ctx)
	if err != nil {
		return nil, fmt.Errorf("invent the organisation: %w", err)
	}
	if err := t.services(ctx, true); err != nil {
		return nil, fmt.Errorf("fill the directory of services: %w", err)
	}
	follow, err := t.stories(ctx, children, progress)
	if err != nil {
		return nil, fmt.Errorf("tell the children's stories: %w", err)
	}
	for i := range logins {
		if logins[i].Role == access.RoleCaseWorker && logins[i].Unit == t.world.Units()[fixture.SaltmereTeam].Name {
			logins[i].Follow = follow
		}
	}
	if err := t.checks(ctx); err != nil {
		return nil, fmt.Errorf("make checks: %w", err)
	}
	asked, partners, err := t.joined(ctx, partners())
	if err != nil {
		return nil, fmt.Errorf("invent the partners: %w", err)
	}
	logins = append(logins, partners...)
	if err := t.services(ctx, false); err != nil {
		return nil, fmt.Errorf("fill the directory of services: %w", err)
	}
	if err := t.referrals(ctx, asked); err != nil {
		return nil, fmt.Errorf("refer children: %w", err)
	}
	return logins, nil
}

// arrive ends the telling: from now on it is today.
func (t *teller) arrive(ctx context.Context) error {
	t.when.arrive()
	if _, err := t.n.Cases.StepDeadlines(ctx); err != nil {
		return fmt.Errorf("step deadlines: %w", err)
	}
	if _, err := t.n.Journal.Sequence(ctx); err != nil {
		return err
	}
	_, err := t.n.Journal.Checkpoint(ctx)
	return err
}

// teller tells the stories to the node.
type teller struct {
	n       *node.Node
	world   *fixture.World
	when    *when
	today   time.Time
	staff   []fixture.Staff
	units   []ident.Unit
	ids     []ident.Staff
	cases   map[int]ident.Case // child index to case
	leads   map[int]int        // child index to the lead worker's place in the staff
	country string             // of an office of one country, "" of the main node
	whole   bool               // the whole way of one child is told too
	taker   *partner           // takes on what comes from abroad, of an office of one country

	sessions []ident.Session
}

// as returns the i-th person of the staff, standing in for the lead of the case
// they work on: the night duty and colleagues do that all the time.
func (t *teller) as(i, lead int) *access.Caller {
	s := t.staff[i]
	signed := access.Signed{Staff: t.ids[i], Session: t.sessions[i], Role: s.Role, Unit: t.units[s.Unit], Sector: staff.OwnSector, Strength: "password"}
	if i != lead {
		signed.DeputyFor = []ident.Staff{t.ids[lead]}
	}
	return t.n.Gate.Person(signed, "demo", "loopback")
}

// organisation makes units and accounts, and gives passwords to those a visitor
// can sign in as.
func (t *teller) organisation(ctx context.Context) ([]Login, error) {
	dir, err := t.n.Office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	by := staff.Shell()
	t.ids = make([]ident.Staff, len(t.staff))
	invitations := map[int]staff.Invitation{}
	err = t.n.DB.Write(ctx, func(tx *store.Tx) error {
		t.units = []ident.Unit{dir.Units()[0].ID}
		for _, u := range t.world.Units()[1:] {
			id, err := t.n.Office.CreateUnit(ctx, tx, by, t.units[0], u.Name)
			if err != nil {
				return err
			}
			t.units = append(t.units, id)
		}
		for i, s := range t.staff {
			in := staff.NewAccount{
				SignIn: staff.Secret(s.SignIn), Name: staff.Secret(s.Name), Unit: t.units[s.Unit],
				Role: staff.Role(s.Role), Language: s.Language,
			}
			if boss := t.supervisorOf(i); boss >= 0 {
				in.Supervisor = t.ids[boss]
			}
			id, err := t.n.Office.Create(ctx, tx, by, in)
			if err != nil {
				return fmt.Errorf("account %d: %w", i, err)
			}
			t.ids[i] = id
			if err := t.n.Office.SignedOnPaper(ctx, tx, by, id, s.Language); err != nil {
				return err
			}
			if t.visitor(i) {
				if invitations[i], err = t.n.Office.Invite(ctx, tx, by, id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for range t.staff {
		t.sessions = append(t.sessions, ident.New[ident.Session]())
	}
	return t.accept(ctx, invitations)
}

// supervisorOf returns who leads the person: the supervisor of the unit, the
// first supervisor for all others, nobody for that one.
func (t *teller) supervisorOf(i int) int {
	first := slices.IndexFunc(t.staff, func(s fixture.Staff) bool { return s.Role == "supervisor" })
	boss := slices.IndexFunc(t.staff, func(s fixture.Staff) bool { return s.Role == "supervisor" && s.Unit == t.staff[i].Unit })
	if boss < 0 || boss == i {
		boss = first
	}
	if boss >= i { // not made yet, or the first supervisor
		return -1
	}
	return boss
}

// visitor reports whether a visitor may sign in as the person: the first of each
// role, the first worker of each team that writes in another language, and whoever
// runs the head office.
func (t *teller) visitor(i int) bool {
	s := t.staff[i]
	if s.Role == "supervisor" && s.Unit == fixture.HeadOffice {
		return true
	}
	for _, before := range t.staff[:i] {
		if before.Role == s.Role && (s.Role != "case_worker" || before.Language == s.Language) {
			return false
		}
	}
	return true
}

// accept gives random passwords to the visitors' accounts.
func (t *teller) accept(ctx context.Context, invitations map[int]staff.Invitation) ([]Login, error) {
	source := t.n.Office.Source(netip.MustParseAddr("127.0.0.1"))
	var logins []Login
	for i, s := range t.staff {
		inv, ok := invitations[i]
		if !ok {
			continue
		}
		admission, _, err := t.n.Office.Admit(ctx, inv.Token, inv.Voice, source)
		if err != nil {
			return nil, err
		}
		password := newPassword()
		err = t.n.Office.Accept(ctx, staff.Acceptance{Admission: admission, Password: staff.Secret(password), Device: "demo", Source: source})
		if err != nil {
			return nil, fmt.Errorf("password of %s: %w", s.Role, err)
		}
		logins = append(logins, Login{Name: s.SignIn, Password: password, Role: s.Role, Unit: t.world.Units()[s.Unit].Name})
	}
	slices.SortStableFunc(logins, func(a, b Login) int { return strings.Compare(a.Role, b.Role) })
	return logins, nil
}

// newPassword returns a random password that can be typed: four groups of four.
func newPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyz"
	b := make([]byte, 0, 19)
	for len(b) < 19 {
		if len(b)%5 == 4 {
			b = append(b, '-')
			continue
		}
		var r [1]byte
		if _, err := rand.Read(r[:]); err != nil {
			panic("demo: no randomness: " + err.Error())
		}
		if int(r[0]) < 256-256%len(letters) {
			b = append(b, letters[int(r[0])%len(letters)])
		}
	}
	return string(b)
}
