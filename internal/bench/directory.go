package bench

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/demo"
	"causeway/internal/directory"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// directoryArea measures the search for a service in a large directory, by calls of
// the room and over HTTP with the page rendered, on both engines, warm; and how fast a
// file of services is taken in.
func directoryArea(ctx context.Context, o *Options, emit func(Measure)) error {
	t, c, done, err := newCaseBench(ctx, o, emit)
	if err != nil {
		return err
	}
	defer done()
	size := pick(o, 50_000, 10_000)
	if err := t.open(ctx); err != nil {
		return err
	}
	if err := c.bringServices(ctx, t, size); err != nil {
		return fmt.Errorf("fill the directory: %w", err)
	}
	measure := func(ctx context.Context, t *town) error {
		if err := c.searches(ctx, t, size); err != nil {
			return fmt.Errorf("%s: %w", t.engine, err)
		}
		return nil
	}
	if err := measure(ctx, t); err != nil {
		return err
	}
	return errors.Join(c.moved(ctx, t, measure), t.close())
}

// bringServices takes a file of invented services in.
func (c *caseBench) bringServices(ctx context.Context, t *town, size int) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{directory.Columns()}
	for i := range size {
		f := t.world.Service(i)
		f.Provider = cmp.Or(f.Provider, "Three Wells Foundation")
		s, err := demo.Service(&f)
		if err != nil {
			return err
		}
		rows = append(rows, s.Cells(""))
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	file, err := directory.ReadCSV(&b)
	if err != nil {
		return err
	}
	start := time.Now()
	got, err := t.Services.Import(ctx, t.as(t.workers[0], access.RoleSupervisor, t.units[0]), ident.New[ident.Command](), file, false)
	if err != nil {
		return err
	}
	if !got.Done || got.New != size {
		return fmt.Errorf("%d of %d services were taken in, with %d problems", got.New, size, len(got.Problems))
	}
	c.emit(scale(fmt.Sprintf("%s: services taken in from a file", t.engine), float64(size)/time.Since(start).Seconds(), "/s"))
	_, err = t.Journal.Sequence(ctx)
	return err
}

// searches measures one engine.
func (c *caseBench) searches(ctx context.Context, t *town, size int) error {
	if err := t.open(ctx); err != nil {
		return err
	}
	on := fmt.Sprintf("%s, %d services: ", t.engine, size)
	by := t.as(t.workers[0], access.RoleCaseWorker, t.units[1])
	queries := t.serviceQueries(pick(c.o, 2000, 300))
	var cold, warm times
	search := func(into *times, q *directory.Query) error {
		return into.add(func() error {
			_, err := t.Services.Search(ctx, by, *q)
			return err
		})
	}
	if err := search(&cold, &queries[0]); err != nil {
		return err
	}
	c.emit(scale(on+"first search after a start", cold.at(1), "ms"))
	for i := range queries {
		if err := search(&warm, &queries[i]); err != nil {
			return err
		}
	}
	c.emit(atMost(on+"search by need, child, place and free place, p95", warm.at(.95), "ms", 25))
	c.emit(scale(on+"search, p50", warm.at(.5), "ms"))
	c.emit(scale(on+"search, slowest", warm.at(1), "ms"))
	if err := c.reported(ctx, t, on, queries); err != nil {
		return err
	}
	return t.serve(ctx, func(ctx context.Context, t *town, v *visitor) error {
		l := &looks{v: v}
		for i := range queries[:pick(c.o, 600, 120)] {
			l.paths = append(l.paths, "/services?"+asked(&queries[i]).Encode())
		}
		if _, err := l.run(ctx, 1); err != nil { // warms up
			return err
		}
		took, err := l.run(ctx, 1)
		if err != nil {
			return err
		}
		c.emit(atMost(on+"page of a search, p95", took.at(.95), "ms", 25))
		c.emit(scale(on+"page of a search, p50", took.at(.5), "ms"))
		return nil
	})
}

// reported measures searches of which each follows a report of free places somewhere.
func (c *caseBench) reported(ctx context.Context, t *town, on string, queries []directory.Query) error {
	boss := t.as(t.workers[0], access.RoleSupervisor, t.units[0])
	found, err := t.Services.Search(ctx, boss, directory.Query{Kind: "emergency_shelter"})
	if err != nil {
		return err
	}
	if len(found.Rows) == 0 {
		return errors.New("no shelter was found")
	}
	var after times
	for i := range queries[:pick(c.o, 300, 60)] {
		at := found.Rows[i%len(found.Rows)].ID
		if err := t.Services.Report(ctx, boss, ident.New[ident.Command](), at, directory.Report{}); err != nil {
			return err
		}
		err := after.add(func() error {
			_, err := t.Services.Search(ctx, boss, queries[i])
			return err
		})
		if err != nil {
			return err
		}
	}
	c.emit(atMost(on+"search just after places were told, p95", after.at(.95), "ms", 25))
	return nil
}

// serviceQueries are the questions of many workers: a need or its group, mostly with
// the child's age and language, often near somewhere, sometimes with a free place.
func (t *town) serviceQueries(n int) []directory.Query {
	kinds, groups := t.Pack.Codes(pack.Services), t.Pack.Codes(pack.ServiceGroups)
	regions := slices.DeleteFunc(t.Pack.Codes(pack.Regions), func(r string) bool { return r == "unknown" })
	out := make([]directory.Query, n)
	for i := range out {
		q := directory.Query{Kind: kinds[i%len(kinds)]}
		if i%3 == 0 {
			q = directory.Query{Group: groups[i/3%len(groups)]}
		}
		if i%4 > 0 {
			q.AgeFrom, q.AgeTo = 12, 14
			q.Language = []string{"en", "ar", "fr"}[i%3]
		}
		if i%2 == 0 {
			q.Region = regions[i/2%len(regions)]
		}
		if i%10 == 0 {
			q.Within = 100
		}
		q.Free = i%5 == 0
		q.Page = i % 7 / 6
		out[i] = q
	}
	return out
}

// asked is a question as the page asks it.
func asked(q *directory.Query) url.Values {
	u := url.Values{}
	for name, value := range map[string]string{"service": q.Kind, "service_group": q.Group, "language": q.Language, "region": q.Region} {
		if value != "" {
			u.Set(name, value)
		}
	}
	if q.AgeTo > 0 {
		u.Set("age_band", "12-14")
	}
	if q.Free {
		u.Set("service_free", "now")
	}
	if q.Within > 0 {
		u.Set("within", fmt.Sprint(q.Within))
	}
	return u
}
