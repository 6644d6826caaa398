package node

import (
	"context"

	"causeway/internal/ident"
	"causeway/internal/oversight"
	"causeway/internal/staff"
)

// overseen tells the room of complaints who works here.
type overseen struct{ n *Node }

// Colleagues implements oversight.Staffing.
func (o overseen) Colleagues(ctx context.Context) ([]oversight.Colleague, error) {
	dir, err := o.n.Office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	var out []oversight.Colleague
	for _, a := range dir.People() {
		if a.State != staff.Active {
			continue
		}
		agency, _ := dir.AgencyOf(a.Unit)
		out = append(out, oversight.Colleague{Staff: a.ID, Role: string(a.Role), Unit: a.Unit, Agency: agency.ID})
	}
	return out, nil
}

// Above implements oversight.Staffing.
func (o overseen) Above(ctx context.Context, who ident.Staff) ([]ident.Staff, error) {
	r, err := o.n.roster(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := o.n.Office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	var out []ident.Staff
	if boss, ok := r.Supervisor(who); ok {
		out = append(out, boss)
	}
	account, _ := dir.Person(who)
	for _, post := range r.Above(account.Unit) {
		out = append(out, post.Staff...)
	}
	return out, nil
}

// expireComplaints deletes what was written in complaints and inquiries whose time is
// over.
func (n *Node) expireComplaints(ctx context.Context) error {
	for {
		if did, err := n.Oversight.Expire(ctx); err != nil || did == 0 {
			return err
		}
	}
}
