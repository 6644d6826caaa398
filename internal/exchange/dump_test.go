package exchange_test

import (
	"fmt"
	"strings"

	"causeway/internal/store"
)

// backedUp are the tables of the post office, with their columns.
var backedUp = map[string]string{
	"exchange_epoch":   "epoch, one",
	"exchange_paper":   "at, node, side, id, kind, salt, body",
	"exchange_inbox":   "came, opened, node, id, thread, class, state, code",
	"exchange_back":    "n, node, id, dropped, answers",
	"exchange_receipt": "queued, next_at, tried, signed, node, id, thread, stage, code, unmet",
	"exchange_leaf":    "leaf, entry",
	"exchange_logged":  "asked, node, leaf, proof",
	"exchange_opened":  "at, node, id, stage, code, unmet",
	"exchange_outbox":  "n, queued, first_at, next_at, expires, tried, cover, resend, placed, stopped, node, id, thread, stream, type, code, ekey",
}

func init() {
	for table, columns := range tables {
		backedUp[table] = "node, " + columns
	}
}

// dump returns the rows of the post office: a backup of it.
func (e *end) dump() map[string][][]any {
	e.t.Helper()
	out := map[string][][]any{}
	ok(e.t, e.DB.Read(ctx, func(tx *store.Tx) error {
		for table, columns := range backedUp {
			rows, err := tx.Query(ctx, fmt.Sprintf("SELECT %s FROM %s", columns, table))
			if err != nil {
				return err
			}
			n := strings.Count(columns, ",") + 1
			for rows.Next() {
				row, at := make([]any, n), make([]any, n)
				for i := range row {
					at[i] = &row[i]
				}
				if err := rows.Scan(at...); err != nil {
					return err
				}
				out[table] = append(out[table], row)
			}
			if err := rows.Err(); err != nil {
				return err
			}
			_ = rows.Close() // read to its end
		}
		return nil
	}))
	return out
}

// restore puts a backup back.
func (e *end) restore(from map[string][][]any) {
	e.t.Helper()
	ok(e.t, e.DB.Write(ctx, func(tx *store.Tx) error {
		for table, columns := range backedUp {
			if _, err := tx.Exec(ctx, "DELETE FROM "+table); err != nil {
				return err
			}
			for _, row := range from[table] {
				marks := make([]string, len(row))
				for i := range row {
					marks[i] = fmt.Sprintf("$%d", i+1)
				}
				if _, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, columns, strings.Join(marks, ", ")), row...); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}
