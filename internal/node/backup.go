package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"causeway/internal/access"
	"causeway/internal/backup"
	"causeway/internal/consent"
	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/match"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/internal/staff"
	"causeway/internal/store"

	"causeway/protocol/cx"

	"filippo.io/age"
)

// Backup writes a verified, sealed backup into the configured folder while the
// node runs, and removes those that are older than the pack allows.
func (n *Node) Backup(ctx context.Context, progress func(rows int64)) (backup.Saved, error) {
	if n.Config.Backup.Folder == "" {
		return backup.Saved{}, fault.InvalidField("backup.folder", "required")
	}
	src, err := n.backupSource()
	if err != nil {
		return backup.Saved{}, err
	}
	saved, err := backup.Save(ctx, n.Config.Backup.Folder, src, n.Config.Backup.Recipients, progress)
	if err != nil {
		return backup.Saved{}, err
	}
	err = n.DB.Write(ctx, func(tx *store.Tx) error { return n.record(ctx, tx, journal.Backup, "backup.run", "") })
	if err != nil {
		return saved, err
	}
	_, err = backup.Prune(n.Config.Backup.Folder, n.Config.Name, n.Pack.Clock(pack.BackupMaxAge).Duration(), n.Clock.Now())
	return saved, err
}

func (n *Node) backupSource() (backup.Source, error) {
	config, err := json.Marshal(n.Config.withoutSecrets())
	return backup.Source{
		DB: n.DB, Ring: n.Ring, Node: n.Config.Name, Program: Version(), Clock: n.Clock,
		Schema: store.Migrations(), Journal: n.Journal, Config: config,
	}, err
}

// withoutSecrets returns the configuration as a backup carries it. A connection
// string may hold a password, so it is left out and asked for at the restore.
func (c *Config) withoutSecrets() *Config {
	out := *c
	out.Database.DSN = ""
	return &out
}

// RestoreOptions says what is restored where.
type RestoreOptions struct {
	Options
	Dir            string // of the new node; it must hold no database
	Identities     []age.Identity
	Keyring        string        // a copy of the keyring; "" takes the one in Dir
	KeyringOpens   keys.Provider // what opens that copy, and protects it in Dir
	Provider       string        // its name in node.json
	Postgres       string        // connection string; "" restores into an SQLite file
	Schema         string
	Restrictions   string // restrictions file; "" takes the one in Dir
	NoRestrictions bool
	Packs          []string // journal packs that others kept: their erasures are done again
	Progress       func(rows int64)
}

// Restore brings a backup back as a node that may serve. open returns the backup
// from its beginning; it is read twice.
func Restore(ctx context.Context, open func() (io.ReadCloser, error), o RestoreOptions) (backup.Restored, error) {
	o.fill()
	c, ring, err := o.house(open)
	if err != nil {
		return backup.Restored{}, err
	}
	defer ring.Close()
	f, err := open()
	if err != nil {
		return backup.Restored{}, err
	}
	defer f.Close()
	sc := c.storeConfig(o.Dir, ring)
	target := backup.Target{
		Dir: o.Dir, Store: sc, All: store.Migrations(), Ring: ring, Clock: o.Clock, Anchor: filepath.Join(o.Dir, anchorFile),
		Restrictions: orFile(o.Restrictions, c.restrictionsFile(o.Dir)), NoRestrictions: o.NoRestrictions, Packs: o.Packs, Progress: o.Progress,
		House: func(ctx context.Context, db *store.DB, j *journal.Journal, custody *keys.Custody) (backup.House, error) {
			office, err := newOffice(c, db, ring, custody, j, o.Options)
			return &restoredHouse{office, custody, j}, err
		},
	}
	return backup.Restore(ctx, f, o.Identities, target)
}

func orFile(path, other string) string {
	if path == "" {
		return other
	}
	return path
}

