package node

import (
	"context"

	"causeway/internal/ident"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// staffing tells the directory of services about units and who is at work there.
type staffing struct{ n *Node }

// UnitNames implements directory.Staffing.
func (s staffing) UnitNames(ctx context.Context) (map[ident.Unit]string, error) {
	dir, err := s.n.Office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	out := map[ident.Unit]string{}
	for _, u := range dir.Units() {
		out[u.ID] = u.Name
	}
	return out, nil
}

// Supervised implements directory.Staffing.
func (s staffing) Supervised(ctx context.Context, unit ident.Unit) (bool, error) {
	dir, err := s.n.Office.Directory(ctx)
	if err != nil {
		return false, err
	}
	bosses := map[ident.Unit]bool{}
	for _, a := range dir.People() {
		if a.Role == staff.Supervisor && a.State != staff.Disabled {
			bosses[a.Unit] = true
		}
	}
	for n := 0; !unit.IsZero() && n <= 64; n++ {
		if bosses[unit] {
			return true, nil
		}
		u, _ := dir.Unit(unit)
		unit = u.Parent
	}
	return false, nil
}

// OnDuty implements directory.Staffing: who works in the unit and is not away, with
// somebody standing in for them.
func (s staffing) OnDuty(ctx context.Context, unit ident.Unit) ([]ident.Staff, error) {
	dir, err := s.n.Office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	away := map[ident.Staff]bool{}
	err = s.n.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := s.n.Office.Deputies(ctx, tx)
		for _, d := range all {
			if !d.From.After(tx.Now()) && tx.Now().Before(d.Until) {
				away[d.Staff] = true
			}
		}
		return err
	})
	var out []ident.Staff
	for _, a := range dir.People() {
		if a.Unit == unit && a.State == staff.Active && !away[a.ID] {
			out = append(out, a.ID)
		}
	}
	return out, err
}
