package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"causeway/internal/store"
)

// Scratch is the journal of a backup, spread out in a scratch file of its own that
// [Scratch.Close] takes away.
type Scratch struct {
	Source
	db  *store.DB
	dir string
}

// tablePrefix begins the name of every table of this package.
const tablePrefix = "journal_"

// FromRows returns the journal in a stream of rows such as store.DB.Dump gives
// and a backup holds: next returns row after row and then io.EOF. Rows of other
// tables are passed over. The journal's rows go into a scratch file below dir,
// encrypted under a key that is kept nowhere, because they come in any order and
// a backup may be larger than the memory. made is when the backup was made.
func FromRows(ctx context.Context, dir string, made time.Time, next func() (table string, columns []string, row []any, err error)) (*Scratch, error) {
	scratch, err := os.MkdirTemp(dir, "journal-")
	if err != nil {
		return nil, fmt.Errorf("scratch directory: %w", err)
	}
	r := &Scratch{dir: scratch}
	key := make([]byte, 32)
	if _, err = rand.Read(key); err == nil {
		r.db, err = store.Create(ctx, store.Config{
			Engine: store.SQLite, Path: filepath.Join(scratch, "journal.db"), FileKey: key, Readers: 1,
		})
	}
	if err == nil {
		err = r.db.Load(ctx, func() (string, []string, []any, error) {
			for {
				table, columns, row, err := next()
				if err != nil || strings.HasPrefix(table, tablePrefix) {
					return table, columns, row, err
				}
			}
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read journal of backup: %w", errors.Join(err, r.Close()))
	}
	r.Source = &database{db: r.db, kind: "backup", made: made}
	return r, nil
}

// Close takes the scratch file away.
func (r *Scratch) Close() error {
	var err error
	if r.db != nil {
		err = r.db.Close()
	}
	return errors.Join(err, os.RemoveAll(r.dir))
}
