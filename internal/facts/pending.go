package facts

import (
	"context"
	"encoding/json"
	"fmt"

	"causeway/internal/store"
)

// Row is a fact as a consumer reads it.
type Row struct {
	ID      []byte
	Version int64 // 0: the fact was erased, and the consumer forgets it
	Kind    string
	Month   string // such as "2026-11"
	Area    string
	Codes   map[string]string
}

// mark notes for every consumer that a fact has a version it has not read.
func mark(ctx context.Context, tx *store.Tx, id []byte, version int64) error {
	for _, consumer := range Consumers {
		if _, err := tx.Exec(ctx, sqlMark, version, consumer, id); err != nil {
			return fmt.Errorf("mark fact: %w", err)
		}
	}
	return nil
}

// Pending returns up to so many facts that a consumer has not read, in no order that
// means anything. It never asks for what came after the last one: transactions do not
// end in the order in which they began.
func Pending(ctx context.Context, tx *store.Tx, consumer string, most int) ([]Row, error) {
	rows, err := tx.Query(ctx, sqlPending, consumer, most)
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	defer rows.Close()
	var out []Row
	for rows.Next() {
		var r Row
		var kind, month, area, codes *string
		if err := rows.Scan(&r.ID, &r.Version, &kind, &month, &area, &codes); err != nil {
			return nil, err
		}
		if kind != nil {
			r.Kind, r.Month, r.Area = *kind, *month, *area
			if err := json.Unmarshal([]byte(*codes), &r.Codes); err != nil {
				return nil, fmt.Errorf("read facts: %w", err)
			}
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// Done takes the consumer's mark off a fact in the version it read. A fact that was
// written again meanwhile stays pending.
func Done(ctx context.Context, tx *store.Tx, consumer string, r Row) error {
	_, err := tx.Exec(ctx, sqlDone, consumer, r.ID, r.Version)
	return err
}
