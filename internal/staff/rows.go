package staff

import (
	"context"
	"fmt"

	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// Rows visits every row of this package that journal entries name, as it stands
// in tx: accounts, agencies, units, deputies,
// heirs, groups, signatures, profiles and credentials. Reconciling compares each
// with the newest entry that named it, and so finds a row that was put back. A
// row whose own digest is wrong ends the visit with "staff-row-altered".
func (o *Office) Rows(ctx context.Context, tx *store.Tx, visit func(journal.RowState) error) error {
	rows, err := tx.Query(ctx, sqlSelectUnits)
	units, err := collect(rows, err, o.scanUnit)
	if err != nil {
		return fmt.Errorf("read units: %w", err)
	}
	rows, err = tx.Query(ctx, sqlSelectAgencies)
	agencies, err := collect(rows, err, o.scanAgency)
	if err != nil {
		return fmt.Errorf("read agencies: %w", err)
	}
	rows, err = tx.Query(ctx, sqlSelectAccounts)
	accounts, err := collect(rows, err, o.scanAccount)
	if err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	rows, err = tx.Query(ctx, sqlSelectDeputies, int64(0))
	deputies, err := collect(rows, err, o.scanDeputy)
	if err != nil {
		return fmt.Errorf("read deputies: %w", err)
	}
	var all []journal.RowState
	for i := range agencies {
		all = append(all, o.agencyRow(&agencies[i]))
	}
	for _, u := range units {
		all = append(all, o.unitRow(u))
	}
	named, err := o.namedRows(ctx, tx)
	if err != nil {
		return err
	}
	all = append(all, named...)
	for _, d := range deputies {
		all = append(all, o.deputyRow(d))
	}
	for _, a := range accounts {
		made, err := o.heldRows(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		linked, err := o.subjectRows(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		all = append(append(append(all, a.row()), made...), linked...)
	}
	for _, row := range all {
		if err := visit(row); err != nil {
			return err
		}
	}
	return nil
}

// namedRows returns the rows of profiles, groups, heirs and signatures.
func (o *Office) namedRows(ctx context.Context, tx *store.Tx) (all []journal.RowState, err error) {
	profiles, err := o.profiles(ctx, tx)
	if err != nil {
		return nil, err
	}
	for i := range profiles {
		all = append(all, o.profileRow(&profiles[i]))
	}
	groups, err := o.groups(ctx, tx)
	if err != nil {
		return nil, err
	}
	for i := range groups {
		all = append(all, o.groupRow(&groups[i]))
		for j := range groups[i].Members {
			all = append(all, o.memberRow(&groups[i].Members[j]))
		}
	}
	heirs, err := o.heirs(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, h := range heirs {
		all = append(all, o.heirRow(h.who, h.heir, h.at))
	}
	signatures, err := o.signatures(ctx, tx)
	if err != nil {
		return nil, err
	}
	for i := range signatures {
		all = append(all, o.signatureRow(&signatures[i]))
	}
	return all, nil
}

// heldRows returns the rows of a person's credentials.
func (o *Office) heldRows(ctx context.Context, tx *store.Tx, id ident.Staff) ([]journal.RowState, error) {
	h, err := o.held(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	var all []journal.RowState
	if p := h.password; p != nil {
		all = append(all, o.credentialRow(tablePassword, p.id, p.version, id))
	}
	if t := h.totp; t != nil {
		all = append(all, o.credentialRow(tableTOTP, t.id, t.version, id))
	}
	for _, p := range h.passkeys {
		all = append(all, o.credentialRow(tablePasskey, p.id, p.version, id))
	}
	return all, nil
}

func (o *Office) unitRow(u Unit) journal.RowState {
	return journal.RowState{Table: tableUnit, Row: u.ID[:], Version: u.Version, MAC: o.macUnit(u)}
}
