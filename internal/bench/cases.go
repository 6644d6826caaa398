package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// casesArea measures lists, pages and registrations over many cases, over HTTP
// with the pages rendered, on both engines.
func casesArea(ctx context.Context, o *Options, emit func(Measure)) error {
	size := pick(o, 1_000_000, 100_000)
	t, c, done, err := newCaseBench(ctx, o, emit)
	if err != nil {
		return err
	}
	defer done()
	// A hundredth first, for how the figures grow.
	if err := t.fill(ctx, o, size/100); err != nil {
		return err
	}
	if err := c.small(ctx, t); err != nil {
		return err
	}
	if err := t.fill(ctx, o, size); err != nil {
		return err
	}
	return errors.Join(c.large(ctx, t, t.filled), t.close())
}

// newCaseBench makes an empty town, and starts the server to which it will be moved.
// done takes both away again.
func newCaseBench(ctx context.Context, o *Options, emit func(Measure)) (t *town, c *caseBench, done func(), err error) {
	if t, err = newTown(ctx, o); err != nil {
		return nil, nil, nil, err
	}
	server, err := startServer(ctx, o.Dir)
	if err != nil && o.Postgres == "" {
		return nil, nil, nil, errors.Join(fmt.Errorf("PostgreSQL cannot be measured: %w", err), t.close())
	}
	c = &caseBench{o: o, emit: emit, server: server, dsn: o.Postgres}
	if server != nil {
		c.dsn = server.dsn()
	}
	return t, c, func() {
		_ = t.close() // closed already where nothing failed
		if server != nil {
			_ = server.close() // a folder of ours
		}
	}, nil
}

// caseBench measures towns.
type caseBench struct {
	o      *Options
	emit   func(Measure)
	server *server // nil: a server that is not ours
	dsn    string

	before map[store.Engine]float64 // p95 of lists over a hundredth of the cases
}

// small measures lists over a hundredth of the cases on both engines.
func (c *caseBench) small(ctx context.Context, t *town) error {
	c.before = map[store.Engine]float64{}
	note := func(ctx context.Context, t *town, v *visitor) error {
		looks, err := t.lists(ctx, v, pick(c.o, 120, 40))
		if err != nil {
			return err
		}
		took, err := looks.run(ctx, 1)
		c.before[t.engine] = took.at(.95)
		return err
	}
	if err := t.serve(ctx, note); err != nil {
		return err
	}
	return c.moved(ctx, t, func(ctx context.Context, p *town) error { return p.serve(ctx, note) })
}

// large measures everything on both engines.
func (c *caseBench) large(ctx context.Context, t *town, size int) error {
	if err := c.figures(ctx, t, size); err != nil {
		return fmt.Errorf("%s: %w", t.engine, err)
	}
	return c.moved(ctx, t, func(ctx context.Context, p *town) error {
		if err := c.figures(ctx, p, size); err != nil {
			return fmt.Errorf("%s: %w", p.engine, err)
		}
		return nil
	})
}

// moved runs fn on a copy of the town on PostgreSQL, made as a restore makes it.
func (c *caseBench) moved(ctx context.Context, t *town, fn func(context.Context, *town) error) error {
	p, err := t.move(ctx, c.o, c.dsn)
	if err != nil {
		return fmt.Errorf("move to PostgreSQL: %w", err)
	}
	if c.server != nil {
		if err := c.server.settle(ctx); err != nil {
			return errors.Join(err, p.close())
		}
	}
	return errors.Join(fn(ctx, p), p.close())
}

// figures measures one town of size cases.
func (c *caseBench) figures(ctx context.Context, t *town, size int) error {
	on := fmt.Sprintf("%s, %d cases: ", t.engine, size)
	if err := t.open(ctx); err != nil {
		return err
	}
	if err := t.DB.Checkpoint(ctx); err != nil {
		return err
	}
	bytes, err := t.DB.Size(ctx)
	if err != nil {
		return err
	}
	cases := t.filled + int(t.next.Load()) // a moved town has those that were measured before
	c.emit(atMost(on+"bytes for each case on disk", float64(bytes)/float64(cases), "bytes", 4096))
	if err := c.creates(ctx, t, on); err != nil {
		return err
	}
	if err := c.cold(ctx, t, on); err != nil {
		return err
	}
	return t.serve(ctx, func(ctx context.Context, t *town, v *visitor) error { return c.pages(ctx, t, v, on) })
}

