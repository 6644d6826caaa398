package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// caseworkArea measures the days of a worker and of a supervisor in a large node,
// over HTTP with the pages rendered, on both engines, and the clock that lets
// deadlines act.
func caseworkArea(ctx context.Context, o *Options, emit func(Measure)) error {
	t, c, done, err := newCaseBench(ctx, o, emit)
	if err != nil {
		return err
	}
	defer done()
	if err := t.fill(ctx, o, pick(o, 1_000_000, 100_000)); err != nil {
		return err
	}
	d := &days{c: c}
	if err := errors.Join(d.hire(ctx, t), d.clock(ctx, t)); err != nil {
		return err
	}
	if err := d.figures(ctx, t); err != nil {
		return fmt.Errorf("%s: %w", t.engine, err)
	}
	err = c.moved(ctx, t, func(ctx context.Context, p *town) error {
		if err := d.figures(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.engine, err)
		}
		return nil
	})
	return errors.Join(err, t.close())
}

// The people whose days are measured.
const (
	dayChildren = 40
	dayWorkers  = 200
	dayCases    = 5000
)

// days measures the first pages of two people of a town.
type days struct {
	c            *caseBench
	worker, boss login
}

// hire adds a unit with its supervisor and its workers, and gives them children.
func (d *days) hire(ctx context.Context, t *town) error {
	d.worker = login{"day.worker", "measured-" + ident.New[ident.Command]().String()}
	d.boss = login{"day.supervisor", "measured-" + ident.New[ident.Command]().String()}
	var unit ident.Unit
	var worker ident.Staff
	var workers []ident.Staff
	var invited [2]staff.Invitation
	err := t.DB.Write(ctx, func(tx *store.Tx) (err error) {
		workers = workers[:0]
		if unit, err = t.Office.CreateUnit(ctx, tx, staff.Shell(), t.units[0], "Measured district"); err != nil {
			return err
		}
		create := func(name, role string) (ident.Staff, error) {
			return t.Office.Create(ctx, tx, staff.Shell(), staff.NewAccount{
				SignIn: staff.Secret(name), Name: "Measured " + staff.Secret(name), Unit: unit, Role: staff.Role(role), Language: "en",
			})
		}
		boss, err := create(d.boss.name, access.RoleSupervisor)
		if err != nil {
			return err
		}
		if worker, err = create(d.worker.name, access.RoleCaseWorker); err != nil {
			return err
		}
		for i := 1; i < dayWorkers; i++ {
			id, err := create(fmt.Sprintf("day.%d", i), access.RoleCaseWorker)
			if err != nil {
				return err
			}
			workers = append(workers, id)
		}
		if invited[0], err = t.Office.Invite(ctx, tx, staff.Shell(), boss); err != nil {
			return err
		}
		invited[1], err = t.Office.Invite(ctx, tx, staff.Shell(), worker)
		return err
	})
	if err != nil {
		return err
	}
	if err := errors.Join(t.accept(ctx, invited[0], d.boss.password), t.accept(ctx, invited[1], d.worker.password)); err != nil {
		return err
	}
	return d.give(ctx, t, unit, worker, workers)
}

// give registers the children of the unit: most are due in the coming weeks, every
// fourth is late.
func (d *days) give(ctx context.Context, t *town, unit ident.Unit, worker ident.Staff, workers []ident.Staff) error {
	by, now := t.Gate.Job("bench"), t.Clock.Now()
	for from := 0; from < dayCases; from += access.GroupMost {
		err := t.Gate.Group(ctx, func(g *access.Gate) error {
			room := t.Cases.In(g)
			for i := from; i < min(from+access.GroupMost, dayCases); i++ {
				reg, err := t.registration(t.filled + i)
				if err != nil {
					return err
				}
				reg.Stage, reg.OpenedAt, reg.Unit = "in_services", now.AddDate(0, 0, -i%300), unit
				reg.NextContact = now.Add(time.Duration(i%28) * 24 * time.Hour)
				if i%4 == 0 {
					reg.NextContact = now.Add(-time.Duration(i%40+1) * 24 * time.Hour)
				}
				if reg.Worker = worker; i >= dayChildren {
					reg.Worker = workers[i%len(workers)]
				}
				if _, err := room.Register(ctx, by, ident.Command{}, reg); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("register the children of a unit: %w", err)
		}
	}
	t.filled += dayCases
	_, err := t.Journal.Sequence(ctx)
	return err
}

// clock lets deadlines act for a while, as after a node stood still.
func (d *days) clock(ctx context.Context, t *town) error {
	start, cases := time.Now(), 0
	most := pick(d.c.o, 2*time.Minute, 5*time.Second)
	for time.Since(start) < most {
		n, err := t.Cases.StepDeadlines(ctx)
		if err != nil {
			return err
		}
		if cases += n; n == 0 {
			break
		}
		if _, err := t.Journal.Sequence(ctx); err != nil {
			return err
		}
	}
	if cases > 0 {
		d.c.emit(scale(string(t.engine)+": cases in which deadlines acted", float64(cases)/time.Since(start).Seconds(), "/s"))
	}
	return nil
}

// figures measures the days on one engine.
func (d *days) figures(ctx context.Context, t *town) error {
	on := fmt.Sprintf("%s, %d cases: ", t.engine, t.filled)
	return t.serveTo(ctx, func(ctx context.Context, t *town, at net.Addr) error {
		for _, m := range []struct {
			name, path string
			who        login
			bar        float64
		}{
			{fmt.Sprintf("today of a worker with %d children", dayChildren), "/", d.worker, 50},
			{fmt.Sprintf("today of a supervisor of %d workers and %d cases", dayWorkers, dayCases), "/", d.boss, 50},
			{fmt.Sprintf("team of %d workers and %d cases", dayWorkers, dayCases), "/team", d.boss, 0},
		} {
			v, err := newVisitor(ctx, at, m.who)
			if err != nil {
				return err
			}
			l := &looks{v: v}
			for range pick(d.c.o, 400, 80) {
				l.paths = append(l.paths, m.path)
			}
			if _, err := l.run(ctx, 1); err != nil { // warms up
				return err
			}
			took, err := l.run(ctx, 1)
			if err != nil {
				return err
			}
			if m.bar > 0 {
				d.c.emit(atMost(on+m.name+", p95", took.at(.95), "ms", m.bar))
			} else {
				d.c.emit(scale(on+m.name+", p95", took.at(.95), "ms"))
			}
			d.c.emit(scale(on+m.name+", p50", took.at(.5), "ms"))
		}
		return nil
	})
}
