package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"

	"golang.org/x/text/unicode/norm"
)

// Agency is an organisation whose people work on this node, such as the police or
// a shelter. What its people may be told of a child depends on its sector.
type Agency struct {
	ID      ident.Agency
	Name    string
	Sector  string // a code of the pack's list of sectors
	Mandate string // what law or agreement it acts on, in words; may be empty
	Own     bool   // the node's own organisation; there is one
	Version int64

	created int64
}

// OwnSector is the sector a node's own agency begins with.
const OwnSector = "child_protection"

const (
	tableAgency = "staff_agency"
	mandateMost = 4000
)

// CreateAgency makes an agency and returns its identifier. Own and Version of in
// are ignored: the node's own agency is made with the node. Agencies are never
// removed, because units and entries name them.
func (o *Office) CreateAgency(ctx context.Context, tx *store.Tx, by By, in Agency) (ident.Agency, error) {
	none := ident.Agency{}
	if err := o.check(ctx, tx, by); err != nil {
		return none, err
	}
	if err := o.checkAgency(&in); err != nil {
		return none, err
	}
	in.ID, in.Own = ident.New[ident.Agency](), false
	row, err := o.insertAgency(ctx, tx, &in)
	if err != nil {
		return none, err
	}
	if _, err := o.journal.Append(ctx, tx, by.entry(journal.Create, "staff.agency", row)); err != nil {
		return none, err
	}
	return in.ID, o.changed(ctx, tx)
}

// ChangeAgency changes name, sector and mandate of the agency in.ID, which must
// still have in.Version: otherwise Conflict. The name of the node's own agency is
// the organisation's, and changes with it.
func (o *Office) ChangeAgency(ctx context.Context, tx *store.Tx, by By, in Agency) error {
	if err := o.check(ctx, tx, by); err != nil {
		return err
	}
	old, err := o.scanAgency(tx.QueryRow(ctx, sqlSelectAgency, in.ID))
	if err != nil {
		return fmt.Errorf("read agency: %w", err)
	}
	if old.Version != in.Version {
		return fault.New(fault.Conflict, "changed-meanwhile")
	}
	if err := o.checkAgency(&in); err != nil {
		return err
	}
	old.Name, old.Sector, old.Mandate = in.Name, in.Sector, in.Mandate
	row, err := o.saveAgency(ctx, tx, &old)
	if err != nil {
		return err
	}
	if old.Own {
		if _, err := tx.Exec(ctx, sqlUpsertOrganisation, old.Name, clock.Micros(tx.Now())); err != nil {
			return fmt.Errorf("name organisation: %w", err)
		}
	}
	if _, err := o.journal.Append(ctx, tx, by.entry(journal.Configure, "staff.agency", row)); err != nil {
		return err
	}
	return o.changed(ctx, tx)
}

// PlaceUnit puts a unit and every unit below it under an agency. Only a unit at the
// top can be placed: who looks after a unit looks after those below, and that must
// not reach into another agency.
func (o *Office) PlaceUnit(ctx context.Context, tx *store.Tx, by By, unit ident.Unit, agency ident.Agency) error {
	if err := o.check(ctx, tx, by); err != nil {
		return err
	}
	stored, err := o.storedAgency(ctx, tx, agency)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, sqlSelectUnits)
	units, err := collect(rows, err, o.scanUnit)
	if err != nil {
		return fmt.Errorf("read units: %w", err)
	}
	at := slices.IndexFunc(units, func(u Unit) bool { return u.ID == unit })
	if at < 0 {
		return fault.New(fault.NotFound, "no-such-page")
	}
	if !units[at].Parent.IsZero() {
		return fault.InvalidField("agency", "not-at-the-top")
	}
	var changed []journal.RowState
	for _, id := range below(units, unit) {
		u := units[slices.IndexFunc(units, func(u Unit) bool { return u.ID == id })]
		if u.Agency == stored {
			continue
		}
		u.Agency, u.Version = stored, u.Version+1
		row := o.unitRow(u)
		n, err := tx.Exec(ctx, sqlPlaceUnit, u.ID, u.Version-1, u.Agency, u.Version, row.MAC)
		if err == nil && n != 1 {
			err = fault.New(fault.Conflict, "changed-meanwhile")
		}
		if err != nil {
			return fmt.Errorf("place unit: %w", err)
		}
		changed = append(changed, row)
	}
	if len(changed) == 0 {
		return nil
	}
	if _, err := o.journal.Append(ctx, tx, by.entry(journal.Configure, "unit.place", changed...)); err != nil {
		return err
	}
	return o.changed(ctx, tx)
}

// SetDuty names the unit whose duty list takes over the checks made in a unit and in
// those below it, none for what [Directory.Duty] says of itself. It must be one of an
// agency that protects children.
func (o *Office) SetDuty(ctx context.Context, tx *store.Tx, by By, unit, duty ident.Unit) error {
	if err := o.check(ctx, tx, by); err != nil {
		return err
	}
	u, err := o.scanUnit(tx.QueryRow(ctx, sqlSelectUnit, unit))
	if err != nil {
		return fmt.Errorf("read unit: %w", err)
	}
	if u.Duty == duty {
		return nil
	}
	if !duty.IsZero() {
		takes, err := o.scanUnit(tx.QueryRow(ctx, sqlSelectUnit, duty))
		if fault.Is(err, fault.NotFound) {
			return fault.InvalidField("duty_unit", "unknown")
		}
		if err != nil {
			return fmt.Errorf("read unit: %w", err)
		}
		if !takes.Agency.IsZero() {
			a, err := o.scanAgency(tx.QueryRow(ctx, sqlSelectAgency, takes.Agency))
			if err != nil {
				return fmt.Errorf("read agency: %w", err)
			}
			if !a.protects() {
				return fault.InvalidField("duty_unit", "not-in-list")
			}
		}
	}
	u.Duty, u.Version = duty, u.Version+1
	row := o.unitRow(u)
	n, err := tx.Exec(ctx, sqlSetDuty, u.ID, u.Version-1, u.Duty, u.Version, row.MAC)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	if err != nil {
		return fmt.Errorf("name duty: %w", err)
	}
	return o.entered(ctx, tx, by.entry(journal.Configure, "unit.duty", row))
}

