package staff

import (
	"context"
	"fmt"
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

// Unit is a part of an agency.
type Unit struct {
	ID      ident.Unit
	Parent  ident.Unit // none at the top
	Name    string
	Agency  ident.Agency // as stored none for the node's own; a [Directory] names that too
	Duty    ident.Unit   // takes over the checks made here, none where nobody named one: see [Directory.Duty]
	Version int64
}

// SetOrganisation names the one organisation of this node, which is its own agency.
func (o *Office) SetOrganisation(ctx context.Context, tx *store.Tx, by By, name string) error {
	if err := o.check(ctx, tx, by); err != nil {
		return err
	}
	name, err := unitName("organisation", name)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlUpsertOrganisation, name, clock.Micros(tx.Now())); err != nil {
		return fmt.Errorf("name organisation: %w", err)
	}
	row, err := o.nameOwn(ctx, tx, name)
	if err != nil {
		return err
	}
	if _, err := o.journal.Append(ctx, tx, by.entry(journal.Configure, "staff.organisation", row)); err != nil {
		return err
	}
	return o.changed(ctx, tx)
}

// CreateUnit makes a unit below parent and of its agency, or at the top of the node's
// own when parent is none. Units are never removed: cases and entries name them.
func (o *Office) CreateUnit(ctx context.Context, tx *store.Tx, by By, parent ident.Unit, name string) (ident.Unit, error) {
	none := ident.Unit{}
	if err := o.check(ctx, tx, by); err != nil {
		return none, err
	}
	name, err := unitName("unit_name", name)
	if err != nil {
		return none, err
	}
	u := Unit{ID: ident.New[ident.Unit](), Parent: parent, Name: name, Version: 1}
	if !parent.IsZero() {
		switch above, err := o.scanUnit(tx.QueryRow(ctx, sqlSelectUnit, parent)); {
		case fault.Is(err, fault.NotFound):
			return none, fault.InvalidField("parent", "unknown")
		case err != nil:
			return none, err
		default:
			u.Agency = above.Agency
		}
	}
	row := o.unitRow(u)
	if _, err := tx.Exec(ctx, sqlInsertUnit, u.ID, parent, name, u.Agency, u.Version, clock.Micros(tx.Now()), row.MAC); err != nil {
		return none, fmt.Errorf("make unit: %w", err)
	}
	if _, err := o.journal.Append(ctx, tx, by.entry(journal.Create, "staff.unit", row)); err != nil {
		return none, err
	}
	return u.ID, o.changed(ctx, tx)
}

const tableUnit = "staff_unit"

// macUnit is the digest of a unit as it is stored. One of the node's own agency has
// the digest it had before there were others.
func (o *Office) macUnit(u Unit) []byte {
	cols := [][]byte{u.Parent[:], []byte(u.Name)}
	if !u.Agency.IsZero() || !u.Duty.IsZero() {
		cols = append(cols, u.Agency[:])
	}
	if !u.Duty.IsZero() {
		cols = append(cols, u.Duty[:])
	}
	return o.rowMAC(tableUnit, u.ID[:], u.Version, cols...)
}

// scanUnit reads one unit and checks that nobody altered it: whose cases a
// supervisor sees may depend on it.
func (o *Office) scanUnit(row scanner) (Unit, error) {
	u, mac, err := scanUnitUnchecked(row)
	if err != nil {
		return Unit{}, err
	}
	if !equal(mac, o.macUnit(u)) {
		return Unit{}, errAltered
	}
	return u, nil
}

func scanUnitUnchecked(row scanner) (u Unit, mac []byte, err error) {
	err = row.Scan(&u.ID, &u.Parent, &u.Name, &u.Agency, &u.Duty, &u.Version, &mac)
	return u, mac, err
}

func unitName(field, name string) (string, error) {
	name = norm.NFC.String(strings.TrimSpace(name))
	n := utf8.RuneCountInString(name)
	switch {
	case n == 0:
		return "", fault.InvalidField(field, "required")
	case n > 200:
		return "", fault.InvalidField(field, "too-long")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", fault.InvalidField(field, "text")
	}
	return name, nil
}
