package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"causeway/internal/fault"
	"causeway/internal/node"
	"causeway/protocol/identity"
)

// loginsFile keeps the demo's passwords beside its invented people, so that a
// demo that is started again can say them again. Only a demo has such a file.
const loginsFile = "demo-logins.json"

// place is where a node of the demo is made, and on which addresses it will be reached.
type place struct{ dir, origin, listen, door string }

// config is the configuration of a node at a place. With a door for other nodes it has
// partners.
func (p place) config(name string, id identity.NodeID) node.Config {
	c := node.Config{Name: name, Origin: p.origin, Listen: p.listen}
	if p.door != "" {
		c.Exchange = &node.Exchange{ID: id, Listen: p.door, URL: "https://" + p.door}
	}
	return c
}

// maker makes a node of the demo. It returns the teller of a node that was created even
// when the story failed, so that the node can be closed.
type maker func(place) (*teller, []Login, error)

// Start opens the demo's main node in dir, or makes it there if the directory holds
// nothing. A directory that holds something else is refused.
func Start(ctx context.Context, dir string, ln net.Listener, children int, progress func(percent int)) (Site, error) {
	s, _, err := start(ctx, place{dir: dir}, "localhost", ln, func(at place) (*teller, []Login, error) {
		return mainNode(ctx, at, children, progress)
	})
	return s, err
}

// start opens a node of the demo, or makes it where there is nothing; then it returns its
// teller too. Each node has a host of its own: browsers do not tell the cookies of two
// ports apart.
func start(ctx context.Context, at place, host string, ln net.Listener, create maker) (Site, *teller, error) {
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return Site{}, nil, err
	}
	at.origin, at.listen = "http://"+host+":"+port, ln.Addr().String()
	c, err := node.LoadConfig(at.dir)
	switch {
	case err == nil && !c.Demo:
		return Site{}, nil, fault.New(fault.Conflict, "not-a-demo")
	case err == nil:
		n, err := node.Open(ctx, at.dir, node.Options{})
		if err != nil {
			return Site{}, nil, err
		}
		logins, err := readLogins(at.dir)
		if err != nil {
			return Site{}, nil, errors.Join(err, n.Close())
		}
		return Site{n, logins}, nil, nil
	case fault.CodeOf(err) != "no-node-here":
		return Site{}, nil, err
	}
	if entries, err := os.ReadDir(at.dir); err == nil && len(entries) > 0 {
		return Site{}, nil, fault.New(fault.Conflict, "not-empty")
	}
	t, logins, err := create(at)
	if err == nil {
		err = writeLogins(at.dir, logins)
	}
	if err != nil {
		if t != nil {
			err = errors.Join(err, t.n.Close())
		}
		return Site{}, nil, err
	}
	return Site{t.n, logins}, t, nil
}

func writeLogins(dir string, logins []Login) error {
	b, err := json.Marshal(logins)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, loginsFile), b, 0o600); err != nil {
		return fmt.Errorf("keep the demo's passwords: %w", err)
	}
	return nil
}

func readLogins(dir string) ([]Login, error) {
	b, err := os.ReadFile(filepath.Join(dir, loginsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Login
	return out, json.Unmarshal(b, &out)
}
