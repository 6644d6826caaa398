package referral

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/casework"
)

// Package is what is given away: copied parts of a record.
type Package struct {
	Parts []casework.Part `cbor:"1,keyasint"`

	of int64 // the version of the case that it was copied from
}

// Composer composes packages for whoever offers, hands over or discloses.
type Composer struct{ Cases *casework.Room }

// Compose copies parts (code list disclosure_part) of the pass's case. The pass must be
// a look that opens the case. Whether the recipient may have them, the caller decides.
func (c Composer) Compose(ctx context.Context, p *access.Pass, parts []string) (Package, error) {
	of, made, err := c.Cases.Parts(ctx, p, parts)
	if err != nil {
		return Package{}, err
	}
	return Package{Parts: made, of: of.Version}, nil
}
