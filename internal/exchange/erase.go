package exchange

import (
	"context"
	"fmt"

	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// Erase destroys what was said in a thread with a peer, on both sides, within the
// transaction of the record's own erasure: drafts, letters and envelopes, and with their
// salts the keys of every copy of them. Digests, receipts and numbers stay: they prove
// what was sent and lead to nobody, and the same envelope still gets the receipt that it
// had. What of it was still waiting for the peer is stopped.
func (r *Room) Erase(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread) error {
	if err := r.on(); err != nil {
		return err
	}
	for _, query := range []string{sqlEraseItems, sqlEraseDrafts, sqlStopThread} {
		if _, err := tx.Exec(ctx, query, string(with), thread[:]); err != nil {
			return fmt.Errorf("erase thread: %w", err)
		}
	}
	return nil
}
