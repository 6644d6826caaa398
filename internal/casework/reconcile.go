package casework

import (
	"context"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/store"
)

// Reconciled hands the rows of cases, their events and their persons to the
// reconciliation with the journal (journal.Rows). It shows no content: columns
// are codes, dates and sealed bytes. Rows are read as they are stored, which
// need not be as they were written: a row in which an identifier has lost a byte
// is an edited row and no reason to stop.
type Reconciled struct{}

// Each gives fn every row that belongs to a case. The person is the one whom the
// case row names.
func (r Reconciled) Each(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	var who []byte
	err := eachRow(ctx, tx, func(scan func(...any) error) error {
		var id, person, unit, worker, mac []byte
		var number, stage, risk, sex, band, region string
		var personVersion, opened, updated, events, version int64
		var next, closed *int64
		err := scan(&id, &number, &person, &personVersion, &stage, &risk, &sex, &band, &region, &unit, &worker,
			&opened, &updated, &next, &closed, &events, &version, &mac)
		if err != nil {
			return err
		}
		who = person
		// In the order of Case.columns.
		return fn(caseTable, id, version, mac, []any{
			number, person, personVersion, stage, risk, sex, band, region,
			unit, worker, opened, updated, next, closed, events,
		})
	}, sqlSelectCase, s)
	if err != nil {
		return err
	}
	if who != nil {
		if err := r.person(ctx, tx, who, fn); err != nil {
			return err
		}
	}
	if err := eachCheck(ctx, tx, s, fn); err != nil {
		return err
	}
	if err := eachItem(ctx, tx, s, fn); err != nil {
		return err
	}
	for _, l := range ledgers {
		if err := l.Stored(ctx, tx, s, fn); err != nil {
			return err
		}
	}
	if err := eachLife(ctx, tx, s, fn); err != nil {
		return err
	}
	if err := eachStrand(ctx, tx, s, fn); err != nil {
		return err
	}
	return eachRow(ctx, tx, func(scan func(...any) error) error {
		var seq, at int64
		var id, author, blob, mac []byte
		var kind string
		if err := scan(&seq, &id, &at, &kind, &author, &blob, &mac); err != nil {
			return err
		}
		// In the order of Event.columns.
		return fn(eventTable, id, 1, mac, []any{s[:], seq, at, kind, author, blob})
	}, sqlSelectEvents, s)
}

// person gives fn the row of a person.
func (Reconciled) person(ctx context.Context, tx *store.Tx, id []byte,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	var who ident.Person
	if copy(who[:], id) != len(who) || len(id) != len(who) {
		return nil // the case row was edited, and says so itself
	}
	version, mac, cols, err := person.Stored(ctx, tx, who)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		// The row cannot be read as a person: whatever is in it, its digest
		// will not fit. A database that fails says so with the next query.
		version, mac, cols = 0, nil, nil
	}
	if err := fn(person.Table, id, version, mac, cols); err != nil {
		return err
	}
	return person.EachVersion(ctx, tx, who, fn)
}

// All gives fn every row of the tables that [Reconciled.Each] reads.
func (Reconciled) All(ctx context.Context, tx *store.Tx, fn func(s ident.Subject, table string, row []byte) error) error {
	pairs := func(table string) func(func(...any) error) error {
		return func(scan func(...any) error) error {
			var in, id []byte
			if err := scan(&in, &id); err != nil {
				return err
			}
			var s ident.Subject
			copy(s[:], in)
			return fn(s, table, id)
		}
	}
	if err := eachRow(ctx, tx, pairs(caseTable), sqlAllCases); err != nil {
		return err
	}
	if err := eachRow(ctx, tx, pairs(eventTable), sqlAllEvents); err != nil {
		return err
	}
	if err := eachRow(ctx, tx, pairs(checkTable), sqlAllChecks); err != nil {
		return err
	}
	for table, query := range map[string]string{statusTable: sqlAllStatuses, actTable: sqlAllActs, missingTable: sqlAllMissing} {
		if err := eachRow(ctx, tx, pairs(table), query); err != nil {
			return err
		}
	}
	if err := eachRow(ctx, tx, pairs(flagTable), sqlAllFlags); err != nil {
		return err
	}
	if err := eachRow(ctx, tx, pairs(taskTable), sqlAllTasks); err != nil {
		return err
	}
	for _, l := range ledgers {
		if err := eachRow(ctx, tx, pairs(l.Table), l.all); err != nil {
			return err
		}
	}
	if err := eachRow(ctx, tx, pairs(strandTable), sqlAllStrands); err != nil {
		return err
	}
	return person.AllStored(ctx, tx, func(table string, in ident.Case, id []byte) error {
		return fn(ident.SubjectOf(in), table, id)
	})
}

// eachRow runs fn for each row of a query.
func eachRow(ctx context.Context, tx *store.Tx, fn func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
