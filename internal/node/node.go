// Package node is the wiring: it builds store, keepers, rooms and doors from a
// configuration, starts them, keeps their housekeeping going and stops them. It
// is the only package that knows all the others, and it decides nothing.
//
// Start at [Create] for the first start and [Open] for every other.
package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"causeway/internal/access"
	"causeway/internal/backup"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/directory"
	"causeway/internal/document"
	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/intake"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/mail"
	"causeway/internal/match"
	"causeway/internal/oversight"
	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/referral"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/protocol/identity"
	"causeway/protocol/witness"
)

// Options is what a start needs besides the configuration.
type Options struct {
	Ask   func() ([]byte, error) // asks for the keyring's passphrase
	Clock clock.Clock            // nil is the machine's
	Log   *slog.Logger           // nil keeps no log
	Quiet bool                   // makes no START and SHUTDOWN entries (bench)
}

func (o *Options) fill() {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Ask == nil {
		o.Ask = func() ([]byte, error) { return nil, fault.New(fault.Unavailable, "no-passphrase") }
	}
}

// Node is an open node.
type Node struct {
	Dir     string
	Config  *Config
	Clock   clock.Clock
	Log     *slog.Logger
	DB      *store.DB
	Ring    *keys.Ring
	Custody *keys.Custody
	Journal *journal.Journal
	// Witness cosigns the journals of the partners; nil on a node without partners.
	Witness *journal.Witness
	// PeerWitness returns the witness at a partner, nil where it cannot be asked. It is nil
	// until the door for partners is built.
	PeerWitness func(partner identity.NodeID) witness.Service
	Pack        *pack.Pack
	Office      *staff.Office
	Gate        *access.Gate
	Rules       *access.Rulebook
	People      *access.People
	Persons     *person.Room
	Index       *person.Index
	Cases       *casework.Room
	Forms       *forms.Room
	Imports     *intake.Imports
	Docs        *document.Room
	Captures    *intake.Captures
	Services    *directory.Room
	Circle      *referral.Circle

	Referrals *referral.Room
	Oversight *oversight.Room
	Exchange  *exchange.Room
	Match     *match.Room

	rosters rosters
	peers   *peers        // the door for other nodes, nil without partners
	holder  ident.Session // this process, for leases
	keeper  *backup.Keeper
	audit   *auditDesk
	backups *backupDesk
	life    context.Context // ends when the node closes
	endLife context.CancelFunc
	quiet   bool
	served  atomic.Int64 // since when it serves, in microseconds
	jobs    jobTimes
	disk    disk

	recentMu sync.Mutex // guards recent
	recent   *Health
}

// Create makes a new node in dir: configuration, keyring, database, journal,
// organisation and its first unit. It refuses a directory that has one.
func Create(ctx context.Context, dir string, c Config, organisation, unit string, o Options) (*Node, error) {
	o.fill()
	if err := c.Check(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, configFile)); err == nil {
		return nil, fault.New(fault.Conflict, "node-exists")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make directory: %w", err)
	}
	ring, err := keys.CreateRing(c.keyringPaths(dir), c.provider(o.Ask), o.Clock, c.Name)
	if err != nil {
		return nil, fmt.Errorf("make keyring: %w", err)
	}
	sc := c.storeConfig(dir, ring)
	sc.Clock = o.Clock
	db, err := store.Create(ctx, sc)
	if err != nil {
		ring.Close()
		return nil, fmt.Errorf("make database: %w", err)
	}
	if err := c.save(dir); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	n, err := build(ctx, dir, &c, ring, db, o)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		if err := n.Office.SetOrganisation(ctx, tx, staff.Shell(), organisation); err != nil {
			return err
		}
		_, err := n.Office.CreateUnit(ctx, tx, staff.Shell(), ident.Unit{}, unit)
		return err
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make organisation: %w", err), n.Close())
	}
	return n, nil
}

