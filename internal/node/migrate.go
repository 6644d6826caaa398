package node

import (
	"context"
	"encoding/json"
	"fmt"

	"causeway/internal/backup"
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

// Migrate writes a backup and then brings the database into the form this
// program needs. saved is told the backup's path before anything is changed.
func Migrate(ctx context.Context, dir string, o Options, saved func(path string)) error {
	o.fill()
	c, sc, ring, err := closed(dir, o)
	if err != nil {
		return err
	}
	defer ring.Close()
	config, err := json.Marshal(c.withoutSecrets())
	if err != nil {
		return err
	}
	done, _, err := backup.Migrate(ctx, backup.Upgrade{
		Store: sc, All: store.Migrations(), Folder: c.Backup.Folder, Recipients: c.Backup.Recipients,
		Source: backup.Source{Ring: ring, Node: c.Name, Program: Version(), Clock: o.Clock, Config: config},
	})
	if done.Path != "" && saved != nil {
		saved(done.Path)
	}
	return err
}
