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

// Composer composes packages for whoever offers, hands over or discloses. To and Role are
// those of the person who is to receive it: what is withheld from them is left out. Where
// no role is said, as of a unit, what is withheld from anybody is.
type Composer struct {
	Cases *casework.Room
	To    [16]byte
	Role  string
}

// hides reads what is withheld from whoever is to receive a package.
func (c Composer) hides(ctx context.Context, p *access.Pass) (func(form, section, question string) bool, error) {
	away, err := c.away(ctx, p)
	if err != nil {
		return nil, err
	}
	return func(form, section, question string) bool {
		return away[access.PartOf(form, section, "")] || away[access.PartOf(form, section, question)]
	}, nil
}

// away returns the names of the parts that are withheld from whoever is to receive a package.
func (c Composer) away(ctx context.Context, p *access.Pass) (map[string]bool, error) {
	_, withheld, err := p.Withheld(ctx)
	if err != nil {
		return nil, err
	}
	away := map[string]bool{}
	for _, w := range withheld {
		if c.Role == "" || w.Role == c.Role || w.Role == "" && [16]byte(w.From) == c.To {
			away[w.Name] = true
		}
	}
	return away, nil
}

// Compose copies parts (code list disclosure_part) of the pass's case. The pass must be
// a look that opens the case. Whether the recipient may have them, [access.Walled] and
// the caller decide.
func (c Composer) Compose(ctx context.Context, p *access.Pass, parts []string) (Package, error) {
	hides, err := c.hides(ctx, p)
	if err != nil {
		return Package{}, err
	}
	of, made, err := c.Cases.Parts(ctx, p, parts, hides)
	if err != nil {
		return Package{}, err
	}
	return Package{Parts: made, of: of.Version}, nil
}