// house makes sure that directory, configuration and keyring of the new node
// are there.
func (o *RestoreOptions) house(open func() (io.ReadCloser, error)) (*Config, *keys.Ring, error) {
	if c, err := LoadConfig(o.Dir); err == nil {
		ring, err := keys.OpenRing(c.keyringPaths(o.Dir), c.provider(o.Ask))
		return c, ring, err
	} else if fault.CodeOf(err) != "no-node-here" {
		return nil, nil, err
	}
	if o.Keyring == "" || o.KeyringOpens == nil {
		return nil, nil, fault.New(fault.Unavailable, "keyring-missing")
	}
	ring, err := keys.OpenRing([]string{o.Keyring}, o.KeyringOpens)
	if err != nil {
		return nil, nil, fmt.Errorf("open keyring: %w", err)
	}
	defer ring.Close()
	f, err := open()
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	r, err := backup.Open(f, ring, o.Identities...)
	if err != nil {
		return nil, nil, err
	}
	var c Config
	if err := json.Unmarshal(r.Manifest().Config, &c); err != nil {
		return nil, nil, fault.Wrap(fault.Invalid, "bad-configuration", err)
	}
	c.Keyring = Keyring{Provider: o.Provider, Paths: []string{keyringFile, keyringCopy}}
	c.Database = Database{Engine: store.SQLite}
	if o.Postgres != "" {
		c.Database = Database{Engine: store.Postgres, DSN: o.Postgres, Schema: o.Schema}
	}
	return o.settle(&c)
}

// settle writes configuration and keyring into the new directory.
func (o *RestoreOptions) settle(c *Config) (*Config, *keys.Ring, error) {
	if err := c.Check(); err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, nil, err
	}
	b, err := os.ReadFile(o.Keyring)
	if err != nil {
		return nil, nil, err
	}
	for _, path := range c.keyringPaths(o.Dir) {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fault.New(fault.Conflict, "not-empty")
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return nil, nil, err
		}
	}
	if err := c.save(o.Dir); err != nil {
		return nil, nil, err
	}
	ring, err := keys.OpenRing(c.keyringPaths(o.Dir), o.KeyringOpens)
	return c, ring, err
}

// restrictionsFile returns where the restrictions are kept: a second place if
// the configuration names one.
func (c *Config) restrictionsFile(dir string) string {
	return orFile(c.Backup.Restrictions, filepath.Join(dir, restrictionsName))
}

// restrictionsName is the restrictions file in a node's directory.
const restrictionsName = "restrictions"

// restoredHouse puts what must hold into force in a restored database.
type restoredHouse struct {
	*staff.Office
	custody *keys.Custody
	journal *journal.Journal
}

// Void implements backup.House. Other nodes are to see that this one was put back, also
// where nothing of what was said with them is missing.
func (h *restoredHouse) Void(ctx context.Context, tx *store.Tx) error {
	if err := h.Office.Void(ctx, tx); err != nil {
		return err
	}
	if err := match.CloseDay(ctx, tx); err != nil {
		return err
	}
	return exchange.Declare(ctx, tx)
}

// Withhold implements backup.Restrained.
func (h *restoredHouse) Withhold(ctx context.Context, tx *store.Tx, c ident.Case, from [16]byte) error {
	return access.WithholdAgain(ctx, tx, h.custody, h.journal, c, from)
}

// EndPermit implements backup.Restrained.
func (h *restoredHouse) EndPermit(ctx context.Context, tx *store.Tx, c ident.Case, permit [16]byte) error {
	return access.WithdrawAgain(ctx, tx, h.custody, h.journal, c, permit)
}

// Block implements backup.Restrained.
func (h *restoredHouse) Block(ctx context.Context, tx *store.Tx, who ident.Staff) error {
	a, err := h.Account(ctx, tx, who)
	if err != nil {
		return err
	}
	return h.Disable(ctx, tx, staff.Shell(), who, a.Version)
}

// Destroy implements backup.Restrained.
func (h *restoredHouse) Destroy(ctx context.Context, tx *store.Tx, s ident.Subject) error {
	return access.EraseAgain(ctx, tx, h.custody, h.journal, ident.Case(s), erasers(eraseLetters)...)
}

// Unsay implements backup.Restrained.
func (h *restoredHouse) Unsay(ctx context.Context, tx *store.Tx, thread, message [16]byte, then time.Time) error {
	err := exchange.UnsayAgain(ctx, tx, cx.Thread(thread), cx.ID(message))
	if err == nil && message != [16]byte{} {
		seal := func(s ident.Subject) (*keys.Sealer, error) { return h.custody.Sealer(ctx, tx, s) }
		err = referral.EmptyAgain(ctx, tx, seal, h.journal, cx.Thread(thread), then)
	}
	return err
}

