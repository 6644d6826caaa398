package directory

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// Given returns the unit of this node that gives an open service, and the codes of what
// it gives, for a command or a look of another room. Any other is NotFound.
func (r *Room) Given(ctx context.Context, p *access.Pass, id ident.Service) (ident.Unit, []string, error) {
	row, err := read(ctx, p, sqlSelectService, id)
	if err != nil {
		return ident.Unit{}, nil, err
	}
	s, err := r.service(p, row, false)
	if err != nil {
		return ident.Unit{}, nil, err
	}
	if s.State != Open || s.Unit.IsZero() {
		return ident.Unit{}, nil, fault.New(fault.NotFound, "no-such-page")
	}
	return s.Unit, s.Kinds, nil
}
