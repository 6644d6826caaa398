package casework

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// checkMany refuses a choice that is empty or too large.
func checkMany(c *fault.Check, ids []ident.Case) {
	c.Require(len(ids) > 0, "case", "choose-one")
	c.Require(len(ids) <= MostChosen, "case", "too-many")
}

// many runs a command of its own on each of several cases: one that cannot be
// done is named and does not hold up the others. The same form again finds each
// carried out.
func many(ctx context.Context, cmd ident.Command, ids []ident.Case, do func(ident.Command, ident.Case) error) ([]Assigned, error) {
	out := make([]Assigned, 0, len(ids))
	for _, id := range ids {
		err := do(each(cmd, id), id)
		if err != nil && ctx.Err() != nil {
			return out, err
		}
		out = append(out, Assigned{id, err})
	}
	return out, nil
}

// FlagMany puts up the same flag in several cases.
func (r *Room) FlagMany(ctx context.Context, c *access.Caller, cmd ident.Command, ids []ident.Case, f Flag) ([]Assigned, error) {
	var chk fault.Check
	checkMany(&chk, ids)
	for _, x := range fault.FieldsOf(f.check(r.codes, r.clk.Now())) {
		chk.Reject(x.Name, x.Code)
	}
	if err := chk.Err(); err != nil {
		return nil, err
	}
	return many(ctx, cmd, ids, func(one ident.Command, id ident.Case) error { return r.PutFlag(ctx, c, one, id, f) })
}

// ContactMany sets the same day of the next contact in several cases.
func (r *Room) ContactMany(ctx context.Context, c *access.Caller, cmd ident.Command, ids []ident.Case, day time.Time, why sealed.Text) ([]Assigned, error) {
	var chk fault.Check
	checkMany(&chk, ids)
	chk.Require(!day.IsZero(), "next_contact", "required")
	chk.Require(day.IsZero() || inReach(day, r.clk.Now()), "next_contact", "out-of-range")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return nil, err
	}
	return many(ctx, cmd, ids, func(one ident.Command, id ident.Case) error { return r.SetContact(ctx, c, one, id, day, why) })
}

// Chosen returns some cases as a list shows them, as far as the caller may see
// them, in the order they were chosen.
func (r *Room) Chosen(ctx context.Context, c *access.Caller, ids []ident.Case) ([]Row, ident.Entry, error) {
	ids = ids[:min(len(ids), MostChosen)]
	var rows []*Case
	var out []Row
	var entry ident.Entry
	err := r.gate.List(ctx, c, access.Act{Action: "case.list", Purpose: PurposeCare},
		func(p *access.Pass) ([]ident.Case, error) {
			rows = nil
			seen, err := visible(ctx, p, ids, len(ids))
			if err != nil {
				return nil, err
			}
			for start := 0; start < len(seen); start += PageRows {
				some, err := readRows(ctx, p.Tx(), seen[start:min(start+PageRows, len(seen))])
				if err != nil {
					return nil, err
				}
				rows = append(rows, some...)
			}
			return caseIDs(rows), nil
		},
		func(p *access.Pass) (err error) {
			entry = p.Entry()
			out, err = r.show(ctx, p, rows)
			return err
		})
	return out, entry, err
}
