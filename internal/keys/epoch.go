package keys

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"fmt"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// maxEpoch is what fits in front of a blob sealed by [Custody.SealNode].
const maxEpoch = 1<<32 - 1

// Schedule says how long epoch keys live. The numbers come from the
// jurisdiction pack.
type Schedule struct {
	Use         time.Duration // a key is in use for this long
	KeepRetired time.Duration // and kept for this long after its successor took over
}

// Evidence is what the caller asserts before epoch keys may be destroyed. The
// zero value asserts nothing, and nothing is destroyed.
type Evidence struct {
	// BackupFrom is when the newest verified backup began. It must be later
	// than the time since which no row uses the key: an older backup would
	// become unreadable, and it may be the only one.
	BackupFrom time.Time
	// OldestNodeEpoch is the lowest epoch that any blob of [Custody.SealNode]
	// still uses, in any room; the current epoch when there are no blobs.
	OldestNodeEpoch int64
}

// EpochStatus is the state of one epoch key, for the operator's page.
type EpochStatus struct {
	Epoch     int64
	Created   time.Time
	Retired   time.Time // zero while in use
	Unused    time.Time // since when no row was found that uses it
	Destroyed time.Time
	// Waiting says what keeps a retired key alive: "rows", "node-rows",
	// "keep-time", "backup", or "" when nothing does.
	Waiting string
}

// CurrentEpoch returns the number of the epoch key in use.
func (c *Custody) CurrentEpoch(ctx context.Context, tx *store.Tx) (int64, error) {
	k, err := c.currentEpoch(ctx, tx)
	if err != nil {
		return 0, err
	}
	return k.id, nil
}

// currentEpoch returns the epoch key that the database says is in use, and
// checks that the ring holds that very key. On an empty database it begins with
// the ring's newest.
func (c *Custody) currentEpoch(ctx context.Context, tx *store.Tx) (*epochKey, error) {
	if k := c.remembered(tx.Now()); k != nil {
		return k, nil
	}
	var id, created int64
	var commitment []byte
	err := tx.QueryRow(ctx, sqlEpochCurrent).Scan(&id, &commitment, &created)
	if fault.Is(err, fault.NotFound) {
		k, err := c.ring.newest()
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, sqlEpochInsert, k.id, k.commitment, clock.Micros(tx.Now()), nil)
		if err != nil {
			return nil, fmt.Errorf("first epoch: %w", err)
		}
		return k, nil
	}
	if err != nil {
		return nil, fmt.Errorf("current epoch: %w", err)
	}
	k, err := c.ringEpoch(id, commitment)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current, c.seen = k, tx.Now()
	return k, nil
}

// remembered returns the current epoch key if the database was asked lately.
func (c *Custody) remembered(now time.Time) *epochKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	age := now.Sub(c.seen)
	if c.current == nil || age < 0 || age > currentFor {
		return nil
	}
	return c.current
}

// ringEpoch returns the ring's key for an epoch that the database names. Another
// commitment means that ring and database are not of the same node.
func (c *Custody) ringEpoch(id int64, commitment []byte) (*epochKey, error) {
	k, err := c.ring.epoch(id)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(k.commitment, commitment) != 1 {
		return nil, fault.New(fault.Unavailable, "keyring-other")
	}
	return k, nil
}

// RotationDue reports whether the current epoch key has been used for as long as
// the schedule allows.
func (c *Custody) RotationDue(ctx context.Context, tx *store.Tx, s Schedule) (bool, error) {
	if _, err := c.currentEpoch(ctx, tx); err != nil {
		return false, err
	}
	var id, created int64
	var commitment []byte
	if err := tx.QueryRow(ctx, sqlEpochCurrent).Scan(&id, &commitment, &created); err != nil {
		return false, fmt.Errorf("current epoch: %w", err)
	}
	return !tx.Now().Before(clock.FromMicros(created).Add(s.Use)), nil
}

