package document

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"causeway/internal/ident"
	"causeway/internal/store"
)

// Reconciled hands the rows of documents to the reconciliation with the journal
// (journal.Rows). It shows no content. The digest over the chunks is made anew
// from what is stored, so that a chunk that was changed, moved or taken away makes
// its document's row fit no more.
type Reconciled struct{}

// Each gives fn every document of a case.
func (Reconciled) Each(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	type stored struct {
		id, in, by, asked, sum, head, closing, mac []byte
		size, chunks, made, version                int64
		state                                      string
	}
	var all []*stored
	rows, err := tx.Query(ctx, sqlOfCase, s)
	if err != nil {
		return fmt.Errorf("read documents: %w", err)
	}
	for rows.Next() {
		var d stored
		err := rows.Scan(&d.id, &d.in, &d.size, &d.chunks, &d.made, &d.by, &d.state, &d.asked, &d.sum, &d.head, &d.closing,
			&d.version, &d.mac)
		if err != nil {
			_ = rows.Close() // the scan's error says more
			return fmt.Errorf("read documents: %w", err)
		}
		all = append(all, &d)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("read documents: %w", err)
	}
	for _, d := range all {
		sum, n, err := sumOf(ctx, tx, d.id)
		if err != nil {
			return err
		}
		if gone := d.state == Removed || d.state == Destroyed; gone && n == 0 {
			sum = d.sum
		}
		var asked any
		if d.asked != nil {
			asked = d.asked
		}
		// In the order of row.columns.
		err = fn(table, d.id, d.version, d.mac, []any{
			d.in, d.size, d.chunks, d.made, d.by, d.state, asked, sum, d.head, d.closing,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sumOf returns the digest over the stored chunks of a document, and how many
// there are.
func sumOf(ctx context.Context, tx *store.Tx, id []byte) (sum []byte, n int64, err error) {
	rows, err := tx.Query(ctx, sqlAllChunks, id)
	if err != nil {
		return nil, 0, fmt.Errorf("read chunks: %w", err)
	}
	defer rows.Close()
	h := sha256.New()
	for rows.Next() {
		var blob []byte
		if err := rows.Scan(&blob); err != nil {
			return nil, 0, fmt.Errorf("read chunks: %w", err)
		}
		_, _ = h.Write(blob) // a hash does not fail
		n++
	}
	return h.Sum(nil), n, rows.Err()
}

// All gives fn every row of the table that [Reconciled.Each] reads.
func (Reconciled) All(ctx context.Context, tx *store.Tx, fn func(s ident.Subject, table string, row []byte) error) error {
	rows, err := tx.Query(ctx, sqlAllDocuments)
	if err != nil {
		return fmt.Errorf("read all documents: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var in, id []byte
		if err := rows.Scan(&in, &id); err != nil {
			return fmt.Errorf("read all documents: %w", err)
		}
		var s ident.Subject
		copy(s[:], in)
		if err := fn(s, table, id); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Erase deletes everything of a case: the erasure of a child calls it in its own
// transaction.
func Erase(ctx context.Context, tx *store.Tx, of ident.Case) error {
	for _, q := range []string{sqlEraseChunks, sqlErase, sqlErasePieces, sqlEraseUpload} {
		if _, err := tx.Exec(ctx, q, of); err != nil {
			return fmt.Errorf("erase documents: %w", err)
		}
	}
	return nil
}
