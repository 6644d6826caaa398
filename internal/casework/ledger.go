package casework

import (
	"context"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// ledger is a table of this room that is erased and reconciled with the case.
type ledger struct {
	access.Ledger
	all, eraseSQL string
}

var ledgers = []ledger{needs, approvals, erasureRows, retentionRows, holdRows, requestRows}

// stamp is what every row of a ledger begins with.
type stamp = access.Stamp

// readLedger reads the rows of a query of the form of [access.Ledger].
func readLedger[T any](ctx context.Context, tx *store.Tx, query string, scan func(row *T, scan func(...any) error) error, args ...any) ([]*T, error) {
	var out []*T
	err := eachRow(ctx, tx, func(next func(...any) error) error {
		row := new(T)
		out = append(out, row)
		return scan(row, next)
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return out, nil
}

// optCode stores a code, NULL for none.
func optCode(code string) any {
	if code == "" {
		return nil
	}
	return code
}

// optStaff stores a person, NULL for none.
func optStaff(who ident.Staff) any {
	if who.IsZero() {
		return nil
	}
	return who[:]
}