// RotateEpoch makes a new epoch key and puts it to use: first it is durable in
// every place of the keyring, then the rows name it. Run again after a crash or
// a retried transaction it loses nothing: a key that no row names yet is
// harmless. Subject keys stay under the old key until [Custody.Rewrap].
func (c *Custody) RotateEpoch(ctx context.Context, tx *store.Tx) (int64, error) {
	if _, err := c.currentEpoch(ctx, tx); err != nil {
		return 0, err
	}
	known, err := listEpochs(ctx, tx)
	if err != nil {
		return 0, err
	}
	id, err := c.nextEpoch(known, tx.Now())
	if err != nil {
		return 0, err
	}
	now := clock.Micros(tx.Now())
	if _, err := tx.Exec(ctx, sqlEpochRetire, now, id); err != nil {
		return 0, fmt.Errorf("retire epoch: %w", err)
	}
	// Keys of the ring that the database does not know come from a rotation that
	// was cut short, or from a time after the backup that was restored. They
	// are retired, so that the schedule reaches them too.
	for _, e := range c.ring.Epochs() {
		k, err := c.ring.epoch(e.ID)
		if err != nil || e.ID > id {
			continue
		}
		var retired any
		if e.ID != id {
			retired = now
		}
		if _, err := tx.Exec(ctx, sqlEpochInsert, k.id, k.commitment, now, retired); err != nil {
			return 0, fmt.Errorf("new epoch: %w", err)
		}
	}
	tx.OnCommit(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.current, c.pending = nil, 0 // the next use asks the database
	})
	return id, nil
}

// nextEpoch makes the new key, or finds the one that an earlier run of the same
// transaction made.
func (c *Custody) nextEpoch(known []epochRow, now time.Time) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := int64(0)
	if len(known) > 0 {
		last = known[len(known)-1].epoch
	}
	if c.pending > last {
		return c.pending, nil
	}
	id, err := c.ring.addEpoch(last, now)
	if err != nil {
		return 0, err
	}
	c.pending = id
	return id, nil
}

// epochRow is a row of keys_epoch.
type epochRow struct {
	epoch                      int64
	commitment                 []byte
	created                    int64
	retired, unused, destroyed sql.NullInt64
}

func listEpochs(ctx context.Context, tx *store.Tx) ([]epochRow, error) {
	rows, err := tx.Query(ctx, sqlEpochList)
	if err != nil {
		return nil, fmt.Errorf("list epochs: %w", err)
	}
	defer rows.Close()
	var out []epochRow
	for rows.Next() {
		var e epochRow
		if err := rows.Scan(&e.epoch, &e.commitment, &e.created, &e.retired, &e.unused, &e.destroyed); err != nil {
			return nil, fmt.Errorf("list epochs: %w", err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// Rewrapped is the result of one batch of [Custody.Rewrap].
type Rewrapped struct {
	Done    int             // keys now under the current epoch key
	Damaged []ident.Subject // keys met that cannot be unwrapped; they stay as they are
	More    bool            // there may be more to do
}

// Rewrap moves up to batch subject keys under the current epoch key. Run it in
// short transactions while it says that there is more.
func (c *Custody) Rewrap(ctx context.Context, tx *store.Tx, batch int) (Rewrapped, error) {
	var out Rewrapped
	current, err := c.currentEpoch(ctx, tx)
	if err != nil {
		return out, err
	}
	last := wrapped{}
	for out.Done < batch {
		page, err := listWrapped(ctx, tx, sqlSubjectStale, current.id, last.epoch, last.subject[:], batch-out.Done)
		if err != nil {
			return out, fmt.Errorf("rewrap: %w", err)
		}
		if len(page) == 0 {
			break
		}
		last = page[len(page)-1]
		if err := c.rewrapPage(ctx, tx, current, page, &out); err != nil {
			return out, err
		}
	}
	out.More = out.Done >= batch
	return out, nil
}

func (c *Custody) rewrapPage(ctx context.Context, tx *store.Tx, current *epochKey, page []wrapped, out *Rewrapped) error {
	var stmts []store.Stmt
	for i := range page {
		w := &page[i]
		key, _, err := w.unwrap(c.ring)
		if fault.CodeOf(err) == "key-unknown" || fault.CodeOf(err) == "keyring-closed" {
			return err // the keyring is not the right one; no row is at fault
		}
		if err != nil {
			out.Damaged = append(out.Damaged, w.subject)
			continue
		}
		before := w.epoch
		w.wrap(current, key)
		clear(key)
		stmts = append(stmts, store.Stmt{SQL: sqlSubjectRewrap, Args: []any{w.epoch, w.blob, w.subject[:], before}})
	}
	if err := tx.Batch(ctx, stmts...); err != nil {
		return fmt.Errorf("rewrap: %w", err)
	}
	out.Done += len(stmts)
	return nil
}
