package casework

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

const checkTable = "casework_check"

// Check is the row of a check: who made it, who is to take it over and by when.
// It says nothing about the child but how soon somebody must come.
type Check struct {
	Case         ident.Case
	MadeAt       time.Time
	HandedAt     time.Time // zero: not handed over
	DueAt        time.Time // by when somebody takes it over; zero: not handed over
	TakenAt      time.Time // zero: nobody has
	RegisteredAt time.Time // zero: the child is not registered
	Urgent       bool      // something cannot wait
	Maker        ident.Staff
	Unit         ident.Unit // on whose duty list it is
	Above        ident.Unit // on whose it is as well once it is late; none: there is no unit above
	TakenUnit    ident.Unit // of who took it over
	TakenRole    string     // the role they did it in; "" where a supervisor assigned it
	Version      int64

	blob, mac []byte
}

// Waits reports whether the check was handed over and nobody has taken it yet.
func (k *Check) Waits() bool { return !k.HandedAt.IsZero() && k.TakenAt.IsZero() }

// Late reports whether nobody took it over in time.
func (k *Check) Late(now time.Time) bool { return k.Waits() && now.After(k.DueAt) }

// columns returns the stored columns that the digest covers.
func (k *Check) columns() []any {
	var role any
	if k.TakenRole != "" {
		role = k.TakenRole
	}
	urgent := int64(0)
	if k.Urgent {
		urgent = 1
	}
	return []any{
		k.MadeAt.UnixMicro(), optTime(k.HandedAt), optTime(k.DueAt), optTime(k.TakenAt), optTime(k.RegisteredAt),
		urgent, k.Maker[:], k.Unit[:], optUnit(k.Above), optUnit(k.TakenUnit), role, k.blob,
	}
}

// optUnit stores a unit, NULL for none.
func optUnit(u ident.Unit) any {
	if u.IsZero() {
		return nil
	}
	return u[:]
}

// scan reads a row of the columns in checkColumns.
func (k *Check) scan(scan func(...any) error) error {
	var made, urgent int64
	var handed, due, taken, registered *int64
	var above, unit []byte
	var role *string
	err := scan(&k.Case, &made, &handed, &due, &taken, &registered, &urgent, &k.Maker, &k.Unit, &above, &unit, &role,
		&k.blob, &k.Version, &k.mac)
	if err != nil {
		return err
	}
	for _, t := range []struct {
		from *int64
		to   *time.Time
	}{{&made, &k.MadeAt}, {handed, &k.HandedAt}, {due, &k.DueAt}, {taken, &k.TakenAt}, {registered, &k.RegisteredAt}} {
		if t.from != nil {
			*t.to = clock.FromMicros(*t.from)
		}
	}
	k.Urgent = urgent != 0
	copy(k.Above[:], above)
	copy(k.TakenUnit[:], unit)
	if role != nil {
		k.TakenRole = *role
	}
	return nil
}

// readCheck reads the check of a case; a case that did not begin as one has none.
func readCheck(ctx context.Context, tx *store.Tx, id ident.Case) (*Check, error) {
	var k Check
	if err := k.scan(tx.QueryRow(ctx, sqlSelectCheck, id).Scan); err != nil {
		return nil, fmt.Errorf("read check: %w", err)
	}
	return &k, nil
}

// readChecks reads the checks of a query.
func readChecks(ctx context.Context, tx *store.Tx, query string, args ...any) ([]*Check, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read checks: %w", err)
	}
	defer rows.Close()
	var out []*Check
	for rows.Next() {
		var k Check
		if err := k.scan(rows.Scan); err != nil {
			return nil, fmt.Errorf("read checks: %w", err)
		}
		out = append(out, &k)
	}
	return out, rows.Err()
}

// checker checks digests: a sealer or an opener.
type checker interface {
	CheckMAC(mac []byte, table string, row []byte, version int64, cols ...any) error
}

// check refuses a row that this program did not write as it is.
func (k *Check) check(c checker) error {
	return c.CheckMAC(k.mac, checkTable, k.Case[:], k.Version, k.columns()...)
}

// write stores the next version of the row.
func (k *Check) write(ctx context.Context, p *access.Pass, s *keys.Sealer) error {
	before := k.Version
	k.Version++
	k.mac = s.MAC(checkTable, k.Case[:], k.Version, k.columns()...)
	args := append([]any{k.Case}, k.columns()...)
	args = append(args, k.Version, k.mac)
	if before == 0 {
		if err := p.Tx().Put(ctx, sqlInsertCheck, args...); err != nil {
			return fmt.Errorf("write check: %w", err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, sqlUpdateCheck, append(args, before)...)
		if err != nil {
			return fmt.Errorf("write check: %w", err)
		}
		if n != 1 {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	p.Wrote(checkTable, k.Case[:], k.Version, k.mac)
	return nil
}

// eachCheck gives fn the check of a case as it is stored, for reconciliation.
func eachCheck(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	return eachRow(ctx, tx, func(scan func(...any) error) error {
		var made, urgent, version int64
		var handed, due, taken, registered *int64
		var id, maker, unit, above, takenUnit, blob, mac []byte
		var role *string
		err := scan(&id, &made, &handed, &due, &taken, &registered, &urgent, &maker, &unit, &above, &takenUnit, &role,
			&blob, &version, &mac)
		if err != nil {
			return err
		}
		// In the order of Check.columns.
		return fn(checkTable, id, version, mac, []any{
			made, handed, due, taken, registered, urgent, maker, unit, orNull(above), orNull(takenUnit), role, blob,
		})
	}, sqlSelectCheck, s)
}

// orNull keeps NULL apart from an empty value, as the digest does.
func orNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}
