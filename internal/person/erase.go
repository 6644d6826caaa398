package person

import (
	"context"
	"fmt"

	"causeway/internal/ident"
	"causeway/internal/store"
)

// Erase deletes every person of a case, when the case is erased. What the
// index in memory still knows leads to a case that is not there.
func Erase(ctx context.Context, tx *store.Tx, of ident.Case) error {
	for _, query := range []string{sqlErasePersons, sqlEraseSearch, sqlEraseVersions} {
		if _, err := tx.Exec(ctx, query, of); err != nil {
			return fmt.Errorf("erase person: %w", err)
		}
	}
	return nil
}
