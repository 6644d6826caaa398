package directory

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// Arrivals counts the children who are expected at a service and have not come yet.
// Whoever keeps referrals implements it.
type Arrivals interface {
	Expected(context.Context, *access.Pass, ident.Service) (int, error)
}

// Expect names who counts arrivals, before the room is used. Without it none are
// expected.
func (r *Room) Expect(a Arrivals) { r.arrivals = a }

// Tonight is what a shelter's people need to know for the night.
type Tonight struct {
	Services []TonightService
	OnDuty   []ident.Staff // of the unit
}

// TonightService is one service of the unit, with how many children are on their way.
type TonightService struct {
	*View
	Expected int
}

// Tonight returns the services of the caller's own unit that are not closed.
func (r *Room) Tonight(ctx context.Context, c *access.Caller) (*Tonight, error) {
	out := &Tonight{}
	err := r.gate.View(ctx, c, access.Act{Action: "directory.view", Purpose: Purpose}, func(p *access.Pass) error {
		all, err := r.ofUnit(ctx, p)
		if err != nil {
			return err
		}
		out.Services = nil
		for _, v := range all {
			if v.State == Closed {
				continue
			}
			t := TonightService{View: v}
			if r.arrivals != nil {
				if t.Expected, err = r.arrivals.Expected(ctx, p, v.ID); err != nil {
					return err
				}
			}
			out.Services = append(out.Services, t)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.OnDuty, err = r.staffing.OnDuty(ctx, c.Unit())
	return out, err
}