// Open opens the node in dir. Wrong passphrase, older or newer schema, a journal
// that was rolled back: each is refused with its own code.
func Open(ctx context.Context, dir string, o Options) (*Node, error) {
	o.fill()
	c, err := LoadConfig(dir)
	if err != nil {
		return nil, err
	}
	if err := backup.Unfinished(dir); err != nil {
		return nil, err
	}
	ring, err := keys.OpenRing(c.keyringPaths(dir), c.provider(o.Ask))
	if err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	sc := c.storeConfig(dir, ring)
	sc.Clock = o.Clock
	db, err := store.Open(ctx, sc)
	if err != nil {
		ring.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	n, err := build(ctx, dir, c, ring, db, o)
	if err != nil {
		ring.Close()
		return nil, errors.Join(err, db.Close())
	}
	return n, nil
}

// build joins everything above the database.
func build(ctx context.Context, dir string, c *Config, ring *keys.Ring, db *store.DB, o Options) (*Node, error) {
	n := &Node{Dir: dir, Config: c, Clock: o.Clock, Log: o.Log, DB: db, Ring: ring, holder: ident.New[ident.Session](), quiet: o.Quiet}
	n.life, n.endLife = context.WithCancel(context.Background())
	n.audit, n.backups = &auditDesk{n: n}, &backupDesk{n: n}
	boundHeap(c.Database.Engine)
	n.Custody = keys.New(ring, o.Clock)
	err := db.Write(ctx, func(tx *store.Tx) error { _, err := n.Custody.CurrentEpoch(ctx, tx); return err })
	if err == nil {
		err = db.Read(ctx, func(tx *store.Tx) error { return n.Custody.Check(ctx, tx) })
	}
	if err != nil {
		return nil, fmt.Errorf("epoch key: %w", err)
	}
	n.Journal, err = journal.Open(ctx, db, o.Clock, ring, journal.Config{
		Node: c.Name, Anchor: filepath.Join(dir, anchorFile), Log: o.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	policy, err := readPolicy(dir, c.Name, ring)
	if err != nil {
		return nil, err
	}
	n.Journal.AskWitnesses(policy, n.cosigner)
	if n.Pack, err = loadPack(c); err != nil {
		return nil, err
	}
	if n.Office, err = newOffice(c, db, ring, n.Custody, n.Journal, o); err != nil {
		return nil, err
	}
	if c.Mail != nil {
		n.Office.Mails(mail.Valid)
	}
	if err := n.Office.Settle(ctx); err != nil {
		return nil, fmt.Errorf("settle agencies: %w", err)
	}
	if err := n.openGate(ctx); err != nil {
		return nil, err
	}
	n.Gate.KeepOpen(n.Pack.Clock(pack.OpenerLife).Duration())
	n.Office.OnEnd(n.Gate.SignedOut)
	n.keeper = backup.OpenKeeper(c.restrictionsFile(dir), ring, o.Clock, o.Log)
	n.Gate.Restrict(restrictions{n.keeper})
	n.Gate.EraseWith(erasers(n.eraseAbroad)...)
	n.Gate.Notify(notices{n.Office})
	if !c.Demo && !o.Quiet { // visitors share the demo's accounts: nothing is usual there
		n.Gate.Measure(volumeLimits(n.Pack))
	}
	if err := n.openRooms(ctx); err != nil {
		return nil, err
	}
	return n, n.entered(ctx)
}

// newOffice opens the accounts of a node.
func newOffice(c *Config, db *store.DB, ring *keys.Ring, custody *keys.Custody, j *journal.Journal, o Options) (*staff.Office, error) {
	p, err := loadPack(c)
	if err != nil {
		return nil, err
	}
	office, err := staff.New(staff.Config{
		Origin: c.Origin, Name: c.Name, Languages: p.Languages(), Conduct: p.Conduct("").Version, Spoken: p.Codes(pack.Languages), Sectors: p.Codes(pack.Sectors), Rules: rules(c),
		Idle: p.Clock(pack.SessionIdle).Duration(), Absolute: p.Clock(pack.SessionAbsolute).Duration(),
		Fresh:   p.Clock(pack.FreshCheck).Duration(),
		Invited: p.Clock(pack.Invitation).Duration(),
		Tries:   p.Clock(pack.SignInTries).Value, LongWait: p.Clock(pack.SignInWait).Duration(),
	}, staff.Deps{DB: db, Seals: custody, Root: ring, Journal: j, Log: o.Log})
	if err != nil {
		return nil, fmt.Errorf("open office: %w", err)
	}
	return office, nil
}

// leader returns who signs in under a name, if they can lead a case.
func (n *Node) leader(ctx context.Context, signIn string) (ident.Staff, bool) {
	dir, err := n.Office.Directory(ctx)
	if err != nil {
		return ident.Staff{}, false
	}
	for _, a := range dir.People() {
		leads := a.Role == staff.CaseWorker || a.Role == staff.Supervisor
		if leads && a.State != staff.Disabled && strings.EqualFold(a.SignIn.Reveal(), strings.TrimSpace(signIn)) {
			return a.ID, true
		}
	}
	return ident.Staff{}, false
}

// rules returns which roles need a second factor. The demo asks for none, so
// that a visitor gets in with the password it prints; it serves invented people.
func rules(c *Config) map[staff.Role]staff.Rule {
	r := staff.DefaultRules()
	if c.Demo {
		for role := range r {
			r[role] = staff.PasswordEnough
		}
	}
	return r
}

func loadPack(c *Config) (*pack.Pack, error) {
	var over []fs.FS
	if c.PackFolder != "" {
		over = append(over, os.DirFS(c.PackFolder))
	}
	load := func() (*pack.Pack, error) { return pack.Default(over...) }
	if c.Pack == "demo" {
		load = pack.Demo
	}
	p, err := load()
	if err != nil || c.TimeZone == "" {
		return p, err
	}
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time zone: %w", err)
	}
	return p.At(zone), nil
}

// units tells the gate which units stand above one.
type units struct{ office *staff.Office }

// Above implements access.Units.
func (u units) Above(ctx context.Context, id ident.Unit) ([][16]byte, error) {
	dir, err := u.office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	var out [][16]byte
	for !id.IsZero() {
		one, ok := dir.Unit(id)
		if !ok || len(out) > 64 {
			return nil, fault.New(fault.Invalid, "no-such-unit")
		}
		out = append(out, [16]byte(id))
		id = one.Parent
	}
	return out, nil
}

// Top implements access.Units.
func (u units) Top(ctx context.Context) (top ident.Unit, alone bool, err error) {
	dir, err := u.office.Directory(ctx)
	if err != nil {
		return top, false, err
	}
	top, alone = dir.Top()
	return top, alone, nil
}

// entered writes the entries of a start: START, and UPGRADE when the program
// differs from the one that ran before.
func (n *Node) entered(ctx context.Context) error {
	if n.quiet {
		return nil
	}
	digest, err := BinaryDigest()
	if err != nil {
		return fmt.Errorf("digest of the program: %w", err)
	}
	path := filepath.Join(n.Dir, binaryFile)
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err = n.DB.Write(ctx, func(tx *store.Tx) error {
		if err := n.record(ctx, tx, journal.Start, "node.start", digest); err != nil {
			return err
		}
		if len(before) > 0 && string(before) != digest {
			return n.record(ctx, tx, journal.Upgrade, "node.upgrade", digest)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("journal start: %w", err)
	}
	return os.WriteFile(path, []byte(digest), 0o600)
}

// record appends an entry of the node itself.
func (n *Node) record(ctx context.Context, tx *store.Tx, action, what, reason string) error {
	_, err := n.Journal.Append(ctx, tx, journal.Entry{
		Action: action, What: what, Reason: reason, Strength: "job", Role: "node", Via: "job",
		Zone: "loopback", Purpose: "maintenance", Outcome: journal.OK,
	})
	return err
}

// BinaryDigest returns the SHA-256 of the running program.
func BinaryDigest() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// Close writes the last entry, sequences and signs what is there, and closes
// the database. Whoever called [Node.Run] waits for it to return first.
func (n *Node) Close() error {
	ctx := context.Background()
	n.endLife()
	n.audit.busy.Wait()
	n.backups.busy.Wait()
	n.Imports.Close()
	err := n.Gate.EnterDenials(ctx)
	if !n.quiet {
		err = errors.Join(err, n.DB.Write(ctx, func(tx *store.Tx) error { return n.record(ctx, tx, journal.Shutdown, "node.stop", "") }))
	}
	if _, serr := n.Journal.Sequence(ctx); err == nil {
		err = serr
	}
	if _, cerr := n.Journal.Checkpoint(ctx); err == nil {
		err = cerr
	}
	err = errors.Join(err, n.keeper.Close())
	n.Ring.Close()
	return errors.Join(err, n.DB.Close())
}
