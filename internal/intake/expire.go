package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// Expire deletes imports whose time is over, with their reports, marks and files,
// and files that no import needs any more. The node calls it every hour and at
// start.
func (s *Imports) Expire(ctx context.Context) error {
	now := clock.Micros(s.Clock.Now())
	for more := true; more; {
		err := s.DB.Write(ctx, func(tx *store.Tx) error {
			ids, err := expired(ctx, tx, now)
			more = len(ids) > 0
			for _, id := range ids {
				err = errors.Join(err, remove(ctx, tx, id))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	files, err := spoolFiles(s.Dir)
	if err != nil {
		return err
	}
	for _, id := range files {
		if err := s.sweep(ctx, id, now); err != nil {
			return err
		}
	}
	return nil
}

func expired(ctx context.Context, tx *store.Tx, now int64) ([]ident.Import, error) {
	rows, err := tx.Query(ctx, sqlSelectExpired, now)
	if err != nil {
		return nil, fmt.Errorf("find expired imports: %w", err)
	}
	defer rows.Close()
	var ids []ident.Import
	for rows.Next() {
		var id ident.Import
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// sweep removes a file of the spool that no import needs. A file that was only
// just made may belong to an import whose row is not written yet.
func (s *Imports) sweep(ctx context.Context, id ident.Import, now int64) error {
	info, err := os.Stat(spoolName(s.Dir, id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at spool file: %w", err)
	}
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		var found ident.Import
		return tx.QueryRow(ctx, sqlSelectFiles, id, now).Scan(&found)
	})
	if fault.Is(err, fault.NotFound) {
		if s.Clock.Now().Sub(info.ModTime()).Abs() < stale {
			return nil
		}
		return unspool(s.Dir, id)
	}
	return err
}
