package staff

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// directoryFor is how long a copy of the people and units is used before its
// stamp is looked at again. Another instance's change is seen after this time.
const directoryFor = 2 * time.Second

// directory is a copy of all people and units in memory, because their names
// stand on every page.
type directory struct {
	stamp        int64
	organisation string
	people       map[ident.Staff]*Account
	sorted       []Account             // by identifier
	conduct      bool                  // one is in force
	signed       map[ident.Staff]int64 // who signed it, and when
	heirs        map[ident.Staff]ident.Staff
	profiles     map[ident.Staff]Profile
	groups       []Group // by name
	agencies     []Agency
	agency       map[ident.Agency]int // index in agencies
	own          ident.Agency         // the node's own, none before it is made
	units        []Unit
	unit         map[ident.Unit]int // index in units
}

type directoryCache struct {
	mu      sync.Mutex // guards the fields below; held while loading, so that one request loads for all
	dir     *directory
	checked time.Time
}

// changed marks that people or units changed: for this process at commit, for
// other instances by the stamp.
func (o *Office) changed(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, sqlBumpStamp); err != nil {
		return fmt.Errorf("mark directory: %w", err)
	}
	tx.OnCommit(func() {
		o.people.mu.Lock()
		defer o.people.mu.Unlock()
		o.people.checked = time.Time{}
	})
	return nil
}

