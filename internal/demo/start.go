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

// Start opens the demo in dir, or makes it there if the directory holds nothing.
// A directory that holds something else is refused.
func Start(ctx context.Context, dir string, ln net.Listener, children int, progress func(percent int)) (*node.Node, []Login, error) {
	address := ln.Addr().String()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, nil, err
	}
	c, err := node.LoadConfig(dir)
	switch {
	case err == nil && !c.Demo:
		return nil, nil, fault.New(fault.Conflict, "not-a-demo")
	case err == nil:
		n, err := node.Open(ctx, dir, node.Options{})
		if err != nil {
			return nil, nil, err
		}
		logins, err := readLogins(dir)
		if err != nil {
			return nil, nil, errors.Join(err, n.Close())
		}
		return n, logins, nil
	case fault.CodeOf(err) != "no-node-here":
		return nil, nil, err
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, nil, fault.New(fault.Conflict, "not-empty")
	}
	n, logins, err := Make(ctx, dir, "http://localhost:"+port, address, children, progress)
	if err != nil {
		if n != nil {
			err = errors.Join(err, n.Close())
		}
		return nil, nil, err
	}
	if err := writeLogins(dir, logins); err != nil {
		return nil, nil, errors.Join(err, n.Close())
	}
	return n, logins, nil
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
