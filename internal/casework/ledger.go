package casework

import (
	"context"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// ledger is a table with rows of its own about a case, each with an identifier, a
// version and a digest. The queries of all ledgers have one form: case, identifier,
// version, digest, then the columns of the table, in the order of the row's digest.
type ledger struct {
	table                             string
	insert, update, of, all, eraseSQL string
}

// ledgers are erased and reconciled with the case.
var ledgers = []ledger{needs, approvals, erasureRows, retentionRows, holdRows, requestRows}

// stamp is what every row of a ledger begins with.
type stamp struct {
	Case    ident.Case
	Version int64

	mac []byte
}

// write stores the next version of a row of the pass's case.
func (l ledger) write(ctx context.Context, p *access.Pass, s *keys.Sealer, id []byte, st *stamp, cols []any) error {
	before := st.Version
	st.Case, st.Version = p.Case(), before+1
	st.mac = s.MAC(l.table, id, st.Version, st.digested(cols)...)
	args := append([]any{st.Case, id, st.Version, st.mac}, cols...)
	if before == 0 {
		if err := p.Tx().Put(ctx, l.insert, args...); err != nil {
			return fmt.Errorf("write %s: %w", l.table, err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, l.update, append(args, before)...)
		if err != nil {
			return fmt.Errorf("write %s: %w", l.table, err)
		}
		if n != 1 {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	p.Wrote(l.table, id, st.Version, st.mac)
	return nil
}

// digested returns what the digest of a row covers.
func (st *stamp) digested(cols []any) []any { return append([]any{st.Case[:]}, cols...) }

// check refuses a row that this program did not write as it is.
func (l ledger) check(c checker, id []byte, st *stamp, cols []any) error {
	return c.CheckMAC(st.mac, l.table, id, st.Version, st.digested(cols)...)
}

// readLedger reads the rows of a query of the form of [ledger.of].
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

// stored gives fn the rows of a case as they are, for reconciliation.
func (l ledger) stored(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	rows, err := tx.Query(ctx, l.of, s)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		var of, id, mac []byte
		var version int64
		cols := make([]any, len(names)-4)
		into := []any{&of, &id, &version, &mac}
		for i := range cols {
			into = append(into, &cols[i])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := fn(l.table, id, version, mac, append([]any{of}, cols...)); err != nil {
			return err
		}
	}
	return rows.Err()
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
