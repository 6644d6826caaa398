package match

import (
	"context"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/match/ask"
	"causeway/internal/store"
)

// scanTable reads a row of the queries of tables.
func scanTable(scan func(...any) error) (*Table, error) {
	var t Table
	var started, changed int64
	err := scan(&t.Agreement, &t.Epoch, &started, &changed, &t.Children, &t.Sent, &t.Back, &t.Parts, &t.State)
	t.Started, t.Changed = fromMicros(started), fromMicros(changed)
	return &t, err
}

// readTable reads how far a table is.
func (r *Room) readTable(ctx context.Context, a *Agreement, epoch uint32) (t *Table, there bool, err error) {
	err = r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		t, err = scanTable(tx.QueryRow(ctx, sqlSelectTable, a.ID[:], epoch).Scan)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return nil, false, nil
	}
	return t, err == nil, err
}

// tables reads all tables.
func (r *Room) tablesNow(ctx context.Context, tx *store.Tx) ([]*Table, error) {
	rows, err := tx.Query(ctx, sqlSelectTables)
	if err != nil {
		return nil, fmt.Errorf("read tables: %w", err)
	}
	defer rows.Close()
	var out []*Table
	for rows.Next() {
		t, err := scanTable(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// lastEntry returns the last child who is in a table that was begun, none for nobody.
func (r *Room) lastEntry(ctx context.Context, a *Agreement, epoch uint32) (last ident.Case, err error) {
	err = r.DB.Read(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, sqlLastEntry, a.ID[:], epoch).Scan(&last)
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
		return err
	})
	return last, err
}

// entryPage is how many children of a table are read at once.
const entryPage = 2_000

// entries reads who is in a table.
func (r *Room) entries(ctx context.Context, a *Agreement, epoch uint32, v *vault) (cases []ident.Case, children []ask.Child, err error) {
	var last ident.Case
	for {
		n := 0
		err := r.DB.Read(ctx, func(tx *store.Tx) error {
			rows, err := tx.Query(ctx, sqlSelectEntries, a.ID[:], epoch, last[:], entryPage)
			if err != nil {
				return fmt.Errorf("read who is in a table: %w", err)
			}
			defer rows.Close()
			for rows.Next() {
				var of ident.Case
				var blob []byte
				if err := rows.Scan(&of, &blob); err != nil {
					return err
				}
				c, err := v.openChild(of[:], blob)
				if err != nil {
					return err
				}
				cases, children, last = append(cases, of), append(children, c), of
				n++
			}
			return rows.Err()
		})
		if err != nil || n < entryPage {
			return cases, children, err
		}
	}
}

// anyTable reports whether anything is left of the epochs up to one.
func (r *Room) anyTable(ctx context.Context, tx *store.Tx, id AgreementID, upTo uint32) (bool, error) {
	for _, query := range []string{sqlAnyTable, sqlAnyPart} {
		var n int64
		if err := tx.QueryRow(ctx, query, id[:], int64(upTo)).Scan(&n); err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

// dropTables deletes what is left of the epochs up to one, and what was sent of it.
func (r *Room) dropTables(ctx context.Context, tx *store.Tx, a *Agreement, upTo uint32) error {
	rows, err := tx.Query(ctx, sqlEpochs, a.ID[:], int64(upTo))
	if err != nil {
		return fmt.Errorf("read epochs: %w", err)
	}
	defer rows.Close()
	var epochs []uint32
	for rows.Next() {
		var n uint32
		if err := rows.Scan(&n); err != nil {
			return err
		}
		epochs = append(epochs, n)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, n := range epochs {
		if err := r.Post.Unsay(ctx, tx, a.Peer, threadOf(a.ID, "table", n)); err != nil {
			return fmt.Errorf("destroy what was sent: %w", err)
		}
	}
	if err := r.dropLetters(ctx, tx, a, upTo); err != nil {
		return err
	}
	for _, query := range []string{sqlDropTables, sqlDropEntries, sqlDropParts} {
		if _, err := tx.Exec(ctx, query, a.ID[:], int64(upTo)); err != nil {
			return fmt.Errorf("drop tables: %w", err)
		}
	}
	return nil
}

// ErasedTables names the tables of which [EraseRows] deletes every row of a case.
func ErasedTables() []string {
	return []string{"match_entry", "match_question", "match_asked", "match_answer"}
}

// EraseRows takes a child out of every table, when the case is erased.
func EraseRows(ctx context.Context, tx *store.Tx, _ *keys.Sealer, of ident.Case) error {
	for _, query := range []string{sqlEraseEntry, sqlEraseQuestions, sqlEraseAsked, sqlEraseAnswers, sqlEraseSlots} {
		if _, err := tx.Exec(ctx, query, of); err != nil {
			return fmt.Errorf("erase from tables: %w", err)
		}
	}
	return nil
}

var _ access.Eraser = EraseRows
