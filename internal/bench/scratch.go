package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/node"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// scratch is a throw-away node with one unit and people who exist only here.
type scratch struct {
	*node.Node
	unit   ident.Unit
	holder ident.Session // of the sequencer's lease
	dir    string
}

// config is the configuration of a throw-away node.
func config(engine store.Engine, dsn string) node.Config {
	c := node.Config{
		Name: "XA-bench", Origin: "http://localhost:1", Listen: "127.0.0.1:0", Demo: true, Pack: "demo",
		Keyring:  node.Keyring{Provider: "plain", Paths: []string{"keyring", "keyring.copy"}},
		Database: node.Database{Engine: engine},
	}
	if engine == store.Postgres {
		c.Database.DSN, c.Database.Schema = dsn, "bench_"+ident.New[ident.Command]().String()
	}
	return c
}

// newScratch makes a node in a fresh folder below o.Dir; dsn is the server's for
// PostgreSQL.
func newScratch(ctx context.Context, o *Options, engine store.Engine, dsn string) (*scratch, error) {
	dir, err := scratchFolder(o)
	if err != nil {
		return nil, err
	}
	return scratchIn(ctx, dir, config(engine, dsn), filepath.Join(dir, "node"), nil)
}

// scratchFolder makes a fresh folder below o.Dir.
func scratchFolder(o *Options) (string, error) { return os.MkdirTemp(o.Dir, "causeway-bench-") }

// scratchIn makes a node in place, below a folder that is removed with it. clk is its clock,
// nil the machine's.
func scratchIn(ctx context.Context, dir string, c node.Config, place string, clk clock.Clock) (*scratch, error) {
	n, err := node.Create(ctx, place, c, "Bench", "Bench", node.Options{Quiet: true, Clock: clk})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a node to measure: %w", err), os.RemoveAll(dir))
	}
	s := &scratch{Node: n, dir: dir, holder: ident.New[ident.Session]()}
	d, err := n.Office.Directory(ctx)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.unit = d.Units()[0].ID
	return s, nil
}

// close stops the node and removes it.
func (s *scratch) close() error { return errors.Join(s.Close(), s.remove()) }

// remove takes the folder of a closed node away.
func (s *scratch) remove() error { return os.RemoveAll(s.dir) }

// sequence keeps the sequencer running until the function it returns is called.
func (s *scratch) sequence(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Journal.Run(ctx, s.holder) }()
	return func() error {
		cancel()
		return <-done
	}
}

// caller returns somebody new, signed in, of the first unit.
func (s *scratch) caller(role string) *access.Caller {
	return s.as(ident.New[ident.Staff](), role, s.unit)
}

// again returns the same person in another session: their next look is a new
// entry.
func (s *scratch) again(c *access.Caller) *access.Caller { return s.as(c.Staff(), c.Role(), c.Unit()) }

// as returns the caller of a new session.
func (s *scratch) as(who ident.Staff, role string, unit ident.Unit) *access.Caller {
	return s.Gate.Person(access.Signed{
		Staff: who, Session: ident.New[ident.Session](), Role: role, Unit: unit,
		Sector: staff.OwnSector, Strength: "password", FreshAt: s.Clock.Now(),
	}, "web", "loopback")
}
