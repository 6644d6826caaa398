package keys

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/store"
)

// settle is the least time between retirement and destruction, whatever the
// schedule says: other instances go on with the old key for up to a minute.
const settle = 10 * currentFor

// DestroyEpochs destroys every epoch key whose time has come: retired for as long
// as the schedule says, used by no row, and followed by a verified backup that
// does not need it. It returns the state of all epoch keys and the numbers of
// those destroyed now. From then on what was erased before is unreadable in every
// backup too.
//
// The first run after the last row was rewrapped only notes the time; the backup
// must be later than that.
func (c *Custody) DestroyEpochs(ctx context.Context, tx *store.Tx, s Schedule, ev Evidence) (all []EpochStatus, destroyed []int64, err error) {
	current, err := c.currentEpoch(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	rows, err := listEpochs(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	for i := range rows {
		row := &rows[i]
		status := row.status()
		if row.retired.Valid && !row.destroyed.Valid && row.epoch < current.id {
			if err := c.noteUse(ctx, tx, row); err != nil {
				return nil, nil, err
			}
			status = row.status()
			status.Waiting = row.waiting(tx.Now(), s, ev)
			if status.Waiting == "" {
				destroyed = append(destroyed, row.epoch)
				status.Destroyed = tx.Now()
			}
		}
		all = append(all, status)
	}
	if len(destroyed) == 0 {
		return all, nil, nil
	}
	// The file first: a row may say "destroyed" only when it is true. If the
	// transaction fails now, the next run finds the key gone and completes the
	// row.
	if err := c.ring.destroyEpochs(destroyed, tx.Now()); err != nil {
		return nil, nil, err
	}
	for _, id := range destroyed {
		if _, err := tx.Exec(ctx, sqlEpochDestroyed, clock.Micros(tx.Now()), id); err != nil {
			return nil, nil, fmt.Errorf("destroy epoch: %w", err)
		}
	}
	return all, destroyed, nil
}

// Epochs returns the state of all epoch keys that the database knows, as
// [Custody.DestroyEpochs] would find it, and changes nothing.
func (c *Custody) Epochs(ctx context.Context, tx *store.Tx) ([]EpochStatus, error) {
	rows, err := listEpochs(ctx, tx)
	if err != nil {
		return nil, err
	}
	var out []EpochStatus
	for i := range rows {
		out = append(out, rows[i].status())
	}
	return out, nil
}

// Check compares ring and database: every epoch key that the database counts on
// is in the ring and is the right one ("key-unknown", "keyring-other"), and none
// that was destroyed has come back with an old copy of the file
// ("keyring-older"). Run it at every start.
func (c *Custody) Check(ctx context.Context, tx *store.Tx) error {
	rows, err := listEpochs(ctx, tx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		_, err := c.ringEpoch(row.epoch, row.commitment)
		switch code := fault.CodeOf(err); {
		case row.destroyed.Valid && err == nil:
			return fault.New(fault.Unavailable, "keyring-older")
		case code == "keyring-other", code == "key-unknown" && !row.destroyed.Valid:
			return err
		case code == "key-destroyed", code == "key-unknown":
			// Gone, as it should be. A row that does not say so yet is completed
			// by DestroyEpochs.
		case err != nil:
			return err
		}
	}
	return nil
}

func (r *epochRow) status() EpochStatus {
	return EpochStatus{
		Epoch: r.epoch, Created: instant(r.created), Retired: instant(r.retired.Int64),
		Unused: instant(r.unused.Int64), Destroyed: instant(r.destroyed.Int64),
	}
}

// noteUse looks whether any row uses the key, and keeps the time since when none
// does.
func (c *Custody) noteUse(ctx context.Context, tx *store.Tx, row *epochRow) error {
	var subject []byte
	err := tx.QueryRow(ctx, sqlSubjectOfEpoch, row.epoch).Scan(&subject)
	inUse := err == nil
	if err != nil && !fault.Is(err, fault.NotFound) {
		return fmt.Errorf("epoch in use: %w", err)
	}
	if inUse != row.unused.Valid {
		return nil // as noted before
	}
	row.unused.Valid, row.unused.Int64 = !inUse, 0
	var at any
	if !inUse {
		row.unused.Int64 = clock.Micros(tx.Now())
		at = row.unused.Int64
	}
	if _, err := tx.Exec(ctx, sqlEpochUnused, at, row.epoch); err != nil {
		return fmt.Errorf("epoch in use: %w", err)
	}
	return nil
}

// waiting says what keeps a retired key alive.
func (r *epochRow) waiting(now time.Time, s Schedule, ev Evidence) string {
	switch {
	case !r.unused.Valid:
		return "rows"
	case ev.OldestNodeEpoch <= r.epoch:
		return "node-rows"
	case now.Before(clock.FromMicros(r.retired.Int64).Add(max(s.KeepRetired, settle))):
		return "keep-time"
	case !ev.BackupFrom.After(clock.FromMicros(r.unused.Int64)):
		return "backup"
	}
	return ""
}
