package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/demo"
	"causeway/internal/fixture"
	"causeway/internal/ident"
	"causeway/internal/node"
	"causeway/internal/sealed"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// town is a node with an organisation of some size and many cases.
type town struct {
	*scratch // its Node is nil while the node is closed
	engine   store.Engine
	path     string // of the node
	staffing int    // how many workers

	world   *fixture.World
	units   []ident.Unit // the first is the head office
	workers []ident.Staff
	boss    login
	sample  []ident.Case // some of the cases, spread over all
	filled  int
	next    atomic.Int64 // registrations beyond those that filled the town
}

// login is who can sign in.
type login struct{ name, password string }

// The organisation: each worker has some hundred of a million cases, the
// supervisor of the head office reaches all.
const (
	townUnits   = 50
	townWorkers = 2000
	townSample  = 4000
)

// newTown makes the node, its units and its accounts.
func newTown(ctx context.Context, o *Options) (*town, error) {
	s, err := newScratch(ctx, o, store.SQLite, "")
	if err != nil {
		return nil, err
	}
	t := &town{
		scratch: s, engine: store.SQLite, path: s.Node.Dir, staffing: townWorkers, units: []ident.Unit{s.unit},
		world: fixture.New(demo.Seed, s.Clock.Now().Truncate(24*time.Hour)),
		boss:  login{"bench.supervisor", "measured-" + ident.New[ident.Command]().String()},
	}
	if o.workers > 0 {
		t.staffing = o.workers
	}
	if err := t.organise(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("make an organisation: %w", err), t.close())
	}
	return t, nil
}

