package store

import (
	"bytes"
	"context"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
)

// Lease takes or renews the lease called name for holder, a random identifier
// of this process, and reports whether holder has it now. It lasts for ttl; a
// holder renews it well before.
//
// A lease saves work, it is no lock: clocks of two machines may differ, so what
// it guards must stay right when two holders overlap for a moment.
func (db *DB) Lease(ctx context.Context, name string, holder [16]byte, ttl time.Duration) (bool, error) {
	held, settled, err := db.peekLease(ctx, name, holder, ttl)
	if err != nil || settled {
		return held, err
	}
	err = db.Write(ctx, func(tx *Tx) error {
		now := tx.Micros()
		n, err := tx.Exec(ctx, sqlLeaseTake, name, holder[:], now+ttl.Microseconds(), now)
		held = n == 1
		return err
	})
	if err != nil {
		return false, err
	}
	return held, nil
}

// peekLease answers from a read when no write is needed: somebody else holds
// the lease, or holder has more than half of it left.
func (db *DB) peekLease(ctx context.Context, name string, holder [16]byte, ttl time.Duration) (held, settled bool, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		held, settled = false, false
		var by []byte
		var until int64
		switch err := tx.QueryRow(ctx, sqlLeaseGet, name).Scan(&by, &until); {
		case fault.Is(err, fault.NotFound):
			return nil
		case err != nil:
			return err
		}
		now := clock.Micros(tx.Now())
		held = bytes.Equal(by, holder[:]) && until > now
		if held {
			settled = until-now > ttl.Microseconds()/2
		} else {
			settled = until > now
		}
		return nil
	})
	return held, settled, err
}

// Release gives up a lease, so that another instance need not wait for its end.
// Releasing a lease of somebody else does nothing.
func (db *DB) Release(ctx context.Context, name string, holder [16]byte) error {
	return db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, sqlLeaseRelease, name, holder[:])
		return err
	})
}
