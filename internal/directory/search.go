package directory

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// PageRows is how many services one page of a search shows.
const PageRows = 20

// mostPages bounds how far a search is leafed through; who needs more names the need
// more closely.
const mostPages = 50

// Query is what somebody looks for. What is empty is not asked.
type Query struct {
	Kind, Group    string // a service, or the group it belongs to
	AgeFrom, AgeTo int    // of the child, as far as it is known; 0 and 0: not asked
	Sex            string
	Language       string
	Region         string // or a country: serves it
	Status         string
	Access         string
	Near           *Place // from where distances count; nil: the middle of Region
	Within         int    // kilometres
	Free           bool   // with a free place now
	Page           int    // from 0
}

// Found is one page of what fits.
type Found struct {
	Rows    []*Hit
	Total   int
	More    bool
	Altered int // rows that were changed behind the program's back, and are not shown
}

// Hit is one service that fits.
type Hit struct {
	*View
	Away  int  // kilometres, -1 where it is not known
	Exact bool // measured to the service itself, not to the middle of its area
}

// match is one service that fits, with what orders it.
type match struct {
	rank int     // open with a free place, open, open and full, paused
	away float64 // kilometres
	at   int64   // when its places were confirmed
	i    int     // in the index
}

// far is the distance of what nobody can place.
const far = 1e9

// Search returns the services that fit, those that are open and have a free place
// first, then the nearer ones, then those whose places were confirmed last. Closed ones
// are left out. Secret services are found by country, never by distance.
func (r *Room) Search(ctx context.Context, c *access.Caller, q Query) (*Found, error) {
	if err := r.checkQuery(&q); err != nil {
		return nil, err
	}
	var out *Found
	err := r.gate.View(ctx, c, access.Act{Action: "directory.view", Purpose: Purpose}, func(p *access.Pass) (err error) {
		if err = r.refresh(ctx, p); err != nil {
			return err
		}
		out = &Found{}
		hits := r.pick(&q, out)
		return r.show(ctx, p, out, hits)
	})
	return out, err
}

func (r *Room) checkQuery(q *Query) error {
	var c fault.Check
	for _, f := range []struct{ name, list, code string }{
		{"service_kind", pack.Services, q.Kind},
		{"service_group", pack.ServiceGroups, q.Group},
		{"service_language", pack.Languages, q.Language},
		{"takes_status", pack.ServiceStatuses, q.Status},
		{"service_access", pack.ServiceAccess, q.Access},
		{"takes_sex", pack.SexRecorded, q.Sex},
	} {
		c.Require(f.code == "" || r.codes.Valid(f.list, f.code), f.name, "not-in-list")
	}
	c.Require(q.Region == "" || r.codes.Valid(pack.Regions, q.Region) || isCountry(r.codes, q.Region), "region", "not-in-list")
	c.Require(q.AgeFrom >= 0 && q.AgeTo >= q.AgeFrom, "age_band", "not-in-list")
	c.Require(q.Near == nil || q.Near.valid(), "region", "range")
	c.Require(q.Within >= 0, "within", "range")
	q.Page = min(max(q.Page, 0), mostPages-1)
	if q.Near == nil && q.Region != "" {
		if place, ok := r.middle(q.Region); ok {
			q.Near = &place
		}
	}
	return c.Err()
}

// middle returns the middle of an area.
func (r *Room) middle(region string) (Place, bool) {
	lat, lon, ok := r.codes.Place(pack.Regions, region)
	return Place{lat, lon}, ok
}

