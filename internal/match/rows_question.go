package match

import (
	"context"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// anyLetter reports whether a letter that waits, or an answer, is left of the epochs up to
// one.
func (r *Room) anyLetter(ctx context.Context, tx *store.Tx, id AgreementID, upTo uint32) (bool, error) {
	for _, query := range []string{sqlAnyBody, sqlAnyAnswer} {
		var n int64
		if err := tx.QueryRow(ctx, query, id[:], int64(upTo)).Scan(&n); err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

// dropLetters deletes what waits of the epochs up to one, and the answers, which nobody can
// read any more. That a letter went stays, for the count of the month.
func (r *Room) dropLetters(ctx context.Context, tx *store.Tx, a *Agreement, upTo uint32) error {
	if _, err := tx.Exec(ctx, sqlDropBodies, a.ID[:], int64(upTo), []byte{}); err != nil {
		return fmt.Errorf("drop letters: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlDropAnswers, a.ID[:], int64(upTo)); err != nil {
		return fmt.Errorf("drop answers: %w", err)
	}
	return nil
}

// Reconciled hands the rows of questions, and of children who were found, to the
// reconciliation with the journal: codes, times and identifiers, as stored.
type Reconciled struct{}

// Each gives fn every row of a case.
func (Reconciled) Each(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	for _, l := range []access.Ledger{questionLedger, askedLedger} {
		if err := l.Stored(ctx, tx, s, fn); err != nil {
			return err
		}
	}
	return nil
}

// All gives fn every row of the tables that [Reconciled.Each] reads.
func (Reconciled) All(ctx context.Context, tx *store.Tx, fn func(s ident.Subject, table string, row []byte) error) error {
	for _, t := range []struct{ table, query string }{{questionLedger.Table, sqlAllQuestions}, {askedLedger.Table, sqlAllAsked}} {
		if err := eachStored(ctx, tx, t.table, t.query, fn); err != nil {
			return err
		}
	}
	return nil
}

func eachStored(ctx context.Context, tx *store.Tx, table, query string, fn func(s ident.Subject, table string, row []byte) error) error {
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return fmt.Errorf("read %s: %w", table, err)
	}
	defer rows.Close()
	for rows.Next() {
		var in, id []byte
		if err := rows.Scan(&in, &id); err != nil {
			return err
		}
		var s ident.Subject
		copy(s[:], in)
		if err := fn(s, table, id); err != nil {
			return err
		}
	}
	return rows.Err()
}
