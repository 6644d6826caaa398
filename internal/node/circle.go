package node

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/consent"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/staff"
)

// tellers know between them who received something about a case.
type tellers []consent.Teller

// Told implements consent.Teller.
func (all tellers) Told(ctx context.Context, p *access.Pass, of ident.Case, purpose string) ([]consent.Receipt, error) {
	var out []consent.Receipt
	for _, t := range all {
		some, err := t.Told(ctx, p, of, purpose)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// recipients tells who the people and units are to whom something may be disclosed.
type recipients struct{ office *staff.Office }

// Known implements referral.Staff.
func (r recipients) Known(ctx context.Context, who [16]byte, unit bool) (k referral.Known, ok bool, err error) {
	dir, err := r.office.Directory(ctx)
	if err != nil {
		return k, false, err
	}
	a, known := dir.Person(ident.Staff(who))
	at := a.Unit
	if unit {
		at = ident.Unit(who)
	}
	if agency, ok := dir.AgencyOf(at); ok {
		k.Sector = agency.Sector
	}
	if unit {
		_, k.Active = dir.Unit(at)
		return k, k.Active, nil
	}
	k.Role, k.Active = string(a.Role), a.State == staff.Active
	return k, known, nil
}
