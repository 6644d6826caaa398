package directory

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// index is a copy of what services are searched by, in memory: a search looks at every
// one of them faster than a database finds the few that fit. It holds nothing of what
// secret services hide.
type index struct {
	mu    sync.RWMutex // guards the fields below
	stamp int64
	all   []entry
	at    map[ident.Service]int // index in all
	once  map[string][]string   // one list for each combination of codes
}

type entry struct {
	id             ident.Service
	unit           ident.Unit
	state          string
	sex            string
	kinds          []string
	languages      []string
	regions        []string
	statuses       []string
	access         []string
	ageFrom, ageTo int
	free           int
	placesAt       int64
	place          Place
	located, exact bool // place is known; it is the service's own, not that of its area
	secret         bool
}

// refresh reads what changed since the copy was made, here or by another instance.
func (r *Room) refresh(ctx context.Context, p *access.Pass) error {
	x := &r.index
	var stamp int64
	if err := p.Tx().QueryRow(ctx, sqlSelectStamp).Scan(&stamp); err != nil && !fault.Is(err, fault.NotFound) { // no service yet
		return fmt.Errorf("read directory: %w", err)
	}
	x.mu.RLock()
	fresh := x.at != nil && stamp <= x.stamp
	x.mu.RUnlock()
	if fresh {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.at == nil {
		x.at, x.once = map[ident.Service]int{}, map[string][]string{}
	}
	rows, err := p.Tx().Query(ctx, sqlSelectChanged, x.stamp)
	if err != nil {
		return fmt.Errorf("read directory: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var e entry
		var changed int64
		var kinds, languages, regions, statuses, access string
		var lat, lon *int64
		if err := rows.Scan(&e.id, &changed, &e.state, &e.unit, &e.secret, &kinds, &languages, &regions, &statuses, &access,
			&e.ageFrom, &e.ageTo, &e.sex, &lat, &lon, &e.free, &e.placesAt); err != nil {
			return fmt.Errorf("read directory: %w", err)
		}
		e.kinds, e.languages, e.regions = x.list(kinds), x.list(languages), x.list(regions)
		e.statuses, e.access = x.list(statuses), x.list(access)
		r.locate(&e, lat, lon)
		if i, known := x.at[e.id]; known {
			x.all[i] = e
		} else {
			x.at[e.id] = len(x.all)
			x.all = append(x.all, e)
		}
		// Stamps are given out in the order of commits: what comes later is higher.
		x.stamp = max(x.stamp, changed)
	}
	return rows.Err()
}

// list returns the codes of a column, one list for all rows that have the same.
func (x *index) list(codes string) []string {
	if l, ok := x.once[codes]; ok {
		return l
	}
	l := slices.Clip(split(codes))
	x.once[codes] = l
	return l
}

// locate says where a service is: where it stands, or in the middle of the first area
// it serves. Of a secret one nothing is known.
func (r *Room) locate(e *entry, lat, lon *int64) {
	if e.secret {
		return
	}
	if lat != nil && lon != nil {
		e.place, e.located, e.exact = Place{float64(*lat) / micro, float64(*lon) / micro}, true, true
		return
	}
	for _, region := range e.regions {
		if e.place, e.located = r.middle(region); e.located {
			return
		}
	}
}