// protects reports whether people of an agency take children into their care.
func (a *Agency) protects() bool { return a.Own || a.Sector == OwnSector }

// storedAgency returns how a unit names an agency: by nothing the node's own.
func (o *Office) storedAgency(ctx context.Context, tx *store.Tx, id ident.Agency) (ident.Agency, error) {
	switch a, err := o.scanAgency(tx.QueryRow(ctx, sqlSelectAgency, id)); {
	case fault.Is(err, fault.NotFound):
		return id, fault.InvalidField("agency", "unknown")
	case err != nil:
		return id, fmt.Errorf("read agency: %w", err)
	case a.Own:
		return ident.Agency{}, nil
	}
	return id, nil
}

// Settle makes what an older version of the program left out: the node's own agency,
// from the name of the organisation. A node calls it at its start.
func (o *Office) Settle(ctx context.Context) error {
	return o.db.Write(ctx, func(tx *store.Tx) error {
		_, err := o.ownAgency(ctx, tx)
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		var name string
		switch err := tx.QueryRow(ctx, sqlSelectOrganisation).Scan(&name); {
		case fault.Is(err, fault.NotFound):
			return nil // the node is being made
		case err != nil:
			return err
		}
		row, err := o.nameOwn(ctx, tx, name)
		if err != nil {
			return err
		}
		if _, err := o.journal.Append(ctx, tx, Shell().entry(journal.Create, "staff.agency", row)); err != nil {
			return err
		}
		return o.changed(ctx, tx)
	})
}

func (o *Office) ownAgency(ctx context.Context, tx *store.Tx) (Agency, error) {
	return o.scanAgency(tx.QueryRow(ctx, sqlSelectOwnAgency))
}

// nameOwn names the node's own agency, and makes it where there is none.
func (o *Office) nameOwn(ctx context.Context, tx *store.Tx, name string) (journal.RowState, error) {
	own, err := o.ownAgency(ctx, tx)
	if fault.Is(err, fault.NotFound) {
		return o.insertAgency(ctx, tx, &Agency{ID: ident.New[ident.Agency](), Name: name, Sector: OwnSector, Own: true})
	}
	if err != nil {
		return journal.RowState{}, fmt.Errorf("read agency: %w", err)
	}
	own.Name = name
	return o.saveAgency(ctx, tx, &own)
}

func (o *Office) insertAgency(ctx context.Context, tx *store.Tx, a *Agency) (journal.RowState, error) {
	a.Version, a.created = 1, clock.Micros(tx.Now())
	row := o.agencyRow(a)
	_, err := tx.Exec(ctx, sqlInsertAgency, a.ID, a.Name, a.Sector, a.Mandate, a.Own, a.Version, a.created, row.MAC)
	if err != nil {
		return row, fmt.Errorf("make agency: %w", err)
	}
	return row, nil
}

func (o *Office) saveAgency(ctx context.Context, tx *store.Tx, a *Agency) (journal.RowState, error) {
	a.Version++
	row := o.agencyRow(a)
	n, err := tx.Exec(ctx, sqlUpdateAgency, a.ID, a.Version-1, a.Name, a.Sector, a.Mandate, a.Version, row.MAC)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	if err != nil {
		return row, fmt.Errorf("save agency: %w", err)
	}
	return row, nil
}

// agencyRow names an agency in a journal entry.
func (o *Office) agencyRow(a *Agency) journal.RowState {
	own := int64(0)
	if a.Own {
		own = 1
	}
	return journal.RowState{
		Table: tableAgency, Row: a.ID[:], Version: a.Version,
		MAC: o.rowMAC(tableAgency, a.ID[:], a.Version, []byte(a.Name), []byte(a.Sector), []byte(a.Mandate), number(own), number(a.created)),
	}
}

// scanAgency reads one agency and checks that nobody altered it: what its people
// are told depends on its sector.
func (o *Office) scanAgency(row scanner) (Agency, error) {
	a, mac, err := scanAgencyUnchecked(row)
	if err != nil {
		return Agency{}, err
	}
	if !equal(mac, o.agencyRow(&a).MAC) {
		return Agency{}, errAltered
	}
	return a, nil
}

func scanAgencyUnchecked(row scanner) (a Agency, mac []byte, err error) {
	err = row.Scan(&a.ID, &a.Name, &a.Sector, &a.Mandate, &a.Own, &a.Version, &a.created, &mac)
	return a, mac, err
}

// checkAgency brings what was typed into shape, or names the fields that cannot be.
func (o *Office) checkAgency(a *Agency) error {
	var c fault.Check
	name, err := unitName("agency_name", a.Name)
	for _, f := range fault.FieldsOf(err) {
		c.Reject(f.Name, f.Code)
	}
	a.Name = name
	c.Require(slices.Contains(o.cfg.Sectors, a.Sector), "sector", "choose-one")
	a.Mandate = norm.NFC.String(strings.TrimSpace(a.Mandate))
	c.Require(utf8.RuneCountInString(a.Mandate) <= mandateMost, "mandate", "too-long")
	c.Require(utf8.ValidString(a.Mandate) && !strings.ContainsFunc(a.Mandate, func(r rune) bool {
		return !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t'
	}), "mandate", "text")
	return c.Err()
}