func (t *town) organise(ctx context.Context) error {
	by := staff.Shell()
	var invitation staff.Invitation
	err := t.DB.Write(ctx, func(tx *store.Tx) error {
		t.units = t.units[:1]
		for i := range townUnits {
			id, err := t.Office.CreateUnit(ctx, tx, by, t.units[0], fmt.Sprintf("District %d", i+1))
			if err != nil {
				return err
			}
			t.units = append(t.units, id)
		}
		boss, err := t.Office.Create(ctx, tx, by, staff.NewAccount{
			SignIn: staff.Secret(t.boss.name), Name: "Measured Supervisor", Unit: t.units[0],
			Role: access.RoleSupervisor, Language: "en",
		})
		if err != nil {
			return err
		}
		if invitation, err = t.Office.Invite(ctx, tx, by, boss); err != nil {
			return err
		}
		t.workers = t.workers[:0]
		for i := range t.staffing {
			id, err := t.Office.Create(ctx, tx, by, staff.NewAccount{
				SignIn: staff.Secret(fmt.Sprintf("worker.%d", i)), Name: staff.Secret(fmt.Sprintf("Measured Worker %d", i)),
				Unit: t.unitOf(i), Role: access.RoleCaseWorker, Language: "en", Supervisor: boss,
			})
			if err != nil {
				return err
			}
			t.workers = append(t.workers, id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.accept(ctx, invitation, t.boss.password)
}

// accept has somebody take an invitation up with a password.
func (t *town) accept(ctx context.Context, invitation staff.Invitation, password string) error {
	source := t.Office.Source(netip.MustParseAddr("127.0.0.1"))
	admission, _, err := t.Office.Admit(ctx, invitation.Token, invitation.Voice, source)
	if err != nil {
		return err
	}
	return t.Office.Accept(ctx, staff.Acceptance{
		Admission: admission, Password: staff.Secret(password), Device: "bench", Source: source,
	})
}

// unitOf returns the unit of the i-th worker.
func (t *town) unitOf(i int) ident.Unit { return t.units[1+i%townUnits] }

// registration returns the i-th child of the invented world, as it stands today.
func (t *town) registration(i int) (casework.Registration, error) {
	c := t.world.Child(i)
	d, err := demo.Details(&c)
	if err != nil {
		return casework.Registration{}, err
	}
	w := i * 7919 % len(t.workers)
	return casework.Registration{
		Person: d, Place: sealed.NewText(c.Place), Region: c.Region, Risk: c.Risk, RiskReasons: c.OpenReasons,
		RiskText: sealed.NewText(c.OpenText), Basis: c.Basis, NextContact: c.NextContact, Stage: c.Stage,
		Worker: t.workers[w], Unit: t.unitOf(w), OpenedAt: c.OpenedAt,
	}, nil
}

// invent returns a function that gives the next children beyond those that filled the
// town, the first n of them invented already. It is safe for concurrent use.
func (t *town) invent(n int) (func() (casework.Registration, error), error) {
	from := int(t.next.Load())
	ready := make([]casework.Registration, n)
	for i := range ready {
		var err error
		if ready[i], err = t.registration(t.filled + from + 1 + i); err != nil {
			return nil, err
		}
	}
	return func() (casework.Registration, error) {
		i := int(t.next.Add(1))
		if at := i - from - 1; at < len(ready) {
			return ready[at], nil
		}
		return t.registration(t.filled + i)
	}, nil
}

// fillFor is how long the short form registers children at most: on a slow or
// busy machine it measures fewer cases, and says how many.
const fillFor = 15 * time.Second

// fill registers children until there are size cases, in groups with one commit.
func (t *town) fill(ctx context.Context, o *Options, size int) error {
	if err := t.open(ctx); err != nil {
		return err
	}
	by := t.Gate.Job("bench")
	start, told, from := time.Now(), time.Now(), t.filled
	for t.filled < size {
		n := min(access.GroupMost, size-t.filled)
		var ids []ident.Case
		err := t.Gate.Group(ctx, func(g *access.Gate) error {
			room := t.Cases.In(g)
			ids = ids[:0]
			for i := range n {
				reg, err := t.registration(t.filled + i)
				if err != nil {
					return err
				}
				id, err := room.Register(ctx, by, ident.Command{}, reg)
				if err != nil {
					return err
				}
				ids = append(ids, id)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("register %d cases: %w", size, err)
		}
		t.keep(ids, size)
		t.filled += n
		if o.Short && time.Since(start) > fillFor {
			break
		}
		if t.filled%4000 < n {
			if _, err := t.Journal.Sequence(ctx); err != nil {
				return err
			}
		}
		if time.Since(told) > 2*time.Second {
			told = time.Now()
			o.say("cases: %d of %d, %.0f a second", t.filled, size, float64(t.filled-from)/time.Since(start).Seconds())
		}
	}
	if _, err := t.Journal.Sequence(ctx); err != nil {
		return err
	}
	o.say("cases: %d, %.0f a second", t.filled, float64(t.filled-from)/time.Since(start).Seconds())
	return nil
}

// keep remembers some of the cases.
func (t *town) keep(ids []ident.Case, size int) {
	every := max(1, size/townSample)
	for i, id := range ids {
		if (t.filled+i)%every == 0 {
			t.sample = append(t.sample, id)
		}
	}
}

// casePaths returns the addresses of n cases nobody has opened lately.
func (t *town) casePaths(n int) []string {
	n = min(n, len(t.sample))
	out := make([]string, n)
	for i := range out {
		j := i * len(t.sample) / n
		out[i] = "/child/" + t.sample[j].String()
	}
	// Not to be opened again soon.
	kept := t.sample[:0]
	for i, id := range t.sample {
		if i*n%len(t.sample) >= n {
			kept = append(kept, id)
		}
	}
	t.sample = kept
	return out
}

// open opens the node if it is closed.
func (t *town) open(ctx context.Context) error {
	if t.Node != nil {
		return nil
	}
	n, err := node.Open(ctx, t.path, node.Options{Quiet: true})
	if err != nil {
		return err
	}
	t.Node = n
	return nil
}

// close stops the node and removes it.
func (t *town) close() error {
	var err error
	if t.Node != nil {
		err = t.Close()
		t.Node = nil
	}
	return errors.Join(err, t.remove())
}

// errNoRows ends a copy whose source failed.
var errNoRows = errors.New("the source of the copy failed")

// move copies the town to PostgreSQL: the same rows under the same keyring.
func (t *town) move(ctx context.Context, o *Options, dsn string) (*town, error) {
	if err := t.open(ctx); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(o.Dir, "causeway-bench-")
	if err != nil {
		return nil, err
	}
	p := &town{
		scratch: &scratch{unit: t.unit, holder: ident.New[ident.Session](), dir: dir}, engine: store.Postgres,
		path: filepath.Join(dir, "node"), world: t.world, units: t.units, workers: t.workers, boss: t.boss,
		sample: append([]ident.Case(nil), t.sample...), filled: t.filled,
	}
	p.next.Store(t.next.Load())
	c := config(store.Postgres, dsn)
	if err := errors.Join(os.Mkdir(p.path, 0o700), (&node.Node{Dir: p.path, Config: &c}).SaveConfig()); err != nil {
		return nil, errors.Join(err, p.close())
	}
	for _, name := range c.Keyring.Paths {
		b, err := os.ReadFile(filepath.Join(t.path, name))
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		if err := os.WriteFile(filepath.Join(p.path, name), b, 0o600); err != nil {
			return nil, errors.Join(err, p.close())
		}
	}
	o.say("cases: moving %d to PostgreSQL", t.filled)
	if err := copyRows(ctx, t.DB, store.Config{Engine: store.Postgres, DSN: dsn, Schema: c.Database.Schema}); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if err := errors.Join(t.Close(), p.open(ctx)); err != nil {
		return nil, errors.Join(err, p.close())
	}
	t.Node = nil
	return p, nil
}

// copyRows fills a new database with the rows of another.
func copyRows(ctx context.Context, from *store.DB, to store.Config) error {
	db, err := store.Create(ctx, to)
	if err != nil {
		return err
	}
	type row struct {
		table   string
		columns []string
		values  []any
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows := make(chan row, 256)
	done := make(chan error, 1)
	go func() {
		err := from.Dump(ctx, func(table string, columns []string, values []any) error {
			select {
			case rows <- row{table, columns, append([]any(nil), values...)}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		done <- err
		if err == nil {
			close(rows)
		}
	}()
	err = db.Load(ctx, func() (string, []string, []any, error) {
		select {
		case r, ok := <-rows:
			if !ok {
				return "", nil, nil, io.EOF
			}
			return r.table, r.columns, r.values, nil
		case err := <-done:
			done <- err
			if err != nil {
				return "", nil, nil, errNoRows
			}
			r, ok := <-rows
			if !ok {
				return "", nil, nil, io.EOF
			}
			return r.table, r.columns, r.values, nil
		}
	})
	cancel()
	return errors.Join(err, <-done, db.Close())
}
