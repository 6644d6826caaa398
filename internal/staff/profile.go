package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// Presence says whether somebody is there.
type Presence string

// The presences.
const (
	Available Presence = "available"
	Away      Presence = "away"
	OnDuty    Presence = "duty" // answers outside working hours as well
)

// Presences returns every presence, in the order in which pages offer them.
func Presences() []Presence { return []Presence{Available, Away, OnDuty} }

// Profile is what colleagues may know of somebody.
type Profile struct {
	Speaks   []string // codes of languages, the best first
	Presence Presence
	Until    time.Time // when Presence ends, exclusive; zero: when it is changed

	staff   ident.Staff
	version int64
}

// At returns the presence at a time: who was away until then is available.
func (p Profile) At(now time.Time) Presence {
	if p.Presence == "" || !p.Until.IsZero() && !now.Before(p.Until) {
		return Available
	}
	return p.Presence
}

const (
	tableProfile = "staff_profile"
	speaksMost   = 12
)

// SetProfile changes what colleagues know of somebody else.
func (o *Office) SetProfile(ctx context.Context, tx *store.Tx, by By, who ident.Staff, p Profile) error {
	if err := o.check(ctx, tx, by); err != nil {
		return err
	}
	return o.setProfile(ctx, tx, by, who, p)
}

// SetOwnProfile changes what colleagues know of the person behind a session.
func (o *Office) SetOwnProfile(ctx context.Context, s Session, p Profile) error {
	return o.db.Write(ctx, func(tx *store.Tx) error {
		me, err := o.liveSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		return o.setProfile(ctx, tx, me.By(), me.Staff, p)
	})
}

func (o *Office) setProfile(ctx context.Context, tx *store.Tx, by By, who ident.Staff, p Profile) error {
	var c fault.Check
	c.Require(len(p.Speaks) <= speaksMost, "speaks", "too-many")
	for i, code := range p.Speaks {
		c.Require(slices.Contains(o.cfg.Spoken, code) && !slices.Contains(p.Speaks[:i], code), "speaks", "not-in-list")
	}
	c.Require(slices.Contains(Presences(), p.Presence), "presence", "choose-one")
	c.Require(p.Until.IsZero() || p.Until.After(tx.Now()), "presence_until", "date-past")
	if p.Presence == Available {
		p.Until = time.Time{}
	}
	if err := c.Err(); err != nil {
		return err
	}
	if _, err := o.account(ctx, tx, sqlSelectAccount, who); err != nil {
		return err
	}
	p.staff, p.version = who, 1
	query := sqlInsertProfile
	switch old, err := o.scanProfile(tx.QueryRow(ctx, sqlSelectProfile, who)); {
	case err == nil:
		p.version, query = old.version+1, sqlUpdateProfile
	case !fault.Is(err, fault.NotFound):
		return fmt.Errorf("read profile: %w", err)
	}
	row := o.profileRow(&p)
	n, err := tx.Exec(ctx, query, who, p.speaks(), string(p.Presence), p.until(), p.version, row.MAC)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	if err != nil {
		return fmt.Errorf("save profile: %w", err)
	}
	if _, err := o.journal.Append(ctx, tx, by.entry(journal.Update, "staff.profile", row)); err != nil {
		return err
	}
	return o.changed(ctx, tx)
}

func (p *Profile) speaks() string {
	if len(p.Speaks) == 0 {
		return ""
	}
	return strings.Join(p.Speaks, " ") + " "
}

func (p *Profile) until() int64 {
	if p.Until.IsZero() {
		return 0
	}
	return clock.Micros(p.Until)
}

// profileRow names a profile in a journal entry.
func (o *Office) profileRow(p *Profile) journal.RowState {
	return journal.RowState{
		Table: tableProfile, Row: p.staff[:], Version: p.version,
		MAC: o.rowMAC(tableProfile, p.staff[:], p.version, []byte(p.speaks()), []byte(p.Presence), number(p.until())),
	}
}

// scanProfile reads one profile and checks that nobody altered it: whom a child is
// given to may depend on it.
func (o *Office) scanProfile(row scanner) (Profile, error) {
	p, mac, err := scanProfileUnchecked(row)
	if err == nil && !equal(mac, o.profileRow(&p).MAC) {
		err = errAltered
	}
	return p, err
}

func scanProfileUnchecked(row scanner) (p Profile, mac []byte, err error) {
	var speaks string
	var until int64
	if err := row.Scan(&p.staff, &speaks, (*string)(&p.Presence), &until, &p.version, &mac); err != nil {
		return p, nil, err
	}
	if p.Speaks = strings.Fields(speaks); until > 0 {
		p.Until = clock.FromMicros(until)
	}
	return p, mac, nil
}

// profiles returns every profile.
func (o *Office) profiles(ctx context.Context, tx *store.Tx) ([]Profile, error) {
	rows, err := tx.Query(ctx, sqlSelectProfiles)
	all, err := collect(rows, err, o.scanProfile)
	if err != nil {
		return nil, fmt.Errorf("read profiles: %w", err)
	}
	return all, nil
}

// rebindProfiles does for profiles what Rebind does for accounts.
func (o *Office) rebindProfiles(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Query(ctx, sqlSelectProfiles)
	all, err := collect(rows, err, func(row scanner) (Profile, error) {
		p, _, err := scanProfileUnchecked(row)
		return p, err
	})
	if err != nil {
		return fmt.Errorf("read profiles: %w", err)
	}
	for i := range all {
		if _, err := tx.Exec(ctx, sqlRekeyProfile, all[i].staff, o.profileRow(&all[i]).MAC); err != nil {
			return fmt.Errorf("bind profile: %w", err)
		}
	}
	return nil
}
