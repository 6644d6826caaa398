package access

import (
	"context"
	"fmt"

	"causeway/internal/ident"
)

// Above returns the unit next above a unit, none where it is the highest: who is
// told when a unit leaves something lying.
func (p *Pass) Above(ctx context.Context, u ident.Unit) (ident.Unit, error) {
	if p == nil || p.tx == nil {
		return ident.Unit{}, errNoPass
	}
	all, err := p.gate.units.Above(ctx, u)
	if err != nil {
		return ident.Unit{}, fmt.Errorf("unit above: %w", err)
	}
	if len(all) < 2 {
		return ident.Unit{}, nil
	}
	return ident.Unit(all[1]), nil
}
