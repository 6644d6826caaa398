package node

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// notices leaves word for people on their account page and, for who asked for it, by
// e-mail without content.
type notices struct{ office *staff.Office }

// Tell implements access.Notifier.
func (n notices) Tell(ctx context.Context, tx *store.Tx, t access.Told) error {
	roles := make([]staff.Role, len(t.Roles))
	for i, r := range t.Roles {
		roles[i] = staff.Role(r)
	}
	people := t.Staff
	if !t.Above.IsZero() {
		above, err := n.above(ctx, t.Above)
		if err != nil {
			return err
		}
		people = append(above, people...)
	}
	return n.office.TellPeople(ctx, tx, t.Entry, staff.NoticeKind(t.Kind), t.Actor, people, roles...)
}

// above returns the person named as somebody's supervisor and, where nobody is, those
// who supervise their unit.
func (n notices) above(ctx context.Context, who ident.Staff) ([]ident.Staff, error) {
	dir, err := n.office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	account, ok := dir.Person(who)
	if !ok {
		return nil, nil
	}
	if !account.Supervisor.IsZero() {
		return []ident.Staff{account.Supervisor}, nil
	}
	var out []ident.Staff
	for _, a := range dir.People() {
		if a.Unit == account.Unit && a.Role == staff.Supervisor && a.ID != who {
			out = append(out, a.ID)
		}
	}
	return out, nil
}

// volumeLimits reads from the pack what is too much.
func volumeLimits(p *pack.Pack) access.VolumeLimits {
	n := func(name pack.ClockName) int { return p.Clock(name).Value }
	return access.VolumeLimits{
		Opens: n(pack.VolumeOpens), Searches: n(pack.VolumeSearches), Exports: n(pack.VolumeExports), Denials: n(pack.VolumeDenials),
		Times: n(pack.VolumeTimes), HourShare: n(pack.VolumeHour),
	}
}
