package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// Begin runs an import in the background; [Imports.Get] says how far it is. It
// ends when the import does, when somebody pauses it, or with [Imports.Close].
func (s *Imports) Begin(c *access.Caller, id ident.Import) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return fault.New(fault.Unavailable, "try-again")
	}
	if s.running[id] != nil {
		return errElsewhere
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.running[id] = cancel
	s.wait.Add(1)
	go func() {
		defer s.wait.Done()
		defer s.forget(id)
		if _, err := s.Run(ctx, c, id, nil); err != nil && !errors.Is(err, context.Canceled) {
			s.Log.WarnContext(ctx, "import stopped", slog.Any("err", err))
		}
	}()
	return nil
}

func (s *Imports) forget(id ident.Import) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[id]()
	delete(s.running, id)
}

func (s *Imports) isRunning(id ident.Import) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[id] != nil
}

// Pause stops an import that this process runs in the background, after the batch
// at hand.
func (s *Imports) Pause(id ident.Import) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.running[id]; cancel != nil {
		cancel()
	}
}

// Close pauses what runs in the background and waits for it.
func (s *Imports) Close() {
	s.mu.Lock()
	s.ending = true
	for _, cancel := range s.running {
		cancel()
	}
	s.mu.Unlock()
	s.wait.Wait()
}

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
