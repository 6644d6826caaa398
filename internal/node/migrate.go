package node

import (
	"context"
	"fmt"

	"causeway/internal/keys"
	"causeway/internal/store"
)

// Pending lists the changes of the database's form that this program brings and
// the node in dir does not have yet.
func Pending(ctx context.Context, dir string, o Options) ([]store.Migration, error) {
	_, sc, ring, err := closed(dir, o)
	if err != nil {
		return nil, err
	}
	defer ring.Close()
	return store.Pending(ctx, sc)
}

// closed reads what is needed to look at a database without opening the node.
func closed(dir string, o Options) (*Config, store.Config, *keys.Ring, error) {
	o.fill()
	c, err := LoadConfig(dir)
	if err != nil {
		return nil, store.Config{}, nil, err
	}
	ring, err := keys.OpenRing(c.keyringPaths(dir), c.provider(o.Ask))
	if err != nil {
		return nil, store.Config{}, nil, fmt.Errorf("open keyring: %w", err)
	}
	sc := c.storeConfig(dir, ring)
	sc.Clock = o.Clock
	return c, sc, ring, nil
}