// pages measures lists and case pages over HTTP.
func (c *caseBench) pages(ctx context.Context, t *town, v *visitor, on string) error {
	looks, err := t.lists(ctx, v, pick(c.o, 900, 90))
	if err != nil {
		return err
	}
	c.o.say("%s%d combinations of filters", on, len(looks.paths))
	if _, err := looks.run(ctx, 1); err != nil { // warms up, and finds the second pages
		return err
	}
	alone, err := looks.run(ctx, 1)
	if err != nil {
		return err
	}
	c.emit(atMost(on+"list, any filters, first and next page, p95", alone.at(.95), "ms", 25))
	c.emit(scale(on+"list, p50", alone.at(.5), "ms"))
	c.emit(scale(on+"list, slowest", alone.at(1), "ms"))
	c.o.say("%sslowest lists: %s", on, looks.slowest(5))
	four, err := looks.run(ctx, 4)
	if err != nil {
		return err
	}
	c.emit(atMost(on+"list, 4 readers at once, p95", four.at(.95), "ms", 50))
	if before := c.before[t.engine]; before > 0 {
		c.emit(atMost(on+"list p95 against a hundredth of the cases", alone.at(.95)/before, "x", 4))
	}
	if err := c.opens(ctx, t, v, on); err != nil {
		return err
	}
	now, _ := resident()
	c.emit(atMost(on+"memory of this process, with its visitors", float64(now)/1e6, "MB", 400))
	return nil
}

// opens measures the page of a case; each look is journaled.
func (c *caseBench) opens(ctx context.Context, t *town, v *visitor, on string) error {
	n := pick(c.o, 2000, 300)
	paths := t.casePaths(n)
	open := &looks{v: v, paths: paths[:len(paths)/2]}
	took, err := open.run(ctx, 1)
	if err != nil {
		return err
	}
	c.emit(atMost(on+"open a case, p95", took.at(.95), "ms", 25))
	c.emit(scale(on+"open a case, p50", took.at(.5), "ms"))
	open = &looks{v: v, paths: paths[len(paths)/2:]}
	if took, err = open.run(ctx, 8); err != nil {
		return err
	}
	c.emit(atMost(on+"open a case, 8 users at once, p95", took.at(.95), "ms", 60))
	return nil
}

// creates measures durable registrations, each in its own commit, by calls of
// the room. The figures they are beaten with are of PocketBase 0.36.8 on such
// rows, neither sealed nor audited nor durable for each commit.
func (c *caseBench) creates(ctx context.Context, t *town, on string) error {
	stop := t.sequence(ctx)
	d := pick(c.o, 5*time.Second, 1500*time.Millisecond)
	by := t.as(t.workers[0], access.RoleCaseWorker, t.units[1])
	measure := func(r *rate, callers int) error {
		children, err := t.invent(pick(c.o, 10_000, 3000)) // ahead: inventing them is no part of registering
		if err != nil {
			return err
		}
		return r.run(d, callers, func() func() error {
			return func() error {
				g, err := children()
				if err != nil {
					return err
				}
				_, err = t.Cases.Register(ctx, by, ident.Beside[ident.Command](), g)
				return err
			}
		})
	}
	var warm, one, many rate // warm: the pages that registrations write are in memory, and in PostgreSQL's log, afterwards
	err := errors.Join(measure(&warm, crowd), measure(&one, 1), measure(&many, crowd), stop())
	if err != nil {
		return err
	}
	c.emit(atLeast(on+"register a child, durable, alone (PocketBase 1003)", one.perSecond(), "/s", 1003))
	c.emit(atLeast(on+"register a child, durable, 16 at once (PocketBase 1344)", many.perSecond(), "/s", 1344))
	return nil
}

// cold measures the first pages after a start with nothing in memory. They are
// stated and held to no bar.
func (c *caseBench) cold(ctx context.Context, t *town, on string) error {
	if err := t.Close(); err != nil {
		return err
	}
	t.Node = nil
	if t.engine == store.Postgres {
		if c.server == nil {
			return nil
		}
		if err := c.server.stop(false); err != nil {
			return err
		}
		if err := errors.Join(forget(c.server.data()), c.server.start(ctx)); err != nil {
			return err
		}
	} else if err := forget(t.dir); err != nil {
		return err
	}
	return t.serve(ctx, func(ctx context.Context, t *town, v *visitor) error {
		list := &looks{v: v, paths: []string{"/children"}}
		first, err := list.run(ctx, 1)
		if err != nil {
			return err
		}
		open := &looks{v: v, paths: t.casePaths(20)}
		opened, err := open.run(ctx, 1)
		if err != nil {
			return err
		}
		c.emit(scale(on+"cold: first list after a start", first.at(.5), "ms"))
		c.emit(scale(on+"cold: open a case, p50 of the first 20", opened.at(.5), "ms"))
		c.emit(scale(on+"cold: open a case, slowest of the first 20", opened.at(1), "ms"))
		return nil
	})
}
