package bench

import (
	"context"
	"errors"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/ident"
)

// accessArea measures what a decision costs, and a list of a hundred cases of which
// each is decided about, in a node with many people, on both engines.
func accessArea(ctx context.Context, o *Options, emit func(Measure)) error {
	many := *o
	many.workers = pick(o, 10_000, 1000)
	t, c, done, err := newCaseBench(ctx, &many, emit)
	if err != nil {
		return err
	}
	defer done()
	if err := errors.Join(c.decisions(t), t.fill(ctx, o, pick(o, 1_000_000, 50_000))); err != nil {
		return err
	}
	if err := c.decided(ctx, t); err != nil {
		return fmt.Errorf("%s: %w", t.engine, err)
	}
	err = c.moved(ctx, t, func(ctx context.Context, p *town) error {
		if err := c.decided(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.engine, err)
		}
		return nil
	})
	return errors.Join(err, t.close())
}

// decisions measures single decisions, of those who work on a case and of strangers.
func (c *caseBench) decisions(t *town) error {
	type question struct {
		by       *access.Caller
		act      access.Act
		relation string
		want     bool
	}
	var all []question
	worker, boss := t.as(t.workers[0], access.RoleCaseWorker, t.units[1]), t.caller(access.RoleSupervisor)
	police := t.caller(access.RoleInvestigator)
	of := ident.New[ident.Case]()
	for _, action := range []string{"case.open", "case.note", "case.list", "document.open", "record.save", "case.happened", "check.result"} {
		act := access.Act{Action: action, Purpose: casework.PurposeCare, Case: of}
		all = append(all, question{worker, act, access.RelationLead, true}, question{boss, act, access.RelationUnit, true},
			question{worker, act, "none", false}, question{police, act, "none", false})
	}
	for _, kept := range []bool{false, true} {
		var took times
		for range pick(c.o, 5000, 500) {
			for i := range all {
				q := &all[i]
				var permitted bool
				if err := took.add(func() error { permitted = t.Gate.Weigh(q.by, q.act, q.relation, kept); return nil }); err != nil {
					return err
				}
				if permitted != q.want {
					return fmt.Errorf("%s by a %s with relation %s: permitted %v", q.act.Action, q.by.Role(), q.relation, permitted)
				}
			}
		}
		if kept {
			c.emit(scale("a decision, remembered, median", took.at(.5)*1000, "us"))
			continue
		}
		c.emit(atMost("a decision, entities built, median", took.at(.5)*1000, "us", 50))
		c.emit(scale("a decision, entities built, p99", took.at(.99)*1000, "us"))
	}
	return nil
}

// decided measures lists of a hundred cases, two pages, of those who reach few, many
// and all. Each row is decided about, and each page is an entry on the disk.
func (c *caseBench) decided(ctx context.Context, t *town) error {
	if err := t.open(ctx); err != nil {
		return err
	}
	if err := t.Cases.CountFilters(ctx, t.DB); err != nil {
		return err
	}
	stop := t.sequence(ctx)
	on := fmt.Sprintf("%s, %d cases, %d staff: list of 100, each decided, ", t.engine, t.filled, len(t.workers))
	var err error
	for _, who := range []struct {
		name string
		as   func(i int) *access.Caller
	}{
		{"a worker", func(i int) *access.Caller {
			w := i * 37 % len(t.workers)
			return t.as(t.workers[w], access.RoleCaseWorker, t.unitOf(w))
		}},
		{"a supervisor of a district", func(i int) *access.Caller {
			return t.as(ident.New[ident.Staff](), access.RoleSupervisor, t.units[1+i%townUnits])
		}},
		{"the supervisor of all", func(int) *access.Caller {
			return t.as(ident.New[ident.Staff](), access.RoleSupervisor, t.units[0])
		}},
	} {
		var took times
		for i := range pick(c.o, 400, 80) {
			by := who.as(i)
			if err = took.add(func() error { return hundred(ctx, t, by) }); err != nil {
				return errors.Join(fmt.Errorf("%s: %w", who.name, err), stop())
			}
		}
		c.emit(atMost(on+who.name+", p95", took.at(.95), "ms", 40))
		c.emit(scale(on+who.name+", p50", took.at(.5), "ms"))
	}
	return stop()
}

// hundred lists the first hundred open cases of a caller.
func hundred(ctx context.Context, t *town, by *access.Caller) error {
	q := casework.Query{OpenOnly: true}
	for range 100 / casework.PageRows {
		page, err := t.Cases.List(ctx, by, q)
		if err != nil || page.Next == "" {
			return err
		}
		q.Cursor = page.Next
	}
	return nil
}
