package journal

import (
	"context"
	"fmt"

	"causeway/internal/ident"
	"causeway/internal/store"
)

// EmptyPayloads takes away what entries about a subject carry sealed. The entries
// stay, and with them every proof: a header commits to the digest of its payload
// only. An entry that has no place in the log yet keeps its payload, which cannot
// be read once the subject's key is destroyed.
func (j *Journal) EmptyPayloads(ctx context.Context, tx *store.Tx, s ident.Subject) error {
	if _, err := tx.Exec(ctx, sqlEmptyPayloads, s); err != nil {
		return fmt.Errorf("empty payloads: %w", err)
	}
	return nil
}
