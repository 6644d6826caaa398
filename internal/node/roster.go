package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// roster tells the rooms who works here now, from the accounts.
type roster struct {
	dir    staff.Directory
	deputy map[ident.Staff]ident.Staff
	bosses map[ident.Unit][]ident.Staff
	people map[ident.Unit][]ident.Staff // of those who answer for cases, or did
	gone   []ident.Staff
}

// rosterFor is how long a roster is good, as long as the directory of accounts is.
const rosterFor = 2 * time.Second

// rosters keeps the roster made last: lists of supervisors ask for it at each page.
type rosters struct {
	mu   sync.Mutex // guards the rest
	last *roster
	at   time.Time
}

func (n *Node) roster(ctx context.Context) (casework.Roster, error) {
	dir, err := n.Office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	n.rosters.mu.Lock()
	defer n.rosters.mu.Unlock()
	now := n.Clock.Now()
	if age := now.Sub(n.rosters.at); n.rosters.last != nil && n.rosters.last.dir == dir && age >= 0 && age < rosterFor {
		return n.rosters.last, nil
	}
	r, err := n.newRoster(ctx, dir)
	if err != nil {
		return nil, err
	}
	n.rosters.last, n.rosters.at = r, now
	return r, nil
}

func (n *Node) newRoster(ctx context.Context, dir staff.Directory) (*roster, error) {
	r := &roster{
		dir: dir, deputy: map[ident.Staff]ident.Staff{}, bosses: map[ident.Unit][]ident.Staff{}, people: map[ident.Unit][]ident.Staff{},
	}
	for _, a := range dir.People() {
		if !answers(a.Role) && a.State != staff.Disabled {
			r.gone = append(r.gone, a.ID) // another post: cases were left behind
			continue
		}
		r.people[a.Unit] = append(r.people[a.Unit], a.ID)
		switch {
		case a.State == staff.Disabled:
			r.gone = append(r.gone, a.ID)
		case a.Role == staff.Supervisor:
			r.bosses[a.Unit] = append(r.bosses[a.Unit], a.ID)
		}
	}
	return r, n.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := n.Office.Deputies(ctx, tx)
		for _, d := range all {
			if _, there := r.deputy[d.Staff]; !there && !d.From.After(tx.Now()) && tx.Now().Before(d.Until) {
				r.deputy[d.Staff] = d.Deputy
			}
		}
		return err
	})
}

// answers reports whether a role can answer for a case or a check.
func answers(role staff.Role) bool {
	return role == staff.CaseWorker || role == staff.Supervisor || role == staff.FirstResponder
}

// Heir implements casework.Roster.
func (r *roster) Heir(of ident.Staff) (ident.Staff, bool) { return r.dir.Heir(of) }

// Works implements casework.Roster.
func (r *roster) Works(who ident.Staff) bool {
	a, ok := r.dir.Person(who)
	return ok && a.State != staff.Disabled && answers(a.Role)
}

// Gone implements casework.Roster.
func (r *roster) Gone() []ident.Staff { return r.gone }

// Deputy implements casework.Roster.
func (r *roster) Deputy(who ident.Staff) (ident.Staff, bool) {
	d, ok := r.deputy[who]
	return d, ok && r.Works(d)
}

// Supervisor implements casework.Roster.
func (r *roster) Supervisor(who ident.Staff) (ident.Staff, bool) {
	a, ok := r.dir.Person(who)
	if !ok || a.Supervisor.IsZero() {
		return ident.Staff{}, false
	}
	boss, ok := r.dir.Person(a.Supervisor)
	return boss.ID, ok && boss.Role == staff.Supervisor && boss.State != staff.Disabled
}

// Above implements casework.Roster.
func (r *roster) Above(unit ident.Unit) []casework.Post {
	var out []casework.Post
	for !unit.IsZero() && len(out) <= 64 {
		u, ok := r.dir.Unit(unit)
		if !ok {
			break
		}
		out = append(out, casework.Post{Unit: unit, Staff: r.bosses[unit]})
		unit = u.Parent
	}
	return out
}

// Duty implements casework.Roster.
func (r *roster) Duty(unit ident.Unit) ident.Unit { return r.dir.Duty(unit) }

// Team implements casework.Roster.
func (r *roster) Team(units ...ident.Unit) []casework.Post {
	var out []casework.Post
	for _, top := range units {
		for _, u := range r.dir.Below(top) {
			if !slices.ContainsFunc(out, func(p casework.Post) bool { return p.Unit == u }) {
				out = append(out, casework.Post{Unit: u, Staff: r.people[u]})
			}
		}
	}
	return out
}