// Drill tries a backup: it is restored into a place of its own, verified and
// taken away again. When it has passed, the day is noted in the living node's
// directory, so that its health page turns green.
func Drill(ctx context.Context, open func() (io.ReadCloser, error), o RestoreOptions) (backup.Tried, error) {
	o.fill()
	d := backup.Drill{All: store.Migrations(), Clock: o.Clock, Progress: o.Progress}
	paths, provider := []string{o.Keyring}, o.KeyringOpens
	if c, err := LoadConfig(o.Dir); err == nil {
		d.Marker = filepath.Join(o.Dir, drillFile)
		if o.Keyring == "" {
			paths, provider = c.keyringPaths(o.Dir), c.provider(o.Ask)
		}
	}
	if paths[0] == "" {
		return backup.Tried{}, fault.New(fault.Unavailable, "keyring-missing")
	}
	ring, err := keys.OpenRing(paths, provider)
	if err != nil {
		return backup.Tried{}, fmt.Errorf("open keyring: %w", err)
	}
	defer ring.Close()
	d.Ring = ring
	f, err := open()
	if err != nil {
		return backup.Tried{}, err
	}
	defer f.Close()
	return backup.Check(ctx, f, o.Identities, d)
}

// restrictions tells the restrictions file what the gate tells it.
type restrictions struct{ keeper *backup.Keeper }

// Withheld implements access.Restrictions.
func (r restrictions) Withheld(c ident.Case, from [16]byte) { r.keeper.Note(backup.Withheld, c, from) }

// Lifted implements access.Restrictions.
func (r restrictions) Lifted(c ident.Case, from [16]byte) { r.keeper.Note(backup.Lifted, c, from) }

// Blocked implements access.Restrictions.
func (r restrictions) Blocked(who ident.Staff, blocked bool) {
	kind := backup.Unblocked
	if blocked {
		kind = backup.Blocked
	}
	r.keeper.Note(kind, who, [16]byte{})
}

// Destroyed implements access.Restrictions.
func (r restrictions) Destroyed(s ident.Subject) { r.keeper.Note(backup.Destroyed, s, [16]byte{}) }

// Withdrawn implements access.Restrictions.
func (r restrictions) Withdrawn(c ident.Case, permit [16]byte) {
	r.keeper.Note(backup.Withdrawn, c, permit)
}

// syncRestrictions compares the restrictions file with the database.
func (n *Node) syncRestrictions(ctx context.Context) error {
	withheld, err := n.Gate.AllWithheld(ctx)
	if err != nil {
		return err
	}
	withdrawn, err := n.Gate.AllWithdrawn(ctx, consent.Withdrawable()...)
	if err != nil {
		return err
	}
	dir, err := n.Office.Directory(ctx)
	if err != nil {
		return err
	}
	var list []backup.Restriction
	for _, w := range withdrawn {
		list = append(list, backup.Restriction{At: n.Clock.Now(), Kind: backup.Withdrawn, A: w.Case, B: w.Pack()})
	}
	for _, w := range withheld {
		list = append(list, backup.Restriction{At: n.Clock.Now(), Kind: backup.Withheld, A: w.Case, B: w.From})
	}
	for _, a := range dir.People() {
		if a.State == staff.Disabled {
			list = append(list, backup.Restriction{At: n.Clock.Now(), Kind: backup.Blocked, A: a.ID})
		}
	}
	erased, err := n.Cases.Tombstones(ctx, n.DB)
	if err != nil {
		return err
	}
	for _, of := range erased {
		list = append(list, backup.Restriction{At: n.Clock.Now(), Kind: backup.Destroyed, A: of})
	}
	gone, err := n.Exchange.AllGone(ctx)
	if err != nil {
		return err
	}
	for _, g := range gone {
		list = append(list, backup.Restriction{At: n.Clock.Now(), Kind: backup.Unsaid, A: g.Thread, B: g.ID})
	}
	n.keeper.Sync(list)
	return nil
}
