package match

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// Seen is what the page of agreements shows.
type Seen struct {
	Agreements []*Agreement // those that have not ended first
	Tables     []*Table
	Entry      ident.Entry

	MayPropose, MayAgree, MayEnd bool
}

// Look returns the agreements of this node, and how far its tables are, for a page.
func (r *Room) Look(ctx context.Context, c *access.Caller) (*Seen, error) {
	var out Seen
	err := r.gate.View(ctx, c, access.Act{Action: "match.view", Purpose: purposeOffice}, func(p *access.Pass) (err error) {
		out = Seen{
			Entry: p.Entry(), MayPropose: r.gate.May(c, "match.propose"), MayAgree: r.gate.May(c, "match.agree"),
			MayEnd: r.gate.May(c, "match.end"),
		}
		if out.Agreements, err = r.agreements(ctx, p.Tx()); err != nil {
			return err
		}
		out.Tables, err = r.tablesNow(ctx, p.Tx())
		return err
	})
	for _, t := range out.Tables {
		if t.State == Sending {
			t.Hidden, t.ToHide = int(r.work.hidden.Load()), int(r.work.toHide.Load())
		}
	}
	return &out, err
}
