package casework

import (
	"context"
	"slices"

	"causeway/internal/access"
)

// Held reports whether a legal hold keeps anything of the pass's case from being destroyed.
func (r *Room) Held(ctx context.Context, p *access.Pass) (bool, error) {
	s, err := p.Sealer(ctx)
	if err != nil {
		return false, err
	}
	holds, err := holdsOf(ctx, p, s)
	return slices.ContainsFunc(holds, (*Hold).InForce), err
}
