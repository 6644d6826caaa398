package referral

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/ident"
)

// ClaimLine is a claim with the number of its case.
type ClaimLine struct {
	Claim
	Number ident.CaseNumber
}

// Claims returns who asks for the cases in the caller's care and waits for an answer.
func (r *Room) Claims(ctx context.Context, c *access.Caller) ([]ClaimLine, error) {
	var out []ClaimLine
	err := r.gate.List(ctx, c, access.Act{Action: "referral.list", Purpose: purposeCare}, func(p *access.Pass) (ids []ident.Case, err error) {
		out = nil
		var found []Claim
		if c.Role() == access.RoleSupervisor {
			found, err = readClaims(ctx, p, sqlClaimsOf, c.Unit(), listMost)
		} else {
			found, err = readClaims(ctx, p, sqlClaimsOwn, append(c.Holders(), p.Now().UnixMicro(), listMost)...)
		}
		if err != nil {
			return nil, err
		}
		of := make([]ident.Case, len(found))
		for i := range found {
			of[i] = found[i].Case
		}
		seen, err := p.Visible(ctx, of)
		for i := range found {
			if err != nil || !seen[i] {
				continue
			}
			out = append(out, ClaimLine{Claim: found[i]})
			if !slices.Contains(ids, found[i].Case) {
				ids = append(ids, found[i].Case)
			}
		}
		return ids, err
	}, func(p *access.Pass) error {
		for i := range out {
			if err := out[i].open(p); err != nil {
				return err
			}
		}
		return r.number(ctx, p, out)
	})
	return out, err
}

// number adds the numbers of their cases to claims.
func (r *Room) number(ctx context.Context, p *access.Pass, list []ClaimLine) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]ident.Case, len(list))
	for i := range list {
		ids[i] = list[i].Case
	}
	heads, err := r.cases.Heads(ctx, p, ids)
	for i := range list {
		if at := slices.IndexFunc(heads, func(h *casework.Case) bool { return h.ID == list[i].Case }); at >= 0 {
			list[i].Number = heads[at].Number
		}
	}
	return err
}

// Claimed returns what was answered to the caller's own claims: codes and dates, with the
// number they typed. Nothing is returned of a claim that waits.
func (r *Room) Claimed(ctx context.Context, c *access.Caller) (out []ClaimLine, err error) {
	err = r.gate.Own(ctx, c, func(p *access.Pass) error {
		all, err := readClaims(ctx, p, sqlMyClaims, c.Staff())
		if err != nil {
			return err
		}
		out = nil
		for i := range all {
			out = append(out, ClaimLine{Claim: all[i]})
		}
		return r.number(ctx, p, out)
	})
	return out, err
}
