package access

import (
	"context"
	"fmt"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// Ledger is a table of a room with rows of its own about a case, each with an identifier,
// a version and a digest. The queries of all ledgers have one form: case, identifier,
// version, digest, then the columns of the table, in the order of the row's digest.
type Ledger struct{ Table, Insert, Update, Of string }

// Stamp is what every row of a ledger begins with.
type Stamp struct {
	Case    ident.Case
	Version int64
	MAC     []byte
}

// Write stores the next version of a row of the pass's case. Where somebody was quicker
// it is a Conflict ("changed-meanwhile").
func (l Ledger) Write(ctx context.Context, p *Pass, s *keys.Sealer, id []byte, st *Stamp, cols []any) error {
	before := st.Version
	st.Case, st.Version = p.Case(), before+1
	st.MAC = s.MAC(l.Table, id, st.Version, st.Digested(cols)...)
	args := append([]any{st.Case, id, st.Version, st.MAC}, cols...)
	if before == 0 {
		if err := p.Tx().Put(ctx, l.Insert, args...); err != nil {
			return fmt.Errorf("write %s: %w", l.Table, err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, l.Update, append(args, before)...)
		if err != nil {
			return fmt.Errorf("write %s: %w", l.Table, err)
		}
		if n != 1 {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	p.Wrote(l.Table, id, st.Version, st.MAC)
	return nil
}

// Keep seals the body of a new row, which never changes, and writes the next version of
// the row. columns returns the row's columns, blob among them.
func (l Ledger) Keep(ctx context.Context, p *Pass, id []byte, st *Stamp, blob *[]byte, body any, columns func() []any) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	if st.Version == 0 {
		if *blob, err = s.Seal(l.Table, id, 1, body); err != nil {
			return err
		}
	}
	return l.Write(ctx, p, s, id, st, columns())
}

// Show checks a row that [Ledger.Keep] wrote, and opens its body.
func (l Ledger) Show(p *Pass, id []byte, st *Stamp, blob []byte, body any, cols []any) error {
	o, err := p.Opener(st.Case)
	if err != nil {
		return err
	}
	if err := l.Check(o, id, st, cols); err != nil {
		return err
	}
	return o.Open(l.Table, id, 1, blob, body)
}

// Digested returns what the digest of a row covers.
func (st *Stamp) Digested(cols []any) []any { return append([]any{st.Case[:]}, cols...) }

// Check refuses a row that this program did not write as it is. k is a sealer or an
// opener.
func (l Ledger) Check(k checker, id []byte, st *Stamp, cols []any) error {
	return k.CheckMAC(st.MAC, l.Table, id, st.Version, st.Digested(cols)...)
}

// Stored gives fn the rows of a case as they are, for reconciliation.
func (l Ledger) Stored(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	rows, err := tx.Query(ctx, l.Of, s)
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
		if err := fn(l.Table, id, version, mac, append([]any{of}, cols...)); err != nil {
			return err
		}
	}
	return rows.Err()
}
