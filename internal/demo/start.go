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
)

// loginsFile keeps the demo's passwords beside its invented people, so that a
// demo that is started again can say them again. Only a demo has such a file.
const loginsFile = "demo-logins.json"

// maker makes a node of the demo.
type maker func(dir, origin, listen string) (*node.Node, []Login, error)

// Start opens the demo's main node in dir, or makes it there if the directory holds
// nothing. A directory that holds something else is refused.
func Start(ctx context.Context, dir string, ln net.Listener, children int, progress func(percent int)) (Site, error) {
	return start(ctx, dir, "localhost", ln, func(dir, origin, listen string) (*node.Node, []Login, error) {
		return Make(ctx, dir, origin, listen, children, progress)
	})
}

// start opens a node of the demo, or makes it where there is nothing. Each has a host of
// its own: browsers do not tell the cookies of two ports apart.
func start(ctx context.Context, dir, host string, ln net.Listener, create maker) (Site, error) {
	address := ln.Addr().String()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return Site{}, err
	}
	c, err := node.LoadConfig(dir)
	switch {
	case err == nil && !c.Demo:
		return Site{}, fault.New(fault.Conflict, "not-a-demo")
	case err == nil:
		n, err := node.Open(ctx, dir, node.Options{})
		if err != nil {
			return Site{}, err
		}
		logins, err := readLogins(dir)
		if err != nil {
			return Site{}, errors.Join(err, n.Close())
		}
		return Site{n, logins}, nil
	case fault.CodeOf(err) != "no-node-here":
		return Site{}, err
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return Site{}, fault.New(fault.Conflict, "not-empty")
	}
	n, logins, err := create(dir, "http://"+host+":"+port, address)
	if err == nil {
		err = writeLogins(dir, logins)
	}
	if err != nil {
		if n != nil {
			err = errors.Join(err, n.Close())
		}
		return Site{}, err
	}
	return Site{n, logins}, nil
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