// pick goes through the index and returns the page of what fits, in order.
func (r *Room) pick(q *Query, out *Found) []Hit {
	kinds := r.asked(q)
	country := r.codes.Parent(pack.Regions, q.Region)
	x := &r.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	best := make([]match, 0, 256)
	keep := (q.Page+1)*PageRows + 1
	for i := range x.all {
		e := &x.all[i]
		if !e.fits(q, kinds) || !r.serves(e, q.Region, country) {
			continue
		}
		m := match{rank: e.rank(), away: far, at: e.placesAt, i: i}
		if q.Near != nil && e.located {
			m.away = Distance(*q.Near, e.place)
		}
		if q.Within > 0 && m.away > float64(q.Within) {
			continue
		}
		out.Total++
		if best = append(best, m); len(best) >= 8*keep { // only the first of them are shown
			best = x.first(best, keep)
		}
	}
	best = x.first(best, keep)
	from := min(q.Page*PageRows, len(best))
	to := min(from+PageRows, len(best))
	out.More = len(best) > to && q.Page+1 < mostPages
	hits := make([]Hit, 0, to-from)
	for _, m := range best[from:to] {
		h := Hit{View: &View{Service: Service{ID: x.all[m.i].id}}, Away: -1, Exact: x.all[m.i].exact}
		if m.away < far {
			h.Away = int(m.away + .5)
		}
		hits = append(hits, h)
	}
	return hits
}

// first returns the first n matches in order.
func (x *index) first(all []match, n int) []match {
	slices.SortFunc(all, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.away, b.away), cmp.Compare(b.at, a.at),
			bytes.Compare(x.all[a.i].id[:], x.all[b.i].id[:]))
	})
	return all[:min(n, len(all))]
}

// asked returns the services that answer what is asked, nil where none is.
func (r *Room) asked(q *Query) []string {
	switch {
	case q.Kind != "":
		return []string{q.Kind}
	case q.Group != "":
		var out []string
		for _, code := range r.codes.Codes(pack.Services) {
			if r.codes.Parent(pack.Services, code) == q.Group {
				out = append(out, code)
			}
		}
		return append(out, "") // a group without services is asked too
	}
	return nil
}

// fits reports whether a service takes the child that is asked about.
func (e *entry) fits(q *Query, kinds []string) bool {
	switch {
	case e.state == Closed:
		return false
	case q.Free && (e.state != Open || e.free < 1):
		return false
	case kinds != nil && !slices.ContainsFunc(e.kinds, func(k string) bool { return slices.Contains(kinds, k) }):
		return false
	case q.AgeTo > 0 && (q.AgeTo < e.ageFrom || q.AgeFrom > e.ageTo):
		return false
	case e.sex != "" && (q.Sex == "female" || q.Sex == "male") && e.sex != q.Sex:
		return false
	case q.Language != "" && !slices.Contains(e.languages, q.Language):
		return false
	case q.Access != "" && !slices.Contains(e.access, q.Access):
		return false
	case q.Status != "" && len(e.statuses) > 0 && !slices.Contains(e.statuses, q.Status):
		return false
	}
	return true
}

// serves reports whether a service is there for a region: because it names it or its
// country, or names nothing. A country is served by whoever serves a part of it.
func (r *Room) serves(e *entry, region, country string) bool {
	if region == "" || len(e.regions) == 0 {
		return true
	}
	for _, have := range e.regions {
		if have == region || have == country || country == "" && r.codes.Parent(pack.Regions, have) == region {
			return true
		}
	}
	return false
}

// rank orders services by what helps now.
func (e *entry) rank() int {
	switch {
	case e.state != Open:
		return 3
	case e.free > 0:
		return 0
	case e.free == Unknown:
		return 1
	}
	return 2
}

// show reads the services of a page.
func (r *Room) show(ctx context.Context, p *access.Pass, out *Found, hits []Hit) error {
	if len(hits) == 0 {
		return nil
	}
	args := make([]any, PageRows)
	for i := range args {
		args[i] = hits[min(i, len(hits)-1)].ID
	}
	rows, err := readAll(ctx, p, sqlSelectShown, args...)
	if err != nil {
		return err
	}
	byID := make(map[ident.Service]*stored, len(rows))
	for _, row := range rows {
		byID[row.id] = row
	}
	for i := range hits {
		row := byID[hits[i].ID]
		if row == nil {
			continue // another instance's, newer than what this one reads
		}
		v, err := r.view(ctx, p, row)
		if errors.Is(err, errAltered) {
			out.Altered++
			continue
		}
		if err != nil {
			return err
		}
		hits[i].View = v
		out.Rows = append(out.Rows, &hits[i])
	}
	return nil
}
