package deadline

import (
	"context"
	"fmt"

	"causeway/internal/ident"
	"causeway/internal/store"
)

// Erase deletes every deadline of a case, when the case is erased.
func Erase(ctx context.Context, tx *store.Tx, of ident.Case) error {
	for _, query := range []string{sqlEraseSteps, sqlEraseDues} {
		if _, err := tx.Exec(ctx, query, of); err != nil {
			return fmt.Errorf("erase deadlines: %w", err)
		}
	}
	return nil
}