// directory returns a copy no older than directoryFor.
func (o *Office) directory(ctx context.Context) (*directory, error) {
	c := &o.people
	c.mu.Lock()
	defer c.mu.Unlock()
	now := o.now()
	if age := now.Sub(c.checked); c.dir != nil && age >= 0 && age < directoryFor {
		return c.dir, nil
	}
	err := o.db.Read(ctx, func(tx *store.Tx) error {
		var stamp int64
		if err := tx.QueryRow(ctx, sqlSelectStamp).Scan(&stamp); err != nil {
			return err
		}
		if c.dir != nil && c.dir.stamp == stamp {
			return nil
		}
		d, err := o.loadDirectory(ctx, tx, stamp)
		if err == nil {
			c.dir = d
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load directory: %w", err)
	}
	c.checked = now
	return c.dir, nil
}

func (o *Office) loadDirectory(ctx context.Context, tx *store.Tx, stamp int64) (*directory, error) {
	d := &directory{stamp: stamp, people: map[ident.Staff]*Account{}, conduct: o.cfg.Conduct != "", signed: map[ident.Staff]int64{}, heirs: map[ident.Staff]ident.Staff{}, profiles: map[ident.Staff]Profile{}, agency: map[ident.Agency]int{}, unit: map[ident.Unit]int{}}
	if err := tx.QueryRow(ctx, sqlSelectOrganisation).Scan(&d.organisation); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, sqlSelectAccounts)
	people, err := collect(rows, err, o.scanAccount)
	if err != nil {
		return nil, err
	}
	for _, a := range people {
		d.people[a.ID] = a
		d.sorted = append(d.sorted, *a)
	}
	slices.SortFunc(d.sorted, func(a, b Account) int { return slices.Compare(a.ID[:], b.ID[:]) })
	signatures, err := o.signatures(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, s := range signatures {
		if s.version == o.cfg.Conduct {
			d.signed[s.staff] = s.at
		}
	}
	heirs, err := o.heirs(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, h := range heirs {
		d.heirs[h.who] = h.heir
	}
	if d.groups, err = o.groups(ctx, tx); err != nil {
		return nil, err
	}
	profiles, err := o.profiles(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, p := range profiles {
		d.profiles[p.staff] = p
	}
	rows, err = tx.Query(ctx, sqlSelectAgencies)
	if d.agencies, err = collect(rows, err, o.scanAgency); err != nil {
		return nil, err
	}
	for i := range d.agencies {
		d.agency[d.agencies[i].ID] = i
		if d.agencies[i].Own {
			d.own = d.agencies[i].ID
		}
	}
	rows, err = tx.Query(ctx, sqlSelectUnits)
	if d.units, err = collect(rows, err, o.scanUnit); err != nil {
		return nil, err
	}
	for i := range d.units {
		u := &d.units[i]
		if u.Agency.IsZero() {
			u.Agency = d.own
		}
		d.unit[u.ID] = i
	}
	return d, nil
}

// Directory answers whose name an identifier is. It stands still: take a new
// one for each request.
type Directory struct{ d *directory }

// Directory returns the people and units as they were at most two seconds ago.
func (o *Office) Directory(ctx context.Context) (Directory, error) {
	d, err := o.directory(ctx)
	return Directory{d}, err
}

// Organisation returns the organisation's name.
func (d Directory) Organisation() string { return d.d.organisation }

// Person returns the account of id, false if there is none.
func (d Directory) Person(id ident.Staff) (Account, bool) {
	if a := d.d.people[id]; a != nil {
		return *a, true
	}
	return Account{}, false
}

// People returns every account, ordered by identifier: the order of names
// depends on the reader's language. The caller changes nothing in it.
func (d Directory) People() []Account { return slices.Clip(d.d.sorted) }

// Heir returns who takes over from somebody whose account has ended, false where nobody
// was named.
func (d Directory) Heir(of ident.Staff) (ident.Staff, bool) {
	heir, ok := d.d.heirs[of]
	return heir, ok
}

// Groups returns the groups of staff, by name.
func (d Directory) Groups() []Group { return slices.Clone(d.d.groups) }

// Group returns one group; ok is false for none.
func (d Directory) Group(id ident.Group) (g Group, ok bool) {
	i := slices.IndexFunc(d.d.groups, func(g Group) bool { return g.ID == id })
	if i < 0 {
		return g, false
	}
	return d.d.groups[i], true
}

// Profile returns what colleagues know of somebody: no languages, and there, where
// nobody has said anything.
func (d Directory) Profile(id ident.Staff) Profile {
	p, ok := d.d.profiles[id]
	if !ok {
		return Profile{Presence: Available}
	}
	p.Speaks = slices.Clone(p.Speaks)
	return p
}

// Unit returns a unit, false if there is none.
func (d Directory) Unit(id ident.Unit) (Unit, bool) {
	i, ok := d.d.unit[id]
	if !ok {
		return Unit{}, false
	}
	return d.d.units[i], true
}

// Units returns every unit, ordered by name.
func (d Directory) Units() []Unit { return slices.Clone(d.d.units) }

// Top returns the unit at the top of the node's own agency, none where that has more
// than one, and whether every other unit of the node is below it.
func (d Directory) Top() (top ident.Unit, alone bool) {
	own, tops := 0, 0
	for _, u := range d.d.units {
		if !u.Parent.IsZero() {
			continue
		}
		tops++
		if a, ok := d.AgencyOf(u.ID); ok && a.Own {
			top, own = u.ID, own+1
		}
	}
	if own != 1 {
		return ident.Unit{}, false
	}
	return top, tops == 1
}

// Duty returns the unit whose duty list takes over the checks made in a unit: the one
// named for it or for the nearest above it; otherwise the unit itself where its agency
// protects children, and where it does not the top of the node's own agency.
func (d Directory) Duty(unit ident.Unit) ident.Unit {
	u, ok := d.Unit(unit)
	for at := u; ok; at, ok = d.Unit(at.Parent) {
		if !at.Duty.IsZero() {
			return at.Duty
		}
	}
	if a, known := d.Agency(u.Agency); !known || a.protects() {
		return unit
	}
	if top, _ := d.Top(); !top.IsZero() {
		return top
	}
	return unit
}

// Protects returns the units of agencies that take children into their care.
func (d Directory) Protects() []Unit {
	return slices.DeleteFunc(d.Units(), func(u Unit) bool {
		a, ok := d.Agency(u.Agency)
		return ok && !a.protects()
	})
}

// Below returns unit and every unit under it.
func (d Directory) Below(unit ident.Unit) []ident.Unit {
	if _, ok := d.d.unit[unit]; !ok {
		return nil
	}
	return below(d.d.units, unit)
}

// below returns unit and those of units that are under it.
func below(units []Unit, unit ident.Unit) []ident.Unit {
	all := []ident.Unit{unit}
	for i := 0; i < len(all); i++ { // all grows while it is walked; a unit has one parent, so none comes twice
		for _, u := range units {
			if u.Parent == all[i] {
				all = append(all, u.ID)
			}
		}
	}
	return all
}

// Agency returns an agency, false if there is none.
func (d Directory) Agency(id ident.Agency) (Agency, bool) {
	i, ok := d.d.agency[id]
	if !ok {
		return Agency{}, false
	}
	return d.d.agencies[i], true
}

// AgencyOf returns the agency a unit belongs to, false for an unknown unit.
func (d Directory) AgencyOf(unit ident.Unit) (Agency, bool) {
	u, _ := d.Unit(unit)
	return d.Agency(u.Agency)
}

// Agencies returns every agency, ordered by name.
func (d Directory) Agencies() []Agency { return slices.Clone(d.d.agencies) }

// Standing is what those who run accounts see beside a person's name.
type Standing struct {
	Account
	Strong       bool      // has a passkey or an authenticator app
	InvitedUntil time.Time // end of an open invitation, zero without one
}

// Standings returns every account with its standing, as of tx.
func (o *Office) Standings(ctx context.Context, tx *store.Tx) ([]Standing, error) {
	rows, err := tx.Query(ctx, sqlSelectAccounts)
	people, err := collect(rows, err, o.scanAccount)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	rows, err = tx.Query(ctx, sqlSelectStrong)
	strong, err := collect(rows, err, func(row scanner) (id ident.Staff, err error) { return id, row.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("read credentials: %w", err)
	}
	rows, err = tx.Query(ctx, sqlSelectOpenInvitations, clock.Micros(tx.Now()), voiceTries)
	open, err := collect(rows, err, scanPair[ident.Staff, int64])
	if err != nil {
		return nil, fmt.Errorf("read invitations: %w", err)
	}
	all := make([]Standing, 0, len(people))
	for _, a := range people {
		s := Standing{Account: *a, Strong: slices.Contains(strong, a.ID)}
		for _, i := range open {
			if i.A == a.ID {
				s.InvitedUntil = clock.FromMicros(i.B)
			}
		}
		all = append(all, s)
	}
	return all, nil
}
