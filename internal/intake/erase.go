package intake

import (
	"context"
	"fmt"

	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// ErasedTables names the tables in which nothing about a case is left when it is erased.
func ErasedTables() []string { return []string{captureTable} }

// Erase is the [access.Eraser] of forms from phones: what was written in one that waits
// for a case is removed. The rest of its row stays, so that a phone that sends it again
// is told that it was here.
func Erase(ctx context.Context, tx *store.Tx, _ *keys.Sealer, of ident.Case) error {
	if _, err := tx.Exec(ctx, sqlForgetMeant, of, tx.Micros()); err != nil {
		return fmt.Errorf("forget forms: %w", err)
	}
	return nil
}
