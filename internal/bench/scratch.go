package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/node"
	"causeway/internal/store"
)

// scratch is a throw-away node with one unit and people who exist only here.
type scratch struct {
	*node.Node
	unit ident.Unit
	dir  string
}

// newScratch makes a node in a fresh directory.
func newScratch(ctx context.Context, o *Options, engine store.Engine) (*scratch, error) {
	dir, err := os.MkdirTemp(o.Dir, "causeway-bench-")
	if err != nil {
		return nil, err
	}
	c := node.Config{
		Name: "XA-bench", Origin: "http://localhost:1", Listen: "127.0.0.1:0", Demo: true, Pack: "demo",
		Keyring:  node.Keyring{Provider: "plain", Paths: []string{"keyring", "keyring.copy"}},
		Database: node.Database{Engine: engine},
	}
	if engine == store.Postgres {
		c.Database.DSN, c.Database.Schema = o.Postgres, "bench_"+ident.New[ident.Command]().String()
	}
	n, err := node.Create(ctx, filepath.Join(dir, "node"), c, "Bench", "Bench", node.Options{Quiet: true})
	if err != nil {
		return nil, fmt.Errorf("make a node to measure: %w", err)
	}
	d, err := n.Office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	return &scratch{Node: n, unit: d.Units()[0].ID, dir: dir}, nil
}

// close stops the node and removes it.
func (s *scratch) close() error {
	err := s.Close()
	if rerr := os.RemoveAll(s.dir); err == nil {
		err = rerr
	}
	return err
}

// caller returns a signed-in caller with a session of its own.
func (s *scratch) caller(role string) *access.Caller {
	return s.Gate.Person(access.Signed{
		Staff: ident.New[ident.Staff](), Session: ident.New[ident.Session](), Role: role, Unit: s.unit,
		Strength: "password", FreshAt: s.Clock.Now(),
	}, "web", "loopback")
}

// again returns the same person in another session: their next look is a new
// entry.
func (s *scratch) again(c *access.Caller) *access.Caller {
	return s.Gate.Person(access.Signed{
		Staff: c.Staff(), Session: ident.New[ident.Session](), Role: c.Role(), Unit: c.Unit(),
		Strength: "password", FreshAt: s.Clock.Now(),
	}, "web", "loopback")
}

// rawSync is a file whose writes are made durable one by one: the floor under
// every durable act on this disk.
type rawSync struct {
	f *os.File
	b []byte
	n int64
}

func newRawSync(dir string) (*rawSync, error) {
	f, err := os.Create(filepath.Join(dir, "raw"))
	if err != nil {
		return nil, err
	}
	r := &rawSync{f: f, b: make([]byte, 4096)}
	if err := f.Truncate(64 << 20); err != nil {
		return nil, err
	}
	return r, f.Sync()
}

// once writes 4 KiB and waits until the disk has it.
func (r *rawSync) once() (time.Duration, error) {
	start := time.Now()
	if _, err := r.f.WriteAt(r.b, (r.n%16000)*4096); err != nil {
		return 0, err
	}
	r.n++
	err := fdatasync(r.f)
	return time.Since(start), err
}
